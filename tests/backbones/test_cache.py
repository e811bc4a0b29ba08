"""The model cache when it is shared, read-only or older than the library."""

import errno
import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mfst_lib.backbones import models
from mfst_lib.backbones.models import ModelSpec, cache_folder, converted_model
from mfst_lib.backbones.weights import Weights

MODEL = b"\x1c\x00\x00\x00TFL3" + bytes(range(256)) * 4


def spec(number=0):
    return ModelSpec("vgg16", ("a",), 64, Weights(None, f"{number:064d}"))


@pytest.fixture
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("MFST_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def never_converts(monkeypatch):
    monkeypatch.setattr(models, "_convert", lambda _: pytest.fail("converted again"))


CONVERTS = """
import os, sys, time
from mfst_lib.backbones import models
sys.path.insert(0, os.path.dirname(sys.argv[1]))
import test_cache
models._convert = lambda _: test_cache.MODEL + str(os.getpid()).encode() * 50_000
open(f"{sys.argv[2]}.{os.getpid()}", "w").close()
while len([n for n in os.listdir(os.path.dirname(sys.argv[2])) if n.startswith("ready.")]) < 2:
    time.sleep(0.001)
for number in range(40):
    model = models.converted_model(test_cache.spec(number))
    tail = model.removeprefix(test_cache.MODEL)
    assert tail == tail[: len(tail) // 50_000] * 50_000
"""


def test_two_processes_that_convert_the_same_models_leave_whole_ones(cache, monkeypatch, tmp_path):
    command = [sys.executable, "-c", CONVERTS, __file__, str(tmp_path / "ready")]
    running = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    told = [process.communicate(timeout=120)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0], told
    assert "damaged" not in "".join(told)
    never_converts(monkeypatch)
    made = {str(process.pid).encode() * 50_000 for process in running}
    assert {converted_model(spec(number))[len(MODEL) :] for number in range(40)} <= made
    assert not list(cache.glob(".*")), "no temporary file stays"


def refuse(*_, **__):
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def test_a_read_only_cache_without_the_model_is_survived_with_one_line(cache, monkeypatch, caplog):
    cache.mkdir()
    monkeypatch.setattr(models, "_convert", lambda _: MODEL)
    monkeypatch.setattr(Path, "write_bytes", refuse)
    with caplog.at_level(logging.WARNING):
        assert converted_model(spec()) == MODEL
    (line,) = caplog.messages
    assert "cannot be written" in line and "MFST_CACHE" in line and "\n" not in line
    assert all(path.suffix == ".lock" for path in cache.iterdir())


def test_a_read_only_cache_with_the_model_is_used_in_silence(cache, monkeypatch, caplog):
    monkeypatch.setattr(models, "_convert", lambda _: MODEL)
    converted_model(spec())
    for name in ("write_bytes", "mkdir", "touch"):
        monkeypatch.setattr(Path, name, refuse)
    never_converts(monkeypatch)
    with caplog.at_level(logging.WARNING):
        assert converted_model(spec()) == MODEL
    assert caplog.messages == []


def test_a_model_that_an_older_library_kept_is_still_used(cache, monkeypatch):
    monkeypatch.setattr(models, "_convert", lambda _: MODEL)
    converted_model(spec())
    key = spec().key()
    (model,) = cache_folder().glob("*.tflite")
    model.rename(cache / f"{key}.tflite")
    seal = json.loads((cache / f"{key}.json").read_text())
    del seal["model"]
    (cache / f"{key}.json").write_text(json.dumps(seal))
    never_converts(monkeypatch)
    assert converted_model(spec()) == MODEL
