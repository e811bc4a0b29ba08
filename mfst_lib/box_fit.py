"""A box that fits: how the prediction map lies in the best candidate says how to correct it.

Candidates keep the first box's shape and change size at random by 1 %, and Eq. 10 only knows how
much of the map a box holds. But seen through the box, the map itself tells that the box is too
large, too far left, too slim. Four linear functions of that view, fitted once on other videos,
read it off.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfst_lib.boxes import Floats, to_centre, to_corner
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.files import write_text_atomically
from mfst_lib.reading import parse_json

Array = NDArray[np.float32]
Box = NDArray[np.float64]

#: The map is looked at on so many points across the doubled box, and as many down.
POINTS = 8
#: Corrections beyond this are cut, in any respect: nothing changes so fast from frame to frame.
LARGEST = 0.25
#: Corrections come in steps of this size: another processor rounds the maps' last digits otherwise,
#: by far less, and without steps each box would hand that on to the next one, enlarged.
STEP = 1 / 1024
FORMAT = "mfst-box-fit"
FOLDER = Path(__file__).parent / "matrices"


def sampling(start: float, length: float, cells: int, points: int = POINTS) -> NDArray[np.float64]:
    """(points, cells): bilinear weights of a map's cells at points evenly spread over an interval.

    start, length: in cells. Points beyond the outermost cells' centres see those cells.
    """
    at = start + length * (np.arange(points) + 0.5) / points - 0.5
    at = np.clip(at, 0, cells - 1)
    return np.maximum(0, 1 - np.abs(at[:, None] - np.arange(cells)))


def view_through(grid_map: Array, box: Floats) -> NDArray[np.float64]:
    """The map as seen through a box and its surroundings: (POINTS, POINTS) over the doubled box.

    grid_map: (H, W). box: (4,) x, y, w, h in cells. Bilinear sampling is linear in rows and in
    columns, so it is two small products: U M̂ Vᵀ.
    """
    x, y, w, h = (float(v) for v in box)
    rows, columns = grid_map.shape
    down = sampling(y - h / 2, 2 * h, rows)
    across = sampling(x - w / 2, 2 * w, columns)
    return down @ grid_map @ across.T


def correction(box: Floats, true: Floats) -> Box:
    """What turns a box into the true one: dx/w, dy/h, log w′/w, log h′/h; (4,) float64."""
    (cx, cy, w, h), (tx, ty, tw, th) = to_centre(box), to_centre(true)
    return np.array([(tx - cx) / w, (ty - cy) / h, np.log(tw / w), np.log(th / h)])


def corrected(
    box: Floats, change: Floats, shift: float = 1.0, size: float = 1.0, shape: float = 1.0
) -> Box:
    """The box after a share of a correction: of its shift, of its size, of its shape (w : h).

    With all shares at 1 and a small change it is the inverse of `correction`.
    """
    cx, cy, w, h = to_centre(box)
    dx, dy, wider, higher = np.clip(change, -LARGEST, LARGEST)
    bigger, slimmer = size * (wider + higher) / 2, shape * (wider - higher) / 2
    sides = [w * np.exp(bigger + slimmer), h * np.exp(bigger - slimmer)]
    return to_corner(np.array([cx + shift * dx * w, cy + shift * dy * h, *sides]))


def in_steps(change: Floats) -> Box:
    """A correction in whole steps of `STEP`, so that rounding errors hardly ever reach the box.

    >>> (in_steps(np.array([0.01, 0.01 + 1e-7, -0.25, 0])) / STEP).tolist()
    [10.0, 10.0, -256.0, 0.0]
    """
    return np.rint(change / STEP) * STEP


@dataclass(frozen=True, eq=False)
class BoxFit:
    """Four linear functions of the view through a box: its correction.

    matrix: (POINTS², 4); offset: (4,). made_of: what it was fitted on, and how.
    """

    matrix: NDArray[np.float64]
    offset: NDArray[np.float64]
    made_of: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, view: NDArray[np.float64]) -> Box:
        """The correction that a view (POINTS, POINTS) asks for: (4,), see `correction`."""
        return view.reshape(-1) @ self.matrix + self.offset

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that change with any of its numbers."""
        numbers = np.vstack([self.offset, self.matrix]).astype("<f8")
        return hashlib.sha256(numbers.tobytes()).hexdigest()[:12]

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it as JSON, whole or not at all."""
        content = {
            "format": FORMAT,
            **self.made_of,
            "offset": self.offset.round(5).tolist(),
            "matrix": self.matrix.round(5).tolist(),
        }
        write_text_atomically(Path(path), json.dumps(content, indent=1))


def fit(views: Floats, corrections: Floats, strength: float = 0.3) -> BoxFit:
    """The box fit of many looks at boxes that are off: ridge regression on standardised values.

    views: (N, POINTS, POINTS). corrections: (N, 4), what would have put each box right. The mean
    view asks for no correction. Raises `InvalidInput` when the two do not fit together.
    """
    values = np.asarray(views, dtype=np.float64).reshape(len(views), -1)
    if len(views) != len(corrections) or len(views) < 2 or values.shape[1] != POINTS**2:
        raise InvalidInput(f"{np.shape(views)} views and {np.shape(corrections)} corrections")
    mean, spread = values.mean(axis=0), values.std(axis=0) + 1e-3
    standard = (values - mean) / spread
    both = standard.T @ standard + strength * len(values) * np.eye(values.shape[1])
    matrix = np.linalg.solve(both, standard.T @ corrections) / spread[:, None]
    return BoxFit(matrix, -mean @ matrix)


@functools.lru_cache(maxsize=8)
def find_box_fit(name: str) -> BoxFit:
    """The box fit of that name among those that come with the package, or that of a .json file.

    Raises `NotFound` when there is none, `InvalidInput` for a file that is none.
    """
    path = Path(name) if name.endswith(".json") else FOLDER / f"box_fit-{name}.json"
    if not path.is_file():
        known = sorted(file.stem.removeprefix("box_fit-") for file in FOLDER.glob("box_fit-*.json"))
        raise NotFound(
            f"no box fit {name!r}: name one that comes with the package ({', '.join(known)}) "
            "or a .json file that mfst fit wrote"
        )
    return read_box_fit(path)


def box_fit_for(name: str, backbone: str) -> BoxFit | None:
    """The box fit that a configuration names: none for "", the backbone's own for "auto"."""
    return find_box_fit(backbone if name == "auto" else name) if name else None


def read_box_fit(path: str | os.PathLike[str]) -> BoxFit:
    """A box fit from its file; `InvalidInput` when the file is damaged or something else."""
    try:
        content = parse_json(Path(path).read_text("utf-8"))
        kind = content.pop("format")
        matrix = np.array(content.pop("matrix"), dtype=np.float64)
        offset = np.array(content.pop("offset"), dtype=np.float64)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidInput(f"{path} is no box fit: {error!r}") from None
    whole = np.isfinite(matrix).all() and np.isfinite(offset).all()
    if kind != FORMAT or matrix.shape != (POINTS**2, 4) or offset.shape != (4,) or not whole:
        raise InvalidInput(f"{path} is no box fit: expected {FORMAT!r}, {POINTS**2} by 4 numbers")
    return BoxFit(matrix, offset, content)
