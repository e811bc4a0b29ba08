"""Every public function and class has a description, and the API page shows it."""

import importlib
import inspect
import pkgutil
import re
from functools import cache

import pytest
from book_pages import BOOK, BUILT, ROOT, cells, pages

import mfst_lib

#: The parts of the library that the page leaves out, and why.
ELSEWHERE = {
    "cli": "described by `mfst --help`",
    "__main__": "the same",
    "show": "what only the pages use: they show it at work",
    "sequences.lab.": "how the lab's pictures are made; its dials and scenes are listed",
    "backbones.convert": "a program of its own, started by backbones.models",
    "backbones.efficientnet_lite0": "one network's layers, built by backbones.networks",
    "backbones.torch_file": "a file format, read by backbones.weights",
}


#: The method itself: none of it may stand elsewhere.
METHOD = (
    *("boxes", "roi", "target_maps", "selection", "prediction", "ridge", "candidates"),
    *("box_fit", "tracker", "config", "weight_net"),
)


def modules():
    for module in pkgutil.walk_packages(mfst_lib.__path__, "mfst_lib."):
        yield module.name.removeprefix("mfst_lib.")


def listed():
    """The modules that the API page lists."""
    return re.findall(r"^.. automodule:: mfst_lib\.([\w.]+)$", page(), re.M)


def page():
    return (BOOK / "api.md").read_text("utf-8")


def public(module):
    inside = importlib.import_module(f"mfst_lib.{module}")
    for name, thing in vars(inside).items():
        made_here = getattr(thing, "__module__", "") == inside.__name__
        code = inspect.isfunction(thing) or inspect.isclass(thing)
        if made_here and code and not name.startswith("_"):
            yield name, thing


@pytest.mark.parametrize("module", METHOD)
def test_all_of_the_method_is_on_the_page(module):
    assert module in listed()


def test_every_file_with_public_names_is_on_the_page_or_has_a_reason():
    for module in modules():
        if module in listed() or any(module.startswith(part) for part in ELSEWHERE):
            continue
        assert not list(public(module)), f"{module} is missing in book/api.md"


@pytest.mark.parametrize("module", listed())
def test_every_public_name_has_a_description(module):
    # Sphinx leaves out what has none.
    for name, thing in public(module):
        assert (thing.__doc__ or "").strip(), f"{module}.{name}"


@cache
def code_everywhere():
    """The pages' code, and all files of the library and of the book."""
    files = [*(ROOT / "mfst_lib").rglob("*.py"), *BOOK.glob("*.py"), *BOOK.glob("_static/*.py")]
    notebooks = [page for page in pages() if (BOOK / f"{page}.ipynb").is_file()]
    code = [source for page in notebooks for source in cells(page, "code")]
    return "\n".join([*code, *(file.read_text("utf-8") for file in files)])


@pytest.mark.parametrize("module", [m for m in modules() if m.startswith("show.")])
def test_what_only_the_pages_use_is_used(module):
    for name, _ in public(module):
        if name == "setup" or module == "show.docstrings":
            continue  # called by Sphinx
        uses = re.findall(rf"(?<!def )(?<!class )\b{name}\b", code_everywhere())
        assert uses, f"nobody uses {module}.{name}"


@pytest.mark.parametrize("module", METHOD)
def test_the_built_page_shows_every_name(module):
    if not (BUILT / "api.html").is_file():
        pytest.skip("the book is not built: jupyter-book build book")
    html = (BUILT / "api.html").read_text("utf-8")
    for name, _ in public(module):
        assert f'id="mfst_lib.{module}.{name}"' in html
