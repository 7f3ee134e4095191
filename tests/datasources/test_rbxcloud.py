import json

import pytest

from cloudboot.errors import Absent, Unreachable
from cloudboot.values import Disk, Instance
from datasources import rbxcloud
from tests.clouds import host, probe
from tests.media.images import fat

META = {
    "vm": {"name": "vm1", "_id": "5beab44f680cffd11f0e60fc"},
    "netadp": [{"macaddress": "00:15:5D:FF:0F:03", "ip": [{"address": "192.0.2.10"}], "network": {
        "netmask": "255.255.254.0", "gateway": "192.0.2.1", "dns": {"nameservers": ["192.0.2.53"]}}}],
    "additionalMetadata": {"username": "guru", "sshKeys": ["ssh-rsa A a"], "password": {"sha512": "$6$mock$hash"}},
}  # fmt: skip


def fetched(tmp_path, files):
    disk = Disk(str(fat(tmp_path, 12, "CLOUDMD", files)), "vfat", "CLOUDMD")
    return rbxcloud.fetch(probe(host(nics={"eth0": "00:15:5d:ff:0f:03"}).but(disks=(disk,))))


def test_a_machine_is_what_its_disk_says(tmp_path):
    found = fetched(tmp_path, {"cloud.json": json.dumps(META).encode(), "user.data": b"#cloud-config\n"})
    user = {"name": "guru", "hashed_passwd": "$6$mock$hash", "lock_passwd": False}
    assert found.but(metadata={}, network=None, subplatform="") == Instance(
        "5beab44f680cffd11f0e60fc", hostname="vm1", ssh_keys=("ssh-rsa A a",), user_data=b"#cloud-config\n",
        config={"ssh_pwauth": True, "system_info": {"default_user": user}}, cloud_name="rbxcloud", platform="rbxcloud",
    )  # fmt: skip
    assert found.network["config"][0]["subnets"] == [
        {"type": "static", "address": "192.0.2.10/23", "gateway": "192.0.2.1", "dns_nameservers": ["192.0.2.53"]}
    ]
    assert "mock" not in str(found.metadata)


@pytest.mark.parametrize("files", [{"other": b""}, {"cloud.json": b"{"}, {"cloud.json": b"{}"}])
def test_a_disk_that_says_nothing_is_a_named_failure(tmp_path, files):
    with pytest.raises((Absent, Unreachable)):
        fetched(tmp_path, files)


@pytest.mark.parametrize(
    ("label", "kind", "found"),
    [("CLOUDMD", "vfat", True), ("cloudmd", "vfat", True), ("CLOUDMD", "ext4", False), ("x", "vfat", False)],
)
def test_a_machine_is_told_by_its_disk(label, kind, found):
    assert bool(rbxcloud.detect(host().but(disks=(Disk("/dev/vdb", kind, label),)), {})) is found
