"""What the weight nets cost: `python data/weights/bench.py` prints milliseconds, timed in turn."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from mfst_lib.backbones.engines import load_engine
from mfst_lib.config import preset
from mfst_lib.sequences.catalogue import load_sequence
from mfst_lib.tracker import FMST
from mfst_lib.weight_net import find_weight_nets

ROUNDS, FRAMES = 8, 20


def milliseconds(call: Callable[..., object], *arguments: object) -> float:
    """The time of one call."""
    start = time.perf_counter()
    call(*arguments)
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    """A line for each preset: a step without and with its nets, and the nets alone."""
    sequence = load_sequence("lab:cat-walk").first(FRAMES)
    images = [np.asarray(image) for image in sequence.frames]
    for name in ("ours-lite0", "ours-v3l", "ours-v3s"):
        config = preset(name)
        engine, nets = load_engine(config), find_weight_nets(config.weight_net)
        scores = np.random.default_rng(0).normal(size=nets.channels).astype(np.float32)
        trackers = [FMST(one, engine=engine) for one in (config.replace(weight_net=""), config)]
        for tracker in trackers:
            tracker.judge = None  # there is a calibration for some settings only
        times: list[list[float]] = [[], [], []]
        for _ in range(ROUNDS):
            for tracker in trackers:
                tracker.init(images[0], sequence.boxes[0])
            for image in images[1:]:
                for kept, tracker in zip(times, trackers, strict=False):
                    kept.append(milliseconds(tracker.update, image))
                times[2].append(milliseconds(nets.predict, scores))
        without, with_nets, alone = (float(np.median(one)) for one in times)
        print(f"{name}: {without:.2f} without, {with_nets:.2f} with, nets alone {alone:.3f}")


if __name__ == "__main__":
    main()
