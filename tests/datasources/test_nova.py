"""Documents that nova itself makes, of its own classes: its metadata service's, and an ISO image of its own builder.

Needs a Python that has nova: ``python3 -m venv build/nova && build/nova/bin/pip install nova`` (a minute, 400 MB), or
its path in CLOUDBOOT_NOVA.
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

from cloudboot import instancedata
from cloudboot.values import Disk
from datasources import configdrive, openstack
from tests import needs
from tests.clouds import host, probe
from tools.boots import seed
from tools.mock_cloud.server import Answer, Server

TOP = Path(__file__).resolve().parent.parent.parent
PYTHON = Path(os.environ.get("CLOUDBOOT_NOVA") or TOP / "build/nova/bin/python")
ID = "5b7c2f0e-1d4a-4a5e-8d2e-0f3c1a9b7d21"
NICS = {"ens3": "fa:16:3e:00:00:01", "ens4": "fa:16:3e:00:00:02"}
USER_DATA = b"#cloud-config\npackages: [nginx]\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder of what nova made."""
    needs.path(PYTHON)
    folder = tmp_path_factory.mktemp("nova")
    subprocess.run(
        [str(PYTHON), "-W", "ignore", str(TOP / "tests/nova_documents.py"), str(folder)], check=True, cwd=folder
    )
    return folder


class Said:
    """A service that says what nova's does; ``without`` the paths that begin so."""

    def __init__(self, folder, without="-"):
        said = json.loads((folder / "service.json").read_text())
        self.said = {path: text for path, text in said.items() if not path.startswith(without)}

    def __call__(self, request):
        text = self.said.get(request.path.rstrip("/"))
        return Answer(404) if text is None else Answer(200, text.encode("latin-1"))


def from_drive(image, kind):
    machine = host(nics=NICS).but(disks=(Disk(str(image), label="config-2", type=kind),))
    return configdrive.fetch(probe(machine))


def from_service(cloud):
    with Server(cloud) as server:
        return openstack.fetch(probe(host(nics=NICS, product_name="OpenStack Nova"), server))


def subnets(instance):
    return {entry["name"]: entry["subnets"] for entry in instance.network["config"] if entry["type"] == "physical"}


def test_a_config_drive_of_novas_is_read(made):
    instance = from_drive(made / "config-2.iso", "iso9660")
    assert (instance.id, instance.hostname) == (ID, "db1.novalocal")
    assert (instance.launch_index, instance.availability_zone) == (3, "az1")
    assert [key.split()[2] for key in instance.ssh_keys] == ["ops"]
    assert instance.user_data == USER_DATA
    assert len(instance.random_seed) == 512
    assert instance.metadata["meta"] == {"role": "db"}
    assert {f["path"]: f["content"] for f in instance.metadata["injected-files"]} == {
        "/etc/banner": "d2VsY29tZQo=",
        "/srv/data": "/wA=",
    }
    assert instance.metadata["block-device-mapping"] == {"ami": "vda", "root": "/dev/vda"}


def test_the_network_that_nova_describes_is_read(made):
    instance = from_drive(made / "config-2.iso", "iso9660")
    fixed, leased = (subnets(instance)[name] for name in ("ens3", "ens4"))
    assert [subnet["type"] for subnet in leased] == ["dhcp4"]
    assert [(subnet["type"], subnet["address"]) for subnet in fixed] == [
        ("static", "192.0.2.10"),
        ("static6", "2001:db8::10"),
    ]
    assert [route["gateway"] for subnet in fixed for route in subnet["routes"]] == ["192.0.2.1", "2001:db8::1"]
    assert {entry["name"]: entry.get("mtu") for entry in instance.network["config"] if "name" in entry}["ens3"] == 1450


def test_a_fat_drive_with_the_same_files_says_the_same(made, tmp_path):
    tree = tmp_path / "files"
    tree.mkdir()
    subprocess.run(["xorriso", "-osirrox", "on", "-indev", str(made / "config-2.iso"), "-extract", "/", str(tree)],
                   check=True, capture_output=True)  # fmt: skip
    fat = from_drive(seed.vfat(tree, tmp_path / "config-2.img", "config-2"), "vfat")
    iso = from_drive(made / "config-2.iso", "iso9660")
    assert fat.but(subplatform="") == iso.but(subplatform="")


def test_novas_service_says_what_its_drive_says_but_for_what_only_a_drive_has(made):
    drive, service = from_drive(made / "config-2.iso", "iso9660"), from_service(Said(made))
    same = ("id", "hostname", "ssh_keys", "user_data", "vendor_data", "vendor_data2", "network", "launch_index")
    assert {name: getattr(service, name) for name in same} == {name: getattr(drive, name) for name in same}
    assert service.metadata["block-device-mapping"] == {"ami": "vda", "root": "/dev/vda"}
    assert "admin_pass" not in service.metadata


def test_what_nova_says_in_ec2s_form_is_enough_where_there_is_no_other(made):
    instance = from_service(Said(made, without="/openstack"))
    assert (instance.id, instance.hostname, instance.user_data) == ("i-00000007", "db1.novalocal", USER_DATA)
    assert [key.split()[2] for key in instance.ssh_keys] == ["ops"]
    assert (instance.availability_zone, instance.launch_index) == ("az1", 3)


def test_the_password_on_a_drive_is_for_root_only(made):
    instance = from_drive(made / "config-2.iso", "iso9660")
    told = instancedata.redacted(instancedata.describe(host(), instance, {}))
    assert instance.metadata["admin_pass"] == "given-by-nova"
    assert "given-by-nova" not in json.dumps(told)
    assert "d2VsY29tZQo=" not in json.dumps(told)
