"""The command as a user meets it: run in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from mfst_lib.evaluation.boxes_files import read_boxes_file
from mfst_lib.evaluation.results import load_result
from mfst_lib.sequences import lab
from mfst_lib.sequences.frames import VideoFrames

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX")

QUICK = ["--set", "candidates=20"]


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "mfst_lib", *map(str, arguments)]


def mfst(*arguments: object, cwd: Path, **options) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("MFST_DATA")}
    return subprocess.run(
        command(*arguments), cwd=cwd, env=environment, capture_output=True, text=True, **options
    )


@pytest.fixture(scope="module")
def video(tmp_path_factory) -> Path:
    """Ten frames of the lab as a video file."""
    path = tmp_path_factory.mktemp("video") / "portrait.avi"
    frames = lab.render("portrait").frames[:10]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 25, (320, 240))
    for frame in frames:
        writer.write(frame[..., ::-1])
    writer.release()
    return path


@pytest.fixture(scope="module")
def box() -> str:
    return ",".join(f"{v:.1f}" for v in lab.render("portrait").boxes[0])


def test_track_writes_boxes_and_video(video, box, tmp_path):
    done = mfst("track", video, "--box", box, "--video", "out.mp4", "--json", cwd=tmp_path)
    figures = json.loads(done.stdout)
    assert figures["frames"] == 10 and figures["seen"] >= 9
    rows = np.loadtxt(tmp_path / "boxes.csv", delimiter=",", skiprows=1)
    truth = lab.render("portrait").boxes[:10]
    assert np.abs(rows[:, 1:5] - truth).max() < 25
    drawn = VideoFrames(tmp_path / "out.mp4")
    assert len(drawn) == 10
    x, y, w, _h = (round(v) for v in rows[5, 1:5])
    border = drawn[5][y, x : x + w].astype(int).mean(axis=0)
    assert border[0] > border[1] + 40, "the box's upper edge is drawn in red"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["boxes.csv", "out.mp4"]


def test_track_never_imports_tensorflow(video, box, tmp_path):
    code = (
        "import sys; sys.argv = ['mfst'] + sys.argv[1:]\n"
        "from mfst_lib.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code, end.code\n"
        "assert not {'tensorflow', 'keras', 'matplotlib'} & set(sys.modules)"
    )
    arguments = ["track", str(video), "--box", box]
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_track_starts_from_the_ground_truth_where_there_is_one(tmp_path):
    done = mfst("track", "lab:eye-exam", "--out", "eye.json", *QUICK, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    boxes = read_boxes_file(tmp_path / "eye.json")["lab:eye-exam"]
    np.testing.assert_allclose(boxes[0], lab.render("eye-exam").boxes[0], atol=1e-3)


def test_an_exported_tracker_follows_as_the_one_that_was_exported(video, box, tmp_path):
    done = mfst("export", "--out", "tracker", "--json", *QUICK, cwd=tmp_path)
    sizes = json.loads(done.stdout)["files"]
    assert set(sizes) == {"config.json", "manifest.json", "model.tflite"}
    source = ("track", video, "--box", box)
    mfst(*source, *QUICK, cwd=tmp_path)
    done = mfst(*source, "--export", "tracker", "--out", "there.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "there.csv").read_text() == (tmp_path / "boxes.csv").read_text()
    wrong = mfst(*source, "--export", "tracker", "--backbone", "vgg16", cwd=tmp_path)
    assert wrong.returncode == 2 and "leave --backbone out" in wrong.stderr


def test_soak_writes_its_figures_and_says_them(tmp_path):
    done = mfst("soak", "--frames", 20, "--task", "lab:portrait", "--out", "s.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    content = json.loads((tmp_path / "s.json").read_text("utf-8"))
    assert content["frames"] == 20 and content["command"].startswith("mfst soak")
    assert f"memory {content['memory_mb']['settled']:.1f} MB" in done.stdout


def test_eval_leaves_results_summary_and_plots(tmp_path):
    done = mfst(
        "eval", "--tasks", "lab:portrait,lab:twins", "--seeds", "0,1", "--json", cwd=tmp_path
    )
    summary = json.loads(done.stdout)
    assert summary["tasks"] == 2 and summary["seeds"] == [0, 1]
    assert summary["per_task"]["lab:portrait"]["auc"] > 0.55
    assert set(summary["by_attribute"]) == {"IV", "OCC", "BC"}
    folder = tmp_path / "results" / "default-efficientnet_lite0"
    assert len(list(folder.glob("seed*/*.json"))) == 4
    assert cv2.imread(str(folder / "curves.png")).std() > 10
    assert set(read_boxes_file(folder / "boxes-seed1.npz")) == {"lab:portrait", "lab:twins"}


def test_eval_prints_a_table_for_people(tmp_path):
    done = mfst("eval", "--tasks", "lab:portrait", *QUICK, cwd=tmp_path)
    assert "lab:portrait" in done.stdout and "1 tasks: precision" in done.stdout


@POSIX
def test_eval_goes_on_after_an_interruption(tmp_path):
    # So many that, on a busy machine too, some are still to come when the first one is there.
    tasks = "lab:portrait,lab:cup-patio,lab:eye-exam,lab:twins,lab:coin-tray,lab:cat-walk"
    arguments = ["eval", "--tasks", tasks, "--workers", "2", "--no-plots", *QUICK]
    process = subprocess.Popen(
        command(*arguments),
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell starts what runs in its background deaf to Ctrl-C, and so these tests, too.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    results = tmp_path / "results"
    deadline = time.monotonic() + 120
    while not list(results.glob("*/seed*/lab-*.json")):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert "interrupted" in told
    finished = {path: path.stat().st_mtime_ns for path in results.glob("*/seed*/*.json")}
    assert 0 < len(finished) < 6
    assert not list(results.rglob("*.tmp"))
    for path in finished:
        load_result(path)
    done = mfst(*arguments, "--json", cwd=tmp_path)
    assert json.loads(done.stdout)["tasks"] == 6
    assert {path: path.stat().st_mtime_ns for path in finished} == finished


def full_disk() -> None:
    """No file of this process grows beyond 1000 bytes: the nearest thing to a full disk."""
    import resource

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))


@POSIX
def test_a_full_disk_is_told_and_nothing_half_written_stays(tmp_path):
    done = mfst("eval", "--tasks", "lab:eye-exam", *QUICK, cwd=tmp_path, preexec_fn=full_disk)
    assert done.returncode == 2
    assert "cannot write" in done.stderr and "Traceback" not in done.stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@POSIX
def test_a_full_disk_while_tracking_leaves_nothing(video, box, tmp_path):
    done = mfst("track", video, "--box", box, "--out", "a.json", cwd=tmp_path, preexec_fn=full_disk)
    assert done.returncode == 2 and "cannot write" in done.stderr
    assert list(tmp_path.iterdir()) == []


MISTAKES = {
    "no such file": ("track nowhere.mp4 --box 1,2,3,4", "no file or folder nowhere.mp4"),
    "a folder with no images": ("track empty --box 1,2,3,4", "no frames"),
    "no box": ("track VIDEO", "give --box x,y,w,h"),
    "three numbers": ("track VIDEO --box 1,2,3", "four numbers"),
    "a box of no width": ("track VIDEO --box 1,2,0,4", "positive width"),
    "a negative box": ("track VIDEO --box 1,2,-3,4", "positive width"),
    "a box that is not a number": ("track VIDEO --box 1,2,nan,4", "finite"),
    "an infinite box": ("track VIDEO --box 1,2,inf,4", "finite"),
    "an absurd box": ("track VIDEO --box 1,2,99999,4", "over 10 times"),
    "a box outside": ("track VIDEO --box 1000,2,3,4", "wholly outside"),
    "a text file": ("track notes.txt --box 1,2,3,4", "notes.txt"),
    "an unknown lab sequence": ("track lab:portrat", "did you mean lab:portrait"),
    "an unknown ending": ("track VIDEO --box 1,2,3,4 --out a.xyz", ".csv"),
    "no output folder": ("track VIDEO --box 1,2,3,4 --out no/a.csv", "not a folder"),
    "no video folder": ("track VIDEO --box 1,2,3,4 --video no/a.mp4", "not a folder"),
    "an unknown backbone": ("eval --backbone vgg61", "did you mean vgg16"),
    "an unknown preset": ("eval --preset v3l-ss", "did you mean v3l-s"),
    "an unknown field": ("eval --set roi_scal=2", "did you mean roi_scale"),
    "a field out of range": ("eval --set roi_scale=99", "lies in [1.0, 8.0]"),
    "a field of another type": ("eval --set update=3", "update is a bool"),
    "no data folder": ("eval --tasks David", "--data FOLDER"),
    "an unknown task": ("eval --tasks Davidd --data .", "did you mean David"),
    "a missing task": ("eval --tasks David --data .", "David: no folder David"),
    "seeds that are words": ("eval --seeds one", "whole numbers"),
    "no exported folder": ("track VIDEO --box 1,2,3,4 --export no", "mfst export --out no"),
    "a foreign folder": ("track VIDEO --box 1,2,3,4 --export empty", "is no export"),
    "an export over files": ("export --out .", "holds other files"),
    "both ways to share work": ("eval --workers 2 --dask tcp://h:1", "give one"),
    "no weights folder": ("eval --weights nowhere", "nowhere does not exist"),
    "no boxes": ("score nowhere.npz", "no file or folder of boxes"),
    "boxes of another kind": ("score notes.txt", "notes.txt"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_ends_in_one_clear_line(mistake, video, tmp_path):
    line, says = MISTAKES[mistake]
    (tmp_path / "empty").mkdir()
    (tmp_path / "notes.txt").write_text("not boxes")
    before = sorted(tmp_path.rglob("*"))
    done = mfst(*line.replace("VIDEO", str(video)).split(), cwd=tmp_path)
    told = [line for line in done.stderr.splitlines() if "converting" not in line]
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert len(told) == 1 and told[0].startswith("mfst: "), done.stderr
    assert [p for p in sorted(tmp_path.rglob("*")) if p.is_file()] == [
        p for p in before if p.is_file()
    ]


def test_struck_scores_what_was_published(mfst_data, tmp_path):
    boxes = mfst_data.resolve() / "vtb13_meta" / "published_boxes"
    if not boxes.is_dir():
        pytest.skip("MFST_DATA has no vtb13_meta/published_boxes")
    done = mfst("score", boxes / "Struck.npz", "--json", cwd=tmp_path)
    figures = json.loads(done.stdout)
    assert (figures["auc"], figures["precision20"]) == (0.4737, 0.6561)


def test_the_version_and_the_help_are_there(tmp_path):
    assert mfst("--version", cwd=tmp_path).stdout.startswith("mfst_lib ")
    overview = mfst("--help", cwd=tmp_path).stdout
    assert all(name in overview for name in ("track", "eval", "score"))


def test_report_compares_on_the_tasks_in_common(mfst_data, tmp_path):
    boxes = mfst_data.resolve() / "vtb13_meta" / "published_boxes"
    if not boxes.is_dir():
        pytest.skip("MFST_DATA has no vtb13_meta/published_boxes")
    wanted = ["--tasks", "bolt,Jogging.1,Deer", "--out", "report"]
    done = mfst("report", boxes, *wanted, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "3 tasks: Bolt, Deer, Jogging-1" in done.stdout
    names = {path.name for path in (tmp_path / "report").iterdir()}
    assert {"table.md", "table.csv", "table.tex", "curves.png", "attributes.svg"} <= names
    figures = json.loads(mfst("report", boxes, "--json", cwd=tmp_path).stdout)
    struck = next(one for one in figures["trackers"] if one["name"] == "Struck")
    assert len(figures["tasks"]) == 51
    assert round(struck["auc"], 4) == 0.4737 and round(struck["precision20"], 4) == 0.6561


def test_an_ablation_without_data_leaves_a_file_a_plot_and_a_sentence(tmp_path):
    arguments = ("reproduce", "ablations", "--rows", "update", "--quick", "--workers", "2")
    done = mfst(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Must the average scores follow the target at all?" in done.stdout
    folder = tmp_path / "results" / "ablations-quick"
    content = json.loads((folder / "update.json").read_text("utf-8"))
    assert content["finding"] in done.stdout
    assert [row["label"] for row in content["settings"]] == ["updated", "as in frame 0"]
    assert cv2.imread(str(folder / "update.png")) is not None
    before = (folder / "update.json").stat().st_mtime_ns
    again = mfst(*arguments, cwd=tmp_path)
    assert again.stdout == done.stdout
    assert (folder / "update.json").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("table3x",), "unknown thing to reproduce"),
        (("ablations", "--rows", "fractoin"), "did you mean fraction"),
        (("table1", "--rows", "v3l"), "unknown row of table1"),
        (("figures", "--rows", "fig99"), "unknown figure"),
        (("table1",), "MFST_DATA"),
    ],
)
def test_what_cannot_be_reproduced_is_told(arguments, says, tmp_path):
    done = mfst("reproduce", *arguments, cwd=tmp_path)
    assert done.returncode == 2 and says in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.rglob("*.json")] == []


def test_bench_times_presets_side_by_side(tmp_path):
    arguments = ("--frames", 4, "--repetitions", 1, "--out", "speed.json")
    done = mfst("bench", "--presets", "default,paper", *arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    content = json.loads((tmp_path / "speed.json").read_text("utf-8"))
    assert list(content["rows"]) == ["default", "paper"]
    assert content["frames"] == 3
    assert "default" in done.stdout and "cores" in done.stdout
    assert (tmp_path / "speed.png").read_bytes().startswith(b"\x89PNG")
    wrong = mfst("bench", "--presets", "defualt", cwd=tmp_path)
    assert wrong.returncode == 2 and "did you mean default" in wrong.stderr
    wrong = mfst("bench", "--device", "gpu", cwd=tmp_path)
    assert wrong.returncode == 2 and "--engine keras" in wrong.stderr
