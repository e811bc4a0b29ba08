"""Write the stored runs' figures into the README, between its two marks: `make results` does it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mfst_lib.evaluation.speed import fps_of, stored_speed

ROOT = Path(__file__).parents[2]
BEGIN, END = "<!-- figures: begin -->\n", "<!-- figures: end -->\n"


RESULTS = ROOT / "data" / "results"

#: The runs that the README shows; the book has all.
SHOWN = {
    "beyond-v3l": ("mobilenet_v3_large",),
    "beyond-lite0": ("efficientnet_lite0",),
    "beyond-lite0-8bit": ("efficientnet_lite0",),
    "beyond-v3s": ("mobilenet_v3_small",),
    "beyond-v3s-160px": ("mobilenet_v3_small",),
    "default": ("efficientnet_lite0", "mobilenet_v3_large", "mobilenet_v3_small"),
    "v3l-s": ("mobilenet_v3_large",),
    "v3s-s": ("mobilenet_v3_small",),
    "vgg-s": ("vgg16",),
}


def summaries() -> list[dict[str, Any]]:
    """The stored summaries of the runs shown, the best success first."""
    files = [
        RESULTS / "vtb13" / f"{preset}-{backbone}" / "summary.json"
        for preset, backbones in SHOWN.items()
        for backbone in backbones
    ]
    found = [json.loads(path.read_text(encoding="utf-8")) for path in files if path.is_file()]
    return sorted(found, key=lambda summary: -summary["auc"])


def section() -> str:
    """The README's section on figures, in Markdown."""
    runs = summaries()
    first = runs[0]
    timed = json.loads((RESULTS / "speed.json").read_text(encoding="utf-8"))
    lines = [
        "## What it reaches\n",
        f"On {first['tasks']} of VTB13's 51 tasks, mean ± standard deviation over three to five "
        f"seeds; one thread of an {timed['device']['processor']}, "
        "`update` alone, decoding apart, all presets timed in turn on the same frames. Made by "
        "`make results`; scored by the official rules. (`beyond-lite0` was timed before it had a "
        "confidence, which makes its step up to a tenth longer; so does what `default` on "
        "V3-Large has done to its maps since it was timed. "
        f"{_of_8_bits()} {_of_v3s()}) Boxes hardly "
        "depend on the processor: the chapter *What the paper leaves open* measures it.\n",
        "| preset | network | precision at 20 px | success (AUC) | frames per second |",
        "|---|---|---:|---:|---:|",
        *(_row(run, stored_speed(RESULTS / "speed.json")) for run in runs),
        "",
        f"The tasks: {', '.join(first['per_task'])}. They are those that were at hand: figures on "
        "all 51, such as the paper's, are not to be compared with these.\n",
    ]
    return "\n".join(lines)


def _of_8_bits() -> str:
    """What is known of the time of `beyond-lite0-8bit`, which is not in speed.json yet."""
    stored = json.loads((RESULTS / "number_formats-amd-epyc.json").read_text(encoding="utf-8"))
    rows = stored["networks"]["efficientnet_lite0"]["rows"]
    exact, rounded = rows["float32"]["ms"], rows["8-bit"]["ms"]
    return (
        "`beyond-lite0-8bit` came later: on that machine its network takes "
        f"{rounded:.1f} ms instead of {exact:.1f}, on other processors nearer to as much."
    )


def _of_v3s() -> str:
    """What is known of the time of `beyond-v3s` since it reads sums of maps, and of its twin."""
    stored = stored_speed(RESULTS / "speed-intel-xeon.json")
    base, sums, small = (stored[name] for name in ("ridge-v3s", "beyond-v3s", "beyond-v3s-160px"))
    here = stored_speed(RESULTS / "speed.json")["ridge-v3s"]
    return (
        "The sums of `beyond-v3s` and its twin for smaller crops came later, too: on a slower "
        f"Intel Xeon they reach {sums:.0f} and {small:.0f} frames per second, beside {base:.0f} of "
        f"`ridge-v3s`, which has {here:.0f} here."
    )


def _row(run: dict[str, Any], speeds: dict[str, float]) -> str:
    def percent(key: str) -> str:
        return f"{100 * run[key]:.1f} ± {100 * run[key + '_std']:.1f}"

    measured = fps_of(speeds, run["preset"], run["backbone"])
    fps = "" if measured is None else f"{measured:.0f}"
    cells = (f"`{run['preset']}`", f"`{run['backbone']}`", percent("precision20"), percent("auc"))
    return f"| {' | '.join((*cells, fps))} |"


def with_section(readme: str) -> str:
    """The README's text with the section between the marks."""
    head, rest = readme.split(BEGIN)
    return head + BEGIN + section() + END + rest.split(END)[1]


if __name__ == "__main__":
    path = ROOT / "README.md"
    text = with_section(path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8", newline="\n")
