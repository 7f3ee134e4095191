import pytest

from cloudboot.values import Instance
from datasources import exoscale
from tests.clouds import host, probe
from tools.mock_cloud import clouds
from tools.mock_cloud.server import Server

MARK = {"product_name": "Exoscale Compute Platform"}


def fetched(password="", fault="", **settings):
    said = []
    with Server(clouds.exoscale(password)) as server:
        if fault:
            server.fault(fault, match="GET /1.0/")
        about = {"password_server_port": server.port, **settings}
        return exoscale.fetch(probe(host(**MARK), server, **about).but(warn=said.append)), said


def test_an_instance_is_what_the_tree_says():
    found, said = fetched()
    assert found.but(metadata={}, subplatform="") == Instance(
        "87acc39b-0000-4000-8000-000000000001", hostname="web1", ssh_keys=(clouds.KEY,), user_data=b"#cloud-config\n",
        cloud_name="exoscale", platform="exoscale", availability_zone="xx-exa-1",
    )  # fmt: skip
    assert said == []


def test_a_password_that_waits_is_configuration():
    config = {"ssh_pwauth": True, "password": "mock-password", "chpasswd": {"expire": False}}
    assert fetched("mock-password")[0].config == config
    assert fetched("saved_password")[0].config == {}


@pytest.mark.parametrize("fault", ["body:bad_request", "reset-in-head", "huge:5000"])
def test_a_server_of_passwords_that_fails_does_not_fail_the_instance(fault):
    found, said = fetched("mock-password", fault, timeout=0.05, max_wait=0.3)
    assert (found.hostname, found.config) == ("web1", {})
    assert "mock-password" not in said[0]


def test_an_instance_is_told_by_its_product():
    assert exoscale.detect(host(**MARK), {}).sure
    assert exoscale.detect(host(product_name="Not Exoscale"), {}) is None
