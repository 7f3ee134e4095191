"""The jobs as texts: no upstart is left to run them."""

import re
from pathlib import Path

import pytest

JOBS = Path(__file__).resolve().parents[2] / "upstart"
STAGES = ("local", "network", "config", "final")


@pytest.mark.parametrize("stage", STAGES)
def test_a_job_runs_its_stage_to_the_end_and_takes_warnings_for_success(stage):
    lines = (JOBS / f"cloudboot-{stage}.conf").read_text().splitlines()
    assert f"exec /usr/bin/cloudboot boot --stage {stage}" in lines
    assert {"task", "normal exit 0 2"} <= set(lines)


def test_there_is_a_job_for_each_stage_and_no_other():
    assert {p.name for p in JOBS.iterdir()} == {f"cloudboot-{stage}.conf" for stage in STAGES}


@pytest.mark.parametrize(
    ("stage", "event"),
    [
        ("local", "mounted MOUNTPOINT=/"),
        ("network", "starting rc-sysinit"),
        ("config", "stopped cloudboot-network"),
        ("final", "stopped rc RUNLEVEL=[2345] and stopped cloudboot-config"),
    ],
)
def test_a_stage_starts_when_what_it_needs_is_there(stage, event):
    text = (JOBS / f"cloudboot-{stage}.conf").read_text()
    assert re.findall(r"^start on (.*)$", text, re.M) == [event]
