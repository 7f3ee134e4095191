"""seed: seeds as media that a machine reads, or behind a web server that it asks."""

from __future__ import annotations

import http.server
import json
import shutil
import subprocess
import threading
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Iterator, Mapping

HOST = "10.0.2.2"  # what a machine on QEMU's user network calls the loopback of the machine that it runs on


def laid_out(files: Mapping[str, Any], folder: Path) -> Path:
    """A folder with these files by their paths: texts, bytes, or values that are written as JSON."""
    for path, content in files.items():
        at = folder / path
        at.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, bytes):
            content = (content if isinstance(content, str) else json.dumps(content)).encode()
        at.write_bytes(content)
    return folder


def iso(folder: Path, image: Path, label: str = "cidata") -> Path:
    """The files of ``folder`` as a labelled ISO 9660 image."""
    tool = ["genisoimage"] if shutil.which("genisoimage") else ["xorriso", "-as", "genisoimage"]
    run(*tool, "-quiet", "-V", label, "-J", "-r", "-o", str(image), str(folder))
    return image


def udf(folder: Path, image: Path, label: str) -> Path:
    """The files of ``folder`` as a labelled UDF image: a bridge disc without its half of ISO 9660, whose descriptors
    come first on it."""
    run("genisoimage", "-quiet", "-udf", "-V", label, "-o", str(image), str(folder))
    data = bytearray(image.read_bytes())
    sectors = [bytes(data[at : at + 2048]) for at in range(16 * 2048, 32 * 2048, 2048)]
    own = [sector for sector in sectors if sector[1:6] in (b"BEA01", b"NSR02", b"NSR03", b"TEA01")]
    data[16 * 2048 : 32 * 2048] = b"".join(own).ljust(16 * 2048, b"\0")
    image.write_bytes(data)
    return image


def vfat(folder: Path, image: Path, label: str = "CIDATA") -> Path:
    """The files of ``folder`` as a labelled FAT image."""
    size = sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    with open(image, "wb") as file:
        file.truncate(size * 2 + (1 << 20))
    run("mkfs.vfat", "-n", label, str(image))
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
