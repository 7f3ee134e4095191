"""Programs that come from their makers: by a script that installs them, or as Ruby gems."""

from __future__ import annotations

from cloudboot.admin import packages
from cloudboot.noun import TYPE_CHECKING
from cloudboot.text import safe_url

if TYPE_CHECKING:
    from cloudboot.system.door import System
    from cloudboot.values import Os

SECONDS = 3600.0
RUBY = {"debian": ("ruby",), "redhat": ("ruby", "rubygems"), "suse": ("ruby",), "alpine": ("ruby",),
        "arch": ("ruby",), "gentoo": ("dev-lang/ruby",)}  # fmt: skip
"""The packages that bring gem(1)."""


def run_script(system: System, url: str, path: str, *words: str, tries: int = 5) -> None:
    """Fetches an installation script and runs it with ``words``; ``path`` is where it is meanwhile. Raises
    `Unreachable` and `CommandFailed`."""
    done = system.fetch(url, tries=tries)
    if done.left:
        return
    system.write(path, done.stdout, mode=0o700, origin=safe_url(url))
    system.run(path, *words, timeout=SECONDS, stream=True, describe=f"run the script from {safe_url(url)}")
    system.remove(path)


def install_gem(system: System, os: Os, name: str, version: str = "") -> None:
    """Installs a Ruby gem, its programs below /usr/local/bin; with Ruby itself where it is missing."""
    if not system.which("gem"):
        packages.ensure(system, os, *RUBY.get(os.family, ("ruby",)))
    exact = ("--version", version) if version else ()
    system.run("gem", "install", name, *exact, "--no-document", "--bindir", "/usr/local/bin", "--conservative",
               timeout=SECONDS, stream=True)  # fmt: skip
