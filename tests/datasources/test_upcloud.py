from cloudboot.values import Instance
from datasources import upcloud
from tests.clouds import host, probe
from tools.mock_cloud import clouds
from tools.mock_cloud.server import Server

NICS = {"eth0": clouds.MAC, "eth1": clouds.MAC2}
UUID = "00322b68-0000-4d5c-8000-000000000001"


def fetched(nics=NICS):
    with Server(clouds.upcloud()) as server:
        return upcloud.fetch(probe(host(nics=nics, sys_vendor="UpCloud"), server))


def test_a_server_is_what_its_document_says():
    found = fetched()
    assert found.but(metadata={}, network=None, subplatform="") == Instance(
        UUID, hostname="web1", ssh_keys=(clouds.KEY,), user_data=b"#cloud-config\n", cloud_name="upcloud",
        platform="upcloud", region="xx-exa1",
    )  # fmt: skip


def test_the_network_is_as_told_for_the_interfaces_that_are_there():
    public, private, dns = fetched().network["config"]
    assert [s["type"] for s in public["subnets"]] == ["dhcp", "ipv6_dhcpv6-stateless"]
    assert private["subnets"] == [{"type": "static", "address": "10.6.0.2/22"}]
    assert dns["address"] == ["192.0.2.53"]
    assert fetched({}).network is None


def test_a_server_is_told_by_its_maker_and_uuid():
    assert upcloud.detect(host(sys_vendor="UpCloud"), {}).sure
    assert upcloud.detect(host(), {}) is None
    assert upcloud.same(host(product_uuid=UUID.upper()), Instance(UUID)) is True
