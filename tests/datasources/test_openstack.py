import subprocess
from binascii import a2b_base64

import pytest

from cloudboot.errors import Absent, Unreachable
from cloudboot.system.door import System
from cloudboot.values import Disk, Instance, Nic
from datasources import openstack
from tests import needs
from tests.clouds import QUICK, host, probe
from tests.kit import Machine
from tools.mock_cloud.openstack import OpenStack, example
from tools.mock_cloud.server import Server

MARK = {"product_name": "OpenStack Nova"}
NICS = {"ens3": "fa:16:3e:00:00:01"}
UUID = "7b1f0c3e-0000-4000-8000-00000000a001"
META = "/openstack/latest/meta_data.json"


def fetched(cloud, warn=lambda text: None, **settings):
    with Server(cloud) as server:
        instance = openstack.fetch(probe(host(nics=NICS, **MARK), server, **settings).but(warn=warn))
    return instance, server


def test_an_instance_is_what_the_documents_say():
    instance, server = fetched(OpenStack(example()))
    assert instance.but(metadata={}) == Instance(
        UUID,
        subplatform=f"metadata (http://127.0.0.1:{server.port})",
        hostname="db1.example.internal",
        ssh_keys=("ssh-ed25519 AAAAC3Mock ops",),
        user_data=b"#cloud-config\n",
        vendor_data=(b"#!/bin/sh\n",),
        vendor_data2=(b"#cloud-config\n{}", b"#!/bin/sh\n"),
        network={
            "version": 1,
            "config": [
                {
                    "type": "physical",
                    "subnets": instance.network["config"][0]["subnets"],
                    "mac_address": "fa:16:3e:00:00:01",
                    "mtu": 1450,
                    "name": "ens3",
                }
            ],
        },
        cloud_name="openstack",
        platform="openstack",
        availability_zone="az1",
        launch_index=0,
        random_seed=b"seed" * 128,
    )
    assert instance.network["config"][0]["subnets"][0]["type"] == "dhcp4"
    assert instance.metadata["injected-files"] == [{"path": "/etc/banner", "content": "d2VsY29tZQo="}]
    assert instance.metadata["block-device-mapping"]["ephemeral0"] == "/dev/vdb"
    assert "random_seed" not in instance.metadata


def test_it_takes_one_connection_and_no_more_requests_than_documents():
    _, server = fetched(OpenStack(example()))
    assert server.connections == 1
    assert server.paths() == [
        "GET /openstack",
        "GET /openstack/2018-08-27/meta_data.json",
        "GET /openstack/2018-08-27/user_data",
        "GET /openstack/2018-08-27/vendor_data.json",
        "GET /openstack/2018-08-27/vendor_data2.json",
        "GET /openstack/2018-08-27/network_data.json",
        "GET /openstack/content/0000",
        "GET /latest/meta-data/block-device-mapping/",
        "GET /latest/meta-data/block-device-mapping/ami",
        "GET /latest/meta-data/block-device-mapping/ephemeral0",
        "GET /latest/meta-data/block-device-mapping/root",
    ]


def test_a_service_that_has_only_the_latest_documents_is_read():
    instance, server = fetched(OpenStack(example(), versions=()))
    assert instance.id == UUID
    assert f"GET {META}" in server.paths()


def test_a_machine_with_nothing_but_its_uuid_is_an_instance():
    instance, _ = fetched(OpenStack({META: {"uuid": UUID}}))
    assert instance.but(subplatform="") == Instance(
        UUID, metadata={"uuid": UUID}, platform="openstack", cloud_name="openstack"
    )


def test_a_service_without_documents_of_its_own_is_read_as_ec2s():
    leaves = {path: leaf for path, leaf in example().items() if not path.startswith("/openstack")}
    instance, _ = fetched(OpenStack(leaves))
    assert (instance.id, instance.hostname) == ("i-00000001", "db1.example.internal")
    assert (instance.ssh_keys, instance.user_data) == (("ssh-ed25519 AAAAC3Mock ops",), b"#cloud-config\n")


@pytest.mark.parametrize("mode", ["disabled", "pass"])
def test_an_instance_may_be_meant_for_somebody_else(mode):
    with pytest.raises(Absent, match=mode):
        fetched(OpenStack({META: {"uuid": UUID, "meta": {"dsmode": mode}}}))


def test_an_instance_may_want_the_network_first():
    assert fetched(OpenStack({META: {"uuid": UUID, "meta": {"dsmode": "net"}}}))[0].local is False


@pytest.mark.parametrize("document", ["vendor_data.json", "vendor_data2.json", "network_data.json"])
@pytest.mark.parametrize("broken", ["{", "<html>", '{"links": 3, "cloud-init": {"cloud-init": 1}}', "[" * 100000])
def test_a_broken_document_that_can_be_done_without_is_warned_of_and_left_out(document, broken):
    said = []
    leaves = {META: {"uuid": UUID}, f"/openstack/latest/{document}": broken}
    instance, _ = fetched(OpenStack(leaves), warn=said.append)
    assert (instance.id, instance.vendor_data, instance.vendor_data2, instance.network) == (UUID, (), (), None)
    assert all(document in text for text in said)


def test_a_network_whose_interface_is_not_there_leaves_the_machine_to_the_fallback():
    said = []
    links = [{"id": "p1", "type": "vif", "ethernet_mac_address": "fa:16:3e:00:00:99"}]
    network = {"links": links, "networks": [], "services": []}
    instance, _ = fetched(OpenStack(example(network=network)), warn=said.append)
    assert instance.network is None
    assert "without it" in said[0]


def test_the_network_can_be_left_alone():
    assert fetched(OpenStack(example()), apply_network_config=False)[0].network is None


@pytest.mark.parametrize("place", ["/content/../latest/user_data", "http://192.0.2.1/x", "/etc/shadow", 7, None])
def test_a_file_from_anywhere_else_is_not_fetched(place):
    said = []
    files = [{"path": "/etc/x", "content_path": place}]
    instance, server = fetched(OpenStack({META: {"uuid": UUID, "files": files}}), warn=said.append)
    assert instance.metadata["injected-files"] == []
    assert len(said) == 1


@pytest.mark.parametrize("fault", ["html", "empty", "body:[]", 'body:{"uuid": ""}', "truncated", "503", "silence"])
def test_without_a_right_meta_data_json_there_is_no_instance(fault):
    with Server(OpenStack(example())) as server:
        server.fault(fault, match="GET */meta_data.json")
        with pytest.raises(Unreachable, match="OpenStack metadata"):
            openstack.fetch(probe(host(**MARK), server, **QUICK))


def test_the_service_is_also_looked_for_on_every_link():
    machine = host(nics={"eth0": "02:00:00:00:00:01"}).but(nics=(Nic("eth0", up=True), Nic("eth1")))
    assert openstack.urls(machine) == ["http://169.254.169.254", "http://[fe80::a9fe:a9fe%25eth0]"]


@pytest.mark.parametrize(
    "machine",
    [
        host(product_name="OpenStack Nova"),
        host(product_name="OpenStack Compute"),
        host(chassis_asset_tag="OpenTelekomCloud"),
        host(chassis_asset_tag="SAP CCloud VM"),
        host(chassis_asset_tag="HUAWEICLOUD"),
        host({"/proc/1/environ": b"TERM=linux\0product_name=OpenStack Nova\0"}),
    ],
)
def test_marks_of_openstack(machine):
    assert openstack.detect(machine, {}).sure


def test_a_machine_without_marks_is_asked_only_where_there_can_be_none():
    assert openstack.detect(host().but(arch="x86_64"), {}) is None
    assert openstack.detect(host().but(arch="s390x"), {}).sure is False
    assert openstack.detect(host().but(arch="aarch64", container=True), {}) is None


def test_a_config_drive_takes_precedence():
    assert openstack.detect(host(**MARK).but(disks=(Disk("/dev/sr0", "iso9660", "config-2"),)), {}) is None


def test_a_virtual_machine_knows_its_own_id():
    assert openstack.same(host(product_uuid=UUID.upper()), Instance(UUID)) is True
    assert openstack.same(host(product_uuid="4c4c4544-0000-1000-8000-000000000000"), Instance(UUID)) is None


def posted(tmp_path, cloud, keys, user="debian"):
    """What a machine with these keys does about its password, and what it has to say."""
    machine = Machine(tmp_path / "machine")
    with Server(cloud) as server:
        about = probe(host(**MARK), server, post_password=True).but(user=user)
        instance = openstack.fetch(about).but(ssh_keys=keys)
        (signal,) = openstack.DATASOURCE.signals
        assert signal.due(instance)
        system = System(machine)
        signal.say(system, about, instance)
    return machine, system


@pytest.fixture(scope="module")
def rsa(tmp_path_factory):
    """A private key's file and the public line."""
    at = tmp_path_factory.mktemp("keys") / "key"
    needs.programs("openssl", "ssh-keygen")
    subprocess.run(["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "", "-f", str(at)], check=True)
    return at, at.with_suffix(".pub").read_text().strip()


def test_a_password_is_made_once_and_posted_so_that_only_the_keys_holder_can_read_it(tmp_path, rsa):
    cloud = OpenStack(example())
    machine, _ = posted(tmp_path, cloud, ("ssh-ed25519 AAAAC3Mock ops", rsa[1]))
    (told,) = machine.told
    assert (told.method, told.path) == ("POST", "/openstack/latest/password")
    argv = ["openssl", "pkeyutl", "-decrypt", "-inkey", str(rsa[0])]
    done = subprocess.run(argv, input=a2b_base64(told.body), capture_output=True, check=True)
    (chpasswd,) = [action for action in machine.actions if getattr(action, "argv", [""])[0].startswith("chpasswd")]
    assert chpasswd.stdin.reveal() == f"debian:{done.stdout.decode()}\n"
    assert len(done.stdout) == 20
    cloud.password = told.body
    machine, _ = posted(tmp_path, cloud, (rsa[1],))
    assert (machine.actions, machine.told) == ([], [])


def test_without_a_key_of_rsa_no_password_is_made(tmp_path):
    cloud = OpenStack(example())
    machine, system = posted(tmp_path, cloud, ("ssh-ed25519 AAAAC3Mock ops",))
    assert (machine.actions, machine.told) == ([], [])
    assert system.notes == ["no password is posted: that needs an ssh-rsa key"]


def test_nothing_is_posted_unless_the_image_wants_it():
    instance, _ = fetched(OpenStack(example()))
    assert not openstack.DATASOURCE.signals[0].due(instance)
