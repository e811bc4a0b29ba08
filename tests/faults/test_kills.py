"""The short mode of the kill harness: a few kills of each job."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HARNESS = Path(__file__).with_name("kill_harness.py")

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the harness forks")


def test_after_kills_every_job_ends_as_an_undisturbed_one():
    # In a process of its own: forking one with threads in it is asking for trouble.
    done = subprocess.run(
        [sys.executable, str(HARNESS), "13"], capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr
    reports = {(one := json.loads(line))["job"]: one for line in done.stdout.splitlines()}
    assert set(reports) == {"eval", "records", "cache", "download", "train"}
    for one in reports.values():
        assert "skipped" in one or one["killed"] == one["wanted"] > 0, one
