"""The table of symbols says what the code says."""

import importlib
import inspect

import pytest
from book_pages import cells

from mfst_lib.show.mathml import to_mathml
from mfst_lib.show.symbols import SYMBOLS, Symbol, symbol_table


def names_of(where):
    """What `module.name` can be called by: its own name, its parameters, fields and attributes."""
    module, _, name = where.rpartition(".")
    thing = getattr(importlib.import_module(f"mfst_lib.{module}"), name)
    names = {name, *inspect.signature(thing).parameters}
    return names | set(vars(thing)) if inspect.isclass(thing) else names


@pytest.mark.parametrize("symbol", SYMBOLS, ids=lambda symbol: symbol.tex)
def test_the_code_has_the_name(symbol):
    assert symbol.name in names_of(symbol.where)


@pytest.mark.parametrize("symbol", SYMBOLS, ids=lambda symbol: symbol.tex)
def test_the_row_is_whole_and_can_be_drawn(symbol):
    to_mathml(symbol.tex)  # raises for what the built page could not show
    assert symbol.shape
    assert symbol.meaning


def test_a_wrong_name_would_be_found():
    slip = Symbol("s", "score", "selection.average_scores", "(C,)", "", "a score for each map")
    assert slip.name not in names_of(slip.where)


def test_no_symbol_stands_twice():
    assert len({symbol.tex for symbol in SYMBOLS}) == len(SYMBOLS)


def test_the_page_shows_the_table():
    assert "Markdown(symbol_table())" in cells("symbols", "code")
    assert symbol_table().count("\n") == len(SYMBOLS) + 1


def test_words_are_in_alphabetical_order_and_stand_once():
    terms = [
        line
        for text in cells("symbols", "markdown")
        if "{glossary}" in text
        for line, after in zip(text.splitlines(), text.splitlines()[1:], strict=False)
        if after.startswith("  ") and not line.startswith((" ", "`"))
    ]
    assert terms == sorted(set(terms), key=str.lower)
    assert len(terms) > 25
