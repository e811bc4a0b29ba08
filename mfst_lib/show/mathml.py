"""Sphinx extension: equations as MathML, which browsers draw themselves, without any script.

The usual way fetches MathJax from the network; the book is to be read without one. docutils, on
which Sphinx stands, does the translation. What it cannot translate is a warning of the build.
"""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

if TYPE_CHECKING:
    from sphinx.application import Sphinx

MATHML = "http://www.w3.org/1998/Math/MathML"
#: The marks of bar, hat and tilde.
ACCENTS = ("ˉ", "ˆ", "˜", "~")


def to_mathml(tex: str, block: bool = False) -> str:
    """The equation in LaTeX as a `<math>` element; several lines are aligned at their `&`.

    Raises `docutils.utils.math.MathError` for what docutils does not know.

    >>> to_mathml("s_c").split()[-5:]
    ['<msub>', '<mi>s</mi>', '<mi>c</mi>', '</msub>', '</math>']
    """
    from docutils.utils.math import MathError
    from docutils.utils.math.latex2mathml import tex2mathml

    if re.search(r"\\frac *\w", tex):  # docutils would take "12" of \frac12 for the upper part
        raise MathError(r"\frac wants both parts in braces")
    if r"\\" in tex and r"\begin" not in tex:
        tex = rf"\begin{{aligned}}{tex}\end{{aligned}}"
    return _indices_in_place(str(tex2mathml(tex, as_block=block)))


def _indices_in_place(markup: str) -> str:
    """What docutils mistakes: the index of an accented letter goes beside it, not below; what is
    said of a brace goes below it, not beside."""
    ElementTree.register_namespace("", MATHML)
    tag = f"{{{MATHML}}}".__add__
    # XML knows no names such as &nbsp; but for these.
    named = re.sub(r"&(?!(?:lt|gt|amp);)\w+;", lambda name: unescape(name[0]), markup)
    math = ElementTree.fromstring(named)
    for node in math.iter():
        parts = list(node)
        if node.tag == tag("munderover") and parts[2].text in ACCENTS:
            accented = ElementTree.Element(tag("mover"))
            accented.extend([parts[0], parts[2]])
            node.tag, node[:] = tag("msub"), [accented, parts[1]]
        elif node.tag == tag("msub") and parts[0].tag == tag("munder") and parts[0][-1].text == "⏟":
            node.tag = tag("munder")
    return ElementTree.tostring(math, encoding="unicode")


def _translated(node: Any, block: bool) -> str:
    """The node's MathML; with a warning, its LaTeX as it stands."""
    from docutils.utils.math import MathError
    from sphinx.util import logging

    try:
        return to_mathml(node.astext(), block)
    except MathError as error:
        message = "docutils cannot show this equation: %s"
        logging.getLogger(__name__).warning(message, error, location=node, type="mathml")
        return f"<code>{node.astext()}</code>"


def visit_inline(writer: Any, node: Any) -> None:
    """Write an equation inside a line of text."""
    from docutils.nodes import SkipNode

    writer.body.append(writer.starttag(node, "span", "", CLASS="math notranslate nohighlight"))
    writer.body.append(_translated(node, block=False) + "</span>")
    raise SkipNode


def visit_block(writer: Any, node: Any) -> None:
    """Write an equation of its own, with its number if it has one."""
    from docutils.nodes import SkipNode
    from sphinx.util.math import get_node_equation_number

    writer.body.append(writer.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node["number"]:
        writer.body.append(f'<span class="eqno">({get_node_equation_number(writer, node)})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    writer.body.append(_translated(node, block=True) + "</div>\n")
    raise SkipNode


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer `mathml`; `html_math_renderer` chooses it."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
