"""A function lives in one place: no chapter defines what the library already has."""

import ast
import importlib
import inspect
import pkgutil

import pytest
from book_pages import BOOK, cells, chapters

import mfst_lib


def public_functions():
    """The names of all public functions and classes of the library, with where they stand."""
    names = {}
    for module in pkgutil.walk_packages(mfst_lib.__path__, "mfst_lib."):
        if "__main__" in module.name:
            continue
        for name, thing in vars(importlib.import_module(module.name)).items():
            made_here = getattr(thing, "__module__", "") == module.name
            code = inspect.isfunction(thing) or inspect.isclass(thing)
            if made_here and code and not name.startswith("_"):
                names.setdefault(name, module.name)
    return names


def definitions(source):
    """The names that a cell defines with `def` or `class`, at any depth."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    plain = "\n".join(line for line in source.splitlines() if not line.startswith(("%", "!")))
    return {node.name for node in ast.walk(ast.parse(plain)) if isinstance(node, kinds)}


@pytest.fixture(scope="module")
def library():
    return public_functions()


@pytest.mark.parametrize("page", [p for p in chapters() if (BOOK / f"{p}.ipynb").is_file()])
def test_no_chapter_defines_a_function_of_the_library(page, library):
    twice = {
        name: library[name]
        for source in cells(page, "code")
        for name in definitions(source)
        if name in library
    }
    assert not twice, f"import these, or call a reader's own version NAME_solution: {twice}"


def test_the_library_was_read(library):
    assert library["score_maps"] == "mfst_lib.selection"
    assert library["ROI"] == "mfst_lib.roi"
    assert "_escaped" not in library


def test_a_definition_is_seen():
    source = "%matplotlib inline\ndef outer():\n    def score_maps(): ...\nclass ROI: ..."
    assert definitions(source) == {"outer", "score_maps", "ROI"}
