"""Sphinx extension: where a page says "Eq. 10", it links to that equation of the paper.

The page `equations` lists the paper's equations, each under the label `paper-eq-N`, with the
functions that compute it and the chapter that teaches it. This makes the way back.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

#: The paper numbers its equations from 1 to this.
LAST = 16

#: The page that lists them, and what it is called there.
PAGE, LABEL = "equations", "paper-eq-{}"

#: "Eq. 5", "Eqs. 7–9", "Eqs. 1, 5, 6 and 14".
MENTION = re.compile(r"Eqs?\.\s\d+(?:(?:–|-|, | and )\d+)*")


def mentioned(text: str) -> set[int]:
    """The numbers of the paper's equations that a text names.

    >>> sorted(mentioned("Eq. 1 and, for the map, Eqs. 2–4, 13."))
    [1, 2, 3, 4, 13]
    """
    numbers: set[int] = set()
    for mention in MENTION.findall(text):
        for first, last in re.findall(r"(\d+)(?:[–-](\d+))?", mention):
            numbers.update(range(int(first), int(last or first) + 1))
    return {number for number in numbers if 1 <= number <= LAST}


def pieces(text: str) -> list[tuple[str, int]]:
    """The text cut at its mentions; each piece with its first equation, or 0 for plain text.

    >>> pieces("see Eqs. 7–9.")
    [('see ', 0), ('Eqs. 7–9', 7), ('.', 0)]
    """
    parts: list[tuple[str, int]] = []
    end = 0
    for match in MENTION.finditer(text):
        parts.append((text[end : match.start()], 0))
        parts.append((match.group(), min(mentioned(match.group()), default=0)))
        end = match.end()
    return [part for part in [*parts, (text[end:], 0)] if part[0]]


def link_mentions(app: Sphinx, document: Any) -> None:
    """Link the mentions on a page: the first of each equation, or all of them in docstrings."""
    from docutils import nodes
    from sphinx import addnodes

    page = app.env.docname
    if page == PAGE or PAGE not in app.env.found_docs:
        return
    fixed = (
        nodes.title,
        nodes.caption,
        nodes.reference,
        nodes.FixedTextElement,
        nodes.literal,
        nodes.math,
        nodes.raw,
        addnodes.pending_xref,
        addnodes.desc_signature,
    )
    linked: set[int] = set()
    for text in list(document.findall(nodes.Text)):
        parents = list(_ancestors(text))
        if any(isinstance(parent, fixed) for parent in parents):
            continue
        described = any(isinstance(parent, addnodes.desc) for parent in parents)
        new: list[Any] = []
        for part, number in pieces(text.astext()):
            if number and (described or number not in linked):
                linked.add(number)
                new.append(_link(part, number, page))
            else:
                new.append(nodes.Text(part))
        if any(not isinstance(node, nodes.Text) for node in new):
            text.parent.replace(text, new)


def _ancestors(node: Any) -> Any:
    while node.parent is not None:
        node = node.parent
        yield node


def _link(text: str, number: int, page: str) -> Any:
    from docutils import nodes
    from sphinx import addnodes

    return addnodes.pending_xref(
        "",
        nodes.inline("", text),
        refdomain="std",
        reftype="ref",
        reftarget=LABEL.format(number),
        refexplicit=True,
        refwarn=True,
        refdoc=page,
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Link the mentions on each page when it has been read."""
    app.connect("doctree-read", link_mentions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
