"""Every free choice of the tracker, with its range, and the named presets."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mfst_lib.errors import InvalidInput, unknown


def _within(
    default: Any, low: float, high: float, meaning: str, *, open_low: bool = False, **more: Any
) -> Any:
    """A numeric field with its closed range (open below on request) and its meaning."""
    limits = {"low": low, "high": high, "open_low": open_low}
    return field(default=default, metadata={**limits, "meaning": meaning, **more})


def _one_of(default: Any, options: tuple[str, ...], meaning: str, **more: Any) -> Any:
    """A field that takes one of a few words."""
    return field(default=default, metadata={"options": options, "meaning": meaning, **more})


def _plain(default: Any, meaning: str, **more: Any) -> Any:
    """A field whose values the backbone, not this file, knows how to check.

    off=VALUE marks a field that came later: at that value the tracker is as it was without it.
    """
    return field(default=default, metadata={"meaning": meaning, **more})


@dataclass(frozen=True)
class TrackerConfig:
    """The settings of one tracker; frozen, checked when made, hashed for result files.

    Raises `InvalidInput` naming the field, the value and what is allowed.
    """

    # What the tracker looks with.
    backbone: str = _plain(
        "efficientnet_lite0",
        "the network: efficientnet_lite0, mobilenet_v3_large, mobilenet_v3_small, vgg16, auto",
    )
    taps: tuple[str, ...] = _plain((), "layers whose maps are used; empty: the backbone's own")
    input_size: int = _within(224, 32, 1024, "side of the crop that enters the network, pixels")
    numbers: str = _one_of(
        "float32",
        ("float32", "8-bit"),
        "what the network computes with; 8-bit: faster, for efficientnet_lite0 and vgg16",
        off="float32",
    )
    engine: str = _one_of("litert", ("litert", "keras"), "what runs the network")
    threads: int = _within(1, 1, 64, "threads of the litert engine")
    # The region of interest (Sec. 2.1).
    roi_scale: float = _within(2.0, 1.0, 8.0, "ROI side over the box's measure")
    roi_shape: str = _one_of("square", ("square", "diagonal", "stretched"), "the box's measure")
    border: str = _one_of("replicate", ("replicate", "constant"), "what lies beyond the image")
    # Which maps are used (Eqs. 1-6).
    types: str = _one_of("S", ("S", "C", "SC"), "target maps: Type S, Type C or both")
    fraction: float = _within(0.10, 0, 1, "share of the maps that is selected", open_low=True)
    eta: float = _within(0.99, 0, 1, "smoothing of the average scores, Eq. 6")
    update: bool = _plain(True, "whether the average scores follow the target after frame 0")
    above_mean: bool = _plain(
        False, "whether a map counts only where it is above its mean over the ROI", off=False
    )
    merge_taps: bool = _plain(True, "one selection over all taps; otherwise one per tap, summed")
    weight_net: str = _plain("", "nets for Eq. 15: a shipped name or a .npz; none: Eq. 5", off="")
    # Beyond the paper: the selected maps' weights by ridge regression.
    ridge: float = _within(0.0, 0, 1000, "strength of the ridge; 0: the weights of Eq. 5", off=0)
    ridge_towards: str = _one_of(
        "nothing",
        ("nothing", "selection"),
        "the weights to which it pulls: 0 or Eq. 5's",
        off="nothing",
    )
    principal: str = _plain(
        "",
        "sums of all maps in place of the top ones: a name, 'auto' for the backbone's, a .npz",
        off="",
    )
    ridge_views: int = _within(8, 0, 64, "shifted crops of the first frame, learnt as well", off=8)
    ridge_every: int = _within(5, 1, 1000, "frames from one solution to the next", off=5)
    learn_every: int = _within(1, 1, 1000, "frames from one that is learnt to the next", off=1)
    anchor: float = _within(0.2, 0, 1, "share of the first frame in what is known", off=0.2)
    learn_above: float = _within(0.0, 0, 2, "how bright a map must be to learn from it", off=0)
    rivals: float = _within(0.0, 0, 100, "how much more a lit cell beside the target counts", off=0)
    # The prediction map (Eqs. 2-4, 13).
    normalisation: str = _one_of("min-max", ("min-max", "maximum"), "how a map comes to [0, 1]")
    alpha: float = _within(0.0, 0, 4, "weight of the negative map, Eq. 13; 0: none")
    map_size: int = _within(224, 8, 1024, "side of the map on which candidates are compared")
    # Candidates (Eqs. 7-12).
    candidates: int = _within(600, 1, 100_000, "number of candidates, N_R")
    sigma_xy: float = _within(1 / 3, 0, 4, "spread of the centres over max(w, h), Eqs. 7-8")
    sigma_wh: float = _within(0.01, 0, 1, "spread of the size factor, Eq. 9")
    mean_size: float = _within(1.0, 0.5, 1.5, "mean of the size factor; 0.996 in Eq. 12")
    size_pull: float = _within(0.0, 0, 1, "share of the way back to the first size", off=0)
    b: float = _within(0.2, 0, 1, "what a map value must exceed to count for a box, Eq. 10")
    distance: bool = _plain(True, "whether Eq. 11 prefers candidates near the previous box")
    brake: float = _within(1.0, 0.25, 8, "power of d/D in Eq. 11: 2 brakes small moves less", off=1)
    motion: float = _within(0.0, 0, 1, "share of the last move expected again", off=0)
    # Beyond the paper: the best candidate's box, corrected by what the map shows around it.
    box_fit: str = _plain(
        "", "a fit's name, 'auto' for the backbone's, a .json; none: as is", off=""
    )
    fit_shift: float = _within(1.0, 0, 1, "share of a correction's shift that is taken", off=1)
    fit_size: float = _within(0.15, 0, 1, "share of its change of size", off=0.15)
    fit_shape: float = _within(0.07, 0, 1, "share of its change of width against height", off=0.07)
    fit_bias: float = _within(0.0, 0, 1, "share of its error on the first box taken off", off=0)
    seed: int = _within(0, 0, 2**63 - 1, "seed of the random candidates")
    # How sure it is, and what it does when it is not.
    confidence: str = _plain(
        "auto", "a calibration: a shipped name or a .json; auto: that of these settings", off="auto"
    )
    redetect: int = _within(0, 0, 100, "places searched per frame while lost; 0: none", off=0)

    def __post_init__(self) -> None:
        if isinstance(self.taps, list):
            object.__setattr__(self, "taps", tuple(self.taps))
        for spec in dataclasses.fields(self):
            value = getattr(self, spec.name)
            check_field(spec, value)
            if spec.type == "float":  # 2 and 2.0, -0.0 and 0.0 are equal: so are their hashes
                object.__setattr__(self, spec.name, float(value) + 0.0)
        if len(set(self.taps)) < len(self.taps):
            raise InvalidInput(f"taps are named once each; got {list(self.taps)}")

    def replace(self, **changes: Any) -> TrackerConfig:
        """A copy with some fields changed; `InvalidInput` for an unknown one."""
        check_names(changes)
        return dataclasses.replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """The fields as plain values, ready for JSON."""
        return {**dataclasses.asdict(self), "taps": list(self.taps)}

    def hash(self) -> str:
        """Twelve hexadecimal digits that change with any field.

        A field that came later and is off is left out: what was computed before it stays valid.
        """
        values = self.to_dict()
        for spec in dataclasses.fields(self):
            if "off" in spec.metadata and values[spec.name] == spec.metadata["off"]:
                del values[spec.name]
        text = json.dumps(values, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def check_names(fields: Mapping[str, Any]) -> None:
    """Raise `InvalidInput` for a name that is no field of `TrackerConfig`."""
    known = [spec.name for spec in dataclasses.fields(TrackerConfig)]
    for name in fields:
        if name not in known:
            raise unknown("config field", name, known)


def check_field(spec: dataclasses.Field[Any], value: Any) -> None:
    """Raise `InvalidInput` unless the value has the field's type and lies in its range."""
    kind = str(spec.type).split("[")[0]
    right_type = {
        "int": isinstance(value, int) and not isinstance(value, bool),
        "float": isinstance(value, (int, float)) and not isinstance(value, bool),
        "bool": isinstance(value, bool),
        "str": isinstance(value, str),
        "tuple": isinstance(value, tuple) and all(isinstance(v, str) and v for v in value),
    }[kind]
    if not right_type:
        raise InvalidInput(f"{spec.name} is a {spec.type}; got {value!r}")
    if "options" in spec.metadata and value not in spec.metadata["options"]:
        raise unknown(spec.name, value, spec.metadata["options"])
    if "low" in spec.metadata:
        _check_range(spec, value)


def _check_range(spec: dataclasses.Field[Any], value: float) -> None:
    low, high, open_low = (spec.metadata[key] for key in ("low", "high", "open_low"))
    if not low <= value <= high or (open_low and value == low):  # NaN is not within either
        bracket = "(" if open_low else "["
        raise InvalidInput(
            f"{spec.name} ({spec.metadata['meaning']}) lies in {bracket}{low}, {high}]; "
            f"got {value!r}"
        )


#: Eq. 12: candidates a little smaller on average, so that the box does not creep outwards.
EQ_12 = {"mean_size": 0.996}

#: VGG16's layer and input size were searched (`mfst reproduce ablations --rows vgg16`): among the
#: best, within their noise, this is the one whose step takes a tenth of that at 224 pixels.
_NETWORKS: dict[str, dict[str, Any]] = {
    "vgg": {"backbone": "vgg16", "taps": ("block3_conv3",), "input_size": 96},
    "v3l": {"backbone": "mobilenet_v3_large"},
    "v3s": {"backbone": "mobilenet_v3_small"},
}

#: Chosen on training sequences, never on VTB13 (`mfst reproduce ablations --rows
#: default-v3l,default-lite0`, then `whole-v3l,whole-lite0`): a wider view for long targets;
#: candidates that scatter less; a brake that lets a target move, since Eq. 11's holds each step
#: back and the box lags behind; and a pull back to the first box's size, since sizes drift.
_DEFAULT: dict[str, Any] = {
    "roi_shape": "diagonal",
    "sigma_xy": 0.2,
    "brake": 2.0,
    "size_pull": 0.01,
}

#: What else suits one network (`--rows lit-v3l,lit-v3s,lit-lite0`): V3-Large's maps go below 0, and
#: count from their own mean up.
_DEFAULT_ON: dict[str, dict[str, Any]] = {
    "mobilenet_v3_large": {"above_mean": True, "eta": 0.995},
}

#: Ridge weights. Chosen on training sequences, on the large network, one change at a time (the
#: strength again in `mfst reproduce ablations --rows ridge`).
_RIDGE: dict[str, Any] = {
    "roi_shape": "diagonal",
    "sigma_xy": 0.2,
    "ridge": 1.0,
    "eta": 0.995,
    "anchor": 0.3,
    "normalisation": "maximum",
    "b": 0.4,
}
#: EfficientNet-Lite0 does better with a wider look (`mfst reproduce ablations --rows ridge-lite0`).
#: V3-Small with a softer brake and a wider scatter (`--rows ridge-v3s`); its sweep favoured a
#: larger input before, which did not carry over: `data/results/looks.md`.
_RIDGE_OF = {
    "v3l": _RIDGE,
    "v3s": {**_RIDGE, "sigma_xy": 1 / 3, "mean_size": 0.998, "brake": 2.0},
    "lite0": {**_RIDGE, "roi_scale": 2.3},
}
#: How the first box holds the later ones: the share of the box fit's error on it that is taken off,
#: and a pull back to its size (`mfst reproduce ablations --rows fit_bias-lite0,beyond-v3s`).
#: V3-Large was left as it is.
_HELD: dict[str, dict[str, Any]] = {
    "v3l": {},
    "v3s": {"fit_bias": 0.5, "size_pull": 0.01},
    "lite0": {"fit_bias": 0.75},
}
#: Ridge weights for sums of all maps instead of for the top ones (`--rows principal-v3s`), and the
#: box fit of such maps. Found for V3-Small alone.
_SUMMED: dict[str, dict[str, Any]] = {
    "v3s": {
        "principal": "auto",
        "ridge": 0.3,
        "b": 0.5,
        "box_fit": "mobilenet_v3_small-principal",
    },
}
#: To learn from every fifth frame costs a fifth, and no success (`--rows learn_every-v3s`).
_SELDOM = {"v3s": {"learn_every": 5}}
#: Short names of the networks that presets of ours come for.
_SHORT = {
    "v3l": "mobilenet_v3_large",
    "v3s": "mobilenet_v3_small",
    "lite0": "efficientnet_lite0",
}

#: Preset name to the fields in which it differs from the paper's plain settings.
PRESETS: dict[str, dict[str, Any]] = {
    "paper": {},
    # Table 1 (Eq. 9): vgg-sc ... v3s-c. Table 2 (Eq. 12): the same with "-eq12".
    **{
        f"{short}-{types.lower()}{suffix}": {**network, "types": types, **size}
        for short, network in _NETWORKS.items()
        for types in ("SC", "S", "C")
        for suffix, size in (("", {}), ("-eq12", EQ_12))
    },
    "default": _DEFAULT,
    # Table 3: the same with the weight nets of Sec. 4.
    **{
        f"ours-{short}": {
            **_DEFAULT,
            **_DEFAULT_ON.get(net, {}),
            "backbone": net,
            "weight_net": net,
        }
        for short, net in _SHORT.items()
    },
    # Beyond the paper: weights by ridge regression alone, then with a box that fits.
    **{f"ridge-{short}": {"backbone": net, **_RIDGE_OF[short]} for short, net in _SHORT.items()},
    **{
        f"beyond-{short}": {
            "backbone": net,
            **_RIDGE_OF[short],
            "box_fit": "auto",
            **_HELD[short],
            **_SUMMED.get(short, {}),
            **_SELDOM.get(short, {}),
        }
        for short, net in _SHORT.items()
    },
}
# The same on a network whose numbers have 8 bits; the others' cannot be run so.
PRESETS["beyond-lite0-8bit"] = {**PRESETS["beyond-lite0"], "numbers": "8-bit"}
# The same on a smaller crop of a closer look: half of the network's work (`--rows smaller-v3s`).
PRESETS["beyond-v3s-160px"] = {**PRESETS["beyond-v3s"], "input_size": 160, "roi_scale": 1.8}


#: Preset name to what else it sets on one network.
PRESETS_ON: dict[str, dict[str, dict[str, Any]]] = {"default": _DEFAULT_ON}

#: What follows a user's own video best: the commands track, demo and export start from it.
RECOMMENDED = "beyond-lite0"


def preset_fields(name: str, backbone: Any = None) -> dict[str, Any]:
    """The fields that a preset sets on a network, its own if none is named.

    >>> preset_fields("default", "mobilenet_v3_large")["above_mean"]
    True
    """
    if name not in PRESETS:
        raise unknown("preset", name, PRESETS)
    fields = PRESETS[name]
    network = fields.get("backbone", TrackerConfig.backbone) if backbone is None else backbone
    for its_name, more in PRESETS_ON.get(name, {}).items():
        if its_name == network:
            return {**fields, **more}
    return dict(fields)


def preset(name: str = "default", **changes: Any) -> TrackerConfig:
    """The configuration of that name, on its network or another, with some fields changed.

    >>> preset("v3l-s-eq12").mean_size, preset("default", seed=7).seed
    (0.996, 7)
    """
    check_names(changes)
    return TrackerConfig(**{**preset_fields(name, changes.get("backbone")), **changes})
