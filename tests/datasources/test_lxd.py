import pytest

from cloudboot import instancedata
from cloudboot.errors import NotYet, Unreachable
from cloudboot.values import Instance
from datasources import lxd
from tests.clouds import QUICK, host, probe
from tools.mock_cloud.server import Server
from tools.mock_cloud.tree import Tree

SOCK = {"/dev/lxd/sock": b""}
PORT = {
    "/sys/class/virtio-ports/vport0p1/name": b"other\n",
    "/sys/class/virtio-ports/vport0p2/name": b"com.canonical.lxd\n",
}
CONFIG = {
    "user.user-data": "#!/bin/sh\n",
    "cloud-init.user-data": "#cloud-config\n",
    "user.vendor-data": "#cloud-config\n{}\n",
    "cloud-init.network-config": "network:\n  version: 2\n  ethernets: {eth0: {dhcp4: true}}\n",
    "user.other": "x",
}


def tree(config=CONFIG):
    return Tree({
        "/1.0": {"api_version": "1.0", "instance_type": "container", "location": "node1"},
        "/1.0/meta-data": "#cloud-config\ninstance-id: 0b8dd9b4\nlocal-hostname: c1\npublic-keys: ssh-rsa A a\n",
        "/1.0/config": [f"/1.0/config/{key}" for key in config],
        **{f"/1.0/config/{key}": value for key, value in config.items()},
        "/1.0/devices": {"root": {"path": "/"}},
    })  # fmt: skip


def fetched(tmp_path, cloud=None, fault="", **settings):
    said = []
    with Server(cloud or tree(), unix=str(tmp_path / "sock")) as server:
        if fault:
            server.fault(fault)
        return lxd.fetch(probe(host(SOCK), server, **settings).but(warn=said.append)), said


def test_an_instance_is_what_the_socket_says(tmp_path):
    found, _ = fetched(tmp_path)
    assert found.but(metadata={}, subplatform="") == Instance(
        "0b8dd9b4", hostname="c1", ssh_keys=("ssh-rsa A a",), user_data=b"#cloud-config\n",
        vendor_data=(b"#cloud-config\n{}\n",), network={"version": 2, "ethernets": {"eth0": {"dhcp4": True}}},
        cloud_name="lxd", platform="lxd",
    )  # fmt: skip
    assert found.subplatform.startswith("LXD socket API v. 1.0 (")
    assert found.metadata["config"]["user.other"] == "x"


def test_an_instance_without_documents_is_an_instance(tmp_path):
    found, said = fetched(tmp_path, tree({}))
    assert (found.id, found.user_data, found.network, said) == ("0b8dd9b4", b"", None, [])


def test_a_broken_network_is_left_out(tmp_path):
    found, said = fetched(tmp_path, tree({"user.network-config": "{"}))
    assert found.network is None
    assert "without it" in said[0]


@pytest.mark.parametrize("fault", ["500", "hang-up", "html", "not-http"])
def test_a_socket_that_misbehaves_is_a_named_failure(tmp_path, fault):
    with pytest.raises(Unreachable, match="LXD"):
        fetched(tmp_path, fault=fault, **QUICK)


def test_a_machine_waits_for_lxds_agent():
    with pytest.raises(NotYet):
        lxd.fetch(probe(host(PORT)).but(stage="local"))


def test_marks_of_lxd():
    assert lxd.detect(host(SOCK), {}).sure
    assert lxd.detect(host(PORT).but(virt="kvm"), {}).sure
    assert lxd.detect(host(PORT).but(virt="vmware"), {}) is None
    assert lxd.detect(host(), {}) is None


def test_keys_of_the_default_user_are_the_instances(tmp_path):
    config = {"cloud-init.ssh-keys.one": "debian:ssh-rsa B b", "cloud-init.ssh-keys.two": "other:ssh-rsa C c",
              "cloud-init.ssh-keys.three": "debian:gh:somebody"}  # fmt: skip
    with Server(tree(config), unix=str(tmp_path / "sock")) as server:
        found = lxd.fetch(probe(host(SOCK), server).but(user="debian"))
    assert found.ssh_keys == ("ssh-rsa A a", "ssh-rsa B b")


def test_what_everybody_may_read_holds_no_document_of_the_owners(tmp_path):
    found, _ = fetched(tmp_path, tree({f"{kind}.{name}": "deep inside" for kind in ("user", "cloud-init")
                                       for name in ("user-data", "vendor-data")}))  # fmt: skip
    assert "deep inside" in str(instancedata.describe(host(), found, {}))
    assert "deep inside" not in str(instancedata.redacted(instancedata.describe(host(), found, {})))
