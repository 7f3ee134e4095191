import ast
from pathlib import Path

import pytest

from cloudboot import registry
from cloudboot.clues import speak
from cloudboot.values import Disk, Dmi, FileView, Host

TOP = Path(__file__).resolve().parent.parent
SOURCES = [source for source in registry.datasources() if source.name != "none"]
PLACES = ["/var/lib/cloud/seed/nocloud/", "/config-drive/openstack/latest/meta_data.json",
          "/var/lib/cloud/seed/opennebula/context.sh"]  # fmt: skip


def texts(name):
    """All short texts in a datasource's file, and the pieces of what its file has as f-strings."""
    tree = ast.parse((TOP / "datasources" / f"{name}.py").read_text())
    found = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    return sorted(t for t in found if 0 < len(t) < 60 and "\n" not in t)


def hosts(text):
    """Machines that show the text in one place each."""
    for said in (text, f"{text}1234", f"1234{text}"):
        for field in Dmi._fields:
            for virt in ("none", "kvm", "vmware", "xen"):
                yield Host(dmi=Dmi(**{"product_serial": "1", field: said}), virt=virt, arch="x86_64")
    yield Host(cmdline=f"quiet {text}", arch="x86_64")
    yield Host(cmdline=f"quiet ds={text};s=/x", arch="x86_64")
    for path in (text, *(f"{place}{text}" for place in PLACES), *(f"{text}{end}" for end in ("meta-data", "/x"))):
        yield Host(files=FileView({path: text.encode(), "/x/user-data": b""}), arch="x86_64", virt="kvm")
    for kind in ("vfat", "iso9660", "ext4", ""):
        for virt in ("none", "kvm", "xen", "vmware"):
            for label in (text, text.upper(), ""):
                disk = Disk("/dev/sr0" if kind == "iso9660" else "/dev/vdb", kind, label, text)
                yield Host(disks=(disk,), virt=virt, arch="x86_64")
                yield Host(disks=(disk.but(label="", fat_label=label),), virt=virt, arch="x86_64")
    for virt in ("kvm", "qemu"):
        yield Host(files=FileView({"/sys/class/virtio-ports/vport1p1/name": text.encode()}), virt=virt, arch="x86_64")
    for arch in ("aarch64", "s390x"):
        yield Host(arch=arch)
    for virt in ("kvm", "vmware", "none"):
        yield Host(guestinfo=FileView({text: b"<?xml"}), virt=virt, arch="x86_64")


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.name)
def test_where_no_clue_is_seen_there_is_no_evidence(source):
    evident = 0
    for text in texts(source.name):
        for host in hosts(text):
            for settings in ({}, {text: "x"}):
                if source.detect(host, settings) is not None:
                    evident += 1
                    assert speak(source.clues, host, settings), (text, host)
    assert evident or source.name in ("rackspace", "ibmcloud"), "nothing here makes it find anything: the test is blind"


def test_a_machine_that_shows_nothing_is_looked_at_by_no_datasource():
    assert [s.name for s in SOURCES if speak(s.clues, Host(arch="x86_64", virt="kvm"), {})] == []


@pytest.mark.parametrize("source", [*SOURCES, registry.datasource("none")], ids=lambda source: source.name)
def test_every_datasource_has_clues(source):
    assert source.clues
