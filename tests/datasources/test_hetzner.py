import pytest

from cloudboot.errors import Absent
from cloudboot.values import Instance
from datasources import hetzner
from tests.clouds import host, probe
from tools.mock_cloud import clouds
from tools.mock_cloud.server import Server

MARK = {"sys_vendor": "Hetzner", "product_serial": "4711"}


def fetched(machine=None, *faults):
    with Server(clouds.hetzner()) as server:
        for fault, match in faults:
            server.fault(fault, match=match)
        return hetzner.fetch(probe(machine or host(**MARK), server))


def test_a_server_is_what_its_documents_say():
    found = fetched()
    assert found.but(metadata={}, network=None, subplatform="") == Instance(
        "4711",
        hostname="web1",
        ssh_keys=(clouds.KEY,),
        user_data=b"#cloud-config\n",
        vendor_data=(b"#!/bin/sh\n",),
        cloud_name="hetzner",
        platform="hetzner",
        region="ex-central",
        availability_zone="ex1-dc1",
    )


def test_private_networks_are_added_to_the_document_that_is_ready():
    network = fetched(host(nics={"enp7s0": clouds.MAC2}, **MARK)).network
    assert [(entry["name"], entry["mac_address"]) for entry in network["config"]] == [
        ("eth0", clouds.MAC),
        ("enp7s0", clouds.MAC2),
    ]


def test_user_data_may_be_none_or_base64():
    assert fetched(None, ("204", "*/userdata")).user_data == b""
    assert fetched(None, ("body:I2Nsb3VkLWNvbmZpZwo=", "*/userdata")).user_data == b"#cloud-config\n"


def test_a_service_that_speaks_of_another_machine_is_not_believed():
    with pytest.raises(Absent, match="another machine"):
        fetched(host(sys_vendor="Hetzner", product_serial="4712"))


def test_a_server_is_told_by_its_maker_and_serial_number():
    assert hetzner.detect(host(**MARK), {}).sure
    assert hetzner.detect(host(sys_vendor="Hetzner"), {}) is None
    assert hetzner.same(host(**MARK), Instance("4711")) is True
