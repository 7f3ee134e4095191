"""System credentials, from wherever a machine is handed them."""

import base64

import pytest

from cloudboot.host.credentials import FW_CFG, SYSTEM, credentials, strings
from cloudboot.values import FileView, Host

OEM = "/sys/firmware/dmi/entries/11-0/raw"


def structure(*texts, number=11):
    """An SMBIOS structure as sysfs shows it raw."""
    return bytes([number, 5, 7, 0, len(texts)]) + b"".join(t.encode() + b"\0" for t in texts) + b"\0"


def found(files=(), names=("a", "b", "c"), **about):
    given = credentials(Host(files=FileView(dict(files)), **about))
    return {name: given.read(name) for name in names if given.has(name)}


def test_what_systemd_took_in_is_all_there_is():
    files = {f"{SYSTEM}/a": b"of systemd", OEM: structure("io.systemd.credential:b=of the firmware")}
    assert found(files) == {"a": b"of systemd"}


def test_without_systemd_the_first_place_that_has_a_name_counts():
    files = {
        f"{FW_CFG}/a/raw": b"of fw_cfg and more",
        f"{FW_CFG}/a/size": b"9\n",
        OEM: structure("io.systemd.credential:a=of the firmware", "io.systemd.credential:b=x=y", "somebody's own"),
    }
    line = 'quiet systemd.set_credential=b:line "systemd.set_credential=c:two words"'
    assert found(files, cmdline=line) == {"a": b"of fw_cfg", "b": b"x=y", "c": b"two words"}


def test_bytes_come_in_base64():
    packed = base64.b64encode(b"\0\xff").decode()
    files = {OEM: structure(f"io.systemd.credential.binary:a={packed}", "io.systemd.credential.binary:b=%%%")}
    assert found(files, cmdline=f"systemd.set_credential_binary=c:{packed}") == {"a": b"\0\xff", "c": b"\0\xff"}


def test_structures_are_read_until_one_is_missing():
    second, fourth = OEM.replace("11-0", "11-1"), OEM.replace("11-0", "11-3")
    files = {OEM: structure("none"), second: structure("io.systemd.credential:a=1"),
             fourth: structure("io.systemd.credential:b=1")}  # fmt: skip
    assert found(files) == {"a": b"1"}


@pytest.mark.parametrize("word", ["no", "0", "false", "off"])
def test_an_owner_may_want_none(word):
    line = f"systemd.import_credentials={word} systemd.set_credential=a:1"
    assert found({OEM: structure("io.systemd.credential:b=1")}, cmdline=line) == {}


def test_a_container_has_those_of_its_manager_and_none_of_the_host():
    files = {"/proc/1/environ": b"container=systemd-nspawn\0CREDENTIALS_DIRECTORY=/run/host/credentials\0",
             "/run/host/credentials/a": b"of its manager", OEM: structure("io.systemd.credential:b=1")}  # fmt: skip
    assert found(files, container=True, cmdline="systemd.set_credential=c:1") == {"a": b"of its manager"}
    assert found({OEM: files[OEM]}, container=True) == {}


@pytest.mark.parametrize("mark", ["/dev/sev-guest", "/dev/tdx_guest"])
def test_a_confidential_machine_believes_no_firmware(mark):
    files = {OEM: structure("io.systemd.credential:a=1"), mark: b"", f"{FW_CFG}/b/raw": b"1", f"{FW_CFG}/b/size": b"1"}
    assert found(files, cmdline="systemd.set_credential=c:1") == {"c": b"1"}


def test_more_than_systemd_would_take_is_left_out():
    line = f"systemd.set_credential=a:{'x' * 70}"
    files = {f"{FW_CFG}/b/raw": b"x" * (1 << 20), f"{FW_CFG}/b/size": str(1 << 20).encode()}
    assert list(found(files, cmdline=line)) == ["b"]


@pytest.mark.parametrize("raw", [b"", b"\x0b", structure("a", number=2), b"\x0b\x04\0\0\1a\0\0", bytes(5)])
def test_what_is_no_structure_holds_nothing(raw):
    assert strings(raw) == ()


@pytest.mark.parametrize("text", ["io.systemd.credential:", "io.systemd.credential:a", "io.systemd.credential:=x"])
def test_a_credential_without_a_name_or_value_is_none(text):
    assert found({OEM: structure(text)}, names=("", "a")) == {}
