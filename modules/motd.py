"""motd: tells who logs in which updates, kernel and image this machine could have.

    motd:
      image:
        name: debian-12-web
        serial: "20261101"
        latest: https://images.example.org/debian-12-web/serial

At login a fragment of update-motd shows what is known already: no package tool runs then, and nothing is fetched. It is
worked out once now, and by apt whenever its lists or packages have changed: how many packages can be upgraded and which
of them for security, the kernel that could be installed, and one that is installed but does not run yet.

``serial`` is that of the image this machine was made from (else what /etc/cloud/build.info says), and belongs into the
image's configuration. ``latest`` is where the newest serial stands, asked when apt's lists are fetched. For machines
with apt and update-motd; without a value (``motd:``) it tells of packages and kernel alone.
"""

from __future__ import annotations

from cloudboot.module import Boot, Every, Module, Stage
from cloudboot.noun import TYPE_CHECKING, Noun, option
from cloudboot.schema import Bool, Record, Text, Uri
from cloudboot.system.actions import quoted
from cloudboot.system.door import System

if TYPE_CHECKING:
    from typing import Optional

FOLDER = "/var/lib/cloudboot/motd"
FRAGMENTS = "/etc/update-motd.d"
FRAGMENT = f"{FRAGMENTS}/95-cloudboot"
HOOK = "/etc/apt/apt.conf.d/95cloudboot-motd"
BUILD = "/etc/cloud/build.info"
SECONDS = 120.0
SHOWN = """#!/bin/sh
# Written by cloudboot for motd: what was worked out when packages changed last.
cat {folder}/updates 2>/dev/null
if read -r newest <{folder}/kernel && read -r running </proc/sys/kernel/osrelease; then
    [ "$newest" = "$running" ] || echo "Linux $newest is installed and $running runs: restart to change over."
fi 2>/dev/null
exit 0
"""
HOOKED = """// Written by cloudboot for motd.
APT::Update::Post-Invoke-Success {{ "[ ! -f {folder}/refresh ] || {order} latest & "; }};
DPkg::Post-Invoke {{ "[ ! -f {folder}/refresh ] || {order} & "; }};
"""
ORDER = "/bin/sh {folder}/refresh </dev/null >/dev/null 2>&1"
REFRESH = r"""# Written by cloudboot for motd: works out what this machine could have; with "latest" its image too.
umask 077 # or whoever may read the lock could hold it
cd {folder} || exit 0
exec 9>lock
umask 022
flock -w 60 9 || exit 0
name={name} serial={serial} url={url}
export LC_ALL=C
apt-get -s -q -o Debug::NoLocking=true dist-upgrade >plan || exit 0
awk -v on="$(date -r /var/lib/apt/lists +%F)" '
    $1 == "Inst" && $2 ~ /^linux-image-[0-9]/ && $3 !~ /^\[/ {{ kernel = substr($2, 13) }}
    $1 == "Inst" {{ all++ }}
    $1 == "Inst" && /-[Ss]ecurity/ {{ guarded++; if (guarded <= 5) names = names " " $2 }}
    END {{
        if (all) printf "%d package%s can be upgraded", all, (all == 1 ? "" : "s")
        if (guarded) printf ", %d for security:%s%s", guarded, names, (guarded > 5 ? " ..." : "")
        if (all) printf " (as of %s)\n", on
        if (kernel) printf "Linux %s can be installed\n", kernel
    }}' plan >updates.new
if [ "${{1-}}" = latest ] && [ -n "$url" ]; then
    rm -f latest.new
    /usr/lib/apt/apt-helper download-file "$url" {folder}/latest.new >/dev/null 2>&1 && mv latest.new latest
fi
if [ -n "$serial" ]; then
    newest=$(head -c 64 latest 2>/dev/null | tr -cd '0-9A-Za-z._-')
    last=$(printf '%s\n' "$serial" ${{newest:+"$newest"}} | sort -V | tail -n 1)
    if [ "$last" = "$serial" ]; then
        echo "Image: $name$serial" >>updates.new
    else
        echo "Image: $name$serial; $last is there" >>updates.new
    fi
fi
ls /boot/vmlinuz-* 2>/dev/null | sort -V | tail -n 1 | sed 's|^/boot/vmlinuz-||' >kernel.new
mv updates.new updates
mv kernel.new kernel
rm -f plan
"""


class Image(Noun):
    name: str = option(Text, default="", help="what the image is called")
    serial: str = option(Text, default="", help="which of them it is, such as a date")
    latest: Optional[str] = option(Uri, default=None, help="where the newest serial stands, on the first line")


class Options(Noun):
    updates: bool = option(Bool, default=True, help="whether anything is told; false takes it away again")
    image: Image = option(Record(Image), default=Image(), help="the image that this machine was made from")


def apply(system: System, options: Options, boot: Boot) -> None:
    if not options.updates:
        for path in (FRAGMENT, HOOK):
            system.remove(path)
        return
    if not system.exists(FRAGMENTS) or not system.which("apt-get"):
        system.warn("motd: this machine has no apt or no update-motd, and nobody is told of updates")
        return
    system.mkdir(FOLDER)
    image = _image(system, options.image)
    name = f"{image.name} " if image.name else ""
    script = REFRESH.format(folder=FOLDER, name=quoted(name), serial=quoted(image.serial),
                            url=quoted(image.latest or ""))  # fmt: skip
    changed = system.write(f"{FOLDER}/refresh", script)
    system.write(HOOK, HOOKED.format(folder=FOLDER, order=ORDER.format(folder=FOLDER)))
    system.write(FRAGMENT, SHOWN.format(folder=FOLDER), mode=0o755)
    if changed:
        done = system.run("/bin/sh", f"{FOLDER}/refresh", timeout=SECONDS, check=False,
                          describe="work out which updates there are")  # fmt: skip
        if done.code:
            system.warn("motd: what could be updated is not known yet; apt works it out when its lists are fetched")


def _image(system: System, said: Image) -> Image:
    """The image as the config has it, else as the file has it that the makers of images leave in it."""
    lines = [line.partition(":") for line in (system.text(BUILD) or "").splitlines()]
    known = {name.strip(): value.strip() for name, _, value in lines}
    return said.but(name=said.name or known.get("build_name", ""), serial=said.serial or known.get("serial", ""))


MODULE = Module("motd", Stage.FINAL, Every.INSTANCE, Options, apply, key="motd", distros=("debian",), bare=True,
                after=("scripts_user",), listed=False)  # fmt: skip
