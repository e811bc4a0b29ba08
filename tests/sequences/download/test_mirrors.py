"""Tests of mfst_lib.sequences.download.mirrors: which videos, and from where."""

import pytest

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.sequences.download.mirrors import MIRRORS, choose_mirrors, videos


def test_groups_and_names():
    assert len(videos(["vtb13"])) == 50
    assert len(videos(["tb100"])) == len(set(videos(["tb100"]))) == 98
    assert set(videos(["vtb13"])) < set(videos(["tb100"]))
    assert videos(["david,Jogging.2", "JOGGING-1", "skating2-1"]) == [
        "David",
        "Jogging",
        "Skating2",
    ]


@pytest.mark.parametrize(
    ("names", "says"),
    [(["Davit"], "did you mean David"), ([" , "], "expected vtb13"), (["Car24x"], "unknown video")],
)
def test_names_that_are_none(names, says):
    with pytest.raises(InvalidInput, match=says):
        videos(names)


def test_mirrors_by_name_and_by_address(tmp_path):
    (tmp_path / "all.zip").touch()
    names = ["figshare", "http://a/b", "https://a/all.zip", str(tmp_path / "all.zip")]
    assert [(one.address, one.whole) for one in choose_mirrors(names)] == [
        (MIRRORS[2].address, True),
        ("http://a/b/", False),
        ("https://a/all.zip", True),
        (str(tmp_path / "all.zip"), True),
    ]
    assert choose_mirrors(["wayback"])[0].url("David").endswith("tracker_benchmark/seq/David.zip")


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("waybak", InvalidInput, "did you mean wayback"),
        ("gone.zip", NotFound, "no archive gone.zip"),
        ("ftp://a/b", InvalidInput, "takes http or https"),
    ],
)
def test_mirrors_that_are_none(name, error, says):
    with pytest.raises(error, match=says):
        choose_mirrors([name])
