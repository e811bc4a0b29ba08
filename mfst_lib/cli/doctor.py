"""`mfst doctor`: what is installed, found and working, for a bug report."""

from __future__ import annotations

import json
from typing import Any

import typer

from mfst_lib.cli.app import app
from mfst_lib.cli.options import AsJson, WeightsFolder


@app.command(
    name="doctor",
    epilog="Examples: `mfst doctor`; `mfst doctor --json > doctor.json`, to send with a bug report",
)
def doctor_command(weights: WeightsFolder = None, as_json: AsJson = False) -> None:
    """Report versions, engines, devices, folders and weights, and track ten frames as a test.

    What it prints is made for a bug report: your home folder is written as ~. It ends with exit
    status 0 when the test passes, with 1 when not.
    """
    from mfst_lib.evaluation.doctor import examine

    report = examine(weights)
    if as_json:
        typer.echo(json.dumps(report))
    else:
        for part, facts in report.items():
            _print_part(part, facts)
    if not report["self_test"]["passed"]:
        raise typer.Exit(1)


def _print_part(part: str, facts: dict[str, Any]) -> None:
    typer.echo(typer.style(part.replace("_", " "), bold=True))
    width = max(len(name) for name in facts)
    for name, fact in facts.items():
        text = {"True": "yes", "False": "no", "None": "not there"}.get(str(fact), fact)
        typer.echo(f"  {name:<{width}}  {text}")
