"""What our presets are timed beside: OpenCV's trackers, and FMST as it is mostly written first."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfst_lib.backbones.engines import FeatureMaps, as_layers, model_spec
from mfst_lib.candidates import best_candidate, confidences, sample_candidates, to_edges
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation import opencv_worker
from mfst_lib.prediction import enlarge
from mfst_lib.roi import to_map
from mfst_lib.tracker import FMST, Look, View

Image = NDArray[np.uint8]
Box = NDArray[np.float64]

#: OpenCV's trackers that need no network.
OPENCV_TRACKERS = ("CSRT", "KCF", "MIL", "MOSSE")


class OpenCVProcess:
    """OpenCV's trackers in a process of another environment, on frames that it keeps.

    python: that environment's Python. Used in a `with` statement. Raises `NotFound` when there is
    no such Python, `InvalidInput` when it cannot do it.
    """

    def __init__(
        self, python: str | Path, images: Sequence[Image], box: Box, threads: int = 1
    ) -> None:
        self._folder = tempfile.TemporaryDirectory()
        frames = Path(self._folder.name) / "frames.npy"
        np.save(frames, np.stack(images))
        worker = [opencv_worker.__file__, str(frames), json.dumps(box.tolist()), str(threads)]
        try:
            self._process = subprocess.Popen(
                [str(python), *worker],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                encoding="utf-8",
                errors="replace",
            )
        except OSError as error:
            self._folder.cleanup()
            raise NotFound(
                f"no Python {python} ({error.strerror}): `make bench` makes an environment with "
                "opencv-contrib-python and names its Python with --opencv"
            ) from None

    def run(self, kind: str) -> dict[str, Any]:
        """One run of a tracker over all frames: `boxes` (T, 4), `times` in ms, `version`."""
        assert self._process.stdin and self._process.stdout and self._process.stderr
        try:
            self._process.stdin.write(f"{kind}\n")
            self._process.stdin.flush()
            answer = json.loads(self._process.stdout.readline())
        except (OSError, ValueError):
            last = self._process.stderr.read().strip().splitlines() or ["no message"]
            raise InvalidInput(f"OpenCV's trackers could not be run: {last[-1]}") from None
        if "error" in answer:
            raise InvalidInput(f"{kind}: {answer['error']}")
        return answer  # type: ignore[no-any-return]

    def __enter__(self) -> OpenCVProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.communicate()
        self._folder.cleanup()


class PredictEngine:
    """Keras as it is mostly called: `model.predict`, once per frame."""

    name = "predict"

    def __init__(self, config: TrackerConfig, weights: str | None = None) -> None:
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        from mfst_lib.backbones.networks import tapped_network

        spec = model_spec(config, weights)
        self._network = tapped_network(spec.backbone, spec.taps, spec.input_size, spec.weights)
        self.input_size = spec.input_size

    def __call__(self, crop: NDArray[np.uint8]) -> list[FeatureMaps]:
        """The taps' maps in one array, where they share a grid."""
        maps = self._network.predict(crop[np.newaxis], verbose=0)
        return as_layers([tap[0] for tap in (maps if isinstance(maps, list) else [maps])], True)


class NaiveFMST(FMST):
    """FMST with Eq. 10 as a Python loop over the candidates, each summed on the enlarged map."""

    def _choose(self, look: Look, around: Box) -> View:
        c = self.config
        boxes = sample_candidates(
            around, self._rng, c.candidates, c.sigma_xy, c.sigma_wh, self._mean_size(around)
        )
        light = enlarge(look.grid_map, c.map_size)
        scores = np.empty(len(boxes))
        for number, box in enumerate(boxes):
            on_map = to_map(box[np.newaxis], look.roi, light.shape)
            ((left, top, right, bottom),) = to_edges(on_map, light.shape)
            scores[number] = (light[top:bottom, left:right] - c.b).sum()
        confidence = confidences(scores, boxes, around, look.roi.half_side, c.distance, c.brake)
        return View(*look, c.map_size, boxes, scores, confidence, best_candidate(confidence))
