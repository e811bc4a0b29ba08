from types import SimpleNamespace

from mfst_lib.config import TrackerConfig
from mfst_lib.show import docstrings  # `setup` as a name of its own is pytest's, up to 8.1
from mfst_lib.show.docstrings import as_markup, field_table, rewrite


def test_signs_of_formulas_are_kept():
    assert as_markup(["s_c = Σ F_c * M, |a| and x_"]) == [r"s_c = Σ F_c \* M, \|a\| and x\_"]


def test_known_names_become_links_and_others_code():
    (line,) = as_markup(["`ROI` of `width`"], {"ROI": "mfst_lib.roi.ROI"})
    assert line == ":py:obj:`ROI <mfst_lib.roi.ROI>` of ``width``"


def test_examples_stay_as_they_are():
    lines = [">>> a * b", "6", "", "a * b"]
    assert as_markup(lines) == [">>> a * b", "6", "", r"a \* b"]


def test_an_indented_block_is_literal():
    assert as_markup(["As in", "", "    a * b"]) == ["As in", "", "::", "", "    a * b"]


def test_every_field_of_the_configuration_is_in_its_table():
    table = "\n".join(field_table(TrackerConfig))
    assert table.count("* - ") == 1 + len(TrackerConfig.__dataclass_fields__)
    assert "``0.3333``" in table
    assert "above 0 to 1" in table


def test_sphinx_hands_lines_over_to_be_changed():
    lines = ["The settings."]
    rewrite(None, "class", "mfst_lib.config.TrackerConfig", TrackerConfig, None, lines)
    assert lines[0] == "The settings."
    assert ".. list-table::" in lines


def test_the_extension_listens():
    heard = []
    app = SimpleNamespace(
        setup_extension=heard.append, connect=lambda event, f: heard.append(event)
    )
    assert docstrings.setup(app)["parallel_read_safe"]
    assert heard == ["sphinx.ext.autodoc", "autodoc-process-docstring"]
