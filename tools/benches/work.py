"""What the machines are told to do."""

from __future__ import annotations

from typing import Dict

from tools.benches.scratch import MAC

SEED = "/var/lib/cloud/seed/nocloud/"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0w8bJm4rK9gVb8l1S0pYc2mXnq0zH1t7uRkE5fQwZx ops@example"
PLAIN = f"""#cloud-config
hostname: plain
locale: C.UTF-8
ssh_deletekeys: false
apt: {{preserve_sources_list: true}}
users:
  - name: ada
    groups: [sudo]
    shell: /bin/bash
    sudo: "ALL=(ALL) NOPASSWD:ALL"
    ssh_authorized_keys: ["{KEY}"]
write_files:
  - {{path: /etc/plain/one.conf, content: "listen = 8080\\n", permissions: "0640"}}
  - {{path: /opt/plain/two.bin, content: f0VMRgIBAQA=, encoding: b64}}
  - {{path: /etc/profile.d/plain.sh, content: "export PLAIN=1\\n"}}
runcmd:
  - [sh, -c, "echo one >>/var/tmp/ran"]
  - echo two >>/var/tmp/ran
  - [touch, /var/tmp/done]
"""
NETWORK = f"""version: 2
ethernets:
  eth0:
    match: {{macaddress: "{MAC}"}}
    set-name: eth0
    addresses: [10.77.0.10/24]
    routes: [{{to: 0.0.0.0/0, via: 10.77.0.1}}]
    nameservers: {{addresses: [10.77.0.1]}}
"""
KEYS_KEPT = {"/etc/cloud/cloud.cfg.d/99_bench.cfg": "ssh_deletekeys: false\n"}
"""Both agents read it. To make host keys would drown all else."""
DONE = ("/etc/plain/one.conf", "/opt/plain/two.bin", "/etc/profile.d/plain.sh", "/var/tmp/ran", "/var/tmp/done",
        "/home/ada/.ssh/authorized_keys")  # fmt: skip
"""What is there when all of it was done."""


def seed(user_data: str = PLAIN, network: str = NETWORK) -> Dict[str, str]:
    """A NoCloud seed in a folder where both agents look for one."""
    return {
        f"{SEED}meta-data": "instance-id: plain-1\nlocal-hostname: plain\n",
        f"{SEED}user-data": user_data,
        f"{SEED}network-config": network,
    }


def keys_too() -> str:
    """The same, with host keys made."""
    return PLAIN.replace("ssh_deletekeys: false", "ssh_deletekeys: true")


def parts(number: int) -> str:
    lines = ['Content-Type: multipart/mixed; boundary="=="', "MIME-Version: 1.0", ""]
    for i in range(number):
        lines += ["--==", "Content-Type: text/cloud-config", "", "#cloud-config", f"key{i}: [a, b, {{c: d}}]"]
    return "\n".join([*lines, "--==--", ""])


def size(count: int) -> str:
    """A cloud-config of about so many bytes."""
    line = "  - [sh, -c, 'true for step {:06d} of a long list of them']\n"
    return "#cloud-config\nbench:\n" + "".join(map(line.format, range(count // 58)))


def files(number: int) -> str:
    entry = "  - {{path: /srv/many/{0}, content: 'file {0} of many'}}\n"
    return "#cloud-config\nwrite_files:\n" + "".join(map(entry.format, range(number)))


def layers(number: int) -> str:
    """So many parts, each merged into what the ones before it came to."""
    lines = ['Content-Type: multipart/mixed; boundary="=="', "MIME-Version: 1.0", ""]
    for i in range(number):
        how = "Merge-Type: list(append)+dict(recurse_list)+str()"
        lines += [
            "--==",
            "Content-Type: text/cloud-config",
            how,
            "",
            "#cloud-config",
            f"bench: {{list: [{i}], k{i}: {i}}}",
        ]
    return "\n".join([*lines, "--==--", ""])


def interfaces(number: int) -> str:
    lines = ["version: 2", "ethernets:"]
    for i in range(number):
        mac = f"52:54:00:00:{i >> 8:02x}:{i & 255:02x}"
        lines.append(
            f'  nic{i}: {{match: {{macaddress: "{mac}"}}, set-name: nic{i}, addresses: [10.{i >> 8}.{i & 255}.2/24]}}'
        )
    return "\n".join([*lines, ""])
