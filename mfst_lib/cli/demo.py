"""`mfst demo`: draw a box, watch it being followed, keep the result in every common form."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
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
)
from mfst_lib.cli.terminal import progress_bar, say, stopped_gently
from mfst_lib.config import RECOMMENDED
from mfst_lib.errors import InvalidInput

if TYPE_CHECKING:
    from mfst_lib.show.window import Window
    from mfst_lib.tracker import FMST

#: What is written into the folder of --out.
BOXES = ("boxes.csv", "boxes.txt", "boxes.coco.json")
VIDEO, GIF = "tracked.mp4", "tracked.gif"


@app.command(name="demo", epilog="Example: `mfst demo holiday.mp4`, or `mfst demo 0` for a camera")
def demo_command(
    source: Annotated[
        str, typer.Argument(help="A video file, the number of a camera (0), or lab:NAME.")
    ],
    box: Annotated[
        str | None,
        typer.Option(
            help="The target in the first frame: x,y,w,h in pixels from the top-left corner. "
            "Then no window is opened; without it you draw the box with the mouse."
        ),
    ] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="With --box: open the window all the same.")
    ] = False,
    out: Annotated[
        Path,
        typer.Option(
            help="Folder for tracked.mp4, tracked.gif, boxes.csv, boxes.txt (OTB, 1-based) and "
            "boxes.coco.json."
        ),
    ] = Path("demo"),
    frames: Annotated[int | None, typer.Option(help="Stop after so many frames.", min=1)] = None,
    preset_name: PresetName = None,
    backbone: BackboneName = None,
    weights: WeightsFolder = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Draw a box in your own video or camera picture and watch it being followed.

    The window shows the prediction map, the box, the confidence and the speed. Space halts, Q ends.
    What was tracked is kept, also when you stop early, the camera vanishes or the video is cut off.
    """
    from mfst_lib.evaluation.run import check_writable
    from mfst_lib.evaluation.track import track, write_track
    from mfst_lib.tracker import FMST

    config = chosen_config(preset_name, backbone, settings, weights, RECOMMENDED)
    start = None if box is None else parse_box(box)
    stream, fps, remarks = _open(source)
    check_writable(out)
    tracker = FMST(config, weights=weights)
    with ExitStack() as stack:
        window = stack.enter_context(_window()) if start is None or watch else None
        gently = stack.enter_context(stopped_gently())
        pictures = iter(stream)
        first = next(pictures, None)
        if first is None:
            raise InvalidInput(f"{source} gives no frame")
        place = window.draw_box(first).tolist() if window and start is None else start or []
        coming: Iterable[Any] = gently(chain([first], pictures))
        coming = coming if window is None else window.while_open(coming)
        coming = _first(coming, frames)
        writers = _writers(stack, out, fps)
        result = track(tracker, progress_bar(coming), place, _showing(tracker, window, writers))
    writers[-1].save()
    for name in BOXES:
        write_track(out / name, result, source, config.to_dict())
    for remark in remarks:
        say(remark)
    figures = {
        "frames": len(result.boxes),
        "seen": int(result.seen.sum()),
        "fps": round(result.fps, 1),
        "remarks": list(remarks),
        "files": [str(out / name) for name in (VIDEO, GIF, *BOXES)],
    }
    if as_json:
        typer.echo(json.dumps(figures))
        return
    typer.echo(
        f"{figures['frames']} frames, target seen in {figures['seen']}, {result.fps:.0f} frames "
        f"per second; wrote {', '.join((VIDEO, GIF, *BOXES))} to {out}"
    )


def _open(source: str) -> tuple[Iterable[Any], float, Sequence[str]]:
    """The frames of a source, its frames per second, and the remarks that it will make."""
    from mfst_lib.sequences.catalogue import LAB, load_sequence
    from mfst_lib.sequences.stream import open_stream

    if source.startswith(LAB):
        return load_sequence(source).frames, 25.0, []
    stream = open_stream(source)
    return stream, stream.fps, stream.remarks


def _window() -> Window:
    from mfst_lib.show.window import Window

    return Window("mfst demo: Space halts, Q ends")


def _writers(stack: ExitStack, out: Path, fps: float) -> tuple[Any, Any]:
    """What takes each picture: the video, which appears when it is whole, and the GIF."""
    from mfst_lib.show.gif import GifWriter
    from mfst_lib.show.video import VideoWriter

    return stack.enter_context(VideoWriter(out / VIDEO, fps)), GifWriter(out / GIF, fps)


def _first(items: Iterable[Any], count: int | None) -> Iterator[Any]:
    from itertools import islice

    return islice(items, count)


def _showing(
    tracker: FMST, window: Window | None, writers: Sequence[Any]
) -> Callable[[Any, Any], None]:
    """What is done with each frame and its box: drawn, written, shown."""
    from mfst_lib.show.overlay import overlay_map, tracked_picture
    from mfst_lib.show.pace import Pace

    pace = Pace()

    def show(image: Any, box: Any) -> None:
        view, sure = tracker.view, tracker.confidence
        picture = image if view is None else overlay_map(image, view.roi, view.grid_map)
        text = f"{pace.tick():.0f} FPS" + ("" if sure is None else f"  confidence {sure:.2f}")
        picture = tracked_picture(picture, box, tracker.seen, text)
        for writer in writers:
            writer.write(picture)
        if window is not None:
            window.show(picture)

    return show
