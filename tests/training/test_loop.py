import csv
import json

import numpy as np
import pytest
from made_up_records import CHANNELS, made_up

from mfst_lib import files
from mfst_lib.config import TrackerConfig
from mfst_lib.errors import InvalidInput
from mfst_lib.training import loop
from mfst_lib.training.loop import PAPER, Training, train, with_changes
from mfst_lib.weight_net import load_weight_nets

pytest.importorskip("keras")

CONFIG = TrackerConfig(backbone="mobilenet_v3_small")
SHORT = Training(hidden=4, steps=3, epochs=3, batch=4, gap=3, rate=0.01)


def run(out, training=SHORT, **more):
    records = made_up((10, 6, 8))
    return train(records, CONFIG, training, out, **more)


def same(one, other):
    scores = np.random.default_rng(0).normal(size=CHANNELS)
    pairs = ((one.predict(scores, sign), other.predict(scores, sign)) for sign in one.nets)
    return all((left == right).all() for left, right in pairs)


def rows(out):
    with (out / "log.csv").open() as stream:
        return list(csv.DictReader(stream))


def test_a_run_leaves_nets_log_and_checkpoint(tmp_path):
    seen = []
    nets = run(tmp_path / "run", each=seen.append)
    assert same(nets, load_weight_nets(tmp_path / "run" / "nets.npz"))
    assert set(nets.nets) == {"positive", "negative"}
    assert nets.notes["training"]["seed"] == 0
    assert [row["epoch"] for row in rows(tmp_path / "run")] == ["1", "2", "3"]
    assert [row["epoch"] for row in seen] == [1, 2, 3]
    assert all(np.isfinite([row["loss"], row["val_loss"]]).all() for row in seen)


def test_seeds_decide(tmp_path):
    first = run(tmp_path / "a")
    assert same(first, run(tmp_path / "b"))
    assert not same(first, run(tmp_path / "c", with_changes(SHORT, {"seed": 1})))


@pytest.mark.parametrize("epoch", [1, 2])
def test_an_interrupted_run_goes_on_to_the_same_nets(tmp_path, epoch):
    whole = run(tmp_path / "whole")

    def stop(row):
        if row["epoch"] == epoch:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "broken", each=stop)
    assert len(rows(tmp_path / "broken")) == epoch
    assert same(whole, run(tmp_path / "broken"))
    losses = [[row["loss"] for row in rows(tmp_path / name)] for name in ("whole", "broken")]
    assert losses[0] == losses[1]


def test_a_finished_run_is_not_made_again(tmp_path, monkeypatch):
    nets = run(tmp_path)
    monkeypatch.setattr(loop, "_epoch", lambda *_: pytest.fail("made again"))
    assert same(nets, run(tmp_path))


def test_it_stops_early_and_keeps_the_best(tmp_path, monkeypatch):
    losses = iter([3.0, 2.0, 2.5, 2.6, 9.0])
    row = {"loss": 1.0, "seconds": 0.0}
    monkeypatch.setattr(
        loop,
        "_epoch",
        lambda *args: {"epoch": args[-1] + 1, **row, "val_loss": next(losses)},
    )
    training = with_changes(SHORT, {"patience": 2, "epochs": 9})
    nets = run(tmp_path, training)
    assert len(rows(tmp_path)) == 4
    assert (nets.notes["epoch"], nets.notes["val_loss"]) == (2, 2.0)


def test_another_run_in_the_folder_is_not_overwritten(tmp_path):
    run(tmp_path)
    before = (tmp_path / "nets.npz").read_bytes()
    with pytest.raises(InvalidInput, match="another folder"):
        run(tmp_path, with_changes(SHORT, {"seed": 1}))
    assert (tmp_path / "nets.npz").read_bytes() == before


def test_a_damaged_checkpoint_is_named(tmp_path):
    run(tmp_path)
    content = (tmp_path / "state.npz").read_bytes()
    (tmp_path / "state.npz").write_bytes(content[: len(content) // 2])
    with pytest.raises(InvalidInput, match="state.npz is damaged"):
        run(tmp_path)


def test_a_full_disk_at_a_checkpoint_loses_nothing(tmp_path, monkeypatch):
    def stop(row):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, each=stop)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    write = files.Path.write_bytes

    def full(self, data):
        if len(data) > 100 and ".npz" in self.name:
            raise OSError(28, "No space left on device")
        return write(self, data)

    monkeypatch.setattr(files.Path, "write_bytes", full)
    with pytest.raises(InvalidInput, match="No space left"):
        run(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_the_papers_loss_saturates_the_weights_of_maps_whose_scores_stay_high(tmp_path):
    training = with_changes(PAPER, {"steps": 100, "epochs": 2, "hidden": 4, "rate": 0.05})
    records = made_up((10, 6, 8), maps=False)
    records.rows["scores"][:, :6] += 5  # these always answer to the target
    nets = train(records, CONFIG, training, tmp_path)
    weights = nets.predict(records.rows["scores"][0])
    assert weights[:6].mean() > weights[6:].mean() + 1
    assert json.loads((tmp_path / "run.json").read_text())["training"]["loss"] == "eq16"


def test_with_free_gains_alone_nothing_below_the_threshold_gets_a_weight(tmp_path):
    nets = run(tmp_path)
    scores = np.random.default_rng(0).normal(size=CHANNELS)
    assert (nets.predict(scores)[scores < np.sort(scores)[-6]] == 0).all()
    for net in nets.nets.values():
        assert (net.offset == 0).all() and (net.out == 0).all()
        assert (net.gain != SHORT.gain).any()


def test_a_loss_that_is_no_number_ends_the_run(tmp_path, monkeypatch):
    records = made_up((10, 6, 8))
    records.rows["scores"][:] = np.nan
    with pytest.raises(InvalidInput, match="the loss is nan"):
        train(records, CONFIG, SHORT, tmp_path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"loss": "mse"}, "unknown loss 'mse'"),
        ({"free": "some"}, "unknown free part of a net 'some'"),
        ({"epochs": 0}, "epochs is 1 or more"),
        ({"alpha": -1.0}, "alpha"),
        ({"normalisation": "none"}, "unknown normalisation"),
        ({"epocs": 3}, "unknown training setting 'epocs': did you mean epochs"),
        ({"epochs": 2.5}, "epochs is a int; got 2.5"),
        ({"negative": 1}, "negative is a bool"),
        ({"rate": "fast"}, "rate is a float"),
    ],
)
def test_bad_settings_are_refused(changes, said):
    with pytest.raises(InvalidInput, match=said):
        with_changes(SHORT, changes)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("here")
    with pytest.raises(InvalidInput, match="cannot write to"):
        run(tmp_path / "file" / "run")
