"""The page about messages: each that it quotes is in the code, word for word."""

import ast
import re

import pytest
from book_pages import BOOK

SOURCES = sorted((BOOK.parent / "mfst_lib").rglob("*.py"))


def texts(path):
    """All texts of a file as its reader sees them; what is filled in becomes …."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.JoinedStr):
            parts = [n.value if isinstance(n, ast.Constant) else "…" for n in node.values]
            yield "".join(str(part) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


ALL_TEXTS = [text for path in SOURCES for text in texts(path)]


def quoted():
    """The messages in the first column of the page's tables."""
    page = (BOOK / "when_wrong.md").read_text("utf-8")
    return re.findall(r"^\| `([^`]+)` \|", page, re.M)


def fixed_parts(message):
    """What is between the places of names and numbers, long enough to be recognised."""
    parts = [part.strip(" :;,()[]?") for part in message.split("…")]
    return [part for part in parts if len(part) >= 5]


def test_the_page_has_messages():
    assert len(quoted()) >= 35
    assert len(set(quoted())) == len(quoted())


@pytest.mark.parametrize("message", quoted())
def test_every_message_is_in_the_code(message):
    parts = fixed_parts(message)
    assert parts, "nothing of this message is fixed"
    for part in parts:
        # The page writes a kind, a type or a variable where the code fills one in.
        pattern = re.escape(part)
        for word in ("preset", "int", "MFST_CONFIG"):
            pattern = re.sub(rf"\b{word}\b", f"({word}|…)", pattern)
        assert any(re.search(pattern, text) for text in ALL_TEXTS), part


def raised_by_the_command_line():
    """The messages of `InvalidInput` and `NotFound` that the files of commands raise."""
    for path in SOURCES:
        if path.parent.name != "cli":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                "InvalidInput",
                "NotFound",
            ):
                first = node.args[0]
                values = first.values if isinstance(first, ast.JoinedStr) else [first]
                yield "".join(n.value if isinstance(n, ast.Constant) else "…" for n in values)


@pytest.mark.parametrize("message", sorted(set(raised_by_the_command_line())))
def test_every_message_of_the_command_line_is_on_the_page(message):
    longest = max(fixed_parts(message), key=len)
    assert any(longest in one for one in quoted()), f"book/when_wrong.md lacks: {message}"
