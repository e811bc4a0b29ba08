"""FMST as a tracker of the VOT toolkit, which speaks to it by the TraX protocol.

Needs `pip install vot-trax` beside `mfst_lib`. `trackers.ini` beside this file is the toolkit's
entry; settings come from the environment: MFST_VOT_PRESET, MFST_WEIGHTS.
"""

from __future__ import annotations

import os

import numpy as np
import trax

from mfst_lib import FMST, preset
from mfst_lib.sequences.frames import ImageFrames


def read(request: trax.server.Request) -> np.ndarray:
    """The colour image of a request, (H, W, 3) uint8 RGB."""
    return ImageFrames([request.image["color"].path()])[0]


def reply(server: trax.Server, box: np.ndarray, confidence: float) -> None:
    """Tell the toolkit where the target is."""
    region = trax.Rectangle.create(*(float(value) for value in box))
    server.status([(region, {"confidence": confidence})])


def main() -> None:
    """Answer the toolkit's requests until it says that it is done."""
    tracker = FMST(preset(os.environ.get("MFST_VOT_PRESET", "default"), seed=0))
    formats = ([trax.Region.RECTANGLE], [trax.Image.PATH])
    with trax.Server(*formats, tracker_name="FMST") as server:
        while True:
            request = server.wait()
            if request.type == trax.TraxStatus.INITIALIZE:
                ((region, _),) = request.objects
                box = np.array(region.bounds(), dtype=np.float64)  # of a rectangle: x, y, w, h
                tracker.init(read(request), box)
                reply(server, box, 1.0)
            elif request.type == trax.TraxStatus.FRAME:
                seen, box = tracker.update(read(request))
                reply(server, box, float(seen))
            else:
                return


if __name__ == "__main__":
    main()
