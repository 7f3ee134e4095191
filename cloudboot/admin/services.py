"""Services, under whichever program starts them here. Orders are given and not waited for: a service may itself be
waiting for this boot to go on."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from cloudboot.system.actions import Outcome
    from cloudboot.system.door import System
    from cloudboot.values import Os

SECONDS = 30.0
OPENRC = ("alpine", "gentoo")


def restart(system: System, os: Os, name: str) -> None:
    """Starts the service anew, running or not. One that will not is warned of."""
    _order(system, os, name, "restart")


def reload(system: System, os: Os, name: str) -> None:
    """Has a running service read its configuration again; one that is not running is started by the boot anyhow."""
    _order(system, os, name, "reload")


def restart_running(system: System, os: Os, name: str) -> None:
    """Starts a running service anew, for one that reads its configuration at its start only."""
    _order(system, os, name, "restart", only_running=True)


def enable(system: System, os: Os, name: str) -> None:
    """Has the service started at every boot."""
    kind = _manager(system, os)
    words = {
        "systemd": ("systemctl", "enable", name),
        "openrc": ("rc-update", "add", name, "default"),
        "sysv": ("update-rc.d", name, "defaults") if _is_debians(system) else ("chkconfig", name, "on"),
    }[kind]
    _warned(system, name, "enabled", system.run(*words, check=False, timeout=SECONDS))


def disable(system: System, os: Os, name: str) -> None:
    """Stops the service and has it started no more."""
    kind = _manager(system, os)
    words = {
        "systemd": ("systemctl", "disable", name),
        "openrc": ("rc-update", "--all", "del", name),
        "sysv": ("update-rc.d", name, "disable") if _is_debians(system) else ("chkconfig", name, "off"),
    }[kind]
    _warned(system, name, "disabled", system.run(*words, check=False, timeout=SECONDS))
    _order(system, os, name, "stop")


def start_now(system: System, os: Os, name: str) -> None:
    """Starts the service anew and waits until it runs: only for one that waits for nothing of this boot itself."""
    _order(system, os, name, "restart", waits=True)


def _order(system: System, os: Os, name: str, verb: str, waits: bool = False, only_running: bool = False) -> None:
    kind = _manager(system, os)
    only_running = only_running or verb == "reload"
    how = "try-reload-or-restart" if verb == "reload" else f"try-{verb}" if only_running else verb
    words = {
        "systemd": ("systemctl", *(() if waits else ("--no-block",)), how, name),
        "openrc": ("rc-service", *(("--ifstarted",) if only_running else ()), name, verb),
        "sysv": ("service", name, verb),
    }[kind]
    said = {"stop": "stopped"}.get(verb, f"{verb}ed")
    _warned(system, name, said, system.run(*words, check=False, timeout=SECONDS, machine=True))


def _warned(system: System, name: str, what: str, done: Outcome) -> None:
    if done.code:
        said = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        system.warn(f"service {name} could not be {what}{': ' + said if said else ''}")


def _is_debians(system: System) -> bool:
    return bool(system.which("update-rc.d")) or not system.which("chkconfig")


def _manager(system: System, os: Os) -> str:
    if system.exists("/run/systemd/system") or system.which("systemctl"):
        return "systemd"
    if system.which("rc-service"):
        return "openrc"
    if system.which("service"):
        return "sysv"
    return "openrc" if os.family in OPENRC else "systemd"
