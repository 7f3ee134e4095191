from __future__ import annotations

import os
import time

from cloudboot.card import Stage
from cloudboot.cli.words import Given, Verb
from cloudboot.errors import Busy, CloudbootError
from cloudboot.hotplug import follow
from cloudboot.noun import TYPE_CHECKING
from cloudboot.report import HOTPLUG
from cloudboot.start import disabled, prepare

if TYPE_CHECKING:
    from cloudboot.job import Job

BELL = 3
"""The descriptor that systemd hands over: the pipe that udev rings at."""
QUIET, MOST_RINGING = 0.2, 3.0
"""Seconds of silence after which all that comes together has come, and for how long that is waited for at most."""
LOCK_SECONDS, LOOK_SECONDS = 600.0, 0.5


def run(given: Given) -> int:
    hush()  # in any case: systemd starts this as long as there is something to hear
    off = disabled(given.root, given.config)
    if off:
        print(f"cloudboot is switched off: {off}")
        return 0
    job = free(given)
    job.report.start(Stage.NETWORK)
    try:
        follow(job)
    except CloudbootError as problem:
        job.error(str(problem))
    job.report.end(Stage.NETWORK)
    job.report.close()  # systemd ends all that is left when this process has ended
    return job.report.code


def hush() -> None:
    """Takes what rang, until it is silent: interfaces that come together are seen to together."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        return
    from select import select

    end = time.monotonic() + MOST_RINGING
    while time.monotonic() < end and select([BELL], [], [], QUIET)[0]:
        os.read(BELL, 65536)


def free(given: Given) -> Job:
    """The job, once no other agent is at work. Raises `Busy` where one still is after `LOCK_SECONDS`."""
    end = time.monotonic() + LOCK_SECONDS
    while True:
        try:
            return prepare(given.root, given.config, debug=given.debug, fresh=False, status=HOTPLUG)
        except Busy:
            if time.monotonic() >= end:
                raise
            time.sleep(LOOK_SECONDS)


VERB = Verb(
    "hotplug",
    "Configures network interfaces that came or went since the boot, as the datasource describes them now.",
    "cloudboot hotplug --debug",
    (),
    run,
    "0 done or nothing to do, 1 it failed, 2 done with warnings",
)
