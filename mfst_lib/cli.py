"""The command line: track, eval, score, reproduce, bench, report."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from mfst_lib.config import TrackerConfig, preset
from mfst_lib.errors import InvalidInput, NotFound, unknown

try:
    import typer
except ModuleNotFoundError:
    sys.exit('the command mfst needs one more package: pip install "mfst_lib[cli]"')

app = typer.Typer(
    name="mfst",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="Feature Map Selection Tracking: follow an object, score a tracker, run a benchmark.",
    epilog="An example with no data at hand: `mfst eval --tasks lab --seeds 0`",
)

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


def _print_version(wanted: bool) -> None:
    if wanted:
        import mfst_lib

        typer.echo(f"mfst_lib {mfst_lib.__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Print the version.", is_eager=True, callback=_print_version
        ),
    ] = False,
) -> None:
    """Hold the options that come before a command."""


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
    preset_name: PresetName = "default",
    backbone: BackboneName = None,
    weights: WeightsFolder = None,
    settings: Settings = None,
    as_json: AsJson = False,
) -> None:
    """Follow one object through a video and write its boxes."""
    from contextlib import ExitStack

    from mfst_lib.evaluation.track import check_output, track, write_track
    from mfst_lib.show.video import VideoWriter, draw_box
    from mfst_lib.tracker import FMST

    config = _config(preset_name, backbone, settings, weights)
    frames, start = _open_source(source, box)
    check_output(out)
    with _interruptible(), ExitStack() as stack:
        each = {}
        if video is not None:
            writer = stack.enter_context(VideoWriter(video))
            each = {"each": lambda image, found: writer.write(draw_box(image, found))}
        result = track(FMST(config, weights=weights), _progress(frames), start, **each)
    write_track(out, result, source, config.to_dict())
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
        return VideoFrames(path), _parse_box(box)
    if path.is_dir():
        return find_frames(path), _parse_box(box)
    if path.suffix or "/" in source:
        raise NotFound(f"no file or folder {source}")
    return load_sequence(source).frames, _parse_box(box)


def _parse_box(text: str) -> list[float]:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) != 4:
        raise InvalidInput(f"--box is four numbers x,y,w,h; got {text!r}")
    return numbers


@app.command(
    name="eval",
    epilog="Example: `mfst eval --tasks vtb13 --data ~/OTB --preset v3l-s --seeds 0,1,2`",
)
def eval_command(
    tasks: Annotated[
        str,
        typer.Option(
            help="With commas: names (David, lab:twins) and groups: `vtb13` (those of its 51 tasks "
            "that are at hand), `train` (sequences that are none of them), `lab`, `folder` (every "
            "sequence below --data)."
        ),
    ] = "lab",
    data: Data = None,
    preset_name: PresetName = "default",
    backbone: BackboneName = None,
    weights: WeightsFolder = None,
    seeds: Annotated[str, typer.Option(help="Seeds of the random candidates, with commas.")] = "0",
    workers: Annotated[
        int, typer.Option(help="Processes; each runs one sequence at a time.", min=1)
    ] = 1,
    out: Annotated[Path, typer.Option(help="Folder for result files and plots.")] = Path("results"),
    settings: Settings = None,
    plots: Annotated[bool, typer.Option(help="Draw precision and success plots.")] = True,
    as_json: AsJson = False,
) -> None:
    """Run a tracker over many sequences and score it by the benchmark's rules (OPE).

    One result file per run. A run whose file is there, whole and of the same settings, is not
    made again: the same command resumes after an interruption.
    """
    from mfst_lib.evaluation.evaluate import evaluate, summary_folder
    from mfst_lib.sequences.catalogue import expand_tasks

    root = str(data) if data is not None else None
    config = _config(preset_name, backbone, settings, weights)
    configs = [config.replace(seed=seed) for seed in _parse_seeds(seeds)]
    with _interruptible():
        summary = evaluate(
            expand_tasks(tasks, root),
            preset_name,
            configs,
            out,
            root=root,
            weights=weights,
            workers=workers,
            command=_command_line(),
            progress=_progress,
        )
    folder = summary_folder(out, preset_name, config)
    if plots:
        _save_curves(summary, folder / "curves.png")
    _print_summary(summary, folder, as_json)
    if summary["failed"]:
        raise typer.Exit(1)


def _parse_seeds(text: str) -> list[int]:
    try:
        return list(dict.fromkeys(int(part) for part in text.split(",")))
    except ValueError:
        raise InvalidInput(f"--seeds are whole numbers with commas; got {text!r}") from None


def _save_curves(summary: Mapping[str, Any], path: Path) -> None:
    from mfst_lib.show.curves import plot_curves

    name = f"{summary['preset']}, {summary['backbone']}"
    plot_curves({name: summary["curves"]}, f"{summary['tasks']} tasks").savefig(path, dpi=150)


def _print_summary(summary: Mapping[str, Any], folder: Path, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({k: v for k, v in summary.items() if k != "curves"}))
        return
    from rich.console import Console

    from mfst_lib.show.tables import attribute_table, task_table, verdict

    console = Console()
    console.print(task_table(summary))
    if summary["by_attribute"]:
        console.print(attribute_table(summary))
    console.print(verdict(summary), soft_wrap=True)
    console.print(f"results, summary.json and plots: {folder}", soft_wrap=True)


@app.command(
    name="score",
    epilog="Example, with the published boxes of the tracker Struck: "
    "`mfst score Struck.npz --data ~/OTB`",
)
def score_command(
    boxes: Annotated[
        Path,
        typer.Argument(
            help="Boxes of any tracker: our .json, an .npz of task names, a folder of OTB text."
        ),
    ],
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Score anybody's boxes by the benchmark's rules (OPE)."""
    from mfst_lib.evaluation.boxes_files import score_boxes

    scores = score_boxes(boxes, data)
    if as_json:
        rounded = {"auc": round(scores["auc"], 4), "precision20": round(scores["precision20"], 4)}
        typer.echo(json.dumps({**scores, **rounded}))
        return
    from rich.console import Console

    from mfst_lib.show.tables import attribute_table, task_table, verdict

    console = Console()
    console.print(task_table(scores))
    if scores["by_attribute"]:
        console.print(attribute_table(scores))
    console.print(verdict(scores), soft_wrap=True)
    for task in scores["without_truth"]:
        _say(f"{task}: no ground truth found, not scored")


@app.command(
    name="reproduce",
    epilog="Examples: `mfst reproduce table2 --data ~/OTB --rows v3l-s-eq12`; "
    "`mfst reproduce ablations --quick`, which needs no data",
)
def reproduce_command(
    what: Annotated[
        str, typer.Argument(help="table1 (Eq. 9), table2 (Eq. 12), ablations or figures.")
    ],
    data: Data = None,
    weights: WeightsFolder = None,
    rows: Annotated[
        str,
        typer.Option(help="Only these rows (presets) or ablations, with commas. Default: all."),
    ] = "",
    seeds: Annotated[
        str, typer.Option(help="Seeds of a table's runs, with commas. Ablations have their own.")
    ] = "0,1,2",
    workers: Annotated[int, typer.Option(help="Processes.", min=1)] = 1,
    quick: Annotated[
        bool, typer.Option("--quick", help="Ablations on lab sequences alone, in minutes.")
    ] = False,
    out: Annotated[
        Path, typer.Option(help="Folder for result files, one more folder for each kind.")
    ] = Path("results"),
    as_json: AsJson = False,
) -> None:
    """Run a table of the paper, its ablations or its figures, and print ours beside the paper's.

    Only what is missing is run: the same command goes on after an interruption, and the second
    time it only prints. Tables run on the VTB13 tasks at hand, ablations on the sequences below
    the data folder that are none of VTB13's.
    """
    from mfst_lib.evaluation.paper import TABLES

    makers = {**dict.fromkeys(TABLES, _reproduce_table), **_MAKERS}
    if what not in makers:
        raise unknown("thing to reproduce", what, makers)
    request = Request(
        what,
        str(data) if data is not None else None,
        weights,
        [name.strip() for name in rows.split(",") if name.strip()],
        _parse_seeds(seeds),
        workers,
        quick,
        out,
        as_json,
    )
    with _interruptible():
        makers[what](request)


@dataclass(frozen=True)
class Request:
    """What `mfst reproduce` was asked for."""

    what: str
    root: str | None
    weights: str | None
    rows: list[str]
    seeds: list[int]
    workers: int
    quick: bool
    out: Path
    as_json: bool

    @property
    def how(self) -> dict[str, Any]:
        """The arguments that every run takes."""
        return {
            "root": self.root,
            "weights": self.weights,
            "workers": self.workers,
            "command": _command_line(),
            "progress": _progress,
        }


def _reproduce_table(request: Request) -> None:
    from mfst_lib.evaluation.reproduce import beside_paper, find_rows, reproduce
    from mfst_lib.evaluation.speed import stored_speed
    from mfst_lib.sequences.catalogue import expand_tasks

    wanted = find_rows(request.what, request.rows)
    summaries = reproduce(wanted, request.seeds, request.out / "vtb13", **request.how)
    speeds = [stored_speed(request.out / name) for name in ("speed.json", "speed-gpu.json")]
    entries = beside_paper(wanted, summaries, *speeds)
    tasks = expand_tasks("vtb13", request.root)
    if request.as_json:
        typer.echo(json.dumps({"table": request.what, "tasks": tasks, "rows": entries}))
        return
    from rich.console import Console

    from mfst_lib.show.tables import paper_table

    Console().print(paper_table(entries))
    typer.echo(f"ours: on {len(tasks)} of the 51 tasks ({', '.join(tasks)})")
    typer.echo("paper: on all 51 tasks, Intel i7-4790")


def _reproduce_ablations(request: Request) -> None:
    from mfst_lib.evaluation.ablations import run_sweep
    from mfst_lib.evaluation.sweeps import SWEEPS, find_sweep, quick
    from mfst_lib.files import write_figure

    chosen = [find_sweep(name) for name in request.rows or SWEEPS]
    sweeps = [quick(sweep) for sweep in chosen] if request.quick else chosen
    folder = request.out / ("ablations-quick" if request.quick else "ablations")
    contents = []
    for sweep in sweeps:
        if sweep is None:  # it has no quick version
            continue
        content = run_sweep(sweep, folder, **request.how)
        contents.append(content)
        if not (folder / f"{sweep.name}.png").is_file():
            from mfst_lib.show.sweeps import plot_sweep

            write_figure(plot_sweep(content), folder / f"{sweep.name}.png")
        if not request.as_json:
            typer.echo(f"{content['question']}\n  {content['finding']}")
    if request.as_json:
        typer.echo(json.dumps(contents))
    elif contents:
        tasks = len(contents[0]["tasks"])
        typer.echo(f"files and plots: {folder}; {tasks} sequences, so many frames of each as said")


def _reproduce_figures(request: Request) -> None:
    from mfst_lib.evaluation.run import check_writable
    from mfst_lib.files import write_figure
    from mfst_lib.show.paper_figures import FIGURES, find_figures

    check_writable(request.out / "figures")
    for name in find_figures(request.rows):
        path = request.out / "figures" / f"{name}.png"
        try:
            write_figure(FIGURES[name](request.root, request.weights, request.out), path)
        except NotFound as error:
            _say(f"{name} left out: {error}")
            continue
        typer.echo(str(path))


_MAKERS: dict[str, Callable[[Request], None]] = {
    "ablations": _reproduce_ablations,
    "figures": _reproduce_figures,
}


@app.command(
    name="bench",
    epilog="Example: `mfst bench --presets v3l-s,v3s-s,default`",
)
def bench_command(
    presets: Annotated[
        str,
        typer.Option(help="Presets by name, with commas; default@vgg16 for another network."),
    ] = "default",
    task: Annotated[str, typer.Option(help="The sequence whose frames are used.")] = "lab:cat-walk",
    frames: Annotated[int, typer.Option(help="How many of its frames.", min=2)] = 30,
    repetitions: Annotated[int, typer.Option(help="How often each is timed.", min=1)] = 5,
    threads: Annotated[int, typer.Option(help="Threads of the network.", min=1)] = 1,
    engine: Annotated[
        str, typer.Option(help="What runs the network: litert, or keras, which uses a GPU.")
    ] = "litert",
    data: Data = None,
    weights: WeightsFolder = None,
    out: Annotated[Path | None, typer.Option(help="Also write the figures to this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Time one step of several presets side by side: warm, interleaved, on decoded frames."""
    from mfst_lib.evaluation.speed import measure
    from mfst_lib.files import write_text_atomically
    from mfst_lib.sequences.catalogue import load_sequence

    names = [name.strip() for name in presets.split(",") if name.strip()]
    configs = {name: _named_config(name, threads=threads, engine=engine) for name in names}
    sequence = load_sequence(task, str(data) if data is not None else None)
    with _interruptible():
        content = measure(
            configs,
            sequence,
            frames=frames,
            repetitions=repetitions,
            weights=weights,
            progress=_progress,
        )
    content["command"] = _command_line()
    if out is not None:
        write_text_atomically(out, json.dumps(content, indent=1))
    if as_json:
        typer.echo(json.dumps(content))
        return
    from rich.console import Console

    from mfst_lib.show.tables import speed_table

    Console().print(speed_table(content))
    device = content["device"]
    typer.echo(
        f"{content['frames']} frames of {content['sequence']}, {repetitions} times in turn; "
        f"{device['processor']}, {device['cores']} cores"
    )


@app.command(
    name="train",
    epilog="Example: `mfst train --backbone mobilenet_v3_small --out nets --data ~/OTB`",
)
def train_command(
    out: Annotated[Path, typer.Option(help="Folder for nets.npz, log.csv and checkpoints.")],
    backbone: Annotated[str, typer.Option(help="The network whose maps are weighted.")],
    tasks: Annotated[
        str,
        typer.Option(help="Sequences with commas, as for eval: `train`, `lab`, names. No VTB13."),
    ] = "train",
    data: Data = None,
    weights: WeightsFolder = None,
    records: Annotated[
        Path | None,
        typer.Option(help="Folder where the network's output is kept. Default: in --out."),
    ] = None,
    frames: Annotated[int, typer.Option(help="At most so many frames of a sequence.")] = 200,
    loss: Annotated[
        str, typer.Option(help="overlap, or eq16: the paper's, as printed.")
    ] = "overlap",
    seed: Annotated[int, typer.Option(help="Seed of everything random.", min=0)] = 0,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Change a field of mfst_lib.training.loop.Training. Repeatable."
        ),
    ] = None,
) -> None:
    """Train the weight nets (Sec. 4). Stopped anywhere, the same command goes on from there."""
    from mfst_lib.sequences.catalogue import expand_tasks
    from mfst_lib.training import loop
    from mfst_lib.training.records import Recipe, gather

    root = str(data) if data is not None else None
    start = loop.PAPER if loss == "eq16" else loop.Training(loss=loss)
    changes = dict(_parse_setting(text) for text in settings or [])
    training = loop.with_changes(start, {"seed": seed, **changes})
    config = loop.training_config(backbone)
    recipe = Recipe(tuple(expand_tasks(tasks, root)), config, frames, training.loss != "eq16")
    with _interruptible():
        rows = gather(recipe, records or out, root=root, weights=weights, progress=_progress)
        loop.train(rows, config, training, out, each=_say_epoch)
    typer.echo(f"nets: {out / loop.NETS}; use them with --set weight_net={out / loop.NETS}")


def _say_epoch(row: Mapping[str, float]) -> None:
    loss, judged = row["loss"], row["val_loss"]
    typer.echo(f"epoch {row['epoch']:.0f}: loss {loss:.4f}, on sequences kept aside {judged:.4f}")


@app.command(
    name="report",
    epilog="Example: `mfst report results/* Struck.npz --data ~/OTB --out report`",
)
def report_command(
    results: Annotated[
        list[Path],
        typer.Argument(
            help="Folders that `mfst eval` wrote, and boxes of other trackers: .npz, folders of "
            ".npz, folders of OTB text."
        ),
    ],
    data: Data = None,
    tasks: Annotated[
        str | None, typer.Option(help="Only these tasks, with commas. Default: all in common.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for tables (.md, .csv, .tex) and plots (.png, .svg)")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compare trackers on the tasks that all of them have run: tables and plots."""
    from mfst_lib.evaluation import report
    from mfst_lib.evaluation.boxes_files import truths
    from mfst_lib.sequences import vtb13

    trackers = report.read_trackers(results)
    wanted = set.intersection(*(tracker.tasks for tracker in trackers))
    if tasks is not None:
        wanted &= {vtb13.find_task(name).name for name in tasks.split(",")}
    truth = truths(sorted(wanted), data, beside=results[-1]) if wanted else {}
    common = report.common_tasks(trackers, truth)
    attributes = {name: task.attributes for name, task in vtb13.tasks().items()}
    rows = report.compare(trackers, truth, common, attributes)
    if out is not None:
        _write_report(rows, common, out)
    if as_json:
        typer.echo(json.dumps(report.as_json(rows, common)))
        return
    typer.echo(report.as_markdown(report.table(rows)))
    typer.echo(f"{len(common)} tasks: {', '.join(common)}")
    if out is not None:
        typer.echo(f"tables and plots: {out}")


def _named_config(name: str, **changes: Any) -> TrackerConfig:
    """The preset of that name, or PRESET@BACKBONE."""
    preset_name, _, backbone = name.partition("@")
    return preset(preset_name, **changes, **({"backbone": backbone} if backbone else {}))


def _write_report(rows: Any, tasks: list[str], out: Path) -> None:
    from mfst_lib.evaluation import report
    from mfst_lib.evaluation.run import check_writable
    from mfst_lib.files import write_text_atomically
    from mfst_lib.show.curves import plot_attributes, plot_curves

    check_writable(out)
    cells = report.table(rows)
    for ending, write in report.FORMATS.items():
        write_text_atomically(out / f"table.{ending}", write(cells))
    overall = plot_curves({row.name: row.curves for row in rows}, f"{len(tasks)} tasks")
    by_attribute = plot_attributes(
        {
            attribute: {row.name: row.by_attribute[attribute].success.tolist() for row in rows}
            for attribute in rows[0].by_attribute
        }
    )
    for name, figure in (("curves", overall), ("attributes", by_attribute)):
        for ending in ("png", "svg"):
            figure.savefig(
                out / f"{name}.{ending}",
                dpi=150,
                metadata={"Date": None} if ending == "svg" else None,
            )


def _config(
    preset_name: str, backbone: str | None, settings: list[str] | None, weights: str | None
) -> TrackerConfig:
    """The preset with the changes asked for; "auto" becomes the backbone that it picks."""
    from mfst_lib.backbones.weights import resolve

    changes = dict(_parse_setting(text) for text in settings or [])
    if backbone is not None:
        changes["backbone"] = backbone
    config = preset(preset_name, **changes)
    return config.replace(backbone=resolve(config.backbone, weights))


def _parse_setting(text: str) -> tuple[str, Any]:
    """`roi_scale=3` as a name and a value: JSON where it is JSON, else a word."""
    name, sign, value = text.partition("=")
    if not sign:
        raise InvalidInput(f"--set takes name=value; got {text!r}")
    try:
        return name.strip(), json.loads(value)
    except ValueError:
        return name.strip(), value.strip()


def _progress(items: Any, total: int | None = None) -> Any:
    """A progress bar on a terminal, silence elsewhere."""
    from tqdm import tqdm

    return tqdm(items, total=total, disable=None, leave=False)


def _command_line() -> str:
    """The command as typed, but for the folder that the program lies in."""
    import shlex

    return shlex.join(["mfst", *sys.argv[1:]])


def _say(message: str) -> None:
    typer.echo(f"mfst: {message}", err=True)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C ends a long run with a line that says what is kept, and exit status 130."""
    try:
        yield
    except KeyboardInterrupt:
        _say("interrupted; what was finished is kept, and the same command goes on from there")
        raise typer.Exit(130) from None


def main() -> None:
    """Run the command line; a user's slip ends with one line and exit status 2."""
    logging.basicConfig(level=logging.WARNING, format="mfst: %(message)s")
    logging.getLogger("mfst_lib").setLevel(logging.INFO)
    try:
        app()
    except (InvalidInput, NotFound) as error:
        _say(str(error))
        sys.exit(2)


if __name__ == "__main__":
    main()
