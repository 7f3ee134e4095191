import pytest

from cloudboot.errors import Absent, Unreachable
from cloudboot.values import Instance
from datasources import cloudsigma
from tests.clouds import host, probe
from tools.mock_cloud.lines import Lines
from tools.mock_cloud.lines import cloudsigma as context

MARK = {"product_name": "CloudSigma"}


def fetched(reply):
    with Lines(reply) as line:
        return cloudsigma.fetch(probe(host(**MARK), serial_device=line.path, serial_timeout=0.5))


def test_a_server_is_what_its_context_says():
    assert fetched(context).but(metadata={}, subplatform="") == Instance(
        "65b2fb23-0000-4000-8000-000000000001", hostname="65b2fb23", ssh_keys=("ssh-rsa A a",),
        user_data=b"#cloud-config\n", vendor_data=(b"#cloud-config\n{}\n",), cloud_name="cloudsigma",
        platform="cloudsigma",
    )  # fmt: skip


@pytest.mark.parametrize("reply", [lambda line: b"", lambda line: b"[]\n", lambda line: b"{}\n"])
def test_a_line_that_says_nothing_is_a_named_failure(reply):
    with pytest.raises(Unreachable):
        fetched(reply)


def test_a_server_is_told_by_its_product():
    assert cloudsigma.detect(host(**MARK), {}).sure
    assert cloudsigma.detect(host(), {}) is None
    with pytest.raises(Absent):
        cloudsigma.fetch(probe(host()))
