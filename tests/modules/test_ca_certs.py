import pytest

from cloudboot.values import Host, Os
from modules import ca_certs
from tests import kit

CONF = "# about\nmozilla/A.crt\n!mozilla/B.crt\n\nmozilla/C.crt\n"
MACHINE = {"files": {"/etc/ca-certificates.conf": CONF}}
MODULE = ca_certs.MODULE
OWN = "/usr/local/share/ca-certificates/cloudboot-ca-cert-{}.crt"


def applied(tmp_path, config, files=None, **about):
    machine = kit.Machine(tmp_path, files={**MACHINE["files"], **(files or {})})
    kit.apply(MODULE, {"ca_certs": config}, machine, **about)
    return machine


def test_certificates_are_files_of_the_owners_and_the_bundles_are_made(tmp_path):
    machine = applied(tmp_path, {"trusted": ["ONE", "TWO\nlines\n"]})
    assert (machine.text(OWN.format(1)), machine.text(OWN.format(2))) == ("ONE\n", "TWO\nlines\n")
    assert machine.commands == ["update-ca-certificates"]
    assert machine.text("/etc/ca-certificates.conf") == CONF


def test_those_of_an_earlier_instance_are_trusted_no_more(tmp_path):
    machine = applied(tmp_path, {"trusted": ["ONE"]}, {OWN.format(2): "old", "/usr/local/share/ca-certificates/x": "y"})
    assert machine.names("/usr/local/share/ca-certificates") == ("cloudboot-ca-cert-1.crt", "x")


def test_debian_switches_the_others_off(tmp_path):
    machine = applied(tmp_path, {"remove_defaults": True})
    off = "# about\n!mozilla/A.crt\n!mozilla/B.crt\n\n!mozilla/C.crt\n"
    assert machine.text("/etc/ca-certificates.conf") == off
    assert machine.commands == ["debconf-set-selections", "update-ca-certificates"]


def test_alpine_does_so_without_debconf(tmp_path):
    assert applied(tmp_path, {"remove_defaults": True}, os="alpine").commands == ["update-ca-certificates"]


@pytest.mark.parametrize(
    ("host", "default", "own", "update"),
    [
        ("fedora", "/usr/share/pki/ca-trust-source/x.p11-kit", "/etc/pki/ca-trust/source/anchors", "update-ca-trust"),
        ("opensuse", "/usr/share/pki/trust/ca-bundle.trust", "/etc/pki/trust/anchors", "update-ca-certificates"),
        ("photon", "/etc/ssl/certs/A.pem", "/etc/ssl/certs", "rehash_ca_certificates.sh"),
    ],
)  # fmt: skip
def test_others_lose_the_files_of_the_defaults(tmp_path, host, default, own, update):
    found = kit.DISTROS.get(host, Os(host, "redhat"))
    machine = applied(
        tmp_path,
        {"remove_defaults": True, "trusted": ["ONE"]},
        {default: "x", f"{own}/image.crt": "y"},
        host=Host(os=found),
    )
    assert not machine.look(default)
    assert machine.names(own) == ("cloudboot-ca-cert-1.crt",)
    assert machine.commands == [update]


def test_older_spellings_are_read_and_an_empty_mapping_is_wrong():
    options, problems = MODULE.read({"ca-certs": {"remove-defaults": True}})
    assert options.remove_defaults
    assert {p.level for p in problems} == {"deprecated"}
    assert [p.level for p in MODULE.read({"ca_certs": {}})[1]] == ["wrong"]
