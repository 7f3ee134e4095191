import pytest

from cloudboot.values import Instance
from datasources import oracle
from tests.clouds import host, probe
from tools.mock_cloud import clouds
from tools.mock_cloud.server import Server

MARK = {"chassis_asset_tag": "OracleCloud.com", "product_uuid": "0a1b"}
NICS = {"ens3": clouds.MAC, "ens5": clouds.MAC2}
IBFT = {"/sys/firmware/ibft/target0/flags": b"3\n"}


def fetched(version="v2", files=(), **settings):
    with Server(clouds.oracle(version)) as server:
        return oracle.fetch(probe(host(files, nics=NICS, **MARK), server, **settings))


@pytest.mark.parametrize("version", ["v2", "v1"])
def test_an_instance_is_what_either_version_says(version):
    found = fetched(version)
    assert found.but(metadata={}, network=None, subplatform="") == Instance(
        "ocid1.instance.oc1..example", hostname="app1", ssh_keys=(clouds.KEY,), user_data=b"#cloud-config\n",
        cloud_name="oracle", platform="oracle", region="xx-example-1", availability_zone="xx-example-1-ad-2",
    )  # fmt: skip


def test_the_first_interface_is_configured_alone_unless_the_image_wants_more():
    first = {"match": {"macaddress": clouds.MAC}, "set-name": "ens3", "mtu": 9000, "dhcp4": True, "dhcp6": False}
    assert fetched().network == {"version": 2, "ethernets": {"ens3": first}}
    second = fetched(configure_secondary_nics=True).network["ethernets"]["ens5"]
    assert (second["dhcp4"], second["addresses"]) == (False, ["10.0.1.10/24"])


def test_a_machine_with_its_root_on_the_network_keeps_the_network_it_has():
    assert fetched(files=IBFT).network is None


def test_an_instance_is_told_by_its_chassis_and_keeps_its_uuid():
    assert oracle.detect(host(**MARK), {}).sure
    assert oracle.detect(host(), {}) is None
    found = fetched()
    assert oracle.same(host(**MARK), found) is True
    assert oracle.same(host(product_uuid="other"), found) is False
    assert oracle.same(host(), found) is None
