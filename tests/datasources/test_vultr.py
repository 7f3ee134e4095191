import pytest

from cloudboot.values import Instance
from datasources import vultr
from tests.clouds import host, probe
from tools.mock_cloud import clouds
from tools.mock_cloud.server import Server

NICS = {"enp1s0": clouds.MAC, "enp6s0": clouds.MAC2}


def fetched(cloud=None):
    with Server(cloud or clouds.vultr()) as server:
        return vultr.fetch(probe(host(nics=NICS, sys_vendor="Vultr"), server))


def test_a_machine_is_what_its_document_says():
    found = fetched()
    assert found.but(metadata={}, network=None, subplatform="") == Instance(
        "29bea708-2e6e-480a-90ad-0e6b5d5ad62f",
        hostname="guest",
        ssh_keys=(clouds.KEY,),
        user_data=b"#cloud-config\n",
        vendor_data=(b"#cloud-config\n{}\n", b"#!/bin/sh\necho secret\n"),
        cloud_name="vultr",
        platform="vultr",
        region="xx",
    )


def test_the_startup_script_is_no_metadata():
    assert "secret" not in str(fetched().metadata)


def test_the_first_interface_is_public_and_the_others_static():
    dns, public, private = fetched().network["config"]
    assert dns["type"] == "nameserver"
    assert [s["type"] for s in public["subnets"]] == ["dhcp", "ipv6_slaac", "static6"]
    assert (public["name"], public["accept-ra"], public["mtu"]) == ("enp1s0", True, 1500)
    assert [s["address"] for s in private["subnets"]] == ["10.7.96.3", "10.7.96.4"]


def test_a_document_that_is_ready_gets_the_names_of_the_machine():
    cloud = clouds.vultr()
    ready = {"version": 1, "config": [{"type": "physical", "mac_address": clouds.MAC, "subnets": []}]}
    cloud.leaves["/v1.json"] = cloud.leaves["/v1.json"].replace(
        b"{", b'{"cloud_interfaces": ' + str(ready).replace("'", '"').encode() + b", ", 1
    )
    assert fetched(cloud).network["config"][0]["name"] == "enp1s0"


@pytest.mark.parametrize(
    "machine",
    [host(sys_vendor="Vultr"), host().but(cmdline="quiet vultr"), host({"/etc/vultr": b""})],
)
def test_marks_of_vultr(machine):
    assert vultr.detect(machine, {}).sure


def test_a_machine_without_them_is_none_of_its():
    assert vultr.detect(host().but(cmdline="root=/vultr"), {}) is None


def test_the_older_id_is_the_serial_number():
    kept = Instance("29bea708", metadata={"instanceid": "42506325"})
    assert vultr.same(host(sys_vendor="Vultr", product_serial="42506325"), kept) is True
    assert vultr.same(host(), kept) is None
