"""Sphinx extension: the library's docstrings, which are plain text, on the API page.

They hold formulas such as `s_c = Σ F_c * M`, whose signs Sphinx would take for markup. Here they
are kept as they stand, names in backticks become links where they can, and a configuration's
fields, each with its default, range and meaning, become a table.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sphinx.application import Sphinx

#: Names that docstrings put into backticks, and where the API page describes them.
NAMES = {
    "InvalidInput": "mfst_lib.errors.InvalidInput",
    "NotFound": "mfst_lib.errors.NotFound",
    "TrackerConfig": "mfst_lib.config.TrackerConfig",
    "FMST": "mfst_lib.tracker.FMST",
    "View": "mfst_lib.tracker.View",
    "ROI": "mfst_lib.roi.ROI",
    "to_map": "mfst_lib.roi.to_map",
    "mfst_lib.roi.to_map": "mfst_lib.roi.to_map",
    "select_top": "mfst_lib.selection.select_top",
    "enlarge": "mfst_lib.prediction.enlarge",
    "candidate_scores_loop": "mfst_lib.candidates.candidate_scores_loop",
}


def as_markup(lines: list[str], names: Mapping[str, str] = NAMES) -> list[str]:
    """A docstring's lines in reStructuredText; its examples and indented blocks stay.

    >>> as_markup(["The sum over *all* c of `F`; raises `InvalidInput`."], {"InvalidInput": "e.I"})
    ['The sum over \\\\*all\\\\* c of ``F``; raises :py:obj:`InvalidInput <e.I>`.']
    """
    markup: list[str] = []
    example = False
    before = ""
    for line in lines:
        example = line.lstrip().startswith(">>>") or (example and bool(line.strip()))
        if line.startswith("    ") and not example:
            if not before.strip():
                markup += ["::", ""]
            markup.append(line)
        else:
            markup.append(line if example else _escaped(line, names))
        before = line if not line.startswith("    ") else "block"
    return markup


def _escaped(line: str, names: Mapping[str, str]) -> str:
    """One line of text: signs that mean something in markup escaped, code marked as code."""
    parts = re.split(r"(`[^`]+`)", line.replace("\\", "\\\\").replace("``", "`"))
    for i, part in enumerate(parts):
        if i % 2:
            name = part.strip("`")
            target = names.get(name.removesuffix("()"))
            parts[i] = f":py:obj:`{name} <{target}>`" if target else f"``{name}``"
        else:
            part = re.sub(r"([*|])", r"\\\1", part)
            parts[i] = re.sub(r"(?<=[\w)\]])_(?!\w)", r"\\_", part)
    text = "".join(parts)
    text = re.sub(r"(?<=[^\s(\[\"'/–-])(``|:py:obj:`)(?=\w)", r"\\ \1", text)
    text = re.sub(r"(?<=\w)(``)(?=\w)", r"\1\\ ", text)
    return re.sub(r"^(\s*)(--)", r"\1\\\2", text)


def field_table(config: type) -> list[str]:
    """The fields of a configuration as a table: name, default, what is allowed, meaning."""
    lines = ["", ".. list-table::", "   :header-rows: 1", ""]
    rows = [("field", "default", "allowed", "meaning")]
    for spec in dataclasses.fields(config):
        default = f"{spec.default:.4g}" if isinstance(spec.default, float) else repr(spec.default)
        meaning = spec.metadata["meaning"]
        rows.append((f"``{spec.name}``", f"``{default}``", _allowed(spec.metadata), meaning))
    for row in rows:
        lines += [f"   {'-' if i else '* -'} {cell}" for i, cell in enumerate(row)]
    return [line.replace("   - ", "     - ", 1) for line in lines]


def _allowed(metadata: Mapping[str, Any]) -> str:
    if "options" in metadata:
        return ", ".join(f"``{option}``" for option in metadata["options"])
    if "low" not in metadata:
        return "any"
    low = ("above " if metadata["open_low"] else "") + f"{metadata['low']:g}"
    high = "2⁶³ − 1" if metadata["high"] == 2**63 - 1 else f"{metadata['high']:g}"
    return f"{low} to {high}"


def rewrite(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Sphinx calls this with each docstring; the lines are changed in place."""
    lines[:] = as_markup(lines)
    if what == "class" and dataclasses.is_dataclass(obj):
        known = all("meaning" in spec.metadata for spec in dataclasses.fields(obj))
        lines += field_table(obj) if known else []  # type: ignore[arg-type]


def setup(app: Sphinx) -> dict[str, Any]:
    """Hand every docstring through `rewrite`."""
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", rewrite)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
