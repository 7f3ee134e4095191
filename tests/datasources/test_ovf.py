from base64 import b64encode

import pytest

from cloudboot.errors import Absent, NotYet
from cloudboot.values import Disk, FileView, Instance
from datasources import ovf
from tests.clouds import host, probe
from tests.media.images import iso

SPACE = "http://schemas.dmtf.org/ovf/environment/1"
SEED = "/var/lib/cloud/seed/ovf/ovf-env.xml"
NETWORK = b64encode(b"network:\n  version: 2\n  ethernets: {eth0: {dhcp4: true}}\n").decode()
GIVEN = {
    "instance-id": "vm-1001-a", "hostname": "app1.example.com", "public-keys": "ssh-rsa A a", "password": "mock-pass",
    "user-data": "I2Nsb3VkLWNvbmZpZwo=", "network-config": NETWORK, "other": "x",
}  # fmt: skip


def env(**given):
    listed = "".join(f'<Property oe:key="{k}" oe:value="{v}"/>' for k, v in (given or GIVEN).items())
    other = '<PropertySection><Property oe:key="hostname" oe:value="sibling"/></PropertySection>'
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Environment xmlns="{SPACE}" xmlns:oe="{SPACE}" oe:id="vm-1001"><Entity>{other}</Entity>
<PropertySection>{listed}</PropertySection></Environment>""".encode()


def guest(raw=None):
    return host().but(virt="vmware", guestinfo=FileView({"ovfEnv": raw or env()}))


def fetched(machine, **more):
    said = []
    return ovf.fetch(probe(machine, **more).but(warn=said.append)), said


def test_an_appliance_is_what_its_properties_say():
    found, _ = fetched(guest())
    assert found == Instance(
        "vm-1001-a", subplatform="ovf (guestinfo.ovfEnv)", hostname="app1.example.com", ssh_keys=("ssh-rsa A a",),
        user_data=b"#cloud-config\n", network={"version": 2, "ethernets": {"eth0": {"dhcp4": True}}},
        metadata={key: GIVEN[key] for key in ("instance-id", "hostname", "public-keys", "other")},
        config={"password": "mock-pass"}, cloud_name="ovf", platform="ovf",
    )  # fmt: skip


def test_a_seed_has_no_network_and_plain_user_data_is_taken_as_it_is():
    found, _ = fetched(host({SEED: env(**{"user-data": "#!/bin/sh", "network-config": NETWORK})}))
    assert (found.id, found.network, found.user_data) == ("iid-dsovf", None, b"#!/bin/sh")


def test_a_disc_is_read(tmp_path):
    image = iso(tmp_path, "-rock", files={"ovf-env.xml": env()})
    sr0 = tmp_path / "sr0"
    image.rename(sr0)
    found, _ = fetched(host().but(virt="vmware", disks=(Disk(str(sr0), "iso9660", "OVF ENV"),)))
    assert found.id == "vm-1001-a"


def test_user_data_may_be_elsewhere():
    found, _ = fetched(
        guest(env(seedfrom="http://192.0.2.1/seed")), urls={"http://192.0.2.1/seed/user-data": b"#!/bin/sh\n"}
    )
    assert found.user_data == b"#!/bin/sh\n"


@pytest.mark.parametrize("raw", [b"<?xml broken", b"<?xml version='1.0'?><a/>", b"<!DOCTYPE a><a/>"])
def test_a_broken_document_is_left_out(raw):
    said = []
    with pytest.raises(Absent):
        ovf.fetch(probe(guest(raw)).but(warn=said.append))
    assert "ovfEnv" in said[0]


def test_a_broken_network_is_left_out():
    found, said = fetched(guest(env(**{"network-config": "not base64!"})))
    assert found.network is None and "without it" in said[0]


CONTENT = b"x" * 1000 + SPACE.encode()


def disc(label="", device="/dev/sr0", content=CONTENT, sectors=b"2048\n", **more):
    files = {device: content, f"/sys/class/block/{device[5:]}/size": sectors}
    return host(files, **more).but(virt="vmware", disks=(Disk(device, "iso9660", label),))


@pytest.mark.parametrize(
    ("machine", "found"),
    [
        (host({SEED: b"x"}), True),
        (guest(), True),
        (guest(b"not xml"), False),
        (guest().but(virt="kvm"), False),
        (disc(), True),
        (disc("ovf-transport", content=b""), True),
        (disc("OVF-TRANSPORT", content=b""), True),
        (disc("ignoreme", content=b"other"), False),
        (disc(sectors=b"99999\n"), False),
        (disc("config-2"), False),
        (disc("CIDATA"), False),
        (disc("rd_rdfe_stable.240101"), False),
        (disc(device="/dev/sdb"), False),
        (disc().but(virt="none"), False),
        (disc(chassis_asset_tag=ovf.AZURE), False),
    ],
)
def test_signs_of_an_environment(machine, found):
    assert bool(ovf.detect(machine, {})) is found


def test_a_seed_elsewhere_fills_what_the_document_leaves_open():
    files = {"meta-data": b"instance-id: seeded\nlocal-hostname: seeded\n", "user-data": b"#!/bin/sh\n",
             "vendor-data": b"#cloud-config\n{}\n"}  # fmt: skip
    web = {f"http://192.0.2.1/seed/{name}": text for name, text in files.items()}
    found, _ = fetched(guest(env(seedfrom="http://192.0.2.1/seed", hostname="own")), urls=web)
    assert (found.id, found.hostname, found.vendor_data) == ("seeded", "own", (b"#cloud-config\n{}\n",))


def test_a_seed_that_needs_a_network_is_read_when_there_is_one():
    with pytest.raises(NotYet):
        ovf.fetch(probe(guest(env(seedfrom="http://192.0.2.1/seed"))).but(stage="local"))
