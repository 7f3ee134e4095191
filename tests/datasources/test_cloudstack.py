import pytest

from cloudboot.values import Instance
from datasources import cloudstack
from tests.clouds import host, probe
from tools.mock_cloud import clouds
from tools.mock_cloud.server import Server

MARK = {"product_name": "CloudStack KVM Hypervisor"}
NETWORKD = {"/run/systemd/netif/leases/2": b"ADDRESS=192.0.2.10\nSERVER_ADDRESS=192.0.2.1\n"}
DHCLIENT = {"/var/lib/dhcp/dhclient.eth0.leases": b"lease {\n  option dhcp-server-identifier 192.0.2.7;\n}\n"
            b"lease {\n  option dhcp-server-identifier 192.0.2.2;\n}\n"}  # fmt: skip
MANAGER = {"/run/NetworkManager/devices/2": b"[dhcp4]\ndhcp_server_identifier=192.0.2.4\n"}
ROUTE = {"/proc/net/route": b"Iface\tDestination\tGateway\neth0\t00000000\t030200C0\t0003\neth0\t000200C0\t00000000\n"}


def fetched(password="", **settings):
    with Server(clouds.cloudstack(password)) as server:
        return cloudstack.fetch(probe(host(**MARK), server, password_server_port=server.port, **settings))


def test_an_instance_is_what_the_router_says():
    found = fetched()
    assert found.but(metadata={}, subplatform="") == Instance(
        "a2c6b8d0-0000-4000-8000-000000000001", hostname="web1", ssh_keys=(clouds.KEY,), user_data=b"#cloud-config\n",
        cloud_name="cloudstack", platform="cloudstack", availability_zone="zone-1",
    )  # fmt: skip
    assert found.metadata["service-offering"] == "small"


def test_a_password_that_waits_is_configuration():
    assert fetched("mock-password").config["password"] == "mock-password"


@pytest.mark.parametrize(
    ("files", "addresses"),
    [
        (NETWORKD, ["http://192.0.2.1"]),
        (DHCLIENT, ["http://192.0.2.2"]),
        (MANAGER, ["http://192.0.2.4"]),
        (ROUTE, ["http://192.0.2.3"]),
        ({**NETWORKD, **ROUTE}, ["http://192.0.2.1", "http://192.0.2.3"]),
        ({"/run/systemd/netif/leases/2": b"SERVER_ADDRESS=evil.example.com\n"}, ["http://data-server"]),
        ({}, ["http://data-server"]),
    ],
)
def test_the_router_is_who_gave_the_lease_or_leads_out(files, addresses):
    assert cloudstack.routers(host(files)) == addresses


def test_an_instance_is_told_by_its_product():
    assert cloudstack.detect(host(**MARK), {}).sure
    assert cloudstack.detect(host(product_name="Cloud"), {}) is None


@pytest.mark.parametrize(
    "lease",
    [{"/run/systemd/netif/leases/2": b"SERVER_ADDRESS=192.0.2.1\nDOMAINNAME=cs.example\n"},
     {"/var/lib/dhcp/dhclient.eth0.leases": b'lease {\n  option domain-name "old.example";\n}\n'
      b'lease {\n  option domain-name "cs.example other";\n}\n'},
     {"/run/NetworkManager/devices/2": b"[dhcp4]\ndomain_name=cs.example\n"}],
)  # fmt: skip
def test_a_short_name_is_in_the_domain_of_the_lease(lease):
    with Server(clouds.cloudstack()) as server:
        found = cloudstack.fetch(probe(host(lease, **MARK), server, password_server_port=server.port))
    assert found.hostname == "web1.cs.example"
