"""Turns the machine off or starts it again, at a moment when nothing of cloudboot's own is lost by it."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Tuple

    from cloudboot.system.actions import Outcome
    from cloudboot.system.door import System
    from cloudboot.values import Os

FLAGS = {"poweroff": "-P", "reboot": "-r", "halt": "-H"}
RESULT = "/run/cloudboot/result.json"
WAIT = f'n=0; while [ "$n" -lt "$1" ] && ! [ -e {RESULT} ]; do sleep 1; n=$((n + 1)); done; sleep 1; shift; exec "$@"'
DETACHED = '/bin/sh -c "$0" "$@" </dev/null >/dev/null 2>&1 &'
REBOOT_SECONDS = 180
HOLD = f'"$@" && exec sleep {REBOOT_SECONDS}'


def go_down_later(system: System, os: Os, mode: str, *, delay: int = 0, message: str = "", wait: int = 30) -> None:
    """Shuts down once the boot has written its result, or after ``wait`` seconds; ``delay`` minutes later than that.

    The one who waits is no child of this process: systemd's, where there is systemd, so that the end of our unit does
    not take it along.
    """
    order = ("/bin/sh", "-c", WAIT, "sh", str(wait), *_order(os, mode, delay, message))
    if system.exists("/run/systemd/system"):
        argv = ("systemd-run", "--no-block", "--quiet", "--collect", "--unit=cloudboot-power", *order)
    else:
        argv = ("/bin/sh", "-c", DETACHED, *order[2:])
    when = f"{delay} minutes after" if delay else "at"
    _once(system, argv, f"{mode} {when} the end of this boot")


def reboot_now(system: System, os: Os, why: str) -> None:
    """Starts the machine again and waits for that, so that nothing else begins meanwhile; what is left of this boot is
    done in the next one."""
    argv = ("/bin/sh", "-c", HOLD, "sh", *_order(os, "reboot", 0, why))
    done = _once(system, argv, f"reboot now: {why}")
    if not (done.planned or done.doubted or done.left):
        system.warn(f"the machine was told to reboot, and {REBOOT_SECONDS} s later it has not")


def _once(system: System, argv: Tuple[str, ...], describe: str) -> Outcome:
    """Gives an order that must not be given a second time when the machine is up again because of the first."""
    return system.run(*argv, in_doubt="skip", describe=describe, timeout=REBOOT_SECONDS + 30, machine=True)


def _order(os: Os, mode: str, delay: int, message: str) -> Tuple[str, ...]:
    if os.family == "alpine":  # no shutdown there; seconds, and no message
        return (mode, "-d", str(delay * 60))
    return ("shutdown", FLAGS[mode], f"+{delay}" if delay else "now", *((message,) if message else ()))
