"""Would 16 or 8 bits make the step faster? Writes number_formats-PROCESSOR.json: `make formats`.

Each network is converted four times: float32 as the tracker uses it; float16, which halves the
file; weights of 8 bits, their inputs rounded as they come (dynamic range); and all numbers of 8
bits, with the ranges seen on photographs. Then: size, time of one crop (in turns, one thread),
how like float32 the maps are, and success on the lab.
"""

from __future__ import annotations

import json
import re
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np

from mfst_lib import FMST, preset
from mfst_lib.backbones.convert import to_tflite
from mfst_lib.backbones.engines import LiteRTEngine, model_spec
from mfst_lib.backbones.networks import tapped_network
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation import machine
from mfst_lib.evaluation.metrics import score
from mfst_lib.evaluation.track import track
from mfst_lib.files import write_text_atomically
from mfst_lib.roi import crop, roi_around
from mfst_lib.sequences import lab

PRESETS = {
    "default": "efficientnet_lite0",
    "v3l-s": "mobilenet_v3_large",
    "v3s-s": "mobilenet_v3_small",
    "vgg-s": "vgg16",
}
FORMATS = ("float32", "float16", "8-bit weights", "8-bit")
ROUNDS, SEEDS = 15, (0, 1, 2)


def crops_of_the_lab(size: int) -> list[Any]:
    """Every 12th frame's crop around the true box: to compare maps on, and to time."""
    films = [lab.render(name) for name in lab.names()]
    return [
        crop(film.frames[n], roi_around(film.boxes[n], 2.0), size)
        for film in films
        for n in range(0, len(film), 12)
    ]


def converted(network: Any, size: int, number_format: str) -> bytes:
    """The network as a .tflite model with these numbers."""
    if number_format in ("float32", "8-bit"):
        return bytes(to_tflite(network, size, number_format))
    import tensorflow as tf
    from tensorflow.python.framework import convert_to_constants

    forward = tf.function(lambda image: network(image, training=False))
    signature = tf.TensorSpec((1, size, size, 3), tf.uint8)
    frozen = convert_to_constants.convert_variables_to_constants_v2(
        forward.get_concrete_function(signature)
    )
    converter = tf.lite.TFLiteConverter.from_concrete_functions([frozen], network)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    if number_format == "float16":
        converter.target_spec.supported_types = [tf.float16]
    return bytes(converter.convert())


def milliseconds(engines: dict[str, LiteRTEngine], crops: list[Any]) -> dict[str, float]:
    """The median time of a crop; the engines take turns, so that a busy moment meets all."""
    times: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(ROUNDS):
        for name, engine in engines.items():
            for one in crops[1::8]:
                start = time.perf_counter()
                engine(one)
                times[name].append(1000 * (time.perf_counter() - start))
    return {name: round(statistics.median(values), 2) for name, values in times.items()}


def likeness(engine: LiteRTEngine, exact: LiteRTEngine, crops: list[Any]) -> float:
    """Mean correlation of the maps with those of float32."""
    pairs = [(engine(one)[0].ravel(), exact(one)[0].ravel()) for one in crops[1::8]]
    return round(float(np.mean([np.corrcoef(a, b)[0, 1] for a, b in pairs])), 5)


def success(engine: LiteRTEngine, config: Any) -> dict[str, float]:
    """Success on the lab in per cent: mean over sequences, its mean and spread over seeds."""
    means = []
    for seed in SEEDS:
        tracker, aucs = FMST(config.replace(seed=seed), engine=engine), []
        for name in lab.names():
            film = lab.render(name)
            found = track(tracker, film.frames, film.boxes[0])
            aucs.append(100 * score(found.boxes, film.boxes).auc)
        means.append(statistics.fmean(aucs))
    return {"mean": round(statistics.fmean(means), 1), "std": round(statistics.stdev(means), 1)}


def measured(name: str, backbone: str) -> dict[str, Any]:
    """All formats of one network."""
    config = preset(name, backbone=backbone)
    spec = model_spec(config)
    network = tapped_network(spec.backbone, spec.taps, spec.input_size, spec.weights)
    crops = crops_of_the_lab(spec.input_size)
    rows: dict[str, Any] = {}
    engines: dict[str, LiteRTEngine] = {}
    for number_format in FORMATS:
        model = converted(network, spec.input_size, number_format)
        rows[number_format] = {"megabytes": round(len(model) / 1e6, 2)}
        try:
            engines[number_format] = LiteRTEngine(model)
        except InvalidInput as error:
            rows[number_format]["refused"] = str(error)
    for number_format, ms in milliseconds(engines, crops).items():
        engine = engines[number_format]
        rows[number_format] |= {
            "ms": ms,
            "likeness": likeness(engine, engines["float32"], crops),
            "success": success(engine, config),
        }
    return {"preset": name, "rows": rows}


def place(processor: str) -> Path:
    """The file of a processor's results: "Intel(R) Xeon(R) Processor" is intel-xeon."""
    words = re.findall(r"[a-z0-9]+", re.sub(r"\(\w+\)|processor|cpu|@.*", "", processor.lower()))
    return Path(__file__).with_name(f"number_formats-{'-'.join(words)}.json")


def main() -> None:
    """Measure the networks whose weights are at hand; the others keep what the file says."""
    out = place(machine.device()["processor"])
    networks = json.loads(out.read_text("utf-8"))["networks"] if out.is_file() else {}
    for name, backbone in PRESETS.items():
        if backbone in networks:
            continue
        try:
            networks[backbone] = measured(name, backbone)
        except NotFound as error:
            print(f"{backbone} left out: {error}")
            continue
        for number_format, row in networks[backbone]["rows"].items():
            print(backbone, number_format, row)
    content = {
        "format": "mfst-number-formats",
        "command": "make formats",
        "seeds": SEEDS,
        "device": machine.device(),
        "versions": machine.versions(),
        "networks": networks,
    }
    write_text_atomically(out, json.dumps(content, indent=1) + "\n")


if __name__ == "__main__":
    main()
