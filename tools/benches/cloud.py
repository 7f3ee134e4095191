"""First boots on EC2's metadata service, nearer and farther away."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tools import clouds
from tools.benches.figures import Figures
from tools.clouds.ec2 import ID
from tools.mock_cloud.server import Server

TOP = Path(__file__).resolve().parents[2]
LATENCIES = (0.0, 0.001, 0.005, 0.05)
CONFIG = "datasource_list: [Ec2]\ndatasource: {{Ec2: {{metadata_urls: ['{}']}}}}\n"
MACHINE = {"etc/os-release": "ID=debian\n", "etc/passwd": "root:x:0:0::/root:/bin/sh\n",
           "sys/class/dmi/id/sys_vendor": "Amazon EC2\n", "sys/class/net/eth0/address": f"{clouds.MAC}\n",
           "sys/class/net/eth0/uevent": "INTERFACE=eth0\n"}  # fmt: skip


def boots(figures: Figures) -> None:
    """(e) One round: how long a boot takes in a scratch tree, and what it asks for."""
    answers = clouds.cloud("ec2").answers
    assert answers is not None
    for latency in LATENCIES:
        with Server(answers(clouds.Wishes()), latency=latency) as server, tempfile.TemporaryDirectory() as folder:
            for path, text in {**MACHINE, "etc/cloudboot/cloudboot.cfg": CONFIG.format(server.url)}.items():
                at = Path(folder) / path
                at.parent.mkdir(parents=True, exist_ok=True)
                at.write_text(text)
            started = time.monotonic()
            done = subprocess.run([sys.executable, "-m", "cloudboot", "--root", folder, "boot"], cwd=TOP,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
            seconds = time.monotonic() - started
            if not (Path(folder) / "var/lib/cloudboot/instances" / ID).is_dir():
                raise RuntimeError(f"this was no boot of {ID}:\n{done.stdout.decode(errors='replace')[-2000:]}")
            name = f"EC2, {latency * 1000:g} ms away"
            figures.add(f"{name}, whole boot, ms", "cloudboot", seconds * 1000)
            figures.add(f"{name}, requests", "cloudboot", len(server.requests))
            figures.add(f"{name}, connections", "cloudboot", server.connections)
