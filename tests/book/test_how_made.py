"""The page about the book names the real tests, commands and versions."""

import re
from pathlib import Path

import pytest
from book_pages import ROOT, prose

PAGE = prose("how_made")
VERSIONS = re.findall(r"^\| ([\w-]+) \| (\d[\d.a-z]+) \|$", PAGE, re.M)


def test_it_names_every_test_of_the_book_and_no_other():
    there = {path.name for path in Path(__file__).parent.glob("test_*.py")}
    assert set(re.findall(r"test_\w+\.py", PAGE)) == there


@pytest.mark.parametrize(("package", "version"), VERSIONS)
def test_the_versions_are_those_that_were_tested(package, version):
    exact = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    assert f"{package}=={version}" in exact


def test_there_are_versions():
    assert len(VERSIONS) >= 5


def test_its_commands_exist():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"`make (\w+)", PAGE):
        assert f"\n{target}:" in makefile
