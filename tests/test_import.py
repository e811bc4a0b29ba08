"""What importing costs, and which file may import which: the floors of the library."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import mfst_lib

ROOT = Path(mfst_lib.__file__).parent
MODULES = {
    ".".join(("mfst_lib", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(
        ".__init__"
    ): path
    for path in sorted(ROOT.rglob("*.py"))
}

HEAVY = ("tensorflow", "keras", "jax", "torch")
LITERT = ("ai_edge_litert", "tflite_runtime")
DRAWING = ("matplotlib", "ipywidgets", "IPython")

#: The longest matching name counts. A floor imports only from floors below it, and from itself.
FLOORS = {
    "mfst_lib": 0,  # names only: what it offers is imported when it is asked for
    "mfst_lib.boxes": 0,
    "mfst_lib.blas": 0,
    "mfst_lib.config": 0,
    "mfst_lib.errors": 0,
    "mfst_lib.files": 0,
    "mfst_lib.images": 0,
    "mfst_lib.locks": 0,
    "mfst_lib.reading": 0,
    "mfst_lib.settings": 0,
    "mfst_lib.roi": 1,
    "mfst_lib.target_maps": 1,
    "mfst_lib.above_mean": 1,
    "mfst_lib.selection": 1,
    "mfst_lib.prediction": 1,
    "mfst_lib.candidates": 1,
    "mfst_lib.ridge": 1,
    "mfst_lib.box_fit": 1,
    "mfst_lib.principal": 1,
    "mfst_lib.fast": 2,
    "mfst_lib.search": 1,
    "mfst_lib.backbones": 2,
    "mfst_lib.weight_net": 2,
    "mfst_lib.confidence": 2,
    "mfst_lib.tracker": 3,
    "mfst_lib.export": 3,
    "mfst_lib.sequences": 3,
    "mfst_lib.show": 4,
    "mfst_lib.training": 4,
    "mfst_lib.evaluation": 4,
    "mfst_lib.cli": 5,
    "mfst_lib.__main__": 5,
}
#: Steps within a floor, one way only: plots read the scores' thresholds, a calibration is fitted on
#: what may be trained on, candidates are compared on the enlarged prediction map, evidence sums
#: maps where the network left them, and an export is opened as a tracker.
STEPS = {
    ("mfst_lib.candidates", "mfst_lib.prediction"),
    ("mfst_lib.confidence", "mfst_lib.backbones"),
    ("mfst_lib.confidence", "mfst_lib.fast"),
    ("mfst_lib.ridge", "mfst_lib.selection"),
    ("mfst_lib.search", "mfst_lib.prediction"),
    ("mfst_lib.search", "mfst_lib.roi"),
    ("mfst_lib.export", "mfst_lib.tracker"),
    ("mfst_lib.show", "mfst_lib.evaluation"),
    ("mfst_lib.evaluation", "mfst_lib.training"),
    ("mfst_lib.__main__", "mfst_lib.cli"),
}
#: Parts of one floor that are one part: their files may import each other.
PARTS = ("backbones", "confidence", "sequences", "show", "evaluation", "training", "cli")


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)


def home(module):
    """The entry of FLOORS that the module belongs to, or None."""
    parts = module.split(".")
    for length in range(len(parts), 1, -1):
        if ".".join(parts[:length]) in FLOORS:
            return ".".join(parts[:length])
    return "mfst_lib" if module == "mfst_lib" else None


def imported(path, at_top_only=False):
    """The names of all modules that a file imports; those for type checkers left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            skipped |= {id(inner) for child in node.body for inner in ast.walk(child)}
        if at_top_only and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            skipped |= {id(inner) for child in node.body for inner in ast.walk(child)}
    names = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {name for name in whole if name in MODULES}
            names |= modules or {node.module}
    return names


def test_importing_the_package_loads_nothing_heavy():
    shown = run("import json, sys, mfst_lib; print(json.dumps(sorted(sys.modules)))").stdout
    loaded = {name.split(".")[0] for name in json.loads(shown)}
    assert "mfst_lib" in loaded
    assert not loaded & {*HEAVY, *LITERT, *DRAWING, "cv2", "numpy", "skimage", "h5py"}


def test_importing_the_tracker_loads_no_network_library():
    code = "import json, sys, mfst_lib.tracker; print(json.dumps(sorted(sys.modules)))"
    loaded = {name.split(".")[0] for name in json.loads(run(code).stdout)}
    assert "cv2" in loaded
    assert not loaded & {*HEAVY, *LITERT, *DRAWING}


def test_every_name_that_the_package_offers_can_be_had():
    for name in mfst_lib.__all__:
        assert getattr(mfst_lib, name).__name__ == name if name != "PRESETS" else mfst_lib.PRESETS
    with pytest.raises(AttributeError, match="no attribute 'FMTS'"):
        _ = mfst_lib.FMTS


@pytest.mark.parametrize("module", MODULES)
def test_every_module_stands_on_a_floor(module):
    assert home(module) is not None, f"{module}: which floor is it on?"


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_from_lower_floors_or_its_own_part(module):
    mine = home(module)
    for name in imported(MODULES[module]):
        if not name.startswith("mfst_lib"):
            continue
        theirs = home(name)
        if theirs == mine and mine.removeprefix("mfst_lib.") in PARTS:
            continue
        if FLOORS[theirs] == FLOORS[mine] == 0 or (mine, theirs) in STEPS:
            continue
        assert FLOORS[theirs] < FLOORS[mine], f"{module} imports {name}"


@pytest.mark.parametrize("module", MODULES)
def test_only_backbones_and_training_name_network_libraries_and_only_when_needed(module):
    names = {name.split(".")[0] for name in imported(MODULES[module])}
    allowed = ("mfst_lib.backbones", "mfst_lib.weight_net", "mfst_lib.training")
    if home(module) not in allowed:
        assert not names & {*HEAVY, *LITERT}
    at_top = {name.split(".")[0] for name in imported(MODULES[module], at_top_only=True)}
    assert not at_top & {*HEAVY, *LITERT}


@pytest.mark.parametrize("module", MODULES)
def test_only_show_draws(module):
    names = {name.split(".")[0] for name in imported(MODULES[module])}
    if home(module) != "mfst_lib.show":
        assert not names & set(DRAWING)


@pytest.mark.parametrize("module", [name for name in FLOORS if FLOORS[name] <= 1])
def test_the_method_needs_numpy_and_opencv_only(module):
    # tomli stands in for tomllib, which Python 3.10 does not have.
    standard = {*sys.stdlib_module_names, "tomllib", "tomli", "filelock", "threadpoolctl"}
    names = {name.split(".")[0] for name in imported(MODULES[module])} - standard
    assert names <= {"numpy", "cv2", "mfst_lib"}


def test_the_rule_would_be_noticed_if_broken(tmp_path):
    bad = tmp_path / "bad.py"
    bad.write_text(
        "from typing import TYPE_CHECKING\nfrom mfst_lib import tracker\nimport keras.layers\n"
        "if TYPE_CHECKING:\n    import torch\ndef f():\n    from matplotlib import pyplot\n"
    )
    assert imported(bad) == {"typing", "mfst_lib.tracker", "keras.layers", "matplotlib"}
    assert imported(bad, at_top_only=True) == {"typing", "mfst_lib.tracker", "keras.layers"}
    assert FLOORS[home("mfst_lib.tracker")] > FLOORS[home("mfst_lib.roi")]
    assert home("mfst_lib.sequences.lab.track") == "mfst_lib.sequences"
    assert home("mfst_lib.surprise") is None
