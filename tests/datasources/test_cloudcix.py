from cloudboot.values import Instance
from datasources import cloudcix
from tests.clouds import host, probe
from tools.mock_cloud import clouds
from tools.mock_cloud.server import Server
from tools.mock_cloud.tree import Tree

NETWORK = {"version": 2, "ethernets": {"eth0": {"dhcp4": True}}}
TREE = {"/v1/metadata": {"instance_id": "12_34", "hostname": "web1", "public_keys": [clouds.KEY], "network": NETWORK},
        "/v1/userdata": "I2Nsb3VkLWNvbmZpZwo="}  # fmt: skip


def test_a_machine_is_what_its_documents_say():
    with Server(Tree(TREE)) as server:
        found = cloudcix.fetch(probe(host(), server))
    assert found.but(metadata={}, subplatform="") == Instance(
        "12_34", hostname="web1", ssh_keys=(clouds.KEY,), user_data=b"#cloud-config\n", network=NETWORK,
        cloud_name="cloudcix", platform="cloudcix",
    )  # fmt: skip


def test_a_machine_is_told_by_its_product():
    assert cloudcix.detect(host(product_name="CloudCIX"), {}).sure
    assert cloudcix.detect(host(product_name="CloudCI"), {}) is None
