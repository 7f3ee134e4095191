"""First boots on EC2's metadata service, nearer and farther away."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools import clouds
from tools.benches.figures import Figures
from tools.mock_cloud.server import Server

TOP = Path(__file__).resolve().parents[2]
LATENCIES = (0.0, 0.001, 0.005, 0.05)
CONFIG = "datasource_list: [Ec2]\ndatasource: {{Ec2: {{metadata_urls: ['{}']}}}}\n"


def boots(figures: Figures) -> None:
    """(e) One round: how long a boot takes in a scratch tree, and what it asks for."""
    answers = clouds.cloud("ec2").answers
    assert answers is not None
    for latency in LATENCIES:
        with Server(answers(clouds.Wishes()), latency=latency) as server, tempfile.TemporaryDirectory() as folder:
            for path, text in (("etc/os-release", "ID=debian\n"), ("etc/passwd", "root:x:0:0::/root:/bin/sh\n"),
                               ("etc/cloudboot/cloudboot.cfg", CONFIG.format(server.url))):  # fmt: skip
                at = Path(folder) / path
                at.parent.mkdir(parents=True, exist_ok=True)
                at.write_text(text)
            started = time.monotonic()
            done = subprocess.run([sys.executable, "-m", "cloudboot", "--root", folder, "boot"], cwd=TOP,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
            seconds = time.monotonic() - started
            if done.returncode == 1:
                raise RuntimeError(done.stdout.decode(errors="replace")[-2000:])
            name = f"EC2, {latency * 1000:g} ms away"
            figures.add(f"{name}, whole boot, ms", "cloudboot", seconds * 1000)
            figures.add(f"{name}, requests", "cloudboot", len(server.requests))
            figures.add(f"{name}, connections", "cloudboot", server.connections)
