"""Feature Map Selection Tracking (Algorithm 1)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfst_lib import fast
from mfst_lib.backbones.catalogue import find_backbone
from mfst_lib.backbones.engines import Engine, load_engine, taps_of
from mfst_lib.boxes import ABSURD, as_box, check_inside, to_centre
from mfst_lib.candidates import best_candidate
from mfst_lib.config import TrackerConfig, preset
from mfst_lib.errors import InvalidInput
from mfst_lib.images import as_rgb
from mfst_lib.prediction import enlarge, normalise, subtract_negative, sum_maps
from mfst_lib.roi import ROI, roi_around, to_map
from mfst_lib.selection import average_scores, selection_weights
from mfst_lib.target_maps import negative
from mfst_lib.weight_net import WeightNets, find_weight_nets

Array = NDArray[np.float32]
Box = NDArray[np.float64]

#: No side of a box becomes shorter than this many pixels, however far the target shrinks.
SHORTEST_SIDE = 2.0


@dataclass(frozen=True)
class View:
    """What the tracker saw in one frame: enough to draw every step of it.

    crop: (S, S, 3) uint8. layers: feature maps (H, W, C), one array per layer, made when read;
    they do not change when the tracker goes on. grid_map: the
    prediction map as small as the feature maps; map_size: the R to which it is enlarged when
    candidates are compared. candidates: (N, 4) x, y, w, h in image pixels, with their
    scores (Eq. 10) and confidences (Eq. 11), and the number of the best.
    """

    roi: ROI
    crop: NDArray[np.uint8]
    layers: Sequence[Array]
    grid_map: Array
    map_size: int
    candidates: Box
    scores: Box
    confidences: Box
    best: int

    @property
    def prediction_map(self) -> Array:
        """M̂ at the resolution at which candidates are compared, (R, R) in [0, 1]."""
        return enlarge(self.grid_map, self.map_size)


class FMST:
    """A tracker: `init` with an image and a box, then `update` with image after image.

    config: all free choices; the `default` preset when none is given. weights: a folder to look
    in for network weights before `MFST_WEIGHTS`. engine: what runs the network, if it has been
    loaded already (several trackers may share one, in one thread).

    Images are (H, W, 3) uint8 RGB; grey and RGBA ones are converted. Boxes are (x, y, w, h) with
    the top-left corner in 0-based pixels. The same seed, engine and images give the same boxes.
    """

    def __init__(
        self,
        config: TrackerConfig | None = None,
        *,
        weights: str | os.PathLike[str] | None = None,
        engine: Engine | None = None,
    ) -> None:
        self.config = config or preset("default")
        self._nets = _nets_for(self.config)
        self.engine = engine or load_engine(self.config, weights)
        self.view: View | None = None
        self._averages: list[dict[str, Array]] | None = None

    def init(self, image: ArrayLike, box: ArrayLike) -> None:
        """Learn the target from its box in the first image (Algorithm 1, lines 1–6).

        Raises `InvalidInput` for an image or box that cannot be used; the tracker then stays
        as it was.
        """
        picture, start = as_rgb(image), as_box(box)
        check_inside(start, picture.shape)
        start = _kept_in_reach(start, picture.shape)
        roi = self._roi(start)
        averages = [
            self._scores(taps, roi, start)
            for taps in taps_of(self.engine(self._crop(picture, roi)))
        ]
        # Nothing of this tracker has changed so far: an error above leaves it as it was.
        self._box, self._averages, self.view = start, averages, None
        self._rng = np.random.default_rng(self.config.seed)
        self._weigh()

    def update(self, image: ArrayLike) -> tuple[bool, Box]:
        """Find the target in the next image (lines 8–17): whether it was seen, and its box.

        It counts as seen when the best candidate holds more of the prediction map than b
        asks for, that is, when its score by Eq. 10 is positive. Raises `InvalidInput` before
        `init` and for an image that cannot be used.
        """
        if self._averages is None:
            raise InvalidInput("update() before init(): call init(image, box) with the first image")
        picture = as_rgb(image)
        roi = self._roi(self._box)
        pixels = self._crop(picture, roi)
        self.view = None  # maps that nobody else looks at need not outlive this
        layers = self.engine(pixels)
        grid_map = self._prediction_map(layers)
        candidates, scores, confidence, best = self._choose(grid_map, roi)
        seen = (roi, pixels, layers, grid_map, self.config.map_size)
        self.view = View(*seen, candidates, scores, confidence, best)
        self._box = _kept_in_reach(candidates[best], picture.shape)
        if self.config.update:
            self._remember(layers, roi)
        return bool(scores[best] > 0), self._box.copy()

    @property
    def weights(self) -> list[dict[str, Array]]:
        """w of Eq. 5 or Eq. 15, per layer and target map: "S", "C", and "-S", "-C" for M_n."""
        if self._averages is None:
            raise InvalidInput("no weights before init(image, box)")
        return self._weights

    def _roi(self, box: Box) -> ROI:
        return roi_around(box, self.config.roi_scale, self.config.roi_shape)

    def _crop(self, image: NDArray[np.uint8], roi: ROI) -> NDArray[np.uint8]:
        return fast.crop(image, roi, self.engine.input_size, self.config.border)

    def _scores(self, taps: Sequence[Array], roi: ROI, box: Box) -> dict[str, Array]:
        """The score vectors of one layer for a box, by target map (Eqs. 1, 14)."""
        grid = taps[0].shape[:2]
        on_map = to_map(box, roi, grid)
        scores = {}
        for kind in self.config.types:
            wanted = fast.target_map(kind, on_map, grid)
            scores[kind] = fast.score_taps(taps, wanted)
            if self.config.alpha > 0:
                scores[f"-{kind}"] = fast.score_taps(taps, negative(wanted))
        return scores

    def _remember(self, layers: Sequence[Array], roi: ROI) -> None:
        """Score the new box's maps and follow the averages (lines 14–17)."""
        assert self._averages is not None
        for average, taps in zip(self._averages, taps_of(layers), strict=True):
            for kind, scores in self._scores(taps, roi, self._box).items():
                average[kind] = average_scores(average[kind], scores, self.config.eta)
        self._weigh()

    def _weigh(self) -> None:
        """Weights from the average scores (Eq. 5, or Eq. 15's nets)."""
        assert self._averages is not None
        self._weights = [
            {kind: self._weights_of(kind, s) for kind, s in average.items()}
            for average in self._averages
        ]

    def _weights_of(self, kind: str, scores: Array) -> Array:
        """The weights of one layer's maps for one target map."""
        if self._nets is None:
            return selection_weights(scores, self.config.fraction)
        return self._nets.predict(scores, "negative" if kind.startswith("-") else "positive")

    def _prediction_map(self, layers: Sequence[Array]) -> Array:
        """M̂, summed over layers and types (lines 10–12), with Eq. 13 where α > 0."""
        maps = [
            self._typed_map(taps, weights, kind)
            for taps, weights in zip(taps_of(layers), self._weights, strict=True)
            for kind in self.config.types
        ]
        return sum_maps(maps, self.config.normalisation)

    def _typed_map(self, taps: Sequence[Array], weights: dict[str, Array], kind: str) -> Array:
        """One layer's prediction map for one target map (Eq. 4 or 13)."""
        rule = self.config.normalisation
        positive = normalise(fast.sum_taps(taps, weights[kind]), rule)
        if self.config.alpha == 0:
            return positive
        background = normalise(fast.sum_taps(taps, weights[f"-{kind}"]), rule)
        return subtract_negative(positive, background, self.config.alpha)

    def _choose(self, grid_map: Array, roi: ROI) -> tuple[Box, Box, Box, int]:
        """Candidates, their scores, their confidences, the best one's number (line 13)."""
        c = self.config
        candidates = fast.sample_candidates(
            self._box, self._rng, c.candidates, c.sigma_xy, c.sigma_wh, c.mean_size
        )
        on_map = to_map(candidates, roi, (c.map_size, c.map_size))
        scores = fast.grid_scores(grid_map, on_map, c.map_size, c.b)
        confidence = fast.confidences(scores, candidates, self._box, roi.half_side, c.distance)
        return candidates, scores, confidence, best_candidate(confidence)


def _nets_for(config: TrackerConfig) -> WeightNets | None:
    """The weight nets that a configuration asks for, checked against its other fields."""
    if not config.weight_net:
        return None
    nets = find_weight_nets(config.weight_net)
    if config.backbone != "auto":
        nets.check_fits(config.backbone, config.taps or find_backbone(config.backbone).taps)
    if config.types != "S" or not config.merge_taps:
        raise InvalidInput("weight nets read the scores of Type S over all taps: types='S', merged")
    if config.alpha > 0 and "negative" not in nets.nets:
        raise InvalidInput(
            f"alpha={config.alpha} needs a negative net; {config.weight_net} has none"
        )
    return nets


def _kept_in_reach(box: Box, image_shape: tuple[int, ...]) -> Box:
    """The box with its centre inside the image and its sides neither vanishing nor absurd.

    A box that wandered off could never come back, and one of no size has no ROI.
    """
    height, width = image_shape[:2]
    cx, cy, w, h = to_centre(box).tolist()
    longest = ABSURD * max(width, height)
    cx, cy = min(max(cx, 0.0), width), min(max(cy, 0.0), height)
    w, h = (min(max(side, SHORTEST_SIDE), longest) for side in (w, h))
    return np.array([cx - w / 2, cy - h / 2, w, h])
