"""Settings in one order: arguments, then the environment (`MFST_…`), then a file `mfst.toml`.

The file lies in the working folder, or where MFST_CONFIG says:

    preset = "v3l-s"        # any setting of `Program`
    data = "~/OTB"          # a path is meant from the file's folder on

    [tracker]               # any field of `TrackerConfig`
    candidates = 300

In the environment the same are called MFST_PRESET, MFST_DATA, MFST_CANDIDATES. Folders count for
all of the library; the preset, the tracker's fields and workers for the command line alone.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mfst_lib.config import PRESETS, TrackerConfig, check_field, check_names, preset_fields
from mfst_lib.errors import InvalidInput, NotFound, unknown

FILE = "mfst.toml"
PREFIX = "MFST_"
FILE_VARIABLE = "MFST_CONFIG"


def _meaning(default: Any, meaning: str, **more: Any) -> Any:
    return field(default=default, metadata={"meaning": meaning, **more})


@dataclass(frozen=True)
class Program:
    """The settings that are not the tracker's own, with what holds where nobody says anything."""

    preset: str = _meaning("default", "the tracker's settings by name", options=tuple(PRESETS))
    data: str = _meaning("", "folder with the sequences", folder=True)
    weights: str = _meaning("", "folder with NAME.weights.h5 files, looked in first", folder=True)
    cache: str = _meaning("", "folder for converted models; empty: the user's own", folder=True)
    workers: int = _meaning(1, "processes of a run", low=1, high=256, open_low=False)


PROGRAM = {spec.name: spec for spec in dataclasses.fields(Program)}
TRACKER = {spec.name: spec for spec in dataclasses.fields(TrackerConfig)}


@dataclass(frozen=True)
class Layer:
    """What one place says: values by setting, and how the place calls each setting."""

    program: dict[str, Any]
    tracker: dict[str, Any]
    names: dict[str, str]


@dataclass(frozen=True)
class Choice:
    """A tracker's settings: the preset they start from, all values, where each comes from."""

    preset: str
    config: TrackerConfig
    sources: dict[str, str]


def value(name: str, argument: Any = None) -> tuple[Any, str]:
    """A setting of `Program`, and where it comes from; an argument that is not None wins.

    Raises `InvalidInput` for a value that cannot be, naming the place that holds it.
    """
    found, source = PROGRAM[name].default, "default"
    for layer in (file_layer(), environment_layer(), _arguments({name: argument})):
        if name in layer.program:
            found, source = layer.program[name], layer.names[name]
    _check(PROGRAM[name], found, source)
    return found, source


def folder_of(name: str, argument: str | os.PathLike[str] | None = None) -> Path | None:
    """A folder among the settings, `~` spelled out; None when there is none."""
    given = os.fspath(argument) if argument is not None else None
    found, _ = value(name, given)
    return spelled_out(found) if found else None


def spelled_out(path: str) -> Path:
    """The path with `~` as the home folder; `InvalidInput` for the home of nobody."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise InvalidInput(f"{path}: there is no user of this name; write the path out") from None


def choose_settings(
    preset: str | None = None,
    changes: Mapping[str, Any] | None = None,
    otherwise: str = "default",
) -> Choice:
    """The tracker's settings from all places; the arguments are those of the command line.

    otherwise: the preset that counts when no place names one.
    A place that names a preset starts anew from it: what lower places say about the tracker no
    longer counts. Raises `InvalidInput`, which names the place, for what cannot be.
    """
    check_names(changes or {})
    layers = [file_layer(), environment_layer(), _arguments({"preset": preset}, changes)]
    name, source = value("preset", preset)
    name = otherwise if source == "default" else name
    start = max((i for i, layer in enumerate(layers) if "preset" in layer.program), default=0)
    given: dict[str, Any] = {}
    named: dict[str, str] = {}
    for layer in layers[start:]:
        for key, one in layer.tracker.items():
            _check(TRACKER[key], one, layer.names[key])
        given |= layer.tracker
        named |= {key: layer.names[key] for key in layer.tracker}
    fields = preset_fields(name, given.get("backbone"))
    sources = dict.fromkeys(fields, f"preset {name}") | named
    return Choice(name, TrackerConfig(**{**fields, **given}), sources)


def _arguments(program: Mapping[str, Any], tracker: Mapping[str, Any] | None = None) -> Layer:
    given = {name: one for name, one in program.items() if one is not None}
    names = {name: f"--{name}" for name in given} | {
        name: f"--set {name}" for name in tracker or {}
    }
    return Layer(given, dict(tracker or {}), names)


def _check(spec: dataclasses.Field[Any], given: Any, source: str) -> None:
    """`check_field`, with the place in the message unless it is the command line."""
    try:
        check_field(spec, tuple(given) if isinstance(given, list) else given)
    except InvalidInput as error:
        at = "" if source.startswith("--") else f"{source}: "
        raise InvalidInput(f"{at}{error}") from None


def environment_layer() -> Layer:
    """What the environment says. `InvalidInput` for a name that is nearly one of ours."""
    known = {PREFIX + name.upper(): name for name in (*PROGRAM, *TRACKER)}
    for variable in strangers():
        near = get_close_matches(variable, [*known, FILE_VARIABLE], n=1, cutoff=0.85)
        if near:
            raise InvalidInput(f"unknown environment variable {variable}: did you mean {near[0]}?")
    texts = {name: text for variable, name in known.items() if (text := os.environ.get(variable))}
    return Layer(
        {name: parse(PROGRAM[name], text) for name, text in texts.items() if name in PROGRAM},
        {name: parse(TRACKER[name], text) for name, text in texts.items() if name in TRACKER},
        {name: variable for variable, name in known.items()},
    )


def strangers() -> list[str]:
    """Variables that begin with MFST_ and are no setting: nothing here reads them."""
    known = {PREFIX + name.upper() for name in (*PROGRAM, *TRACKER)} | {FILE_VARIABLE}
    return sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)


def parse(spec: dataclasses.Field[Any], text: str) -> Any:
    """A setting's text as a value: JSON unless the setting is a text; names may have commas."""
    kind = str(spec.type).split("[")[0]
    if kind == "str":
        return text
    if kind == "tuple" and not text.lstrip().startswith("["):
        return tuple(word.strip() for word in text.split(",") if word.strip())
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def settings_file() -> Path | None:
    """The file that MFST_CONFIG names, else `mfst.toml` in the working folder, if it is there."""
    named = os.environ.get(FILE_VARIABLE)
    if named and not Path(named).expanduser().is_file():
        raise NotFound(f"no settings file {named}: check {FILE_VARIABLE}")
    path = Path(named).expanduser() if named else Path(FILE)
    return path if path.is_file() else None


def file_layer() -> Layer:
    """What the settings file says; nothing without one."""
    path = settings_file()
    return Layer({}, {}, {}) if path is None else read_file(path)


def read_file(path: Path) -> Layer:
    """The settings in a TOML file.

    Raises `InvalidInput`, naming the file, for what is no TOML, an unknown name (with the nearest
    ones) and a value of another type or beyond its range.
    """
    content = _toml(path)
    tracker = content.pop("tracker", {})
    if not isinstance(tracker, dict):
        raise InvalidInput(f"{path}: tracker is a table, [tracker]; got {tracker!r}")
    for names, known in ((content, {**PROGRAM, "tracker": None}), (tracker, TRACKER)):
        for name in names:
            if name not in known:
                raise InvalidInput(f"{path}: {_unknown_name(name, known)}")
    for name, given in (*content.items(), *tracker.items()):
        _check({**PROGRAM, **TRACKER}[name], given, str(path))
    program = {name: _from_file(path, name, given) for name, given in content.items()}
    return Layer(program, tracker, dict.fromkeys((*program, *tracker), str(path)))


def _unknown_name(name: str, known: Mapping[str, Any]) -> str:
    if name in TRACKER:
        return f"{name} is a setting of the tracker: put it below the line [tracker]"
    return str(unknown("setting", name, known))


def _from_file(path: Path, name: str, given: Any) -> Any:
    """A folder is meant from the file's own folder on; the rest stays as it is."""
    if not PROGRAM[name].metadata.get("folder") or not given:
        return given
    return str(path.parent / spelled_out(given))


def _toml(path: Path) -> dict[str, Any]:
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise InvalidInput(f"cannot read {path} ({error.strerror})") from None
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError
        raise InvalidInput(f"{path} is not readable as TOML: {error}") from None


def allowed_values(spec: dataclasses.Field[Any]) -> str:
    """What a setting may be, in words: `1.0 to 8.0`, `litert, keras`, `true, false`."""
    facts = spec.metadata
    if "options" in facts:
        return ", ".join(facts["options"])
    if "low" in facts:
        return f"{'above ' if facts['open_low'] else ''}{facts['low']} to {facts['high']}"
    kind = "folder" if facts.get("folder") else str(spec.type).split("[")[0]
    return {"bool": "true, false", "tuple": "names", "folder": "a path"}.get(kind, "a name")


def as_toml(choice: Choice) -> str:
    """A settings file with every setting, its meaning and what is allowed.

    What nobody has changed stands behind a #: remove it to change the setting.
    """
    program = {name: value(name) for name in PROGRAM}
    values = {name: (found, source != "default") for name, (found, source) in program.items()}
    values["preset"] = (choice.preset, choice.preset != "default")
    theirs = {
        name: (found, not choice.sources.get(name, "preset").startswith("preset"))
        for name, found in choice.config.to_dict().items()
    }
    lines = [f"# Settings of mfst. The file is called {FILE} and lies in the working folder."]
    lines += [*_lines(PROGRAM, values), "", "[tracker]", *_lines(TRACKER, theirs), ""]
    return "\n".join(lines)


def _lines(
    specs: Mapping[str, dataclasses.Field[Any]], values: Mapping[str, tuple[Any, bool]]
) -> Iterator[str]:
    for name, (found, changed) in values.items():
        yield f"\n# {specs[name].metadata['meaning']}: {allowed_values(specs[name])}"
        # JSON's text, number and list of texts are TOML's, too.
        yield f"{'' if changed else '# '}{name} = {json.dumps(found, ensure_ascii=False)}"
