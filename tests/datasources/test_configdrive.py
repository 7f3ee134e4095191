import json

import pytest

from cloudboot.errors import Absent
from cloudboot.values import Disk, Instance
from datasources import configdrive
from tests.clouds import host, probe
from tests.media.images import fat, xorriso
from tools.mock_cloud.openstack import documents
from tools.mock_cloud.tree import packed

UUID = "7b1f0c3e-0000-4000-8000-00000000a001"
NICS = {"ens3": "fa:16:3e:00:00:01"}
SEED = "/var/lib/cloud/seed/config_drive"


def drive(files=None):
    return {path: packed(value) for path, value in (files or documents()).items()}


def machine(*images, kind="iso9660", label="config-2", **more):
    return host(nics=NICS, **more).but(disks=tuple(Disk(str(image), kind, label) for image in images))


def fetched(host, **settings):
    return configdrive.fetch(probe(host, **settings))


@pytest.mark.parametrize("make", [xorriso, lambda tmp, files: fat(tmp, 16, "config-2", files)], ids=["iso", "fat"])
def test_a_drive_gives_what_the_service_would(tmp_path, make):
    image = make(tmp_path, files=drive())
    instance = fetched(machine(image))
    assert (instance.id, instance.hostname) == (UUID, "db1.example.internal")
    assert instance.ssh_keys == ("ssh-ed25519 AAAAC3Mock ops",)
    assert (instance.user_data, instance.vendor_data) == (b"#cloud-config\n", (b"#!/bin/sh\n",))
    assert instance.network["config"][0]["name"] == "ens3"
    assert instance.metadata["injected-files"][0]["content"] == "d2VsY29tZQo="
    assert (instance.cloud_name, instance.subplatform) == ("configdrive", f"config-disk ({image})")


def test_the_newest_known_version_on_the_drive_is_read(tmp_path):
    old, new = (json.dumps({"uuid": UUID, "name": name}).encode() for name in ("old", "new"))
    files = {f"openstack/{v}/meta_data.json": old for v in ("2012-08-10", "latest", "2099-01-01")}
    instance = fetched(machine(xorriso(tmp_path, {**files, "openstack/2018-08-27/meta_data.json": new})))
    assert instance.hostname == "new"


def test_names_of_disks_come_from_the_ec2_part_of_the_drive():
    mapping = {"block-device-mapping": {"ephemeral0": "sdb"}}
    files = {f"{SEED}/{p}": d for p, d in drive({**documents(), "ec2/latest/meta-data.json": mapping}).items()}
    assert fetched(host(files, nics=NICS)).metadata["block-device-mapping"] == {"ephemeral0": "sdb"}


def test_a_folder_of_the_image_may_be_a_seed():
    files = {f"{SEED}/{path}": data for path, data in drive().items()}
    instance = fetched(host(files, nics=NICS))
    assert (instance.id, instance.subplatform) == (UUID, f"seed-dir ({SEED})")
    assert configdrive.detect(host(files), {}).why == f"{SEED} holds a seed"


def test_the_last_disk_is_read_first_and_a_broken_one_passed_over(tmp_path):
    good = xorriso(tmp_path, drive())
    broken = tmp_path / "z.iso"
    broken.write_bytes(good.read_bytes()[:40000])
    assert fetched(machine(good, broken)).subplatform == f"config-disk ({good})"


def test_what_is_wrong_with_each_disk_is_said(tmp_path):
    empty = xorriso(tmp_path, {"readme": b""})
    with pytest.raises(Absent, match=f"{empty}: it holds no config drive"):
        fetched(machine(empty))
    with pytest.raises(Absent, match="there is no config drive"):
        fetched(host())


def test_an_interfaces_text_is_the_network_of_an_older_drive(tmp_path):
    text = b"auto ens3\niface ens3 inet static\n address 192.0.2.10/24\n gateway 192.0.2.1\n"
    meta = {"uuid": UUID, "network_config": {"name": "network_config", "content_path": "/content/0000"}}
    files = drive({"openstack/latest/meta_data.json": meta, "openstack/content/0000": text})
    network = fetched(machine(xorriso(tmp_path, files))).network
    assert network["version"] == 1
    assert network["config"][0]["subnets"][0]["address"] == "192.0.2.10/24"


OLD = {"meta.js": b'{"instance-id": "old-1", "user-data": "#!/bin/sh\\n", "public-keys": "ssh-rsa A"}',
       "root/.ssh/authorized_keys": b"# nova\nssh-rsa B\n",
       "etc/network/interfaces": b"auto eth0\niface eth0 inet dhcp\n"}  # fmt: skip


def test_the_old_layout_is_read_from_an_unlabelled_disk(tmp_path):
    disk = machine(fat(tmp_path, 12, "NO NAME", OLD), kind="vfat", label="")
    assert configdrive.detect(disk, {}).sure is False
    instance = fetched(disk)
    assert (instance.id, instance.user_data, instance.ssh_keys) == ("old-1", b"#!/bin/sh\n", ("ssh-rsa A",))
    assert instance.network["config"][0]["name"] == "eth0"


def test_the_old_layout_without_meta_data_has_the_keys_of_its_file(tmp_path):
    files = {path: data for path, data in OLD.items() if path != "meta.js"}
    instance = fetched(machine(fat(tmp_path, 12, "NO NAME", files), kind="vfat", label=""))
    assert (instance.id, instance.ssh_keys) == ("iid-dsconfigdrive", ("ssh-rsa B",))


def test_the_image_may_want_the_network_first():
    files = {f"{SEED}/{path}": data for path, data in drive().items()}
    assert fetched(host(files, nics=NICS), dsmode="net").local is False


@pytest.mark.parametrize(
    ("disk", "found"),
    [
        (Disk("/dev/sr0", "iso9660", "config-2"), True),
        (Disk("/dev/vdb1", "vfat", "CONFIG-2"), True),
        (Disk("/dev/vdb", "vfat", "", "", "config-2"), True),
        (Disk("/dev/vdb", "", "config-2"), True),
        (Disk("/dev/vdb", "ext4", "config-2"), False),
        (Disk("/dev/sr0", "iso9660", "cidata"), False),
        (Disk("/dev/vda1", "vfat", ""), False),
    ],
)
def test_a_disk_is_told_by_its_label(disk, found):
    assert bool(configdrive.detect(host().but(disks=(disk,)), {})) is found


def test_the_disk_of_ibms_classic_machines_is_left_to_them():
    disk = Disk("/dev/xvdb", "vfat", "config-2", "9796-932E")
    assert configdrive.detect(host().but(disks=(disk,), virt="xen"), {}) is None
    assert configdrive.detect(host().but(disks=(disk,), virt="kvm"), {}).sure


def test_a_virtual_machine_knows_its_own_id():
    assert configdrive.same(host(product_uuid=UUID), Instance(UUID)) is True
    assert configdrive.same(host(), Instance(UUID)) is None
