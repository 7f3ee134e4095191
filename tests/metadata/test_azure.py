import pytest

from cloudboot.errors import Absent, Unreachable
from cloudboot.metadata.azure import environment
from tools.mock_cloud.azure import environment as example


def test_the_document_is_read():
    pool = "<w:PreprovisionedVm>true</w:PreprovisionedVm>"
    env = environment(example(password="p", custom_data=b"x", keys=("ssh-rsa A",), platform=pool), "x")
    assert (env.hostname, env.user, env.password.reveal(), env.custom_data) == ("disc-07", "discadmin", "p", b"x")
    assert (env.keys, env.pool, env.passwords) == (("ssh-rsa A",), "Running", None)


def test_names_do_not_depend_on_prefixes_or_case():
    raw = example(platform="<w:PreprovisionedVmType>Savable</w:PreprovisionedVmType>").replace(b"w:", b"other:")
    assert environment(raw.replace(b"xmlns:w=", b"xmlns:other="), "x").pool == "Savable"


@pytest.mark.parametrize(("word", "passwords"), [("true", False), ("false", True), ("1", False), ("", None)])
def test_whether_ssh_takes_passwords(word, passwords):
    linux = f"<DisableSshPasswordAuthentication>{word}</DisableSshPasswordAuthentication>"
    assert environment(example(linux=linux), "x").passwords is passwords


def test_a_document_of_somebody_else_is_not_azures():
    with pytest.raises(Absent):
        environment(b'<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1"/>', "x")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<a",
        b"\xff\xfe<",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"<a>" * 100000,
        example(linux="<HostName>two</HostName>"),
        example(password="x" * 73),
        example().replace(b"LinuxProvisioningConfigurationSet", b"Windows"),
        example(linux="<CustomData>two</CustomData>"),
        example(custom_data=b"abc").replace(b"YWJj", b"?!"),
    ],
)
def test_a_broken_document_is_a_named_failure(raw):
    with pytest.raises(Unreachable) as caught:
        environment(raw, "the disc")
    assert "x" * 73 not in str(caught.value)
