"""The training loop: seeded, kept after every epoch, stopped early, gone on with where it was."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from mfst_lib.backbones.engines import silent_stderr
from mfst_lib.config import TrackerConfig, preset
from mfst_lib.errors import InvalidInput, unknown
from mfst_lib.files import write_bytes_atomically, write_text_atomically
from mfst_lib.locks import alone_in
from mfst_lib.reading import read_arrays
from mfst_lib.training.material import split
from mfst_lib.training.pairs import Pairs
from mfst_lib.training.records import Records
from mfst_lib.weight_net import SIGNS, WeightNets, load_weight_nets

LOSSES = ("overlap", "eq16")
FREE = ("gain", "all")

#: Validation pairs are drawn as those of an epoch that training never reaches.
VALIDATION_EPOCH = 1_000_000

#: The files in a run's folder.
NETS, STATE, LOG, RUN = "nets.npz", "state.npz", "log.csv", "run.json"

Row = dict[str, float]


@dataclass(frozen=True)
class Training:
    """Every choice of a training run. Raises `InvalidInput` for one that cannot be.

    loss: "overlap" (Eqs. 10 and 13 inside the loss) or "eq16" (as printed). negative: whether a
    net for w_n is trained, too. free: what learns, the gains alone or "all". hidden: R.
    gain: how steep the untrained rule is. map_weight: of
    the map's own error beside the candidates' overlap. alpha, b and normalisation are the
    tracker's, since the loss contains its map. steps: batches per epoch. share: of the videos,
    for validation.
    """

    loss: str = "overlap"
    negative: bool = True
    free: str = "gain"
    hidden: int = 32
    fraction: float = 0.10
    gain: float = 3.0
    alpha: float = 0.5
    b: float = 0.2
    normalisation: str = "min-max"
    map_weight: float = 0.3
    batch: int = 16
    gap: int = 30
    steps: int = 100
    epochs: int = 50
    patience: int = 20
    rate: float = 0.001
    decay: float = 1e-4
    share: float = 0.2
    seed: int = 0

    def __post_init__(self) -> None:
        if self.loss not in LOSSES:
            raise unknown("loss", self.loss, LOSSES)
        if self.free not in FREE:
            raise unknown("free part of a net", self.free, FREE)
        for name in ("hidden", "batch", "gap", "steps", "epochs", "patience"):
            if getattr(self, name) < 1:
                raise InvalidInput(f"{name} is 1 or more; got {getattr(self, name)}")
        # What the tracker shares with the loss has the tracker's ranges.
        TrackerConfig(
            fraction=self.fraction, alpha=self.alpha, b=self.b, normalisation=self.normalisation
        )

    @property
    def signs(self) -> tuple[str, ...]:
        """The nets that are trained."""
        return SIGNS if self.negative else SIGNS[:1]


#: Sec. 4.2, as printed: Eq. 16, one pair of neighbouring frames at a time, Adam, 0.001.
PAPER = Training(loss="eq16", free="all", batch=1, gap=1, steps=1000, decay=0.0)


@dataclass
class State:
    """Where a run stands: epochs done, the best validation loss, epochs without a better one."""

    epoch: int = 0
    best: float = float("inf")
    waited: int = 0
    rows: list[Row] = field(default_factory=list)


def train(
    records: Records,
    config: TrackerConfig,
    training: Training,
    out: Path,
    *,
    each: Callable[[Row], None] = lambda row: None,
) -> WeightNets:
    """Train nets on these records; the best ones by validation loss, also in OUT/nets.npz.

    OUT/log.csv has a row per epoch, OUT/state.npz all that is needed to go on: called again with
    the same arguments after an interruption, it ends with the same nets. each: sees every row.
    Raises `InvalidInput` for a folder with another run and for an empty training set.
    """
    learn, judge = split(records.names, training.share, training.seed)
    with alone_in(out):
        _claim(out, records, config, training)
        pairs, held_out = (_pairs(records, names, training) for names in (learn, judge))
        with silent_stderr():
            model, networks = _compiled(records, training)
        state = _resume(model, out)
        if state.rows:
            _write_log(state, out)  # the last stop may have come before this epoch's row
        while state.epoch < training.epochs and state.waited < training.patience:
            row = _epoch(model, pairs, held_out, training, state.epoch)
            _judge(state, row)
            if state.waited == 0:
                _export(networks, config, training, row).save(out / NETS)
            _keep(model, state, out)
            each(row)
        return load_weight_nets(out / NETS)


def _claim(out: Path, records: Records, config: TrackerConfig, training: Training) -> None:
    """Write down what is trained here; `InvalidInput` if something else is."""
    facts = {
        "training": asdict(training),
        "records_of": config.hash(),
        "names": list(records.names),
        "records": len(records.rows),
    }
    text = json.dumps(facts, indent=1)
    path = out / RUN
    if path.is_file() and path.read_text(encoding="utf-8") != text:
        raise InvalidInput(f"{out} holds a run with other settings: give another folder")
    write_text_atomically(path, text)


def _pairs(records: Records, names: Sequence[str], training: Training) -> Pairs:
    candidates = 0 if training.loss == "eq16" else 32
    return Pairs(
        records,
        names,
        batch=training.batch,
        seed=training.seed,
        gap=training.gap,
        candidates=candidates,
    )


def _compiled(records: Records, training: Training) -> tuple[Any, dict[str, Any]]:
    """The model that is trained, and the nets inside it."""
    import keras

    from mfst_lib.training import networks as keras_nets

    keras.utils.set_random_seed(training.seed)
    networks = {
        sign: keras_nets.weight_network(
            records.channels,
            training.hidden,
            training.gain,
            training.fraction,
            f"{sign}_net",
            training.free,
        )
        for sign in training.signs
    }
    if training.loss == "eq16":
        model = keras_nets.score_model(networks)
        weights = None
    else:
        cells = records.grid[0] * records.grid[1]
        model = keras_nets.map_model(
            networks, cells, training.alpha, training.b, training.normalisation
        )
        weights = {"map": training.map_weight, "candidates": 1.0}
    optimizer = keras.optimizers.AdamW(training.rate, weight_decay=training.decay)
    losses = keras_nets.losses(training.loss, training.signs)
    model.compile(optimizer, loss=losses, loss_weights=weights)
    optimizer.build(model.trainable_variables)
    return model, networks


def _epoch(model: Any, pairs: Pairs, held_out: Pairs, training: Training, epoch: int) -> Row:
    """One epoch, then the validation loss, always on the same pairs."""
    start = time.perf_counter()
    learnt = _mean_loss(model.train_on_batch, model, pairs, training, epoch, training.steps)
    fewer = max(1, training.steps // 5)
    judged = _mean_loss(model.test_on_batch, model, held_out, training, VALIDATION_EPOCH, fewer)
    return {
        "epoch": epoch + 1,
        "loss": learnt,
        "val_loss": judged,
        "seconds": round(time.perf_counter() - start, 2),
    }


def _mean_loss(
    on_batch: Any, model: Any, pairs: Pairs, training: Training, epoch: int, steps: int
) -> float:
    """The mean loss over an epoch's batches, by `train_on_batch` or `test_on_batch`."""
    model.reset_metrics()
    loss = float("nan")
    for inputs, wanted in batches(pairs, training, epoch, steps):
        loss = float(on_batch(inputs, wanted, return_dict=True)["loss"])
    if not np.isfinite(loss):
        raise InvalidInput(f"the loss is {loss}: lower the learning rate ({training.rate})")
    return loss


def batches(pairs: Pairs, training: Training, epoch: int, steps: int) -> Iterator[tuple[Any, Any]]:
    """An epoch's batches, with the second scores signed for either net where Eq. 16 asks."""
    for step in range(steps):
        inputs, wanted = pairs.draw(epoch, step)
        if "next_scores" in wanted:
            scores = wanted["next_scores"]
            wanted = {sign: scores if sign == SIGNS[0] else -scores for sign in training.signs}
        yield inputs, wanted


def _judge(state: State, row: Row) -> None:
    """Count the epoch, and whether it was the best one so far."""
    state.epoch += 1
    state.rows.append(row)
    better = row["val_loss"] < state.best
    state.waited = 0 if better else state.waited + 1
    state.best = min(state.best, row["val_loss"])


def _export(
    networks: dict[str, Any], config: TrackerConfig, training: Training, row: Row
) -> WeightNets:
    from mfst_lib.backbones.catalogue import find_backbone
    from mfst_lib.training.networks import to_net

    nets = {sign: to_net(network, training.fraction) for sign, network in networks.items()}
    taps = config.taps or find_backbone(config.backbone).taps
    notes = {
        "training": asdict(training),
        "roi": [config.roi_scale, config.roi_shape, config.border, config.input_size],
        "epoch": row["epoch"],
        "val_loss": round(row["val_loss"], 5),
    }
    return WeightNets(config.backbone, taps, nets, notes)


def _keep(model: Any, state: State, out: Path) -> None:
    """Write the checkpoint and the log, each whole or not at all."""
    values = [np.asarray(variable) for variable in _variables(model)]
    standing = json.dumps({**asdict(state)})
    buffer = io.BytesIO()
    arrays = {f"v{i}": value for i, value in enumerate(values)}
    np.savez(buffer, state=np.frombuffer(standing.encode(), np.uint8), **arrays)  # type: ignore[arg-type]
    write_bytes_atomically(out / STATE, buffer.getvalue())
    _write_log(state, out)


def _write_log(state: State, out: Path) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(state.rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(state.rows)
    write_text_atomically(out / LOG, text.getvalue())


def _variables(model: Any) -> list[Any]:
    """All that changes while training: the nets' parameters and the optimizer's memory."""
    return [*model.weights, *model.optimizer.variables]


def _resume(model: Any, out: Path) -> State:
    """The state that a run was left in, the model set to it; a new one when there is none."""
    path = out / STATE
    if not path.is_file():
        return State()
    try:
        arrays = read_arrays(path)
        state = State(**json.loads(arrays["state"].tobytes()))
        for i, variable in enumerate(_variables(model)):
            variable.assign(arrays[f"v{i}"])
    except (KeyError, ValueError, TypeError, RecursionError) as error:
        raise InvalidInput(
            f"{path} is damaged ({error}): delete it to start this run again"
        ) from error
    return state


def training_config(backbone: str) -> TrackerConfig:
    """The tracker settings that records for a backbone's nets are made with: the default view."""
    return preset("default", backbone=backbone)


def with_changes(training: Training, changes: Mapping[str, Any]) -> Training:
    """A copy with some fields changed; `InvalidInput` for an unknown one or of another type."""
    kinds = {spec.name: str(spec.type) for spec in fields(Training)}
    for name, value in changes.items():
        if name not in kinds:
            raise unknown("training setting", name, kinds)
        whole = isinstance(value, int) and not isinstance(value, bool)
        right = {
            "int": whole,
            "float": whole or isinstance(value, float),
            "bool": isinstance(value, bool),
            "str": isinstance(value, str),
        }
        if not right[kinds[name]]:
            raise InvalidInput(f"{name} is a {kinds[name]}; got {value!r}")
    return replace(training, **changes)
