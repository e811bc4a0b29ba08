"""Every equation of the paper has a function, which names it, and a chapter, which teaches it."""

import importlib
import re

import pytest
from book_pages import BOOK, chapters, prose

from mfst_lib.show.equations import LAST, mentioned
from mfst_lib.show.mathml import to_mathml

EQUATIONS = range(1, LAST + 1)
each_equation = pytest.mark.parametrize("number", EQUATIONS)


def section(number):
    """What the page of equations says about one of them."""
    text = (BOOK / "equations.md").read_text("utf-8")
    return text.split(f"(paper-eq-{number})=\n")[1].split("(paper-eq-")[0]


def functions(number):
    """The functions and classes that it names, as objects."""
    found = []
    for path in re.findall(r"\{py:\w+\}`[^`]*?(mfst_lib\.[\w.]+)>?`", section(number)):
        found.append(resolve(path))
    return found


def resolve(path):
    """The object of that dotted path: modules first, then attributes."""
    parts = path.split(".")
    for cut in range(len(parts), 0, -1):
        try:
            thing = importlib.import_module(".".join(parts[:cut]))
        except ModuleNotFoundError:
            continue
        for name in parts[cut:]:
            thing = getattr(thing, name)
        return thing
    raise AssertionError(f"no {path}")


def linked_chapters(number):
    return re.findall(r"- chapter: .*?\]\((\w+)\)", section(number))


def test_the_page_has_all_sixteen_in_order():
    labels = re.findall(r"^\(paper-eq-(\d+)\)=$", (BOOK / "equations.md").read_text("utf-8"), re.M)
    assert [int(label) for label in labels] == list(EQUATIONS)


@each_equation
def test_it_can_be_drawn(number):
    (tex,) = re.findall(r"\$\$\n(.+?)\n\$\$", section(number), re.S)
    assert "<math" in to_mathml(tex, block=True)
    assert f"## Eq. {number}: " in section(number)


@each_equation
def test_it_has_a_function_whose_description_names_it(number):
    named = [thing for thing in functions(number) if number in mentioned(thing.__doc__)]
    assert named, f"no docstring of {functions(number)} names Eq. {number}"


@each_equation
def test_it_has_a_chapter_that_names_it(number):
    linked = linked_chapters(number)
    assert linked
    for page in linked:
        assert page in chapters(), f"{page} is not in the table of contents"
        assert number in mentioned(prose(page)), f"{page} never says Eq. {number}"


def test_ranges_and_lists_are_understood():
    assert mentioned("(Eqs. 2–4, 13)") == {2, 3, 4, 13}
    assert mentioned("Eqs. 1, 5, 6 and 14; Eq. 10's sum; Eq. 99") == {1, 5, 6, 10, 14}
    assert mentioned("Sec. 4, Fig. 7") == set()
