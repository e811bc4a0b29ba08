"""The weight nets (Sec. 4.1): score vectors in, weights of the feature maps out, in plain NumPy."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mfst_lib.errors import InvalidInput, NotFound, unknown
from mfst_lib.files import write_bytes_atomically
from mfst_lib.reading import parse_json, read_arrays

Array = NDArray[np.float32]

FORMAT = "mfst weight nets 1"

#: What one net is made of, and its shape: C maps, R hidden units.
PARTS = {"gain": "C", "offset": "C", "into": "CR", "bias": "R", "out": "RC"}

#: The two nets of Fig. 11; a file may hold the first alone.
SIGNS = ("positive", "negative")

#: A score's distance from the threshold is measured in standard deviations no smaller than this.
LEAST_SPREAD = 1e-6

_HERE = Path(__file__).resolve().parent

#: The nets that come with the library, by backbone: a wheel has a folder of its own for them.
SHIPPED = _HERE / "nets" if (_HERE / "nets").is_dir() else _HERE.parent / "data" / "weights"


@dataclass(frozen=True, eq=False)
class Net:
    """One fully connected net, C → R → C, with a short cut from each score to its own weight.

    gain, offset: (C,). into: (C, R), bias: (R,), out: (R, C); all float32. With gain > 0 and the
    rest 0 it gives weight to the top share of the scores and to no other: Eq. 5 with soft edges.
    """

    gain: Array
    offset: Array
    into: Array
    bias: Array
    out: Array
    fraction: float = 0.10

    def __post_init__(self) -> None:
        sizes = {"C": len(self.gain), "R": len(self.bias)}
        for name, letters in PARTS.items():
            shape, wanted = getattr(self, name).shape, tuple(sizes[letter] for letter in letters)
            if shape != wanted:
                raise InvalidInput(f"a weight net's {name} is {wanted}; got {shape}")
            if not np.isfinite(getattr(self, name)).all():
                raise InvalidInput(f"a weight net's {name} holds values that are not finite")

    def __call__(self, scores: Array) -> Array:
        """w = ReLU6(g ∘ x + o + V max(U x + c, 0)) with the scaled scores x; (C,) float32."""
        x = scaled(scores, self.fraction)
        hidden = np.maximum(x @ self.into + self.bias, 0)
        return relu6(self.gain * x + self.offset + hidden @ self.out)


@dataclass(frozen=True, eq=False)
class WeightNets:
    """The nets for w_p and w_n of one backbone (Fig. 11), as trained together.

    nets: "positive", and "negative" where it was trained. notes: how they were made.
    Raises `InvalidInput` for nets of different sizes or without a positive one.
    """

    backbone: str
    taps: tuple[str, ...]
    nets: dict[str, Net]
    notes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if "positive" not in self.nets:
            raise InvalidInput("weight nets need a positive one")
        for sign in self.nets:
            if sign not in SIGNS:
                raise unknown("weight net", sign, SIGNS)
        if len({len(net.gain) for net in self.nets.values()}) > 1:
            raise InvalidInput("the positive and the negative net differ in their number of maps")

    @property
    def channels(self) -> int:
        """C: how many scores go in and weights come out."""
        return len(self.nets["positive"].gain)

    def predict(self, scores: ArrayLike, sign: str = "positive") -> Array:
        """w_p = net_p(s_p), or w_n = net_n(s_n) for sign "negative"; (C,) float32 in [0, 6].

        scores: (C,), the scores of the target map of that sign (Eq. 14). Raises `InvalidInput`
        for another length, for values that are not finite and for a net that is not there.
        """
        if sign not in self.nets:
            raise unknown("weight net", sign, self.nets)
        return self.nets[sign](self._checked(scores))

    def _checked(self, scores: ArrayLike) -> Array:
        array = np.asarray(scores, dtype=np.float32)
        if array.shape != (self.channels,):
            raise InvalidInput(
                f"these weight nets take the {self.channels} scores of {self.backbone} "
                f"({', '.join(self.taps)}); got an array {array.shape}"
            )
        if not np.isfinite(array).all():
            raise InvalidInput("scores must be finite; got NaN or infinity among them")
        return array

    @property
    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that change with anything that the nets compute with."""
        digest = hashlib.sha256(json.dumps([self.backbone, self.taps]).encode())
        for sign, net in sorted(self.nets.items()):
            digest.update(f"{sign} {net.fraction!r}".encode())
            for part in PARTS:
                digest.update(np.ascontiguousarray(getattr(net, part), "<f4").tobytes())
        return digest.hexdigest()[:12]

    def check_fits(self, backbone: str, taps: tuple[str, ...]) -> None:
        """Raise `InvalidInput` unless the nets were trained on these maps."""
        if (backbone, taps) != (self.backbone, self.taps):
            raise InvalidInput(
                f"these weight nets were trained for {self.backbone} ({', '.join(self.taps)}), "
                f"not for {backbone} ({', '.join(taps)}): train others with mfst train"
            )

    def save(self, path: str | Path) -> None:
        """Write a .npz file, float16, without pickles; whole or not at all."""
        write_bytes_atomically(path, self.to_bytes())

    def to_bytes(self) -> bytes:
        """The content of the file that `save` writes."""
        header = {
            "format": FORMAT,
            "backbone": self.backbone,
            "taps": list(self.taps),
            "fractions": {sign: net.fraction for sign, net in self.nets.items()},
            "notes": self.notes,
        }
        arrays = {
            f"{sign}.{part}": getattr(net, part).astype(np.float16)
            for sign, net in self.nets.items()
            for part in PARTS
        }
        text = np.frombuffer(json.dumps(header, sort_keys=True).encode(), dtype=np.uint8)
        buffer = io.BytesIO()
        np.savez_compressed(buffer, header=text, **arrays)  # type: ignore[arg-type]
        return buffer.getvalue()


def scaled(scores: Array, fraction: float = 0.10) -> Array:
    """x = (s − t) / σ: scores from the threshold of the top share up, in standard deviations.

    scores: (C,). t is the lowest score of the top `fraction`, so that x ≥ 0 exactly for the maps
    that Eq. 5 selects (but for ties). Neither the box's size nor the maps' scale changes x.
    """
    count = max(1, int(np.floor(fraction * len(scores) + 0.5)))
    threshold = np.partition(scores, -count)[-count]
    return (scores - threshold) / np.float32(max(float(scores.std()), LEAST_SPREAD))


def relu6(values: Array) -> Array:
    """The output activation of Sec. 4.1: weights in [0, 6]."""
    return np.minimum(np.maximum(values, 0), 6)


def load_weight_nets(path: str | Path) -> WeightNets:
    """The nets in a file that `WeightNets.save` wrote.

    Raises `NotFound` for a missing file, `InvalidInput` for a truncated or a foreign one.
    """
    path = Path(path)
    if not path.is_file():
        raise NotFound(f"no weight nets {path}: train some with mfst train --out FOLDER")
    try:
        arrays = read_arrays(path)
        header = parse_json(arrays["header"].tobytes())
        if header["format"] != FORMAT:
            raise InvalidInput(f"{path} is of another format: {header['format']!r}")
        nets = {sign: _read_net(arrays, sign, f) for sign, f in header["fractions"].items()}
        return WeightNets(header["backbone"], tuple(header["taps"]), nets, header["notes"])
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, InvalidInput) and "another format" in str(error):
            raise
        raise InvalidInput(f"{path} does not hold whole weight nets: {error}") from error


def _read_net(arrays: Any, sign: str, fraction: float) -> Net:
    parts = {part: arrays[f"{sign}.{part}"].astype(np.float32) for part in PARTS}
    return Net(**parts, fraction=float(fraction))


def find_weight_nets(name: str) -> WeightNets:
    """Nets by the path of their file, or shipped ones by name, as in `mobilenet_v3_large`.

    Raises `NotFound` for neither, and what `load_weight_nets` raises.
    """
    if name.endswith(".npz"):
        return load_weight_nets(name)
    path = SHIPPED / f"{name}.npz"
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.npz"))) or "none"
        raise NotFound(
            f"no weight nets called {name!r} in {SHIPPED} (there are: {known}): name one of these "
            "or a .npz file that mfst train wrote"
        )
    return load_weight_nets(path)
