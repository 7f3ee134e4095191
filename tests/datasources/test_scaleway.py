import pytest

from cloudboot.errors import Unreachable
from cloudboot.values import Instance
from datasources import scaleway
from tests import needs
from tests.clouds import QUICK, host, probe
from tools.mock_cloud import clouds
from tools.mock_cloud.server import Server

MARK = {"sys_vendor": "Scaleway"}


def fetched(cloud=None, **settings):
    needs.root()  # a port below 1024
    with Server(cloud or clouds.scaleway()) as server:
        return scaleway.fetch(probe(host(nics={"ens2": clouds.MAC}, **MARK), server, **settings)), server


def test_an_instance_is_what_the_documents_say():
    found, _ = fetched()
    assert found.but(metadata={}, network=None, subplatform="") == Instance(
        "8b2f6a3c-0000-4000-8000-000000000001", hostname="scw-web1", ssh_keys=(clouds.KEY, "ssh-rsa TAG me"),
        user_data=b"#cloud-config\n", cloud_name="scaleway", platform="scaleway", region="xx-exa",
        availability_zone="xx-exa-1",
    )  # fmt: skip


def test_user_data_is_asked_for_from_a_port_that_only_root_has():
    found, server = fetched(clouds.scaleway(ports=range(1, 1024)))
    assert found.user_data == b"#cloud-config\n"
    assert server.connections == 1


def test_a_client_on_another_port_gets_nothing():
    with pytest.raises(Unreachable, match="403"):
        fetched(clouds.scaleway(ports=[65535]), **QUICK)


def test_further_addresses_are_static():
    entry = fetched()[0].network["ethernets"]["ens2"]
    assert entry["dhcp4"] is True
    assert entry["addresses"] == ["198.51.100.11/32", "2001:db8::10/64"]
    assert [route["via"] for route in entry["routes"]] == ["62.210.0.1", "fe80::1"]


@pytest.mark.parametrize(
    "machine", [host(**MARK), host().but(cmdline="quiet scaleway"), host({"/var/run/scaleway": b""})]
)
def test_marks_of_scaleway(machine):
    assert scaleway.detect(machine, {}).sure


def test_a_machine_without_them_is_none_of_its():
    assert scaleway.detect(host().but(cmdline="notscaleway"), {}) is None
