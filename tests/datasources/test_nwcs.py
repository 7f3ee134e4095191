from cloudboot.values import Instance
from datasources import nwcs
from tests.clouds import host, probe
from tools.mock_cloud import clouds
from tools.mock_cloud.server import Server
from tools.mock_cloud.tree import Tree

NETWORK = {"version": 1, "config": [{"type": "physical", "name": "x", "mac_address": clouds.MAC, "subnets": []},
                                    {"type": "nameserver", "address": ["192.0.2.53"]}]}  # fmt: skip
META = {"instance-id": 7, "hostname": "web1", "public-keys": [clouds.KEY], "userdata": "#cloud-config\n",
        "vendordata": "#!/bin/sh\n", "network": NETWORK}  # fmt: skip


def test_a_machine_is_what_its_document_says():
    with Server(Tree({"/api/v1/metadata": META})) as server:
        found = nwcs.fetch(probe(host(nics={"eth7": clouds.MAC}), server))
    assert found.but(metadata={}, network=None, subplatform="") == Instance(
        "7", hostname="web1", ssh_keys=(clouds.KEY,), user_data=b"#cloud-config\n", vendor_data=(b"#!/bin/sh\n",),
        cloud_name="nwcs", platform="nwcs",
    )  # fmt: skip
    assert [entry.get("name") for entry in found.network["config"]] == ["eth7", None]


def test_a_machine_is_told_by_its_maker():
    assert nwcs.detect(host(sys_vendor="NWCS"), {}).sure
    assert nwcs.detect(host(sys_vendor="nwcs"), {}) is None
