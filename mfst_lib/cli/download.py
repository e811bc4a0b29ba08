"""`mfst download`: benchmark videos from their mirrors, checked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mfst_lib.cli.app import app
from mfst_lib.cli.options import AsJson
from mfst_lib.cli.terminal import interruptible

if TYPE_CHECKING:
    from mfst_lib.sequences.download.collect import Outcome


@app.command(
    name="download",
    epilog="Examples: `mfst download vtb13 --data ~/OTB`; `mfst download David Skating2 --data "
    "~/OTB --mirror figshare`; `mfst download tb100 --data ~/OTB --mirror OTB2015.zip`",
)
def download_command(
    names: Annotated[
        list[str],
        typer.Argument(help="`vtb13` (50 videos), `tb100` (98), or names of videos or tasks."),
    ],
    data: Annotated[Path, typer.Option("--data", help="Folder for the videos, one folder each.")],
    mirror: Annotated[
        list[str] | None,
        typer.Option(
            help="Where from, in this order: wayback, authors, figshare (one archive of 2.7 GB), "
            "a URL with NAME.zip files, or an archive of all videos (a path or a URL). "
            "Repeatable. Default: wayback, authors, figshare."
        ),
    ] = None,
    workers: Annotated[int, typer.Option(help="Videos at a time.", min=1, max=16)] = 4,
    replace: Annotated[
        bool, typer.Option("--replace", help="Fetch what is there and damaged anew.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fetch the benchmark's videos, unpack them safely and check them against the catalogue.

    What is there and whole is left alone; stopped anywhere, the same command goes on from there.
    The exit status is 1 when a video could not be had.
    """
    from mfst_lib.sequences.download.collect import download
    from mfst_lib.sequences.download.mirrors import MIRRORS, choose_mirrors, videos

    wanted = videos(names)
    mirrors = choose_mirrors(mirror) if mirror else MIRRORS
    with interruptible(), _progress(len(wanted)) as (tell, each):
        how: dict[str, Any] = {"workers": workers, "replace": replace, "tell": tell, "each": each}
        outcomes = download(wanted, data, mirrors, **how)
    if as_json:
        typer.echo(json.dumps([vars(outcome) for outcome in outcomes]))
    else:
        _print(outcomes, data, names)
    if any(outcome.state == "missing" for outcome in outcomes):
        raise typer.Exit(1)


@contextmanager
def _progress(count: int) -> Iterator[tuple[Callable[[int], object], Callable[[Any], object]]]:
    """A bar of the bytes that come, on a terminal, with the number of finished videos."""
    from tqdm import tqdm

    done: list[str] = []
    with tqdm(unit="B", unit_scale=True, disable=None, leave=False) as bar:

        def each(outcome: Outcome) -> None:
            done.append(outcome.video)
            bar.set_description(f"{len(done)} of {count} videos, {outcome.video}")

        yield bar.update, each


def _print(outcomes: Sequence[Outcome], data: Path, names: list[str]) -> None:
    from mfst_lib.sequences.download.mirrors import BY_HAND

    counts = {s: [o for o in outcomes if o.state == s] for s in ("there", "fetched", "missing")}
    typer.echo(
        f"{data}: {len(counts['there'])} videos were there, {len(counts['fetched'])} were fetched, "
        f"{len(counts['missing'])} are missing"
    )
    for outcome in counts["missing"]:
        typer.echo(f"  {outcome.video}")
        for reason in outcome.reasons:
            typer.echo(f"    {reason}")
    if counts["missing"]:
        typer.echo("what to do: run the same command again (it goes on from where it stopped), or")
        typer.echo(BY_HAND.format(names=" ".join(names)))
