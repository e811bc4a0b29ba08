"""Options that several commands share, and what becomes of their texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from mfst_lib.config import TrackerConfig, preset
from mfst_lib.errors import InvalidInput

Data = Annotated[
    Path | None,
    typer.Option("--data", help="Folder with the sequences. Default: MFST_DATA.", metavar="FOLDER"),
]
WeightsFolder = Annotated[
    str | None,
    typer.Option(
        "--weights",
        help="Folder with NAME.weights.h5 files, looked in first. Default: MFST_WEIGHTS.",
        metavar="FOLDER",
    ),
]
PresetName = Annotated[
    str,
    typer.Option(
        "--preset",
        help="Settings by name: default, or a row of the paper: vgg, v3l or v3s, then -s, -c or "
        "-sc (the target maps), then -eq12 for Table 2, as in v3l-s-eq12.",
    ),
]
BackboneName = Annotated[
    str | None,
    typer.Option(
        "--backbone",
        help="Network, if not the preset's: mobilenet_v3_large, mobilenet_v3_small, vgg16, "
        "efficientnet_lite0, or auto (the best one whose weights are at hand).",
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="Change one field of mfst_lib.TrackerConfig, as in --set roi_scale=3. Repeatable.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")]


def parse_box(text: str) -> list[float]:
    """`10,20,30,40` as the four numbers of a box."""
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 4:
        raise InvalidInput(f"--box is four numbers x,y,w,h; got {text!r}")
    return numbers


def parse_seeds(text: str) -> list[int]:
    """`0,1,2` as numbers, each once."""
    return parse_numbers(text, "--seeds")


def parse_numbers(text: str, option: str) -> list[int]:
    """`1,2` as whole numbers, each once."""
    try:
        return list(dict.fromkeys(int(part) for part in text.split(",")))
    except ValueError:
        raise InvalidInput(f"{option} are whole numbers with commas; got {text!r}") from None


def parse_setting(text: str) -> tuple[str, Any]:
    """`roi_scale=3` as a name and a value: JSON where it is JSON, else a word."""
    name, sign, value = text.partition("=")
    if not sign:
        raise InvalidInput(f"--set takes name=value; got {text!r}")
    try:
        return name.strip(), json.loads(value)
    except ValueError:
        return name.strip(), value.strip()


def chosen_config(
    preset_name: str, backbone: str | None, settings: list[str] | None, weights: str | None
) -> TrackerConfig:
    """The preset with the changes asked for; "auto" becomes the backbone that it picks."""
    from mfst_lib.backbones.weights import resolve

    changes = dict(parse_setting(text) for text in settings or [])
    if backbone is not None:
        changes["backbone"] = backbone
    config = preset(preset_name, **changes)
    return config.replace(backbone=resolve(config.backbone, weights))


def named_config(name: str, **changes: Any) -> TrackerConfig:
    """The preset of that name, or PRESET@BACKBONE."""
    preset_name, _, backbone = name.partition("@")
    return preset(preset_name, **changes, **({"backbone": backbone} if backbone else {}))
