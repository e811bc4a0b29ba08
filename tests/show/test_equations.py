from types import SimpleNamespace

import pytest

pytest.importorskip("sphinx")

from docutils import nodes
from docutils.utils import new_document
from sphinx import addnodes

from mfst_lib.show.equations import link_mentions


def linked(*children, page="scoring", there=("scoring", "equations")):
    document = new_document("page")
    document += children
    link_mentions(SimpleNamespace(env=SimpleNamespace(docname=page, found_docs=there)), document)
    return [(x.astext(), x["reftarget"]) for x in document.findall(addnodes.pending_xref)]


def test_the_first_mention_is_linked():
    text = nodes.paragraph("", "By Eq. 1 and Eqs. 2–4, but Eq. 1 again.")
    assert linked(text) == [("Eq. 1", "paper-eq-1"), ("Eqs. 2–4", "paper-eq-2")]
    assert text.astext() == "By Eq. 1 and Eqs. 2–4, but Eq. 1 again."


def test_titles_code_and_links_stay():
    kept = [nodes.title("", "Eq. 1"), nodes.literal_block("", "Eq. 1"), nodes.literal("", "Eq. 1")]
    assert linked(*kept) == []


def test_the_list_itself_and_a_book_without_it_stay():
    assert linked(nodes.paragraph("", "Eq. 1"), page="equations") == []
    assert linked(nodes.paragraph("", "Eq. 1"), there=("scoring",)) == []
