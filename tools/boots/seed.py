"""seed: NoCloud seeds as media that a machine reads, or behind a web server that it asks."""

from __future__ import annotations

import http.server
import shutil
import subprocess
import threading
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Iterator

HOST = "10.0.2.2"  # what a machine on QEMU's user network calls the loopback of the machine that it runs on


def iso(folder: Path, image: Path) -> Path:
    """The files of ``folder`` as an ISO 9660 image labelled ``cidata``."""
    tool = ["genisoimage"] if shutil.which("genisoimage") else ["xorriso", "-as", "genisoimage"]
    run(*tool, "-quiet", "-V", "cidata", "-J", "-r", "-o", str(image), str(folder))
    return image


def vfat(folder: Path, image: Path) -> Path:
    """The files of ``folder`` as a FAT image labelled ``CIDATA``."""
    size = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    with open(image, "wb") as file:
        file.truncate(size * 2 + (1 << 20))
    run("mkfs.vfat", "-n", "CIDATA", str(image))
    run("mcopy", "-s", "-i", str(image), *(str(p) for p in sorted(folder.iterdir())), "::")
    return image


def run(*argv: str) -> None:
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serves ``folder`` on the loopback; yields the URL by which a machine under QEMU reaches it."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass
