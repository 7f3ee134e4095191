"""packages: real Debian packages, and ones made for a test, in a repository that a machine without a network reads."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Sequence

from tools.boots.tree import cache, call, digest, kept


def fetched(tree: Path, names: Sequence[str]) -> Path:
    """A folder with the ``.deb`` files of these packages and of all that they need and the tree has not.

    They come from where this machine's own apt takes packages, which has to be the tree's suite.
    """
    folder = cache() / f"{tree.name}-debs-{digest(' '.join(sorted(names)).encode())}"
    with kept(folder) as part:
        if part:
            (part / "partial").mkdir(parents=True)
            status = f"Dir::State::status={tree}/var/lib/dpkg/status"
            call(["apt-get", "-qq", "-o", status, "-o", f"Dir::Cache::archives={part}", "-o", "Debug::NoLocking=1",
                  "--yes", "--no-install-recommends", "--download-only", "install", *names])  # fmt: skip
            (part / "partial").rmdir()
    return folder


def made(folder: Path, name: str, version: str = "1.0", program: str = "") -> Path:
    """A package with one program of its own name, made here."""
    top = folder / f"{name}-{version}"
    (top / "DEBIAN").mkdir(parents=True)
    fields = {"Package": name, "Version": version, "Architecture": "all", "Maintainer": "test <root@localhost>",
              "Description": "made for a test"}  # fmt: skip
    (top / "DEBIAN/control").write_text("".join(f"{field}: {value}\n" for field, value in fields.items()))
    (top / "usr/bin").mkdir(parents=True)
    (top / "usr/bin" / name).write_text(program or f"#!/bin/sh\necho {name} {version}\n")
    (top / "usr/bin" / name).chmod(0o755)
    call(["dpkg-deb", "--root-owner-group", "--build", str(top), str(folder)])
    return folder / f"{name}_{version}_all.deb"


def repository(folder: Path, *debs: Path) -> Path:
    """A flat repository of these files: ``deb [trusted=yes] URL ./``."""
    folder.mkdir(parents=True, exist_ok=True)
    for deb in debs:
        os.link(deb, folder / deb.name) if _same_disk(deb, folder) else (folder / deb.name).write_bytes(
            deb.read_bytes()
        )
    index = subprocess.run(["apt-ftparchive", "packages", "."], cwd=folder, check=True, capture_output=True)
    (folder / "Packages").write_bytes(index.stdout)
    release = subprocess.run(["apt-ftparchive", "release", "."], cwd=folder, check=True, capture_output=True)
    (folder / "Release").write_bytes(release.stdout)
    return folder


def _same_disk(one: Path, other: Path) -> bool:
    return one.stat().st_dev == other.stat().st_dev
