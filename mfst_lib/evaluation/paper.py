"""The paper's own figures, to stand beside ours."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PaperRow:
    """A row of a table: precision and success in percent, frames per second (None: not given).

    On all 51 tasks of VTB13, an Intel i7-4790 and an RTX 2080 Ti.
    """

    name: str
    preset: str
    precision: float
    success: float
    fps_cpu: float
    fps_gpu: float


TABLES: dict[str, tuple[PaperRow, ...]] = {
    "table1": (
        PaperRow("VGG(SC)", "vgg-sc", 81.6, 56.9, 8, 63),
        PaperRow("VGG(S)", "vgg-s", 80.0, 55.2, 8, 63),
        PaperRow("VGG(C)", "vgg-c", 81.8, 56.0, 8, 63),
        PaperRow("V3L(SC)", "v3l-sc", 52.89, 36.00, 36.88, 59.22),
        PaperRow("V3L(S)", "v3l-s", 63.76, 42.26, 37.78, 63.06),
        PaperRow("V3L(C)", "v3l-c", 49.60, 34.49, 38.53, 63.20),
        PaperRow("V3S(SC)", "v3s-sc", 42.38, 29.31, 52.94, 70.89),
        PaperRow("V3S(S)", "v3s-s", 52.61, 36.23, 55.21, 73.20),
        PaperRow("V3S(C)", "v3s-c", 37.45, 26.07, 54.98, 73.75),
    ),
    "table2": (
        PaperRow("V3L(SC)", "v3l-sc-eq12", 65.25, 46.15, 38.07, 59.89),
        PaperRow("V3L(S)", "v3l-s-eq12", 72.47, 50.93, 39.20, 61.59),
        PaperRow("V3L(C)", "v3l-c-eq12", 60.47, 42.87, 39.34, 62.05),
        PaperRow("V3S(SC)", "v3s-sc-eq12", 52.65, 37.29, 52.65, 70.24),
        PaperRow("V3S(S)", "v3s-s-eq12", 66.13, 46.73, 55.68, 73.04),
        PaperRow("V3S(C)", "v3s-c-eq12", 45.23, 33.59, 55.77, 74.03),
    ),
}
