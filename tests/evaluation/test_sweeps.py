import pytest

from mfst_lib.config import preset
from mfst_lib.errors import InvalidInput
from mfst_lib.evaluation.sweeps import SWEEPS, find_sweep, quick
from mfst_lib.sequences.vtb13 import is_task

each_sweep = pytest.mark.parametrize("sweep", SWEEPS.values(), ids=SWEEPS)


@each_sweep
def test_every_setting_is_a_configuration_of_its_own(sweep):
    hashes = [sweep.configs(label)[0].hash() for label in sweep.settings]
    assert len(set(hashes)) == len(hashes) >= 2
    assert sweep.reference in sweep.settings
    assert set(sweep.coarse) <= set(sweep.settings)


@each_sweep
def test_the_seeds_are_the_only_difference_within_a_setting(sweep):
    for label in sweep.settings:
        configs = sweep.configs(label)
        assert [config.seed for config in configs] == list(sweep.seeds)
        assert len({config.replace(seed=0) for config in configs}) == 1


@pytest.mark.parametrize("name", [name for name in SWEEPS if SWEEPS[name].base == "v3l-s"])
def test_the_reference_is_the_papers_setting(name):
    sweep = SWEEPS[name]
    ours, papers = sweep.configs(sweep.reference)[0], preset("v3l-s")
    taps = ("block11_expand", "block12_expand", "block13_expand")
    assert ours.replace(taps=()) == papers
    assert ours.taps in ((), taps)


def test_at_least_three_seeds_but_for_the_search_of_vgg16s_layers():
    assert {name for name, sweep in SWEEPS.items() if len(sweep.seeds) < 3} <= {"vgg16"}


def test_nothing_is_chosen_on_the_benchmark():
    for sweep in SWEEPS.values():
        assert sweep.tasks == "train" or not any(map(is_task, sweep.tasks.split(",")))


def test_the_quick_version_needs_no_data_and_no_download():
    coarse = {name: quick(sweep) for name, sweep in SWEEPS.items()}
    assert {name for name, sweep in coarse.items() if sweep is None} >= {"blocks", "vgg16"}
    for sweep in filter(None, coarse.values()):
        assert all(task.startswith("lab:") for task in sweep.tasks.split(","))
        configs = [sweep.configs(label)[0] for label in sweep.settings]
        assert {config.backbone for config in configs} == {"efficientnet_lite0"}


def test_an_unknown_ablation_is_told_with_the_nearest():
    with pytest.raises(InvalidInput, match="did you mean fraction"):
        find_sweep("fractions")
