"""The paper's figures, drawn again from our own runs: `mfst reproduce figures`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mfst_lib.backbones.engines import load_engine
from mfst_lib.config import preset
from mfst_lib.errors import InvalidInput, NotFound, unknown
from mfst_lib.evaluation.boxes_files import box_file_name, read_boxes_file
from mfst_lib.evaluation.evaluate import load_summary
from mfst_lib.prediction import min_max, subtract_negative, weighted_sum
from mfst_lib.roi import ROI, crop, roi_around, to_map
from mfst_lib.selection import score_maps, select_top, selection_weights
from mfst_lib.sequences import vtb13
from mfst_lib.sequences.catalogue import load_sequence
from mfst_lib.sequences.sequence import Sequence as FramesAndBoxes
from mfst_lib.show.curves import plot_curves
from mfst_lib.show.frames import add_box, add_image, plot_frames
from mfst_lib.show.steps import add_map, plot_maps, roi_box
from mfst_lib.target_maps import negative, target_map

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Array = NDArray[np.float32]

#: The preset whose network looks, and whose failures are shown.
PRESET = "v3l-s"
#: The paper's example, and what stands in for it: a task with a player among others.
EXAMPLES = ("Basketball", "Football1", "Couple")
#: Figs. 14-17: tasks on which the paper's tracker fails.
FAILURES = ("CarScale", "Bolt", "Jogging-1", "Subway")


@dataclass(frozen=True)
class Look:
    """What the network sees in the first frame of a sequence."""

    image: NDArray[np.uint8]
    box: NDArray[np.float64]
    roi: ROI
    crop: NDArray[np.uint8]
    maps: Array

    def target_map(self, kind: str) -> Array:
        """The target map of one type on the maps' grid."""
        grid = self.maps.shape[:2]
        return target_map(kind, to_map(self.box, self.roi, grid), grid)

    def prediction_map(self, wanted: Array, fraction: float = 0.1) -> Array:
        """M̂ from the best maps by their scores for a target map, in [0, 1] (Eqs. 1-5)."""
        weights = selection_weights(score_maps(self.maps, wanted), fraction)
        return min_max(weighted_sum(self.maps, weights))


def look(root: str | None, weights: str | None) -> Look:
    """The example's first frame through the network of `PRESET`."""
    sequence = example(root)
    config = preset(PRESET)
    engine = load_engine(config, weights)
    image, box = sequence.frames[0], sequence.boxes[0]
    roi = roi_around(box, config.roi_scale, config.roi_shape)
    pixels = crop(image, roi, engine.input_size, config.border)
    return Look(image, box, roi, pixels, engine(pixels)[0])


def example(root: str | None) -> FramesAndBoxes:
    """The first of `EXAMPLES` that is at hand; `NotFound` when none is."""
    for name in EXAMPLES:
        try:
            return load_sequence(name, root)
        except NotFound:
            continue
    raise NotFound(f"none of the tasks {', '.join(EXAMPLES)} is at hand: give --data FOLDER")


def draw_target(root: str | None, weights: str | None, out: Path) -> Figure:
    """Figs. 1-3: the frame, the ROI, the target map."""
    from matplotlib.figure import Figure

    seen = look(root, weights)
    figure = Figure((9, 2.8), layout="constrained")
    frame, region, wanted = figure.subplots(1, 3)
    add_image(frame, seen.image, "frame")
    add_box(frame, seen.box, "truth")
    add_box(frame, roi_box(seen.roi), "region of interest")
    add_image(region, seen.crop, "region of interest")
    add_map(wanted, seen.target_map("C"), "target map (Type C)")
    return figure


def draw_top_maps(root: str | None, weights: str | None, out: Path) -> Figure:
    """Fig. 4: the 16 maps with the highest scores, and the prediction map."""
    seen = look(root, weights)
    wanted = seen.target_map("S")
    best = select_top(score_maps(seen.maps, wanted), 0.1)[:16]
    maps = [seen.maps[..., channel] for channel in best]
    titles = [f"map {channel}" for channel in best]
    return plot_maps([*maps, seen.prediction_map(wanted)], [*titles, "sum of 10 %"], 9)


def draw_types(root: str | None, weights: str | None, out: Path) -> Figure:
    """Fig. 7: the prediction maps of Type S and Type C."""
    seen = look(root, weights)
    maps = [seen.prediction_map(seen.target_map(kind)) for kind in "SC"]
    return _beside_crop(seen, maps, ["Type S", "Type C"])


def draw_fractions(root: str | None, weights: str | None, out: Path) -> Figure:
    """Fig. 8: the prediction map of the top 10 % and of the top 4.46 %."""
    seen = look(root, weights)
    wanted, fractions = seen.target_map("S"), (0.1, 0.0446)
    maps = [seen.prediction_map(wanted, fraction) for fraction in fractions]
    return _beside_crop(seen, maps, [f"top {100 * fraction:g} %" for fraction in fractions])


def draw_negative(root: str | None, weights: str | None, out: Path) -> Figure:
    """Figs. 9-10: the maps of M_p and of M_n, and their difference with α = 0.5 (Eq. 13)."""
    seen = look(root, weights)
    wanted = seen.target_map("S")
    positive = seen.prediction_map(wanted)
    background = seen.prediction_map(negative(wanted))
    both = subtract_negative(positive, background, 0.5)
    return _beside_crop(seen, [positive, background, both], ["M̂_p", "M̂_n", "M̂_p − 0.5 M̂_n"])


def _beside_crop(seen: Look, maps: Sequence[Array], titles: Sequence[str]) -> Figure:
    """The region of interest, and some maps of it."""
    from matplotlib.figure import Figure

    figure = Figure((2.4 * (len(maps) + 1), 2.7), layout="constrained")
    region, *places = figure.subplots(1, len(maps) + 1)
    side = seen.crop.shape[0]
    add_image(region, seen.crop, "region of interest")
    add_box(region, to_map(seen.box, seen.roi, (side, side)), "truth")
    for axes, values, title in zip(places, maps, titles, strict=True):
        add_map(axes, values, title)
    return figure


def draw_curves(root: str | None, weights: str | None, out: Path) -> Figure:
    """Figs. 12-13: precision and success of every run stored below OUT/vtb13."""
    stored = _stored(out)
    tasks = {tuple(sorted(summary["per_task"])) for summary in stored.values()}
    if len(tasks) > 1:
        raise InvalidInput(f"the runs below {out / 'vtb13'} are on different tasks: run them again")
    curves = {name: summary["curves"] for name, summary in stored.items()}
    return plot_curves(curves, f"{len(next(iter(tasks)))} of VTB13's 51 tasks")


def draw_failure(task: str, root: str | None, weights: str | None, out: Path) -> Figure:
    """Figs. 14-17: six frames of a task with the truth and our boxes of seed 0."""
    folder = _folder_of(PRESET, out)
    if not (folder / box_file_name(0)).is_file():
        raise NotFound(f"no stored run {folder}: mfst reproduce table1 --rows {PRESET} makes it")
    boxes = read_boxes_file(folder / box_file_name(0))
    if task not in boxes:
        raise NotFound(f"the stored run {folder} has no {task}")
    sequence = load_sequence(task, root)
    numbers = np.linspace(0, len(sequence) - 1, 6).astype(int).tolist()
    return plot_frames(sequence.frames, {"truth": sequence.boxes, "tracker": boxes[task]}, numbers)


def _stored(out: Path) -> dict[str, dict[str, Any]]:
    """The summaries below OUT/vtb13, by the name of their folder."""
    folders = sorted(path.parent for path in (out / "vtb13").glob("*/summary.json"))
    if not folders:
        raise NotFound(f"no stored run below {out / 'vtb13'}: mfst reproduce table1 makes some")
    return {folder.name: load_summary(folder) for folder in folders}


def _folder_of(name: str, out: Path) -> Path:
    return out / "vtb13" / f"{name}-{preset(name).backbone}"


#: Name of a figure's file to what draws it; each takes the data and weights folders, and the
#: folder of results.
FIGURES: dict[str, Callable[[str | None, str | None, Path], Figure]] = {
    "fig01-03-target": draw_target,
    "fig04-top-maps": draw_top_maps,
    "fig07-types": draw_types,
    "fig08-fractions": draw_fractions,
    "fig09-10-negative": draw_negative,
    "fig12-13-curves": draw_curves,
    **{
        f"fig{number}-{vtb13.name_key(task)}": partial(draw_failure, task)
        for number, task in enumerate(FAILURES, 14)
    },
}


def find_figures(names: Sequence[str]) -> list[str]:
    """The figures named, or all; `InvalidInput` for an unknown name."""
    for name in names:
        if name not in FIGURES:
            raise unknown("figure", name, FIGURES)
    return list(names or FIGURES)
