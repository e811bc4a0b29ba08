"""A server of two small videos, in small blocks: a program that ends when its input does."""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from archives import make_zip, video_files
from bad_server import BadServer, bad_server

#: Videos of TB-100 and how many frames they have: the shortest ones, so that tries are quick.
VIDEOS = {"KiteSurf": 84, "Bird2": 99}


class SlowServer(BadServer):
    """Archives come slowly; /asked lists which parts of them were asked for."""

    def next_behaviour(self, path: str) -> str:
        parts = [part for _, part in self.asked if part]
        self.files["/asked"] = json.dumps(parts).encode()
        return "slow 512" if path in self.files and path.endswith(".zip") else "serve"


def main() -> None:
    with bad_server(SlowServer()) as server:
        files = {video: video_files(video, count) for video, count in VIDEOS.items()}
        server.files["/otb/KiteSurf.zip"] = make_zip(files["KiteSurf"])
        server.files["/all.zip"] = make_zip(files["Bird2"])
        print(server.url, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
