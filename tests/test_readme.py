"""What the README says is so."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_its_figures_are_those_of_the_stored_runs():
    table = runpy.run_path(str(ROOT / "data" / "results" / "readme_table.py"))
    assert table["with_section"](README) == README, "run data/results/readme_table.py"
    assert len(table["summaries"]()) >= 3


def test_the_files_that_it_links_are_there():
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links and all((ROOT / link).exists() for link in links)


def test_the_presets_and_options_that_it_names_exist():
    from mfst_lib.config import PRESETS, TrackerConfig

    assert set(re.findall(r"--preset ([\w-]+)", README)) <= set(PRESETS)
    for setting in re.findall(r"--set '?(\w+)=", README):
        assert hasattr(TrackerConfig(), setting)


def test_its_python_example_runs(tmp_path, monkeypatch):
    from mfst_lib.sequences import lab
    from mfst_lib.show.video import write_video

    monkeypatch.chdir(tmp_path)
    write_video("my_video.mp4", lab.render("portrait").frames[:4])
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    scope: dict[str, object] = {}
    exec(example, scope)
    assert len(example.strip().splitlines()) <= 10
    assert scope["box"].shape == (4,)


@pytest.mark.parametrize("name", ["pyproject.toml", "CHANGELOG.md", "LICENSE", "CONTRIBUTING.md"])
def test_the_usual_files_are_there(name):
    assert (ROOT / name).stat().st_size > 500


def test_requirements_are_exact_and_install_the_package():
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    packages = [line for line in lines if line and not line.startswith(("#", "-e", " "))]
    assert all("==" in line for line in packages) and lines[-1] == "-e ."
    tomllib = pytest.importorskip("tomllib", reason="Python 3.11 or newer")
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [one for group in wanted["optional-dependencies"].values() for one in group]
    exact = {re.split(r"[=\[ ]", line)[0] for line in packages}
    assert {re.split(r"[><=\[]", one)[0] for one in [*wanted["dependencies"], *extras]} <= exact
