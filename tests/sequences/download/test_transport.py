"""Tests of mfst_lib.sequences.download.transport against a server that misbehaves."""

import numpy as np
import pytest

from mfst_lib.errors import InvalidInput
from mfst_lib.sequences.download.transport import Terms, Unavailable, Unreachable, fetch

pytest.importorskip("httpx")

CONTENT = np.random.default_rng(0).bytes(300_000)
QUICK = Terms(patience=3, tries=3, pause=0.01, longest_wait=0.05)
IMPATIENT = Terms(patience=0.3, tries=3, pause=0.01)


@pytest.fixture
def get(server, tmp_path):
    """Fetch `/a.zip` under the given behaviours; what it gave, what was asked, what is left."""
    server.files["/a.zip"] = CONTENT

    def run(*behaviours, limit=10**6, terms=QUICK, tell=lambda count: None):
        server.behaviours["/a.zip"] = list(behaviours)
        fetch(f"{server.url}/a.zip", tmp_path / "a.zip", limit, terms, tell)
        return (tmp_path / "a.zip").read_bytes()

    return run


def left(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_comes_as_it_is(get, tmp_path):
    counted = []
    assert get(tell=counted.append) == CONTENT
    assert sum(counted) == len(CONTENT)
    assert left(tmp_path) == ["a.zip"]


def test_a_dropped_line_is_taken_up_where_it_broke(get, server):
    assert get("drop 100000", "drop 100000") == CONTENT
    assert [asked for _, asked in server.asked] == [None, "bytes=100000-", "bytes=200000-"]


def test_tries_that_bring_nothing_end(get, server, tmp_path):
    with pytest.raises(Unavailable, match="gave up after 3 tries, the last: .*"):
        get(*["drop 10"] * 50)
    assert len(server.asked) == 3
    assert not (tmp_path / "a.zip").exists()


def test_an_interrupted_transfer_goes_on_in_the_next_run(get, server, tmp_path):
    def stop(count):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get(tell=stop)
    have = (tmp_path / "a.zip.part").stat().st_size
    assert 0 < have < len(CONTENT)
    assert get() == CONTENT
    assert server.asked[-1] == ("/a.zip", f"bytes={have}-")


def test_a_part_of_another_address_is_thrown_away(get, server, tmp_path):
    (tmp_path / "a.zip.part").write_bytes(b"of something else")
    assert get() == CONTENT
    assert server.asked == [("/a.zip", None)]


@pytest.mark.parametrize("note", ["", "no json", "[]", '{"url": 3}'])
def test_a_damaged_note_costs_only_what_was_there(get, tmp_path, note):
    (tmp_path / "a.zip.part").write_bytes(b"half")
    (tmp_path / "a.zip.part.json").write_text(note)
    assert get() == CONTENT


@pytest.mark.parametrize(
    "behaviours",
    [
        ("drop 100000", "wrong_range"),
        ("drop 100000", "ignore_range"),
        ("status 503",),
        ("wait 1",),
        ("drop 299999", "serve"),
        ("redirect /a.zip",),
    ],
)
def test_troubles_that_pass(get, tmp_path, behaviours):
    assert get(*behaviours) == CONTENT
    assert left(tmp_path) == ["a.zip"]


def test_a_stall_that_passes(get):
    assert get("stall 1000", terms=Terms(patience=0.5, tries=5, pause=0.01)) == CONTENT


def test_a_server_that_stalls_for_good(get):
    with pytest.raises(Unavailable, match="gave up after 3 tries"):
        get(*["stall 100"] * 9, terms=IMPATIENT)


def test_a_server_that_drips(get):
    with pytest.raises(Unavailable, match="bytes in . seconds are too slow"):
        get(*["drip"] * 9, terms=IMPATIENT)


@pytest.mark.parametrize(
    ("behaviour", "says"),
    [
        ("unbounded", "it goes on after 1000000 bytes"),
        ("huge", "1000000000000000 bytes, more than the 1000000"),
        ("status 404", "the server answers 404"),
        ("status 403", "the server answers 403"),
        ("compressed", "compressed"),
        ("redirect ftp://127.0.0.1/a.zip", "ftp://"),
        ("redirect file:///etc/passwd", "file://"),
    ],
)
def test_what_cannot_be_mended_ends_at_once(get, server, tmp_path, behaviour, says):
    with pytest.raises(Unavailable, match=says):
        get(behaviour)
    assert len(server.asked) == 1
    assert not (tmp_path / "a.zip").exists()


def test_redirects_without_end(get):
    with pytest.raises(Unavailable, match="redirects"):
        get(*["redirect /a.zip"] * 50)


def test_nobody_there(tmp_path):
    with pytest.raises(Unreachable, match="no connection"):
        fetch("http://127.0.0.1:9/a.zip", tmp_path / "a.zip", 10, QUICK)
    assert left(tmp_path) == []


def test_a_longer_part_than_the_file_starts_anew(get, server, tmp_path):
    with pytest.raises(Unavailable):
        get(*["drop 100000", "status 404"])
    with (tmp_path / "a.zip.part").open("ab") as stream:
        stream.write(bytes(400_000))
    assert get() == CONTENT


def test_a_folder_that_cannot_be_written(server, tmp_path):
    server.files["/a.zip"] = CONTENT
    with pytest.raises(InvalidInput, match="cannot write"):
        fetch(f"{server.url}/a.zip", tmp_path / "gone" / "a.zip", 10**6, QUICK)
