import pytest

from cloudboot.errors import Unreachable
from cloudboot.values import Disk, FileView, Instance
from datasources import rackspace
from tests.clouds import host, probe
from tests.media.images import xorriso
from tools.mock_cloud.openstack import documents
from tools.mock_cloud.tree import packed
from tools.mock_cloud.xenstore import example

UUID = "7b1f0c3e-0000-4000-8000-00000000a001"
NICS = {"eth0": "02:16:3e:00:00:ab", "eth1": "02:16:3e:00:00:ac"}


def guest(keys=None, disks=(), **dmi):
    told = {k: packed(v) for k, v in (example() if keys is None else keys).items()}
    return host(nics=NICS, **dmi).but(virt="xen", xenstore=FileView(told), disks=tuple(disks))


def fetched(guest, **settings):
    said = []
    return rackspace.fetch(probe(guest, **settings).but(warn=said.append)), said


def test_a_server_is_what_xenstore_says():
    found, said = fetched(guest())
    assert found.but(metadata={}, network=None) == Instance(
        UUID, subplatform="xenstore", hostname="rax-web1", cloud_name="rackspace", platform="xenstore", region="ord"
    )
    assert found.metadata["user-metadata"] == {"role": "web", "later": "set later"}
    assert sorted(found.network["ethernets"]) == ["eth0", "eth1"]
    assert said == []


def test_a_config_drive_adds_what_the_owner_gave(tmp_path):
    files = {path: packed(value) for path, value in documents(network={"links": []}).items()}
    found, _ = fetched(guest(disks=[Disk(str(xorriso(tmp_path, files)), "iso9660", "config-2")]))
    assert (found.user_data, found.ssh_keys) == (b"#cloud-config\n", ("ssh-ed25519 AAAAC3Mock ops",))
    assert (found.hostname, found.platform) == ("rax-web1", "xenstore")
    assert "addresses" in found.network["ethernets"]["eth0"]


def test_a_broken_config_drive_is_left_out(tmp_path):
    broken = tmp_path / "broken.iso"
    broken.write_bytes(b"nothing")
    found, said = fetched(guest(disks=[Disk(str(broken), "iso9660", "config-2")]))
    assert found.id == UUID
    assert "left out" in said[0]


def test_a_broken_interface_is_left_out():
    found, said = fetched(guest({**example(), "vm-data/networking/02163E0000AB": "{"}))
    assert list(found.network["ethernets"]) == ["eth1"]
    assert "left out" in said[0]


def test_the_owner_may_want_the_root_file_system_left_alone():
    config = fetched(guest({**example(), "vm-data/auto-disk-config": "False"}))[0].config
    assert config == {"growpart": {"mode": "off"}, "resize_rootfs": False}
    assert fetched(guest())[0].config == {}


def test_without_its_name_a_server_is_known_by_its_uuid():
    keys = {k: v for k, v in example().items() if k != "name"}
    assert fetched(guest(keys, product_uuid=UUID.upper()))[0].id == UUID
    with pytest.raises(Unreachable, match="no instance id"):
        fetched(guest(keys))


def test_the_network_can_be_left_alone():
    assert fetched(guest(), apply_network_config=False)[0].network is None


def test_a_guest_of_rackspace_is_told_by_its_provider():
    assert rackspace.detect(guest(), {}).sure
    assert rackspace.detect(guest({"vm-data/provider_data/provider": "other"}), {}) is None
    assert rackspace.detect(guest().but(virt="kvm"), {}) is None
    assert rackspace.detect(guest().but(container=True), {}) is None


def test_a_server_is_the_same_while_its_domain_has_its_name():
    assert rackspace.same(guest(), Instance(UUID)) is True
    assert rackspace.same(guest(), Instance("other")) is False
    assert rackspace.same(guest({}), Instance(UUID)) is None
