"""The results in `data/results`: whole, of today's settings, small; what we say of them is so."""

import json
from pathlib import Path

import numpy as np
import pytest

import mfst_lib
from mfst_lib import FMST
from mfst_lib.backbones.engines import load_engine
from mfst_lib.config import preset
from mfst_lib.evaluation.ablations import finding, load_sweep, misfit
from mfst_lib.evaluation.boxes_files import read_boxes_file
from mfst_lib.evaluation.evaluate import config_hashes, load_summary
from mfst_lib.evaluation.luck import against, difference
from mfst_lib.evaluation.paper import TABLES
from mfst_lib.evaluation.sweeps import (
    DEFAULT_CHOICES,
    DEFAULT_LIT,
    DEFAULT_WHOLE,
    PRINCIPAL,
    SMALLER,
    SMALLER_WORK,
    SWEEPS,
    V3S_HELD,
)
from mfst_lib.evaluation.track import track
from mfst_lib.sequences.catalogue import load_sequence
from mfst_lib.sequences.vtb13 import is_task

RESULTS = Path(__file__).parents[2] / "data" / "results"
RUNS = sorted(path.parent for path in RESULTS.glob("vtb13/*/summary.json"))
FORMER = sorted(path.parent for path in RESULTS.glob("looks/*/summary.json"))
ROWS = {row.preset for rows in TABLES.values() for row in rows}


def summary(name):
    return load_summary(RESULTS / "vtb13" / f"{name}-{preset(name).backbone}")


@pytest.mark.parametrize("folder", FORMER, ids=lambda path: path.name)
def test_a_look_is_of_settings_that_its_preset_no_longer_has_and_is_listed(folder):
    stored = load_summary(folder)
    today = preset(stored["preset"], backbone=stored["backbone"])
    assert config_hashes(stored)[0] != today.replace(seed=stored["seeds"][0]).hash()
    assert f"looks/{folder.name}" in (RESULTS / "looks.md").read_text("utf-8")


@pytest.mark.parametrize("folder", RUNS, ids=lambda path: path.name)
def test_a_run_is_whole_and_of_the_settings_that_its_preset_has_today(folder):
    stored = load_summary(folder)
    config = preset(stored["preset"], backbone=stored["backbone"])
    assert config_hashes(stored) == [config.replace(seed=seed).hash() for seed in stored["seeds"]]
    assert len(stored["seeds"]) >= 3 and not stored["failed"]
    assert stored["versions"]["mfst_lib"] == mfst_lib.__version__
    assert stored["command"].startswith("mfst ")


def test_both_tables_are_complete_and_on_the_same_tasks():
    tasks = {tuple(summary(name)["per_task"]) for name in ROWS}
    assert len(tasks) == 1 and len(*tasks) >= 18


@pytest.mark.parametrize("suffix", ["", "-eq12"])
def test_s_beats_sc_beats_c_on_the_large_network_as_in_the_paper(suffix):
    success = [summary(f"v3l-{types}{suffix}")["auc"] for types in ("s", "sc", "c")]
    assert success == sorted(success, reverse=True)


@pytest.mark.parametrize("name", SWEEPS)
def test_every_ablation_is_there_and_answers_for_its_sweep(name):
    content = load_sweep(RESULTS / "ablations" / f"{name}.json")
    assert misfit(content, SWEEPS[name], content["tasks"]) == ""
    assert content["command"].startswith("mfst ")
    assert not any(map(is_task, content["tasks"])), "chosen without looking at the benchmark"
    assert (RESULTS / "ablations" / f"{name}.png").is_file()


def rows_of_both_networks(kind):
    """The settings of the sweeps KIND-v3l and KIND-lite0: label to its two rows."""
    stored = [load_sweep(RESULTS / "ablations" / f"{kind}-{net}.json") for net in ("v3l", "lite0")]
    pairs = zip(*(sweep["settings"] for sweep in stored), strict=True)
    return {rows[0]["label"]: rows for rows in pairs}


def best_of(rows):
    """The label with the highest success, mean of the two networks."""
    return max(rows, key=lambda label: np.mean([row["auc"] for row in rows[label]]))


def test_the_first_round_goes_to_the_highest_success():
    best = best_of(rows_of_both_networks("default"))
    assert DEFAULT_CHOICES[best] == DEFAULT_WHOLE["today's"]


def lead_over_today(kind):
    """The label with the highest success, and by how much it is ahead of "today's"."""
    rows = rows_of_both_networks(kind)
    best = best_of(rows)
    by_sequence = {
        label: {
            task: np.mean([row["per_task"][task]["auc"] for row in pair])
            for task in pair[0]["per_task"]
        }
        for label, pair in rows.items()
    }
    return best, difference(by_sequence[best], by_sequence["today's"])


def test_the_default_is_what_the_rule_of_the_second_round_chooses():
    """The highest success on whole sequences, and clearly ahead of the first round's."""
    best, lead = lead_over_today("whole")
    assert lead.low > 0
    assert preset("default") == preset("paper", **DEFAULT_WHOLE[best])


def test_in_the_third_round_the_same_rule_leaves_the_default_as_it_is():
    assert preset("default") == preset("paper", **DEFAULT_LIT["today's"])
    assert not lead_over_today("lit")[1].low > 0


SHORT = {
    "v3l": "mobilenet_v3_large",
    "v3s": "mobilenet_v3_small",
    "lite0": "efficientnet_lite0",
}


@pytest.mark.parametrize("short", SHORT)
def test_a_network_has_a_default_of_its_own_where_its_third_round_is_clear(short):
    rows = load_sweep(RESULTS / "ablations" / f"lit-{short}.json")["settings"]
    best, today = max(rows, key=lambda row: row["auc"]), rows[0]
    clear = best is not today and against(best, today).low > 0
    config = preset("default", backbone=SHORT[short])
    settings = DEFAULT_LIT[best["label"] if clear else "today's"]
    assert config == preset("paper", backbone=SHORT[short], **settings)


def test_beyond_v3s_is_what_its_rule_chooses():
    """The highest success on whole sequences, clearly ahead of a box that nothing holds."""
    rows = load_sweep(RESULTS / "ablations" / "beyond-v3s.json")["settings"]
    best, free = max(rows, key=lambda row: row["auc"]), rows[0]
    assert against(best, free).low > 0 and free["label"] == "neither"
    assert preset("beyond-v3s") == preset("beyond-v3s", **V3S_HELD[best["label"]])


def test_beyond_v3s_reads_what_its_last_rule_chooses():
    """The highest success on whole sequences, of the top 10 % and of sums of all maps."""
    rows = load_sweep(RESULTS / "ablations" / "principal-v3s.json")["settings"]
    best = max(rows, key=lambda row: row["auc"])["label"]
    chosen = {**PRINCIPAL[best], "learn_every": 5}  # by a rule of its own, later
    assert preset("beyond-v3s") == preset("beyond-v3s", **chosen)


def smallest_as_good() -> str:
    """Of the settings with at most half of the work, the one with the highest success, if it is
    not clearly behind."""
    rows = load_sweep(RESULTS / "ablations" / "smaller-v3s.json")["settings"]
    former, *others = rows
    half = SMALLER_WORK[former["label"]] / 2
    best = max(
        (row for row in others if SMALLER_WORK[row["label"]] <= half), key=lambda row: row["auc"]
    )
    return str((former if against(best, former).high < 0 else best)["label"])


def test_what_that_rule_chose_was_looked_at_and_is_no_preset():
    chosen = preset("beyond-v3s", **SMALLER[smallest_as_good()])
    looked_at = load_summary(RESULTS / "looks" / "beyond-v3s-early-blocks")
    assert config_hashes(looked_at)[0] == chosen.hash()
    second = SMALLER["blocks 6, 8, 9 of 160 px, ROI × 1.8"]
    assert preset("beyond-v3s-160px") == preset("beyond-v3s", **second)


@pytest.mark.parametrize("label", SMALLER)
def test_the_work_of_a_smaller_network_is_what_was_counted(label, mfst_weights):
    engine = load_engine(preset("beyond-v3s", **SMALLER[label]))
    assert round(engine.multiply_adds() / 1e6, 1) == SMALLER_WORK[label]


def test_beyond_v3s_learns_as_seldom_as_its_rule_allows():
    """The longest gap up to the solver's that is not clearly behind learning from every frame."""
    rows = load_sweep(RESULTS / "ablations" / "learn_every-v3s.json")["settings"]
    every, config = rows[0], preset("beyond-v3s")
    assert every["label"] == "1"
    allowed = [int(row["label"]) for row in rows if not against(row, every).high < 0]
    assert config.learn_every == max(k for k in allowed if k <= config.ridge_every)


#: Fields that were set after the speeds had been measured. One is at work before the first step
#: only, the others are numbers in one product: with and without them a step does the same.
SAME_WORK = {"fit_bias": 0.0, "size_pull": 0.0}
SAME_WORK_OF_DEFAULT = {**SAME_WORK, "mean_size": 0.997, "eta": 0.99}
#: And one that is more work: `default` on V3-Large was timed with whole maps; the README says so.
LATER_WORK_OF_DEFAULT = {"above_mean": False}


def test_speed_is_of_todays_settings():
    for name, row in json.loads((RESULTS / "speed.json").read_text("utf-8"))["rows"].items():
        preset_name, _, backbone = name.partition("@")
        changes: dict[str, object] = dict(SAME_WORK)
        if preset_name == "default":
            changes |= SAME_WORK_OF_DEFAULT | LATER_WORK_OF_DEFAULT
        if backbone:
            changes["backbone"] = backbone
        assert preset(preset_name, **changes).hash() == row["config_hash"]
        assert 0 < row["p50_ms"] <= row["p95_ms"]


def test_the_folder_stays_small():
    files = (path for path in RESULTS.rglob("*") if path.is_file())
    sizes = [path.stat().st_size for path in files if "seed" not in path.parent.name]
    assert sum(sizes) < 17e6 and max(sizes) < 3e6


@pytest.mark.parametrize("name", SWEEPS)
def test_a_finding_follows_from_the_scores_beside_it(name):
    content = load_sweep(RESULTS / "ablations" / f"{name}.json")
    wanted = finding(content["settings"], content["reference"], SWEEPS[name].whose)
    assert content["finding"] == wanted


NETS = sorted(RESULTS.glob("nets-*.json"))


@pytest.mark.parametrize("path", NETS, ids=lambda path: path.stem)
def test_the_spread_over_training_seeds_begins_with_the_shipped_nets(path):
    spread = json.loads(path.read_text("utf-8"))
    shipped = summary(spread["preset"])
    assert len(spread["training_seeds"]) == len(spread["tracking_seeds"]) == 3
    for key in ("precision20", "auc"):
        assert spread[key][0] == pytest.approx(shipped[key], abs=1e-4)
        by_task = [row[key] for row in spread["per_task"].values()]
        assert np.mean(by_task) == pytest.approx(np.mean(spread[key]), abs=1e-4)
    assert list(spread["per_task"]) == list(shipped["per_task"])


ELSEWHERE = json.loads((RESULTS / "processors.json").read_text("utf-8"))


@pytest.mark.parametrize("name", [n for n in ELSEWHERE["runs"] if not n.startswith("beyond-")])
def test_on_another_processor_nearly_all_boxes_were_equal(name):
    run, stored = ELSEWHERE["runs"][name], load_summary(RESULTS / "vtb13" / name)
    assert run["runs"] == len(run["seeds"]) * stored["tasks"]
    assert run["equal_runs"] / run["runs"] > (0.99 if name.startswith("ridge-") else 0.8)
    assert run["stored"]["processor"] != run["other"]["processor"]
    assert run["stored"]["auc"] == pytest.approx(stored["auc"], abs=1e-4)


@pytest.mark.parametrize("name", ELSEWHERE["programs"])
def test_by_another_program_most_boxes_were_equal_and_success_the_same(name):
    run, stored = ELSEWHERE["programs"][name], load_summary(RESULTS / "vtb13" / name)
    assert run["runs"] == len(run["seeds"]) * stored["tasks"]
    assert run["equal_runs"] / run["runs"] > 0.6
    assert run["other"]["auc"] == pytest.approx(run["stored"]["auc"], abs=0.005)
    assert (run["stored"]["engine"], run["other"]["engine"]) == ("litert", "keras")


def test_stored_boxes_come_again_on_whatever_processor_this_is(mfst_data, mfst_weights):
    stored = read_boxes_file(RESULTS / "vtb13/beyond-v3s-mobilenet_v3_small/boxes-seed0.npz")
    equal = 0
    for task in ("Deer", "Couple", "Jumping", "Skiing", "Crossing"):
        sequence = load_sequence(task).first(30)
        found = track(FMST(preset("beyond-v3s")), sequence.frames, sequence.boxes[0]).boxes
        equal += np.abs(found - stored[task][:30]).max() < 0.002
    assert equal >= 3  # once in some thousand steps a rounding error may tip a choice
