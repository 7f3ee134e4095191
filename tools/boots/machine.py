"""machine: boots of a disk under QEMU, from Debian's own kernel, with KVM where it truly works."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, List, Mapping, Optional, Sequence

from tools.boots.console import ENDS_WITH_US, follow
from tools.boots.report import Report, guest_files
from tools.boots.tree import call, kept

FORWARD = Path(__file__).with_name("forward")
NOTHING: Mapping[Any, Any] = {}
SMALL = ("-nodefaults", "-display", "none", "-no-reboot")


def image(layers: Sequence[Path]) -> Path:
    """The image of a kept tree and the agent's layer on it, made once and kept beside them."""
    path = layers[0].parent.with_name(layers[0].parent.name + ".raw")
    with kept(path) as part:
        if part:
            make_image(layers, part)
    return path


def make_image(layers: Sequence[Path], path: Path) -> Path:
    """A raw ext4 image of an overlay of folders, the uppermost first, that reports when it has booted."""
    script = """
    set -eu
    part=$1 work=$1.work
    shift
    mkdir "$work"
    mount -t tmpfs tmpfs "$work"
    mkdir "$work/upper" "$work/work" "$work/root"
    mount -t overlay overlay -o "lowerdir=$1,upperdir=$work/upper,workdir=$work/work" "$work/root"
    shift
    while [ $# -gt 0 ]; do
        mkdir -p "$work/root/${1%/*}"
        printf %s "$2" >"$work/root/$1"
        shift 2
    done
    truncate -s 3G "$part"
    mkfs.ext4 -q -F -L root -E lazy_itable_init=0,lazy_journal_init=0 -d "$work/root" "$part"
    umount "$work/root" "$work"
    rmdir "$work"
    """
    files = {**guest_files(), "etc/fstab": "LABEL=root / ext4 defaults 0 1\n"}
    words = [w for pair in files.items() for w in pair]
    lower = ":".join(map(str, layers))
    call(["unshare", "--mount", "sh", "-c", script, "sh", str(path), lower, *words])
    return path


class Machine:
    """A virtual machine that keeps its changes in ``folder`` from boot to boot; ``image`` is never written to.

    ``kernel`` is a folder with ``vmlinuz-*`` and ``initrd.img-*``, as a Debian tree has in ``boot/``.
    """

    def __init__(self, image: Path, kernel: Path, folder: Path) -> None:
        self.folder, self.kernel = folder, kernel
        self.disk = folder / "disk.qcow2"
        folder.mkdir(parents=True, exist_ok=True)
        if not self.disk.exists():
            call(["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(image), str(self.disk)])
        self.boots = len(list(folder.glob("boot-*")))

    def boot(
        self,
        *words: str,
        media: Sequence[Path] = (),
        firmware: Mapping[int, Mapping[str, str]] = NOTHING,
        network: str = "",
        services: Mapping[str, str] = NOTHING,
        options: Sequence[str] = (),
        limit: int = 300,
        cut_at: Optional[str] = None,
        at: Mapping[str, Callable[[], None]] = {},  # noqa: B006
    ) -> Report:
        """Boots it with ``words`` on its kernel command line, waits until it is off again.

        ``media``: raw images of seeds. ``firmware``: what SMBIOS tells, by the number of a structure and QEMU's names
        of its fields. ``network``: where DHCP gives addresses of; ``services`` are reached in it, ``ADDRESS:PORT`` to
        ``HOST:PORT`` of the machine that this runs on. ``options``: further ones of QEMU. ``cut_at``: its power is cut
        the moment that text shows on its console; it is cut after ``limit`` seconds in any case. ``at``: what is done
        outside when a text shows there.
        """
        self.boots += 1
        result = self.folder / f"boot-{self.boots}"
        result.mkdir()
        archive = result / "report.tar"
        argv = [*ENDS_WITH_US, "qemu-system-x86_64", *accelerator(self.kernel), *SMALL, "-m", "1024", "-smp", "2",
                "-serial", "stdio", *self._kernel(["root=LABEL=root", "rw", "console=ttyS0", "loglevel=4",
                                                   f"boot-report={limit * 2 // 3}", *words]),
                "-drive", f"file={self.disk},if=virtio,format=qcow2",
                "-nic", f"user,model=virtio-net-pci{reaching(network, services)}", "-device", "virtio-rng-pci",
                "-device", "virtio-serial-pci", "-chardev", f"file,id=report,path={archive}",
                "-device", "virtserialport,chardev=report,name=boot-report"]  # fmt: skip
        for number, medium in enumerate(media):
            argv += drive(medium, number)
        for number, fields in firmware.items():
            told = "".join(f",{name}={value.replace(',', ',,')}" for name, value in fields.items())
            argv += ["-smbios", f"type={number}{told}"]
        argv += options
        begin = time.monotonic()
        with open(result / "console.txt", "wb") as console:
            process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            try:
                end = follow(process, console, limit, cut_at, at)
            finally:
                process.kill()
                process.wait()
        return Report(result, archive, end, time.monotonic() - begin)

    def _kernel(self, words: Sequence[str]) -> List[str]:
        return [*kernel(self.kernel), "-append", " ".join(words)]


def reaching(network: str, services: Mapping[str, str]) -> str:
    """What makes a user network of QEMU's one in which these services are."""
    words = f",net={network}" if network else ""
    for inside, outside in services.items():
        host, _, port = outside.rpartition(":")
        words += f",guestfwd=tcp:{inside}-cmd:{sys.executable} {FORWARD} {host} {port}"
    return words


def drive(medium: Path, number: int) -> List[str]:
    """An ISO lies in a CD drive, whose driver comes late in a boot; any other image is a disk."""
    if medium.suffix == ".iso":
        return ["-device", f"virtio-scsi-pci,id=bus{number}", "-device", f"scsi-cd,bus=bus{number}.0,drive=cd{number}",
                "-drive", f"file={medium},if=none,id=cd{number},media=cdrom,format=raw,readonly=on"]  # fmt: skip
    return ["-drive", f"file={medium},if=virtio,format=raw,readonly=on"]


def kernel(folder: Path) -> List[str]:
    """The options that start the newest kernel of a folder."""
    newest = {kind: max(folder.glob(kind + "-*")) for kind in ("vmlinuz", "initrd.img")}
    return ["-kernel", str(newest["vmlinuz"]), "-initrd", str(newest["initrd.img"])]


@functools.cache
def accelerator(folder: Path) -> List[str]:
    """KVM where a kernel gets as far as its own panic in ten seconds with it (a device that is there may not work),
    else emulation on all cores."""
    if os.access("/dev/kvm", os.R_OK | os.W_OK):
        boot = kernel(folder)[:2] + ["-append", "console=ttyS0 panic=-1 quiet"]
        argv = ["qemu-system-x86_64", "-accel", "kvm", "-cpu", "host", *SMALL, "-m", "256", "-serial", "stdio", *boot]
        try:
            tried = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=10)
            if b"Kernel panic" in tried.stdout:
                return ["-accel", "kvm", "-cpu", "host"]
        except subprocess.TimeoutExpired:
            pass
    return ["-accel", "tcg,thread=multi", "-cpu", "max"]
