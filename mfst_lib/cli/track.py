"""`mfst track`: follow one object through a video."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mfst_lib.cli.app import app
from mfst_lib.cli.options import (
    AsJson,
    BackboneName,
    PresetName,
    Settings,
    WeightsFolder,
    chosen_config,
    parse_box,
    parse_setting,
)
from mfst_lib.cli.terminal import interruptible, progress_bar
from mfst_lib.config import RECOMMENDED
from mfst_lib.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from mfst_lib.tracker import FMST


@app.command(name="track", epilog="Example: `mfst track lab:portrait --video portrait.mp4`")
def track_command(
    source: Annotated[
        str, typer.Argument(help="A video file, a folder of images, an OTB folder, or lab:NAME.")
    ],
    box: Annotated[
        str | None,
        typer.Option(
            help="The target in the first frame: x,y,w,h in pixels from the top-left corner. "
            "Without it, a source with ground truth starts from that."
        ),
    ] = None,
    out: Annotated[
        Path, typer.Option(help="Where the boxes go: .csv, .txt (OTB, 1-based) or .json.")
    ] = Path("boxes.csv"),
    video: Annotated[
        Path | None, typer.Option(help="Also write a video with the box drawn: .mp4 or .avi.")
    ] = None,
    preset_name: PresetName = None,
    backbone: BackboneName = None,
    weights: WeightsFolder = None,
    settings: Settings = None,
    export: Annotated[
        Path | None,
        typer.Option(
            help="A folder that `mfst export` wrote: its preset, network and weights are used.",
            metavar="FOLDER",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Follow one object through a video and write its boxes."""
    from contextlib import ExitStack

    from mfst_lib.evaluation.track import check_output, track, write_track
    from mfst_lib.show.video import VideoWriter, draw_box

    chosen = preset_name, backbone, settings, weights
    frames, start = _open_source(source, box)
    check_output(out)
    tracker = _chosen(*chosen) if export is None else _exported(export, *chosen)
    with interruptible(), ExitStack() as stack:
        each = {}
        if video is not None:
            writer = stack.enter_context(VideoWriter(video))
            each = {"each": lambda image, found: writer.write(draw_box(image, found))}
        result = track(tracker, progress_bar(frames), start, **each)
    write_track(out, result, source, tracker.config.to_dict())
    figures = {
        "frames": len(result.boxes),
        "seen": int(result.seen.sum()),
        "fps": round(result.fps, 1),
        "boxes": str(out),
        **({"video": str(video)} if video else {}),
    }
    if as_json:
        typer.echo(json.dumps(figures))
        return
    written = " and ".join(str(path) for path in (out, video) if path)
    typer.echo(
        f"{figures['frames']} frames, target seen in {figures['seen']}, "
        f"{figures['fps']:.0f} frames per second; wrote {written}"
    )


def _chosen(
    preset_name: str | None, backbone: str | None, settings: list[str] | None, weights: str | None
) -> FMST:
    """The tracker of a preset and a network."""
    from mfst_lib.tracker import FMST

    return FMST(
        chosen_config(preset_name, backbone, settings, weights, RECOMMENDED), weights=weights
    )


def _exported(
    folder: Path,
    preset_name: str | None,
    backbone: str | None,
    settings: list[str] | None,
    weights: str | None,
) -> FMST:
    """The tracker in a folder; what the folder decides cannot be asked for beside it."""
    from mfst_lib.export import load_export

    given = {"--preset": preset_name is not None, "--backbone": backbone, "--weights": weights}
    for option, asked in given.items():
        if asked:
            raise InvalidInput(f"--export brings its own settings: leave {option} out, or --export")
    return load_export(folder, **dict(parse_setting(text) for text in settings or []))


def _open_source(source: str, box: str | None) -> tuple[Any, list[float]]:
    """The frames of a source, and the box to start from."""
    from mfst_lib.sequences.catalogue import load_sequence
    from mfst_lib.sequences.frames import VideoFrames
    from mfst_lib.sequences.otb import find_frames

    path = Path(source)
    if box is None:
        if path.is_file():
            raise InvalidInput(f"{source} has no ground truth to start from: give --box x,y,w,h")
        sequence = load_sequence(source)
        return sequence.frames, sequence.boxes[0].tolist()
    if path.is_file():
        return VideoFrames(path), parse_box(box)
    if path.is_dir():
        return find_frames(path), parse_box(box)
    if path.suffix or "/" in source:
        raise NotFound(f"no file or folder {source}")
    return load_sequence(source).frames, parse_box(box)
