"""Cut-outs: what moves in the lab, cut from photographs along outlines drawn by hand.

A polygon is written as SVG writes it: "x,y x,y ..." in the photograph's pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mfst_lib.sequences.lab.layers import Layer
from mfst_lib.sequences.lab.photographs import BACKGROUNDS, photograph, surface, tinted

#: Room around a cut-out for its soft edge, in pixels, and for its sway, in parts of its width.
EDGE_ROOM, SWAY_ROOM = 8, 0.15


@dataclass(frozen=True)
class Cutout:
    """An outline in a photograph.

    outline: a polygon, or an ellipse as "cx,cy rx,ry". part: the outline of the part that the
    box is drawn around (a head on its shoulders), "" for all of it. tint: as for a background.
    beyond: what OpenCV draws beyond the photograph's border when the camera looks there.
    """

    photograph: str
    outline: str
    part: str = ""
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    beyond: int = cv2.BORDER_REFLECT_101


_HEAD = (
    "227,16 212,22 193,29 174,43 156,58 153,68 154,92 157,104 170,117 174,128 182,133 183,146 "
    "186,152 187,178 195,184 217,186 228,189 241,189 250,186 253,182 256,163 264,149 266,138 "
    "275,134 294,111 299,97 300,81 296,58 288,43 276,31 248,18 236,16"
)
_PERSON = (
    "205,21 185,38 163,51 156,58 153,68 157,104 170,117 174,128 182,133 183,146 153,151 140,158 "
    "121,183 120,193 113,204 90,227 76,235 65,246 44,282 39,306 26,342 25,373 19,390 19,417 "
    "24,432 23,460 27,487 18,501 26,535 535,535 511,476 506,474 501,462 502,456 495,451 493,421 "
    "478,384 450,358 418,345 393,344 365,349 360,343 357,323 352,287 340,262 319,243 304,234 "
    "299,219 289,203 255,172 266,138 275,134 290,117 299,96 299,72 296,58 288,43 276,31 248,18 "
    "227,16 212,22"
)
_CAT = (
    "38,-12 33,20 31,75 32,108 39,138 46,165 58,192 78,214 104,234 134,250 165,264 196,274 "
    "235,279 267,274 293,261 306,245 314,222 337,196 350,169 359,148 361,114 356,96 357,78 "
    "371,57 380,27 396,2 398,-8 390,-18 368,-22 335,-16 310,-12 250,-20 205,-22 160,-20 115,-14 "
    "92,-16 66,-30 48,-30"
)
_CUP = (
    "262,19 234,27 205,43 190,59 180,74 158,79 113,113 95,141 85,165 78,192 77,215 83,245 93,270 "
    "106,295 122,318 146,341 175,359 207,372 245,381 283,386 335,383 365,376 393,362 422,341 "
    "447,316 464,290 472,270 478,240 478,210 472,190 465,169 451,143 416,108 423,82 419,70 "
    "401,69 384,57 361,39 325,23 299,18"
)
_SHUTTLE = (
    "432,0 403,0 400,18 397,42 393,47 385,44 380,63 381,96 384,105 378,115 378,183 357,210 "
    "357,222 375,232 369,258 368,270 376,265 388,265 403,260 404,250 411,245 423,245 426,258 "
    "429,261 454,266 458,261 454,250 452,215 455,200 455,67 450,50 447,43 437,43 436,19"
)
_MOTORCYCLE = (
    "680,421 679,369 664,340 643,316 643,302 633,290 632,277 615,275 610,260 586,266 577,257 "
    "571,258 548,206 552,197 548,180 560,154 578,141 582,124 570,119 555,130 538,119 532,104 "
    "517,99 492,111 474,111 458,127 443,132 423,122 400,126 380,150 356,166 357,173 349,181 "
    "331,192 308,197 291,195 273,187 253,185 235,169 197,169 179,159 168,160 144,148 138,157 "
    "139,173 143,179 142,190 132,196 108,195 94,203 92,215 97,222 105,225 106,237 117,245 "
    "126,250 136,260 125,282 123,295 126,306 122,327 128,346 152,378 180,395 219,395 241,386 "
    "263,385 282,362 314,366 323,376 323,432 333,436 336,421 345,400 342,378 381,379 416,373 "
    "429,375 468,354 473,337 484,326 503,325 513,327 518,353 532,358 540,376 555,397 575,417 "
    "587,438 612,449 634,448 650,440 669,438"
)

_BRONZE, _SILVER = (1.60, 1.28, 0.80), (1.30, 1.28, 1.22)

CUTOUTS: dict[str, Cutout] = {
    "astronaut": Cutout("astronaut", _PERSON, part=_HEAD),
    "cat": Cutout("chelsea", _CAT),
    "cup": Cutout("coffee", _CUP),
    "shuttle": Cutout("astronaut", _SHUTTLE),
    "motorcycle": Cutout("stereo_motorcycle", _MOTORCYCLE),
    "headlight": Cutout("stereo_motorcycle", "533,156 27,33"),
    "engine": Cutout("stereo_motorcycle", "404,312 72,66"),
    "coin": Cutout("coins", "347,187 31,31", tint=_BRONZE),
    "small-coin": Cutout("coins", "334,43.5 29,28", tint=_SILVER),
    "tray-coin": Cutout("coins", "101.5,195.5 21,21"),
    "optic-disc": Cutout("retina", "235,655 95,105", beyond=cv2.BORDER_CONSTANT),
    "cat-eye": Cutout("chelsea", "170,116 35,31"),
    "crater": Cutout("moon", "121,88 25,26"),
    "galaxy": Cutout("hubble_deep_field", "123,400 18,19"),
}


def points(outline: str) -> NDArray[np.float64]:
    """The (N, 2) corners of an outline; two pairs of numbers are an ellipse's centre and radii.

    >>> points("10,20 4,2").round(1).max(axis=0).tolist()
    [14.0, 22.0]
    """
    numbers = np.array([pair.split(",") for pair in outline.split()], dtype=np.float64)
    if len(numbers) != 2:
        return numbers
    angles = np.linspace(0, 2 * np.pi, 180, endpoint=False)
    return numbers[0] + numbers[1] * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _soft_mask(corners: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A filled polygon with a soft edge, (H, W) float32 in 0..1.

    The edge lies a little inside the outline, to leave out the old background's rim.
    """
    softness = 0.5 + 0.006 * float(np.ptp(corners, axis=0).max())
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.round(corners * 16).astype(np.int32)], 255, cv2.LINE_AA, shift=4)
    inner = cv2.erode(mask, np.ones((3, 3), np.uint8)).astype(np.float32) / 255
    return np.asarray(cv2.GaussianBlur(inner, (0, 0), softness), np.float32)


def _rim(mask: NDArray[np.float32]) -> NDArray[np.float64]:
    """The corners (N, 2) of the pixels on a mask's rim, that is where alpha falls below a half."""
    half = (mask >= 0.5).astype(np.uint8)
    contours, _ = cv2.findContours(half, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    centres = np.concatenate(contours)[:, 0].astype(np.float64)
    corners = np.array([[-0.5, -0.5], [0.5, -0.5], [-0.5, 0.5], [0.5, 0.5]])
    return (centres[:, None] + corners).reshape(-1, 2)


@lru_cache(maxsize=32)
def cut(name: str) -> Layer:
    """The cut-out as a layer with a soft edge; the name is a key of `CUTOUTS`."""
    cutout = CUTOUTS[name]
    corners = points(cutout.outline)
    room = np.array([EDGE_ROOM + SWAY_ROOM * np.ptp(corners[:, 0]), EDGE_ROOM])
    low = np.floor(corners.min(axis=0) - room).astype(int)
    high = np.ceil(corners.max(axis=0) + room).astype(int) + 1
    image = _window(tinted(photograph(cutout.photograph), cutout.tint), low, high)
    alpha = _soft_mask(corners - low, image.shape)
    part = _soft_mask(points(cutout.part) - low, image.shape) if cutout.part else alpha
    colour = image.astype(np.float32) * alpha[..., None]
    return Layer(np.concatenate([colour, alpha[..., None]], axis=2), _rim(part))


def _window(image: NDArray[np.uint8], low: NDArray[Any], high: NDArray[Any]) -> NDArray[np.uint8]:
    """The pixels from low to high, (x, y) each; mirrored where that is beyond the photograph."""
    x = _mirrored(np.arange(low[0], high[0]), image.shape[1])
    y = _mirrored(np.arange(low[1], high[1]), image.shape[0])
    return image[np.ix_(y, x)]


def _mirrored(index: NDArray[Any], size: int) -> NDArray[Any]:
    """Indices beyond 0..size-1 reflected at the first and the last one."""
    return (size - 1) - np.abs((size - 1) - np.abs(index))


@lru_cache(maxsize=32)
def in_place(name: str) -> Layer:
    """The whole photograph that a cut-out is part of, with the cut-out's outline."""
    cutout = CUTOUTS[name]
    outline = points(cutout.part or cutout.outline)
    return Layer(photograph(cutout.photograph), outline, cutout.beyond)


@lru_cache(maxsize=32)
def backdrop(name: str) -> Layer:
    """A background as a layer; the name is a key of `BACKGROUNDS`."""
    pixels = surface(BACKGROUNDS[name])
    height, width = pixels.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]]) - 0.5
    return Layer(pixels, corners)
