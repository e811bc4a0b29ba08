"""Options that several commands share, and what becomes of their texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from mfst_lib import settings
from mfst_lib.config import PRESETS, TrackerConfig, preset
from mfst_lib.errors import InvalidInput


def _presets(incomplete: str) -> list[str]:
    return [name for name in PRESETS if name.startswith(incomplete)]


def _backbones(incomplete: str) -> list[str]:
    from mfst_lib.backbones.catalogue import BACKBONES

    return [name for name in (*BACKBONES, "auto") if name.startswith(incomplete)]


def _fields(incomplete: str) -> list[str]:
    return [f"{name}=" for name in settings.TRACKER if f"{name}=".startswith(incomplete)]


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
    str | None,
    typer.Option(
        "--preset",
        help="The tracker's settings by name: default, beyond-lite0, a row of the paper, as v3l-s. "
        "`mfst config --presets` lists all.",
        metavar="NAME",
        autocompletion=_presets,
    ),
]
BackboneName = Annotated[
    str | None,
    typer.Option(
        "--backbone",
        help="Network, if not the preset's: mobilenet_v3_large, mobilenet_v3_small, vgg16, "
        "efficientnet_lite0, or auto (the best one whose weights are at hand).",
        metavar="NAME",
        autocompletion=_backbones,
    ),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="Change one setting of the tracker, as in --set roi_scale=3. Repeatable. "
        "`mfst config` lists all.",
        metavar="NAME=VALUE",
        autocompletion=_fields,
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        help="Processes; each runs one sequence at a time. Default: MFST_WORKERS, or 1.",
        min=1,
        metavar="NUMBER",
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
    except (ValueError, RecursionError):
        return name.strip(), value.strip()


def chosen(
    preset_name: str | None,
    backbone: str | None,
    changes: list[str] | None,
    otherwise: str = "default",
) -> settings.Choice:
    """The tracker's settings: these arguments over MFST_… over mfst.toml over the preset."""
    given = dict(parse_setting(text) for text in changes or [])
    if backbone is not None:
        given["backbone"] = backbone
    return settings.choose_settings(preset_name, given, otherwise)


def chosen_config(
    preset_name: str | None,
    backbone: str | None,
    changes: list[str] | None,
    weights: str | None,
    otherwise: str = "default",
) -> TrackerConfig:
    """`chosen` settings; "auto" becomes the backbone that it picks."""
    from mfst_lib.backbones.weights import resolve

    asked = chosen(preset_name, backbone, changes, otherwise).config.backbone
    return chosen(preset_name, resolve(asked, weights), changes, otherwise).config


def chosen_preset(name: str | None) -> str:
    """The preset's name: this argument, else the setting `preset`."""
    return settings.choose_settings(name).preset


def chosen_workers(number: int | None) -> int:
    """How many processes: this argument, else the setting `workers`."""
    return int(settings.value("workers", number)[0])


def named_config(name: str, **changes: Any) -> TrackerConfig:
    """The preset of that name, or PRESET@BACKBONE."""
    preset_name, _, backbone = name.partition("@")
    return preset(preset_name, **changes, **({"backbone": backbone} if backbone else {}))
