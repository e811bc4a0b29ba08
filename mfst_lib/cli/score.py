"""`mfst score`: score anybody's boxes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from mfst_lib.cli.app import app
from mfst_lib.cli.options import AsJson, Data
from mfst_lib.cli.terminal import say


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
        say(f"{task}: no ground truth found, not scored")
