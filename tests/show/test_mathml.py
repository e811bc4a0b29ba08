import re
from types import SimpleNamespace

import pytest

pytest.importorskip("sphinx")

from docutils.utils.math import MathError

from mfst_lib.show.mathml import setup, to_mathml


def test_a_fraction():
    markup = to_mathml(r"\frac{a}{b}")
    assert re.sub(r"\s", "", markup).endswith("<mfrac><mi>a</mi><mi>b</mi></mfrac></math>")


@pytest.mark.parametrize("accented", [r"\bar s_c", r"\hat{s}_c", r"\tilde s_c"])
def test_the_index_of_an_accented_letter_stands_beside_it(accented):
    markup = re.sub(r"\s", "", to_mathml(accented))
    assert markup.partition(">")[2].startswith("<msub><mover><mi>s</mi>")
    assert markup.endswith("</mover><mi>c</mi></msub></math>")


def test_what_is_said_of_a_brace_stands_below_it():
    markup = re.sub(r"\s", "", to_mathml(r"\underbrace{s}_{9}"))
    assert markup.endswith("<mo>⏟</mo></munder><mn>9</mn></munder></math>")
    assert "munderover" in to_mathml(r"\sum_{i}^{n} s", block=True)


def test_spaces_and_signs_come_through():
    markup = to_mathml(r"a~b \& c < d")
    assert "&amp;" in markup and "&lt;" in markup and "&nbsp;" not in markup


def test_several_lines_are_aligned():
    assert to_mathml(r"a &= b \\ c &= d", block=True).count("<mtr>") == 2


def test_a_block_says_so():
    assert 'display="block"' in to_mathml("x", block=True)
    assert 'display="block"' not in to_mathml("x")


@pytest.mark.parametrize("tex", [r"\nonsense", r"\frac12", r"j + \frac 12"])
def test_what_cannot_be_shown_is_an_error(tex):
    with pytest.raises(MathError):
        to_mathml(tex)


def test_the_renderer_is_registered_under_its_name():
    names = []
    app = SimpleNamespace(add_html_math_renderer=lambda name, *visitors: names.append(name))
    setup(app)
    assert names == ["mathml"]
