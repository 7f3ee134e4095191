from base64 import b64encode
from gzip import compress as gzipped

import pytest

from cloudboot.errors import Absent, Unreachable
from cloudboot.values import FileView, Instance
from datasources import vmware
from tests.clouds import host, probe


def packed(data):
    return gzipped(data, mtime=0)


META = b"""instance-id: vm-1
local-hostname: app1
public-keys: [ssh-rsa A a]
network: {config: {version: 2, ethernets: {eth0: {dhcp4: true}}}}
"""
UUID = "4215FB7B-0000-4000-8000-000000000001"
TOOLS = {"/usr/lib/open-vm-tools/plugins/vmsvc/libdeployPkgPlugin.so": b""}
ALLOWED = {"/etc/cloud/cloud.cfg": b"disable_vmware_customization: false\n"}
SPEC = "/run/vmware-imc/cust.cfg"
CUST = b"""[NETWORK]
HOSTNAME = app2
DOMAINNAME = example.com
[DATETIME]
TIMEZONE = Europe/Madrid
[MISC]
INSTANCE-ID = spec-1
[NIC-CONFIG]
NICS = NIC1
[NIC1]
MACADDR = 00:50:56:a6:8c:08
BOOTPROTO = dhcp
"""


def guest(data=(), files=(), **dmi):
    told = {k: v if isinstance(v, bytes) else v.encode() for k, v in dict(data).items()}
    machine = host(files, nics={"ens160": "00:50:56:a6:8c:08"}, product_uuid=UUID, **dmi)
    return machine.but(virt="vmware", guestinfo=FileView(told))


def fetched(machine, **settings):
    return vmware.fetch(probe(machine, **{"vmware_cust_file_max_wait": 0, **settings}))


def test_a_guest_is_what_its_variables_say():
    found = fetched(guest({"metadata": META, "userdata": "#cloud-config\n", "vendordata": "#!/bin/sh\n"}))
    assert found.but(metadata={}) == Instance(
        "vm-1", subplatform="vmware (guestinfo)", hostname="app1", ssh_keys=("ssh-rsa A a",),
        user_data=b"#cloud-config\n", vendor_data=(b"#!/bin/sh\n",), cloud_name="vmware", platform="vmware",
        network={"version": 2, "ethernets": {"eth0": {"dhcp4": True}}},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("encoding", "data"),
    [("base64", b64encode(b"#!/bin/sh\n")), ("b64", b64encode(b"#!/bin/sh\n")),
     ("gzip+base64", b64encode(packed(b"#!/bin/sh\n"))), ("gz+b64", b64encode(packed(b"#!/bin/sh\n"))),
     ("", b"#!/bin/sh\n")],
)  # fmt: skip
def test_a_variable_may_be_encoded(encoding, data):
    found = fetched(guest({"userdata": data, "userdata.encoding": encoding}))
    assert (found.user_data, found.id) == (b"#!/bin/sh\n", UUID.lower())


@pytest.mark.parametrize(
    "data",
    [b"not base64!", b64encode(b"no gzip"), b64encode(packed(b"x" * 100)[:-9]), b64encode(packed(bytes(20 << 20)))],
)
def test_a_variable_that_cannot_be_unpacked_is_a_named_failure(data):
    with pytest.raises(Unreachable):
        fetched(guest({"userdata": data, "userdata.encoding": "gz+b64"}))


def test_the_network_may_be_encoded_inside_the_metadata():
    packed = b64encode(b"version: 2\nethernets: {eth0: {dhcp4: true}}\n").decode()
    meta = f"network: {packed}\nnetwork.encoding: base64\n"
    assert fetched(guest({"metadata": meta})).network["ethernets"] == {"eth0": {"dhcp4": True}}


def test_the_environment_has_data_for_containers():
    machine = guest({".environment": b"", "metadata": META}).but(virt="lxc")
    assert fetched(machine).subplatform == "vmware (envvar)"


def test_a_specification_may_bring_documents():
    files = {**TOOLS, SPEC: b"[CLOUDINIT]\nMETADATA = meta\nUSERDATA = user\n", "/run/vmware-imc/meta": META,
             "/run/vmware-imc/user": b"#cloud-config\r\n"}  # fmt: skip
    found = fetched(guest(files=files))
    assert (found.id, found.user_data, found.subplatform) == ("vm-1", b"#cloud-config\n", "vmware (imc)")
    with pytest.raises(Absent):
        fetched(guest(files=files), allow_raw_data=False)


def test_a_specification_reads_nothing_outside_its_folder():
    files = {**TOOLS, SPEC: b"[CLOUDINIT]\nMETADATA = ../../etc/shadow\n", "/etc/shadow": META}
    assert fetched(guest(files=files)).id == UUID.lower()


def test_a_specification_customizes_where_the_image_lets_it():
    found = fetched(guest(files={**TOOLS, **ALLOWED, SPEC: CUST}))
    assert (found.id, found.hostname, found.config) == ("spec-1", "app2.example.com", {"timezone": "Europe/Madrid"})
    assert found.network["ethernets"]["ens160"]["dhcp4"] is True
    with pytest.raises(Absent, match="does not let"):
        fetched(guest(files={**TOOLS, SPEC: CUST}))


def test_a_specification_that_does_not_come_is_not_waited_for_for_ever():
    said = []
    with pytest.raises(Absent, match="brought no specification"):
        about = {"vmware_cust_file_max_wait": 0.01}
        vmware.fetch(
            probe(guest(files={**TOOLS, **ALLOWED}), **about).but(waiting=lambda what, since: said.append(what))
        )
    assert "cust.cfg" in said[0]


def test_a_guest_without_either_is_none_of_its():
    with pytest.raises(Absent):
        fetched(guest())


@pytest.mark.parametrize(
    ("machine", "found"),
    [
        (guest({"userdata": "x"}), True),
        (guest({"other": "x"}), False),
        (guest({"metadata": "x"}).but(virt="none"), False),
        (guest({".environment": b"", "metadata": "x"}).but(virt="none"), True),
        (guest({".environment": b""}), False),
        (guest(files={**TOOLS, **ALLOWED}), True),
        (guest(files=TOOLS), False),
        (guest(files=ALLOWED), False),
        (
            guest(files={**TOOLS, **ALLOWED, "/etc/cloud/cloud.cfg.d/9.cfg": b"disable_vmware_customization: true\n"}),
            False,
        ),
    ],
)
def test_signs_of_a_guest_that_is_to_be_customized(machine, found):
    assert bool(vmware.detect(machine, {})) is found


def test_a_guest_without_an_id_of_its_own_is_known_by_its_uuid():
    assert vmware.same(guest(), fetched(guest({"userdata": "x"}))) is True
    assert vmware.same(guest(), fetched(guest({"metadata": META}))) is None
