import pytest

from cloudboot.errors import Unreachable
from cloudboot.values import Instance
from datasources import akamai
from tests.clouds import QUICK, host, probe
from tools.mock_cloud import clouds
from tools.mock_cloud.server import Server

MARK = {"sys_vendor": "Linode", "product_serial": "123456"}


def test_an_instance_is_what_the_service_says():
    with Server(clouds.akamai()) as server:
        found = akamai.fetch(probe(host(**MARK), server))
    assert found.but(metadata={}, subplatform="") == Instance(
        "123456", ssh_keys=(clouds.KEY,), user_data=b"#cloud-config\n", cloud_name="akamai",
        platform="akamai", region="xx-example",
    )  # fmt: skip


@pytest.mark.parametrize("fault", ["403", "silence", "404"])
def test_a_machine_whose_service_has_nothing_is_known_by_its_serial_number(fault):
    said = []
    with Server(clouds.akamai()) as server:
        server.fault(fault, match="PUT *")
        found = akamai.fetch(probe(host(**MARK), server, **QUICK).but(warn=said.append))
    assert (found.id, found.user_data) == ("123456", b"")
    assert len(said) == 1


def test_a_machine_without_a_serial_number_has_no_such_way_out():
    with Server(clouds.akamai()) as server:
        server.fault("404", match="PUT *")
        with pytest.raises(Unreachable):
            akamai.fetch(probe(host(sys_vendor="Akamai"), server))


def test_an_instance_is_told_by_its_maker():
    assert akamai.detect(host(**MARK), {}).sure
    assert akamai.detect(host(sys_vendor="Akamai"), {}).sure
    assert akamai.detect(host(sys_vendor="Other"), {}) is None
    assert akamai.same(host(**MARK), Instance("123456")) is True
