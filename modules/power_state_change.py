"""power_state_change: turn the machine off, or start it again, once this boot is over.

    power_state:
      mode: reboot
      delay: 5
      message: Rebooting to finish the set-up
      condition: test -e /run/reboot-required

``mode`` is poweroff, reboot or halt; ``delay`` is now or minutes from then. The boot first writes down all it has to
say: the shutdown waits for its result, ``timeout`` seconds at most. With a ``condition`` it happens only if that is
true, or is a command (text for the shell, or a list of words) that exits 0; one that exits 1 says no, and any other
status is a warning and means no.

Once for an instance; a power cut after the order was given does not give it a second time. Below another root (an image
that is being built) nothing is turned off.
"""

from __future__ import annotations

from cloudboot.admin import power
from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import AnyOf, Bool, Choice, Int, ListOf, Text
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Optional, Tuple, Union

MINUTES = Text(r"^\+?[0-9]+$", says="now, or a number of minutes")


class Options(Noun):
    mode: Optional[str] = option(Choice("poweroff", "reboot", "halt"), required=True, help="what is to happen")
    delay: Union[str, int] = option(
        AnyOf(Choice("now"), Int(least=0), MINUTES), default="now", help="minutes to wait, or now"
    )
    message: str = option(Text, default="", help="words for those who are logged in")
    timeout: int = option(Int(least=0), default=30, help="seconds to wait for the end of this boot")
    condition: Union[str, bool, Tuple[str, ...]] = option(
        AnyOf(Bool, ListOf(Text), Text), default=True, help="whether it is to happen: true, false, or a command"
    )


def apply(system: System, options: Options, boot: Boot) -> None:
    if options.mode and _holds(system, options.condition):
        minutes = 0 if options.delay == "now" else int(options.delay)
        power.go_down_later(
            system, boot.host.os, options.mode, delay=minutes, message=options.message, wait=options.timeout
        )


def _holds(system: System, condition: Union[str, bool, Tuple[str, ...]]) -> bool:
    if isinstance(condition, bool):
        return condition
    argv = ("/bin/sh", "-c", condition) if isinstance(condition, str) else condition
    done = system.run(*argv, check=False, in_doubt="skip", stream=True)
    if done.code not in (0, 1):
        system.warn(f"power_state.condition exited {done.code}, which is neither yes (0) nor no (1): nothing is done")
    return done.code == 0 and not done.doubted


MODULE = Module("power_state_change", Stage.FINAL, Every.INSTANCE, Options, apply, key="power_state",
                after=("final_message",))  # fmt: skip
