"""Feature Map Selection Tracking (Algorithm 1)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfst_lib import fast
from mfst_lib.backbones.catalogue import find_backbone
from mfst_lib.backbones.engines import Engine, Layers, load_engine, taps_of
from mfst_lib.blas import on_one_thread
from mfst_lib.box_fit import box_fit_for, corrected, in_steps
from mfst_lib.boxes import ABSURD, as_box, check_inside, to_centre, to_corner
from mfst_lib.candidates import best_candidate, homeward_mean
from mfst_lib.confidence.calibration import find_calibration
from mfst_lib.confidence.evidence import Sight, origin
from mfst_lib.confidence.judge import Judge
from mfst_lib.config import TrackerConfig, preset
from mfst_lib.errors import InvalidInput
from mfst_lib.images import as_rgb, check_colours
from mfst_lib.prediction import enlarge, normalise, subtract_negative, sum_maps
from mfst_lib.principal import PrincipalMaps, principal_for
from mfst_lib.ridge import RidgeMemory, SelectedMaps, stress_on_rivals
from mfst_lib.roi import ROI, roi_around, to_map
from mfst_lib.search import best_spot, places
from mfst_lib.selection import average_scores, select_top, selection_weights
from mfst_lib.target_maps import negative
from mfst_lib.weight_net import WeightNets, find_weight_nets

Array = NDArray[np.float32]
Box = NDArray[np.float64]

#: No side of a box becomes shorter than this many pixels, however far the target shrinks.
SHORTEST_SIDE = 2.0


class Look(NamedTuple):
    """One look at an image: the ROI, its pixels (S, S, 3), feature maps, M̂ on their grid."""

    roi: ROI
    crop: NDArray[np.uint8]
    layers: Sequence[Array]
    grid_map: Array


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
    the top-left corner in 0-based pixels. The same seed, engine and images give the same boxes;
    mostly so on another processor, too.

    colours: "rgb", or "bgr" to stand where an OpenCV tracker does: images are BGR, and `update`
    gives the box as OpenCV's functions take it, a tuple of four whole numbers (`box` is exact).
    """

    def __init__(
        self,
        config: TrackerConfig | None = None,
        *,
        colours: str = "rgb",
        weights: str | os.PathLike[str] | None = None,
        engine: Engine | None = None,
    ) -> None:
        check_colours(colours)
        self.colours = colours
        self.config = config or preset("default")
        self._nets = _nets_for(self.config)
        self._fit = box_fit_for(self.config.box_fit, self.config.backbone)
        self._principal = principal_for(self.config.principal, self.config.backbone)
        _check_ridge(self.config, self._principal)
        calibration = find_calibration(self.config)
        self.judge = None if calibration is None else Judge(calibration)
        if self.config.redetect and calibration is None:
            raise InvalidInput(
                "redetect needs a calibration that fits the settings: see confidence"
            )
        self.engine = engine or load_engine(self.config, weights)
        self.view: View | None = None
        self._averages: list[dict[str, Array]] | None = None

    @on_one_thread
    def init(self, image: ArrayLike, box: ArrayLike) -> None:
        """Learn the target from its box in the first image (Algorithm 1, lines 1–6).

        Raises `InvalidInput` for an image or box that cannot be used; the tracker then stays
        as it was.
        """
        picture, start = as_rgb(image, self.colours), as_box(box)
        check_inside(start, picture.shape)
        start = _kept_in_reach(start, picture.shape)
        roi = self._roi(start)
        layers = self._maps(self._crop(picture, roi))
        averages = self._all_scores(layers, roi, start)
        first = origin(layers, roi, start, self._vectors(averages)) if self.judge else None
        memories = self._first_memories(picture, start, averages) if self.config.ridge > 0 else []
        # Nothing of this tracker has changed so far: an error above leaves it as it was.
        self._box, self._averages, self.view = start, averages, None
        self._memories, self._passed = memories, 0
        self._home = start.copy()
        self._moved = np.zeros(2)
        self._rng = np.random.default_rng(self.config.seed)
        self.seen, self.confidence = True, 1.0 if self.judge else None
        self._sure_box, self._searched = start.copy(), 0
        if self.judge and first:
            self.judge.begin(first)
        self._weigh()
        self._bias = self._first_bias(picture)

    @on_one_thread
    def update(self, image: ArrayLike) -> tuple[bool, Any]:
        """Find the target in the next image (lines 8–17): whether it was seen, and its box.

        Where there is a calibration for these settings, seen means that the box is probably right:
        `confidence`, the probability that its IoU with the target is above 0.5, is high enough.
        Otherwise it means that the best candidate's score by Eq. 10 is positive. The box is (4,)
        float64, or with colours="bgr" a tuple of four whole numbers. Raises `InvalidInput` before
        `init` and for an image that cannot be used.
        """
        if self._averages is None:
            raise InvalidInput("update() before init(): call init(image, box) with the first image")
        picture = as_rgb(image, self.colours)
        self.view = None  # maps that nobody else looks at need not outlive this
        around = self._expected(picture.shape)
        self.view = self._choose(self._look(picture, around), around)
        self._move_to(self._best_box(self.view, picture.shape))
        self.seen = bool(self.view.scores[self.view.best] > 0)
        # Ridge regression has its own memory; only a judge asks for scores beside it.
        asked = self.judge or not self._memories
        latest = self._all_scores(self.view.layers, self.view.roi, self._box) if asked else []
        if self.judge:
            self._hear(latest, picture.shape)
        if self.config.update and (self.seen or not self.config.redetect):
            self._remember(self.view.layers, self.view.roi, latest)
        if self.config.redetect:
            self._redetect(picture)
        return self.seen, self._answer()

    @property
    def box(self) -> Box:
        """The target's latest box, (4,) x, y, w, h."""
        if self._averages is None:
            raise InvalidInput("no box before init(image, box)")
        return self._box.copy()

    def getTrackingScore(self) -> float:
        """`confidence` under the name that OpenCV's trackers give it.

        Raises `InvalidInput` before `init`, and where no calibration fits the settings.
        """
        if self._averages is None:
            raise InvalidInput("no tracking score before init(image, box)")
        if self.confidence is None:
            raise InvalidInput(
                f"no calibration fits these settings of {self.config.backbone}: choose a near one "
                "by name (confidence=NAME), or fit one (mfst calibrate)"
            )
        return self.confidence

    def look_at(self, image: ArrayLike, box: ArrayLike) -> Look:
        """What the tracker would see in the ROI around a box. Nothing of the tracker changes.

        Raises `InvalidInput` before `init` and for an image or a box that cannot be used.
        """
        if self._averages is None:
            raise InvalidInput("look_at() before init(): call init(image, box) first")
        picture, around = as_rgb(image, self.colours), as_box(box)
        return self._look(picture, _kept_in_reach(around, picture.shape))

    def correct(self, image: ArrayLike, box: ArrayLike) -> None:
        """Tell the tracker where the target is in an image: it goes on from there, and learns.

        Raises what `look_at` does; the tracker then stays as it was.
        """
        roi, _, layers, _ = self.look_at(image, box)
        self._box, self._moved = _kept_in_reach(as_box(box), np.shape(image)), np.zeros(2)
        self._home = self._box.copy()  # this size is as certain as the first one was
        if self.config.update:
            self._remember(layers, roi, self._all_scores(layers, roi, self._box))

    @property
    def weights(self) -> list[dict[str, Array]]:
        """w of Eq. 5 or Eq. 15, per layer and target map: "S", "C", and "-S", "-C" for M_n."""
        if self._averages is None:
            raise InvalidInput("no weights before init(image, box)")
        return self._weights

    def _expected(self, frame: tuple[int, ...]) -> Box:
        """Where the target is looked for: the last box, moved on by a share of the last move."""
        if self.config.motion == 0:
            return self._box
        shift = self.config.motion * self._moved
        return _kept_in_reach(self._box + [*shift, 0, 0], frame)

    def _move_to(self, box: Box) -> None:
        """The target's new box, and how far its centre has moved."""
        self._moved = (box[:2] + box[2:] / 2) - (self._box[:2] + self._box[2:] / 2)
        self._box = box

    def _look(self, image: NDArray[np.uint8], box: Box) -> Look:
        """Lines 8–12: the ROI around a box, its maps, and the prediction map."""
        roi = self._roi(box)
        pixels = self._crop(image, roi)
        layers = self._maps(pixels)
        return Look(roi, pixels, layers, self._prediction_map(layers))

    def _roi(self, box: Box) -> ROI:
        return roi_around(box, self.config.roi_scale, self.config.roi_shape)

    def _crop(self, image: NDArray[np.uint8], roi: ROI) -> NDArray[np.uint8]:
        return fast.crop(image, roi, self.engine.input_size, self.config.border)

    def _maps(self, pixels: NDArray[np.uint8]) -> Sequence[Array]:
        """The feature maps of a crop (line 9)."""
        return self._from_mean(self.engine(pixels))

    def _from_mean(self, layers: Sequence[Array]) -> Sequence[Array]:
        """The maps from their own mean up, if the settings ask for that."""
        if not self.config.above_mean:
            return layers
        return Layers([[fast.above_mean(maps) for maps in taps] for taps in taps_of(layers)])

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

    def _first_memories(
        self, image: NDArray[np.uint8], box: Box, averages: list[dict[str, Array]]
    ) -> list[RidgeMemory]:
        """What ridge regression knows after the first frame, of which it sees several crops."""
        c = self.config
        memories: list[RidgeMemory] = []
        for seen in shaken(box, c.ridge_views, c.seed):
            roi = self._roi(seen)
            for number, taps in enumerate(taps_of(self._maps(self._crop(image, roi)))):
                if number == len(memories):  # the box itself comes first
                    memories.append(self._new_memory(taps, averages[number]))
                memories[number].start(taps, _inside(taps, roi, box))
        return memories

    def _new_memory(self, taps: Sequence[Array], scores: dict[str, Array]) -> RidgeMemory:
        """What ridge regression reads of a layer: the maps with the best scores, or sums of all."""
        if self._principal:
            return RidgeMemory(self._principal)
        selected = select_top(scores[self.config.types], self.config.fraction)
        return RidgeMemory(SelectedMaps(taps, selected))

    def _all_scores(self, layers: Sequence[Array], roi: ROI, box: Box) -> list[dict[str, Array]]:
        """The score vectors of every layer for a box (lines 4 and 15)."""
        return [self._scores(taps, roi, box) for taps in taps_of(layers)]

    def _vectors(self, scores: Sequence[dict[str, Array]]) -> list[Array]:
        """Each layer's score vector for the first target map, by which the judge compares."""
        return [layer[self.config.types[0]] for layer in scores]

    def _sight(
        self, view: View, box: Box, scores: Sequence[dict[str, Array]], frame: tuple[int, ...]
    ) -> Sight:
        """What the judge hears of a look at the image."""
        assert self._averages is not None
        return Sight(view, box, self._vectors(scores), self._vectors(self._averages), frame[:2])

    def _hear(self, latest: Sequence[dict[str, Array]], frame: tuple[int, ...]) -> None:
        """The judge hears of the new box, and says how probable it is."""
        assert self.judge is not None and self.view is not None
        self.confidence = self.judge.hear(self._sight(self.view, self._box, latest, frame))
        self.seen = self.judge.is_ok(self.confidence)

    def _redetect(self, picture: NDArray[np.uint8]) -> None:
        """While lost, look at the next few places of the image, and go on where the target is.

        A place wins when the box found there is reported as right, and is more probable than the
        present one.
        """
        assert self.judge is not None and self.confidence is not None
        if self.seen:
            self._sure_box, self._searched = self._box.copy(), 0
            return
        wide = places(picture.shape, self._sure_box)
        for _ in range(min(self.config.redetect, len(wide))):
            sight = self._glance(picture, wide[self._searched % len(wide)])
            self._searched += 1
            probability = self.judge.consider(sight)
            if self.judge.is_ok(probability) and probability > self.confidence:
                self.view, self._box, self._moved = sight.view, np.array(sight.box), np.zeros(2)
                self.confidence, self.seen = probability, True
                self.judge.found_again(sight)

    def _glance(self, picture: NDArray[np.uint8], place: Box) -> Sight:
        """Look at a wide place, then closely where the first frame's maps are brightest in it."""
        assert self.judge is not None
        roi = self._roi(place)
        light = self.judge.first_light(self._maps(self._crop(picture, roi)))
        spot = _kept_in_reach(best_spot(light, roi, self._sure_box[2:]), picture.shape)
        view = self._choose(self._look(picture, spot), spot)
        box = self._best_box(view, picture.shape)
        return self._sight(view, box, self._all_scores(view.layers, view.roi, box), picture.shape)

    def _answer(self) -> Any:
        """The box as `update` gives it."""
        return (
            tuple(round(v) for v in self._box.tolist())
            if self.colours == "bgr"
            else self._box.copy()
        )

    def _remember(
        self, layers: Sequence[Array], roi: ROI, latest: Sequence[dict[str, Array]]
    ) -> None:
        """Follow the averages with the scores of the new box's maps (lines 14–17)."""
        assert self._averages is not None
        if self._memories:
            self._follow(layers, roi)
            return
        for average, now in zip(self._averages, latest, strict=True):
            for kind, scores in now.items():
                average[kind] = average_scores(average[kind], scores, self.config.eta)
        self._weigh()

    def _follow(self, layers: Sequence[Array], roi: ROI) -> None:
        """`_remember` for weights by ridge regression: learnt and solved anew every few frames."""
        self._passed += 1
        if self._passed % self.config.learn_every == 0:
            self._learn(layers, roi)
        if self._passed % self.config.ridge_every == 0:
            self._weigh()

    def _learn(self, layers: Sequence[Array], roi: ROI) -> None:
        """The moments follow one more frame, which stands for all since the last one learnt."""
        c = self.config
        for memory, taps, w in zip(self._memories, taps_of(layers), self._weights, strict=True):
            stress = None
            if c.learn_above or c.rivals:
                light = fast.sum_taps(taps, w[c.types])  # wanted: 1 on the target, 0 around it
                if light.max() < c.learn_above:
                    continue
                stress = stress_on_rivals(np.clip(light, 0, 1), c.rivals)
            memory.follow(taps, _inside(taps, roi, self._box), c.eta**c.learn_every, stress)

    def _weigh(self) -> None:
        """Weights from the average scores (Eq. 5, or Eq. 15's nets), or by ridge regression."""
        assert self._averages is not None
        if self._memories:
            c = self.config
            self._weights = [
                {c.types: memory.weights(c.anchor, c.ridge, _towards(memory, c))}
                for memory in self._memories
            ]
            return
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

    def _fitted(self, box: Box, grid_map: Array, roi: ROI) -> Box:
        """The box, corrected by what the map shows through it; as it is without a box fit."""
        if self._fit is None:
            return box
        c, change = self.config, in_steps(self._fit(_view(box, grid_map, roi)) - self._bias)
        return corrected(box, change, c.fit_shift, c.fit_size, c.fit_shape)

    def _first_bias(self, picture: NDArray[np.uint8]) -> Box:
        """A share of what the box fit would change in the first box, where nothing is to change.

        A mean over crops of the first frame from which ridge regression has not learnt.
        """
        c = self.config
        if self._fit is None or c.fit_bias == 0:
            return np.zeros(4)
        others = shaken(self._box, BIAS_VIEWS, c.seed, stream=2)[1:]
        looks = [self._look(picture, seen) for seen in others]
        changes = [self._fit(_view(self._box, look.grid_map, look.roi)) for look in looks]
        mean: Box = np.stack(changes).mean(axis=0)
        return c.fit_bias * mean

    def _best_box(self, view: View, frame: tuple[int, ...]) -> Box:
        """The best candidate's box, corrected, and kept within reach of the frame."""
        box = self._fitted(view.candidates[view.best], view.grid_map, view.roi)
        return _kept_in_reach(box, frame)

    def _mean_size(self, around: Box) -> float:
        """The mean of the candidates' size factor (Eq. 12), drawn back to the first size."""
        c = self.config
        if c.size_pull == 0:
            return c.mean_size
        return homeward_mean(c.mean_size, around, self._home, c.size_pull)

    def _choose(self, look: Look, around: Box) -> View:
        """The look with candidates, their scores, confidences, the best one's number (line 13)."""
        c = self.config
        candidates = fast.sample_candidates(
            around, self._rng, c.candidates, c.sigma_xy, c.sigma_wh, self._mean_size(around)
        )
        on_map = to_map(candidates, look.roi, (c.map_size, c.map_size))
        scores = fast.grid_scores(look.grid_map, on_map, c.map_size, c.b)
        confidence = fast.confidences(
            scores, candidates, around, look.roi.half_side, c.distance, c.brake
        )
        best = best_candidate(confidence)
        return View(*look, c.map_size, candidates, scores, confidence, best)


#: How far the crops of the first frame lie apart: their centres by up to this share of the box's
#: sides, their sizes by up to a factor of e to this power.
SHIFTED, RESIZED = 0.25, 0.1


#: The box fit's error on the first box is a mean over so many other crops of the first frame.
BIAS_VIEWS = 16


def shaken(box: Box, count: int, seed: int, stream: int = 1) -> list[Box]:
    """The box, and `count` more that are a little shifted and resized, others for each stream."""
    rng = np.random.default_rng([seed, stream])  # not the candidates' stream of numbers
    boxes = [box]
    for across, down, factor in rng.uniform(-1, 1, (count, 3)):
        cx, cy, w, h = to_centre(box)
        size = np.exp(RESIZED * factor)
        moved = [cx + SHIFTED * across * w, cy + SHIFTED * down * h, w * size, h * size]
        boxes.append(to_corner(np.array(moved)))
    return boxes


def _view(box: Box, grid_map: Array, roi: ROI) -> Box:
    """The prediction map as seen through a box of the image."""
    return fast.view_through(grid_map, to_map(box, roi, grid_map.shape))


def _inside(taps: Sequence[Array], roi: ROI, box: Box) -> Array:
    """How much of each cell of a layer the box covers."""
    grid = taps[0].shape[:2]
    return fast.box_and_doubled(to_map(box, roi, grid), grid)[0]


def _towards(memory: RidgeMemory, config: TrackerConfig) -> Array | None:
    """Where a ridge pulls: to 0, or to Eq. 5's weights, by which each map counts as it comes."""
    if config.ridge_towards == "nothing" or not isinstance(memory.reading, SelectedMaps):
        return None
    return memory.reading.scales


def _check_ridge(config: TrackerConfig, principal: PrincipalMaps | None) -> None:
    """Raise `InvalidInput` for what does not go together with weights by ridge regression."""
    if config.ridge > 0 and (config.types == "SC" or config.alpha > 0 or config.weight_net):
        raise InvalidInput("ridge needs types='S' or 'C', alpha=0 and no weight_net")
    if config.ridge == 0 and (config.learn_above > 0 or config.rivals > 0):
        raise InvalidInput("learn_above and rivals need weights by ridge regression: ridge > 0")
    if principal is None:
        return
    if config.ridge == 0 or config.ridge_towards != "nothing" or not config.merge_taps:
        raise InvalidInput("principal needs ridge > 0, ridge_towards='nothing' and merged taps")
    if config.backbone != "auto":
        principal.check_fits(config.backbone, config.taps or find_backbone(config.backbone).taps)


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
    x, y, w, h = box.tolist()
    cx, cy = x + w / 2, y + h / 2
    longest = ABSURD * max(width, height)
    cx, cy = min(max(cx, 0.0), width), min(max(cy, 0.0), height)
    w, h = (min(max(side, SHORTEST_SIDE), longest) for side in (w, h))
    return np.array([cx - w / 2, cy - h / 2, w, h])
