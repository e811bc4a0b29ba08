"""The bibliography is whole: every entry has its data, and a page names it."""

import re

import pytest
from book_pages import BOOK, pages, prose

pytest.importorskip("pybtex")
from pybtex.database import parse_file

ENTRIES = parse_file(str(BOOK / "references.bib")).entries


def cited():
    texts = [prose("bibliography")]
    texts += [prose(page) for page in pages() if (BOOK / f"{page}.ipynb").is_file()]
    found = re.findall(r"\{cite(?::\w+)?\}`([^`]+)`", "\n".join(texts))
    return {key.strip() for keys in found for key in keys.split(",")}


@pytest.mark.parametrize("key", ENTRIES)
def test_an_entry_has_what_a_reader_needs_to_find_it(key):
    fields = ENTRIES[key].fields
    assert ENTRIES[key].persons["author"]
    assert fields["title"]
    assert 1990 < int(fields["year"]) < 2030
    assert {"booktitle", "journal", "url"} & set(fields), "where did it appear?"


def test_pages_cite_all_entries_and_no_others():
    assert cited() == set(ENTRIES)


def test_every_entry_is_in_one_of_the_lists_of_the_page():
    lists = re.findall(r':filter: keywords % "(\w+)"', prose("bibliography"))
    assert {entry.fields["keywords"] for entry in ENTRIES.values()} == set(lists)


def test_no_work_stands_twice():
    titles = [entry.fields["title"].lower() for entry in ENTRIES.values()]
    assert len(titles) == len(set(titles))
