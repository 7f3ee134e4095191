import pytest

from cloudboot.errors import Absent
from cloudboot.values import Disk
from datasources import ibmcloud
from tests.clouds import host, probe
from tests.media.images import fat
from tools.mock_cloud.openstack import documents
from tools.mock_cloud.tree import packed

DRIVE = Disk("/dev/xvdb", "vfat", "config-2", "9796-932E")
TEMPLATE = Disk("/dev/xvdb", "vfat", "METADATA")
BUSY = {"/root/provisioningConfiguration.cfg": b""}


def guest(*disks, files=()):
    return host(files, nics={"eth0": "fa:16:3e:00:00:01"}).but(virt="xen", disks=disks)


@pytest.fixture
def image(tmp_path):
    return str(fat(tmp_path, 16, "config-2", {path: packed(value) for path, value in documents().items()}))


def test_a_machine_of_ibms_images_has_a_config_drive(image):
    found = ibmcloud.fetch(probe(guest(DRIVE.but(device=image))))
    assert (found.id, found.cloud_name) == ("7b1f0c3e-0000-4000-8000-00000000a001", "ibmcloud")
    assert found.network["config"][0]["name"] == "eth0"


def test_the_network_of_a_template_is_left_as_it_is(image):
    found = ibmcloud.fetch(probe(guest(TEMPLATE.but(device=image))))
    assert found.network == {"version": 1, "config": "disabled"}
    assert found.subplatform.startswith("template")


def test_nothing_is_done_while_the_platform_is_at_work():
    assert ibmcloud.detect(guest(DRIVE, files=BUSY), {}) is None
    assert ibmcloud.detect(guest(DRIVE, files={**BUSY, "/root/swinstall.log": b""}), {}).sure
    with pytest.raises(Absent):
        ibmcloud.fetch(probe(guest(DRIVE, files=BUSY)))


@pytest.mark.parametrize(
    ("machine", "found"),
    [
        (guest(DRIVE), True),
        (guest(TEMPLATE), True),
        (guest(DRIVE.but(uuid="other")), False),
        (guest(DRIVE).but(virt="kvm"), False),
    ],
)
def test_signs_of_ibm(machine, found):
    assert bool(ibmcloud.detect(machine, {})) is found
