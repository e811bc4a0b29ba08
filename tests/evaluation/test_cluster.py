"""Runs on a real Dask cluster of two worker processes, one of which is killed."""

import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from mfst_lib.config import preset
from mfst_lib.errors import InvalidInput, NotFound
from mfst_lib.evaluation import run
from mfst_lib.evaluation.evaluate import evaluate
from mfst_lib.evaluation.results import Result, load_result
from mfst_lib.evaluation.run import Failure, attempt_in_worker, plan, run_all

distributed = pytest.importorskip("distributed", reason='pip install "mfst_lib[dask]"')

TASKS = ["lab:portrait", "lab:twins", "lab:eye-exam", "lab:cat-walk"]
CONFIG = preset("default", candidates=50)


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as started:
        yield started


def jobs_in(folder, frames=20):
    try:
        return plan(TASKS, "mine", [CONFIG], folder, frames=frames)
    except NotFound as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """The boxes of the runs made here, one after another."""
    outcomes = run_all(jobs_in(tmp_path_factory.mktemp("alone")))
    return {one.task: one.boxes.tolist() for one in outcomes}


def test_a_killed_worker_loses_nothing_and_all_is_as_without_a_cluster(
    cluster, expected, tmp_path, monkeypatch
):
    jobs = jobs_in(tmp_path)
    outcomes = run_all(jobs, dask=cluster.scheduler_address)
    first = next(outcomes)
    with distributed.Client(cluster) as client:
        pids = client.run(os.getpid)
        deadline = time.monotonic() + 60
        while not (busy := [worker for worker, held in client.processing().items() if held]):
            assert time.monotonic() < deadline
        os.kill(pids[busy[0]], signal.SIGKILL)
        found = [first, *outcomes]
        assert pids[busy[0]] not in client.run(os.getpid).values()
    assert {one.task: one.boxes.tolist() for one in found} == expected
    for job in jobs:
        assert load_result(job.path).boxes.tolist() == expected[job.task]
    monkeypatch.setattr(run, "on_cluster", lambda *_: iter(()))
    again = run_all(jobs, dask="none is needed: all is there")
    assert {one.task for one in again} == set(TASKS)


def test_a_task_that_cannot_be_read_there_fails_alone(cluster, tmp_path, make_otb):
    make_otb(tmp_path / "data" / "Cat", 4, groundtruth_rect="5,5,4,4\n" * 4)
    (tmp_path / "data" / "Cat" / "img" / "0003.png").write_bytes(b"no image")
    tasks = ["Cat", "lab:portrait"]
    jobs = plan(tasks, "mine", [CONFIG], tmp_path / "out", str(tmp_path / "data"), frames=4)
    outcomes = list(run_all(jobs, dask=cluster.scheduler_address))
    (failure,) = [one for one in outcomes if isinstance(one, Failure)]
    assert failure.job.task == "Cat" and "0003.png" in failure.message
    assert [one.task for one in outcomes if isinstance(one, Result)] == ["lab:portrait"]


def test_an_evaluation_there_has_the_scores_of_one_here_and_shows_its_progress(
    cluster, make_otb, tmp_path
):
    make_otb(tmp_path / "data" / "Cat", 9, groundtruth_rect="5,5,4,4\n" * 9)
    configs = [CONFIG, CONFIG.replace(seed=1)]
    shown = []

    def progress(outcomes, count):
        for outcome in outcomes:
            shown.append(count)
            yield outcome

    def scores(name, **how):
        summary = evaluate(
            ["Cat"], "mine", configs, tmp_path / name, root=str(tmp_path / "data"), **how
        )
        return summary["auc"], summary["precision20"], summary["curves"]

    there = scores("there", dask=cluster.scheduler_address, progress=progress)
    assert there == scores("here")
    assert shown == [2, 2]


def test_where_no_scheduler_answers_one_line_says_so(tmp_path, monkeypatch):
    from mfst_lib.evaluation import cluster

    monkeypatch.setattr(cluster, "PATIENCE", 1)
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        for address in (f"tcp://127.0.0.1:{nobody.getsockname()[1]}", "carrier-pigeon://loft"):
            with pytest.raises(InvalidInput, match="no Dask scheduler answers.*dask scheduler"):
                list(run_all(jobs_in(tmp_path), dask=address))
    assert not list(tmp_path.rglob("*.json"))


def test_a_result_of_other_weights_is_refused(tmp_path, monkeypatch, expected):
    (job,) = jobs_in(tmp_path)[:1]
    other = replace(run.attempt(job), weights="0" * 64)
    monkeypatch.setattr(run, "on_cluster", lambda work, jobs, address: iter([(job, other)]))
    (outcome,) = run_all([job], dask="tcp://somewhere:8786")
    assert isinstance(outcome, Failure) and "network weights" in outcome.message
    assert not job.path.exists()


def test_the_threads_of_one_worker_take_turns(expected, tmp_path):
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(attempt_in_worker, jobs_in(tmp_path)))
    assert {one.task: one.boxes.tolist() for one in outcomes} == expected
