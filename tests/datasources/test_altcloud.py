import pytest

from cloudboot.errors import Absent
from cloudboot.values import Disk
from datasources import altcloud
from tests.clouds import host, probe
from tests.media.images import fat, iso


def test_a_floppy_holds_user_data(tmp_path, monkeypatch):
    image = fat(tmp_path, 12, "x", {"user-data.txt": b"#!/bin/sh\n", "deltacloud-user-data.txt": b"#cloud-config\n"})
    monkeypatch.setattr(altcloud, "FLOPPY", str(image))
    found = altcloud.fetch(probe(host(product_name="RHEV Hypervisor")))
    assert (found.id, found.user_data) == ("455", b"#cloud-config\n")


def test_a_disc_holds_user_data(tmp_path):
    image = iso(tmp_path, "-rock", files={"user-data.txt": b"#!/bin/sh\n"})
    machine = host({altcloud.INFO: b"VSPHERE\n"}).but(disks=(Disk(str(image), "iso9660", "CDROM"),))
    assert altcloud.fetch(probe(machine)).user_data == b"#!/bin/sh\n"


def test_without_either_there_is_nothing(monkeypatch):
    monkeypatch.setattr(altcloud, "FLOPPY", "/nowhere")
    for machine in (host(), host(product_name="RHEV"), host(product_name="VMware Virtual Platform")):
        with pytest.raises(Absent):
            altcloud.fetch(probe(machine))


@pytest.mark.parametrize(
    ("machine", "found"),
    [
        (host(product_name="RHEV"), True),
        (host({altcloud.INFO: b"rhev\n"}), True),
        (host({altcloud.INFO: b"VSPHERE\n"}), True),
        (host(product_name="VMware Virtual Platform"), False),
        (host(product_name="VMware").but(disks=(Disk("/dev/sr0", "iso9660", "CDROM"),)), True),
        (host(), False),
    ],
)
def test_signs_of_these_hosts(machine, found):
    assert bool(altcloud.detect(machine, {})) is found
