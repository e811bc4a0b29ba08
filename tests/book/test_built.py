"""The built book, read as files: links between pages arrive, pictures have a text."""

import re
from copy import copy
from functools import cache, lru_cache
from urllib.parse import unquote, urlsplit

import pytest
from book_pages import BUILT, pages

bs4 = pytest.importorskip("bs4")

HEAVIEST = 4_000_000  # bytes of a built page
WHOLE = 60_000_000  # bytes of the whole book

if not (BUILT / "index.html").is_file():
    pytest.skip("the book is not built: jupyter-book build book", allow_module_level=True)

each_page = pytest.mark.parametrize("page", pages())


@lru_cache(maxsize=4)
def soup(page):
    html = (BUILT / f"{page}.html").read_text("utf-8")
    light = re.sub(r"<script\b.*?</script>", "", html, flags=re.S)  # the pictures of sliders
    return bs4.BeautifulSoup(light, "html.parser")


@cache
def anchors(file):
    """All ids in a file of the book."""
    return set(re.findall(r'\bid="([^"]+)"', file.read_text("utf-8")))


def internal_links(page):
    """The page's links to files of the book, with the place in them."""
    for link in soup(page).find_all("a", href=True):
        parts = urlsplit(link["href"])
        if parts.scheme or parts.netloc or (not parts.path and not parts.fragment):
            continue
        file = BUILT / (unquote(parts.path) or f"{page}.html")
        yield file.resolve(), unquote(parts.fragment)


@each_page
def test_every_link_within_the_book_arrives(page):
    broken = []
    for file, place in internal_links(page):
        if not file.is_file() or (place and file.suffix == ".html" and place not in anchors(file)):
            broken.append(f"{file.name}#{place}")
    assert not broken


@each_page
def test_every_picture_has_a_text(page):
    for image in soup(page).find_all("img"):
        assert (image.get("alt") or "").strip(), str(image)[:200]


@each_page
def test_no_equation_is_left_as_it_was_typed(page):
    text = copy(soup(page).find("article"))
    for code in text.find_all(["pre", "code", "math", "script"]):
        code.decompose()
    assert "$$" not in text.get_text()
    assert not re.search(r"\\(frac|hat|sum|mathrm)\b", text.get_text())


@each_page
def test_a_page_is_light_enough_for_a_phone(page):
    assert (BUILT / f"{page}.html").stat().st_size <= HEAVIEST


def test_the_whole_book_is_light_enough_to_carry():
    files = [file for file in BUILT.rglob("*") if file.is_file()]
    assert len(files) > len(pages())
    assert sum(file.stat().st_size for file in files) <= WHOLE
