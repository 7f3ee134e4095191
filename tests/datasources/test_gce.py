import pytest

from cloudboot.values import Instance
from datasources import gce
from tests.clouds import host, probe
from tools.mock_cloud import clouds
from tools.mock_cloud.server import Server
from tools.mock_cloud.tree import packed

MARK = {"product_name": "Google Compute Engine"}
OWN = "/computeMetadata/v1/instance/attributes/?recursive=True"


def fetched(own=None, user="admin"):
    cloud = clouds.gce()
    if own is not None:
        cloud.leaves[OWN] = packed(own)
    with Server(cloud) as server:
        return gce.fetch(probe(host(**MARK), server).but(user=user)), server


def test_an_instance_is_what_the_service_says():
    found, server = fetched()
    assert found.but(metadata={}, subplatform="") == Instance(
        "1234567890123456789",
        hostname="app1",
        ssh_keys=(
            clouds.KEY,
            'ssh-rsa ADMIN google-ssh {"userName": "new@example.com", "expireOn": "2999-01-01T00:00:00+0000"}',
            "ssh-rsa PROJECT",
        ),
        user_data=b"#cloud-config\n",
        cloud_name="gce",
        platform="gce",
        region="xx-example1",
        availability_zone="xx-example1-b",
    )
    assert (server.connections, len(server.requests)) == (1, 5)


@pytest.mark.parametrize(
    ("own", "keys"),
    [
        ({"ssh-keys": "cloudinit:k1"}, ("k1", "ssh-rsa PROJECT")),
        ({"ssh-keys": "cloudinit:k1", "block-project-ssh-keys": "TRUE"}, ("k1",)),
        ({"sshKeys": "cloudinit:k0", "ssh-keys": "cloudinit:k1"}, ("k0", "k1")),
        ({"ssh-keys": "admin:k1"}, ("ssh-rsa PROJECT",)),
    ],
)
def test_the_projects_keys_count_unless_the_instance_shuts_them_out(own, keys):
    assert fetched(own, user="")[0].ssh_keys == keys


def test_user_data_may_be_base64():
    own = {"user-data": "I2Nsb3VkLWNvbmZpZwo=", "user-data-encoding": "base64"}
    assert fetched(own)[0].user_data == b"#cloud-config\n"


@pytest.mark.parametrize("about", ["google-ssh {broken", 'google-ssh {"expireOn": 7}', "google-ssh []", "google-ssh x"])
def test_a_key_whose_expiry_cannot_be_read_counts(about):
    assert list(gce.keys(f"ops:ssh-rsa A {about}", ("ops",), "2026-01-01T00:00:00")) == [f"ssh-rsa A {about}"]


@pytest.mark.parametrize(
    "machine", [host(**MARK), host(product_name="Google"), host(product_serial="GoogleCloud-8F2E88F")]
)
def test_marks_of_google(machine):
    assert gce.detect(machine, {}).sure


def test_a_machine_without_them_is_none_of_its():
    assert gce.detect(host(product_name="Google Pixelbook", product_serial="xGoogleCloud-"), {}) is None
