"""Live pictures (`make reactions`): all pages that have some were measured, and they are quick."""

import json
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STORED = json.loads((ROOT / "data/results/reactions.json").read_text("utf-8"))["pages"]
#: Its picture tracks anew, and says "drawing …" for so long.
TRACKS = "failure_lab"


def test_every_page_with_live_pictures_was_measured():
    pages = (ROOT / "book").glob("*.ipynb")
    live = {path.stem for path in pages if "show.live import" in path.read_text("utf-8")}
    assert set(STORED) == live and all(STORED.values())


def test_a_live_picture_follows_within_150_ms():
    slow = {
        page: picture
        for page, pictures in STORED.items()
        for picture in pictures
        if picture["longest_ms"] > 150
    }
    assert set(slow) <= {TRACKS}
