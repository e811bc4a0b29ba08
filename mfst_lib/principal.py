"""Principal maps: sums of all maps in place of a selection of them.

Hundreds of maps of one network say much the same, each with noise of its own. Their principal
components are the sums in which they differ most, over many crops that need no ground truth; the
first 128 of V3-Small hold 95 % of what all 672 maps hold. Ridge regression on those sums reads
every map, at the price of a selection.
"""

from __future__ import annotations

import functools
import hashlib
import io
import itertools
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.files import write_bytes_atomically
from mfst_lib.reading import parse_json, read_arrays

Array = NDArray[np.float32]

FORMAT = "mfst-principal-maps"
FOLDER = Path(__file__).parent / "matrices"


@dataclass(frozen=True, eq=False)
class PrincipalMaps:
    """K sums of the C maps of a network: matrix (C, K) float32, a column for each sum.

    backbone, taps: whose maps, in this order. made_of: what they were found on, and how.
    """

    matrix: Array
    backbone: str
    taps: tuple[str, ...]
    made_of: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self, taps: Sequence[Array]) -> Array:
        """The sums' values, a row for each cell: (H·W, K). taps: a layer's maps (H, W, ·).

        Raises `InvalidInput` unless they are C maps in all.
        """
        channels = sum(maps.shape[2] for maps in taps)
        if channels != len(self.matrix):
            raise InvalidInput(
                f"{channels} feature maps; the principal maps sum {len(self.matrix)}"
            )
        starts = np.cumsum([0, *(maps.shape[2] for maps in taps)])
        parts = [
            maps.reshape(-1, maps.shape[2]) @ self.matrix[low:high]
            for maps, (low, high) in zip(taps, itertools.pairwise(starts), strict=True)
        ]
        return functools.reduce(np.add, parts)

    def spread(self, weights: Array) -> Array:
        """The weights of all maps, (C,), that give the same sum as these (K,) do of the sums."""
        return self.matrix @ weights

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that change with any of its numbers."""
        return hashlib.sha256(np.ascontiguousarray(self.matrix, "<f4").tobytes()).hexdigest()[:12]

    def check_fits(self, backbone: str, taps: tuple[str, ...]) -> None:
        """Raise `InvalidInput` unless they are sums of these maps."""
        if (backbone, taps) != (self.backbone, self.taps):
            raise InvalidInput(
                f"these principal maps are of {self.backbone} ({', '.join(self.taps)}), "
                f"not of {backbone} ({', '.join(taps)}): find others with mfst principal"
            )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a .npz file, float16, without pickles; whole or not at all."""
        about = {
            "format": FORMAT,
            "backbone": self.backbone,
            "taps": list(self.taps),
            **self.made_of,
        }
        header = np.frombuffer(json.dumps(about).encode(), dtype=np.uint8)
        buffer = io.BytesIO()
        np.savez_compressed(buffer, header=header, matrix=self.matrix.astype(np.float16))
        write_bytes_atomically(Path(path), buffer.getvalue())


def principal(second: NDArray[np.float64], count: int, evenness: float = 0.5) -> Array:
    """The matrix (C, K) of the first K principal sums of C maps.

    second: (C, C), the mean of f fᵀ over cells, f a cell's C values; the mean is not taken off,
    so that a sum may stand for "any map at all". Each map is divided by its root mean square √d
    first, so that no loud map counts more: the columns are d^(−1/2) v λ^(−e/2), with v the
    eigenvectors and λ the eigenvalues of the rest. evenness: e. With 0 the sums keep their own
    strengths, and a ridge spares the strong ones; with 1 all are alike.
    Raises `InvalidInput` unless 1 ≤ count ≤ C.
    """
    channels = len(second)
    if not 1 <= count <= channels:
        raise InvalidInput(f"{channels} maps have 1 to {channels} principal maps; got {count}")
    loudness = np.sqrt(np.diag(second)) + 1e-3
    strengths, directions = np.linalg.eigh(second / np.outer(loudness, loudness))
    strengths, directions = strengths[::-1][:count], directions[:, ::-1][:, :count]
    columns = directions / loudness[:, None] * np.maximum(strengths, 1e-9) ** (-evenness / 2)
    return columns.astype(np.float32)


@functools.lru_cache(maxsize=8)
def find_principal(name: str) -> PrincipalMaps:
    """The principal maps of that name that come with the package, or those of a .npz file.

    Raises `NotFound` when there are none, `InvalidInput` for a file that holds none.
    """
    path = Path(name) if name.endswith(".npz") else FOLDER / f"principal-{name}.npz"
    if not path.is_file():
        known = sorted(file.stem.removeprefix("principal-") for file in FOLDER.glob("principal-*"))
        raise NotFound(
            f"no principal maps {name!r}: name some that come with the package "
            f"({', '.join(known)}) or a .npz file that mfst principal wrote"
        )
    return read_principal(path)


def principal_for(name: str, backbone: str) -> PrincipalMaps | None:
    """What a configuration names: none for "", the backbone's own for "auto"."""
    return find_principal(backbone if name == "auto" else name) if name else None


def read_principal(path: str | Path) -> PrincipalMaps:
    """Principal maps from their file; `InvalidInput` when it is damaged or something else."""
    try:
        arrays = read_arrays(path)
        about = parse_json(arrays["header"].tobytes())
        kind, backbone, taps = (about.pop(key) for key in ("format", "backbone", "taps"))
        matrix = arrays["matrix"].astype(np.float32)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidInput(f"{path} holds no principal maps: {error!r}") from None
    if kind != FORMAT or matrix.ndim != 2 or not matrix.size or not np.isfinite(matrix).all():
        raise InvalidInput(f"{path} holds no principal maps: expected {FORMAT!r}, (C, K) numbers")
    return PrincipalMaps(matrix, str(backbone), tuple(map(str, taps)), about)
