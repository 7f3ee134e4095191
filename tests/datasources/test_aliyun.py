import pytest

from cloudboot.values import Instance
from datasources import aliyun
from tests.clouds import host, probe
from tools.mock_cloud import clouds
from tools.mock_cloud.server import Server

MARK = {"product_name": "Alibaba Cloud ECS"}
NICS = {"eth10": clouds.MAC, "eth2": clouds.MAC2}


def fetched(cloud):
    with Server(cloud) as server:
        return aliyun.fetch(probe(host(nics=NICS, **MARK), server)), server


@pytest.mark.parametrize("whole", [True, False])
def test_an_instance_is_what_the_tree_says_whole_or_walked(whole):
    found, server = fetched(clouds.aliyun(whole))
    assert found.but(metadata={}, network=None, subplatform="") == Instance(
        "i-mock00000001", hostname="web1", ssh_keys=(clouds.KEY,), user_data=b"#cloud-config\n",
        vendor_data=(b"#!/bin/sh\n",), cloud_name="aliyun", platform="aliyun", region="xx-example",
        availability_zone="xx-example-a",
    )  # fmt: skip
    assert server.connections == 1


def test_interfaces_are_in_the_natural_order_of_their_names():
    ethernets = fetched(clouds.aliyun())[0].network["ethernets"]
    metrics = {name: entry["dhcp4-overrides"]["route-metric"] for name, entry in ethernets.items()}
    assert metrics == {"eth2": 100, "eth10": 200}
    assert [ethernets[name]["dhcp6"] for name in ("eth2", "eth10")] == [True, False]
    assert "routes" not in ethernets["eth10"]


def test_an_instance_is_told_by_its_product():
    assert aliyun.detect(host(**MARK), {}).sure
    assert aliyun.detect(host(product_name="Alibaba"), {}) is None
