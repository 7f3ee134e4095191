import subprocess

import pytest
import yaml

from cloudboot.errors import CommandFailed, Invalid
from cloudboot.system.actions import Outcome
from cloudboot.values import Instance
from modules import puppet
from tests import kit, needs

MODULE = puppet.MODULE
MACHINE = {"tools": ("apt-get", "systemctl")}
PROOF = {
    "custom_attributes": {"1.2.840.113549.1.9.7": "the token"},
    "extension_requests": {"pp_uuid": "ED80", "pp_employee": 17},
}
START = ["systemctl enable puppet", "systemctl --no-block restart puppet"]
UNKNOWN = Outcome(True, 100, b"", b"E: Unable to locate package puppet-agent\n")
WHERE = "config = /p/puppet.conf\nssldir = /p/ssl\ncsr_attributes = /p/csr_attributes.yaml\n"


def applied(tmp_path, config, tools=("apt-get", "systemctl"), answers=None, files=None, **about):
    machine = kit.Machine(tmp_path, tools=tools, answers=answers, files=files)
    machine.system = kit.apply(MODULE, {"puppet": config}, machine, **about)
    return machine


def test_nothing_but_the_key_installs_it_and_has_it_run(tmp_path):
    machine = applied(tmp_path, {})
    assert machine.commands[0].endswith(" install puppet-agent")
    assert machine.commands[1:] == START


def test_the_other_name_is_tried_where_there_is_no_package_of_the_first(tmp_path):
    def apt(machine, argv):
        return UNKNOWN if argv[-1] == "puppet-agent" else Outcome(True)

    machine = applied(tmp_path, {"start_service": False}, answers={"apt-get": apt})
    assert [c.split()[-1] for c in machine.commands] == ["puppet-agent", "puppet"]


def test_a_package_and_its_version_are_the_owners_choice(tmp_path):
    machine = applied(tmp_path, {"package_name": "mypuppet", "version": "7.7.0", "start_service": False})
    assert [c.split()[-1] for c in machine.commands] == ["mypuppet=7.7.0"]


def test_the_makers_script_is_fetched_run_and_removed(tmp_path):
    config = {"install_type": "aio", "version": "7.7.0", "collection": "puppet7", "aio_install_url": "https://x/i"}
    machine = applied(tmp_path, config, answers={"https://x/i": b"#!/bin/sh\n"})
    path = "/var/lib/cloudboot/instances/i-1/puppet-install"
    assert machine.commands == [f"{path} -v 7.7.0 -c puppet7 --cleanup", *START]
    written = next(a for a in machine.actions if getattr(a, "path", "") == path and hasattr(a, "content"))
    assert (written.content, written.mode) == (b"#!/bin/sh\n", 0o700)
    assert machine.look(path) is None


def test_a_gem_brings_a_service_of_its_own(tmp_path):
    machine = applied(tmp_path, {"install_type": "gems", "version": "7.7.0"})
    assert machine.commands[0].endswith(" install ruby")
    assert machine.commands[1].startswith("gem install puppet --version 7.7.0 ")
    assert "ExecStart=/usr/local/bin/puppet agent" in machine.text("/etc/systemd/system/puppet.service")


def test_the_proof_of_identity_is_in_place_before_the_agent_runs_and_is_roots_alone(tmp_path):
    machine = applied(tmp_path, {"csr_attributes": PROOF, "exec": True})
    path = "/etc/puppet/csr_attributes.yaml"
    assert yaml.safe_load(machine.text(path)) == PROOF
    assert machine.mode(path) == 0o600
    order = [getattr(a, "path", "") or " ".join(getattr(a, "argv", ())) for a in machine.actions]
    assert order.index(path) < order.index("systemctl enable puppet") < order.index("puppet agent --test")
    write = next(a for a in machine.actions if getattr(a, "path", "") == path)
    assert write.secret


def test_files_are_where_puppet_says_they_are(tmp_path):
    config = {"csr_attributes": PROOF, "conf": {"ca_cert": "PEM", "agent": {"server": "s"}}}
    machine = applied(tmp_path, config, answers={"puppet config print": WHERE})
    assert machine.text("/p/puppet.conf") == "[agent]\nserver = s\n"
    assert machine.text("/p/ssl/certs/ca.pem") == "PEM\n"
    assert machine.mode("/p/ssl") == 0o771
    assert "the token" in machine.text("/p/csr_attributes.yaml")


def test_files_are_where_the_owner_says_they_are(tmp_path):
    config = {
        "conf_file": "/o/puppet.conf",
        "ssl_dir": "/o/ssl/",
        "csr_attributes_path": "/o/csr.yaml",
        "csr_attributes": PROOF,
        "conf": {"ca_cert": "PEM", "main": {"server": "s"}},
    }
    machine = applied(tmp_path, config, answers={"puppet config print": WHERE})
    assert all(machine.look(path) for path in ("/o/puppet.conf", "/o/ssl/certs/ca.pem", "/o/csr.yaml"))


def test_files_are_where_the_owners_settings_of_puppet_put_them(tmp_path):
    conf = {"main": {"ssldir": "/s"}, "agent": {"csr_attributes": "/a.yaml", "vardir": "/v"}, "ca_cert": "PEM"}
    machine = applied(tmp_path, {"csr_attributes": PROOF, "conf": conf}, answers={"puppet config print": WHERE})
    assert machine.text("/s/certs/ca.pem") == "PEM\n"
    assert "the token" in machine.text("/a.yaml")
    assert "ssldir = /s" in machine.text("/p/puppet.conf")


@pytest.mark.parametrize("os", kit.DISTROS)
def test_it_is_planned_for_every_distribution(tmp_path, os):
    steps = kit.plan(MODULE, {"puppet": {"conf": {"agent": {"server": "s"}}}}, kit.Machine(tmp_path), os=os)
    shown = [str(step.action) for step in steps]
    assert shown[0].endswith(" puppet-agent")
    assert shown[1].startswith("write /etc/puppet/puppet.conf")
    assert all("puppet" in line for line in shown[2:])
    assert len(shown) == 4


@pytest.mark.parametrize("config", [{"install_type": "aio"}, {"install": False}])
def test_the_makers_own_puppet_is_found_off_the_path(tmp_path, config):
    config = {**config, "conf": {"agent": {"server": "s"}}, "exec": True, "start_service": False}
    machine = applied(tmp_path, config, files={"/opt/puppetlabs/bin/puppet": ""})
    assert machine.commands[-1] == "/opt/puppetlabs/bin/puppet agent --test"
    assert machine.text("/etc/puppetlabs/puppet/puppet.conf") == "[agent]\nserver = s\n"


def test_settings_that_are_there_stay_unless_they_are_named(tmp_path):
    old = "# mine\n[main]\nssldir = /var/lib/puppet/ssl\nserver = old\n\n[agent]\nnoop = true\n"
    conf = {"main": {"server": "new", "splay": True}, "user": {"environment": "test"}}
    machine = applied(tmp_path, {"conf": conf}, files={"/etc/puppet/puppet.conf": old})
    assert machine.text("/etc/puppet/puppet.conf") == (
        "# mine\n[main]\nssldir = /var/lib/puppet/ssl\nserver = new\nsplay = true\n\n[agent]\nnoop = true\n"
        "\n[user]\nenvironment = test\n"
    )


@pytest.mark.parametrize(
    ("instance", "files", "name"),
    [
        (Instance("i-ABC", hostname="Web1.Example.org"), {}, "i-abc.web1.example.org"),
        (Instance("i-2", hostname="web1"), {}, "i-2.web1"),
        (Instance("i-3"), {"/etc/hostname": "here\n"}, "i-3.here"),
        (Instance("i-4"), {}, "i-4"),
    ],
)
def test_a_certname_can_hold_the_instances_id_and_full_name(tmp_path, instance, files, name):
    machine = applied(tmp_path, {"conf": {"agent": {"certname": "%i.%f"}}}, instance=instance, files=files)
    assert machine.text("/etc/puppet/puppet.conf") == f"[agent]\ncertname = {name}\n"


@pytest.mark.parametrize(
    ("words", "code", "well"),
    [(["--test"], 2, True), (["--test"], 4, False), (["--onetime"], 2, False), (["--onetime"], 0, True)],
)
def test_a_run_that_changed_something_is_well(tmp_path, words, code, well):
    config = {"install": False, "exec": True, "exec_args": words, "start_service": False}
    if well:
        assert applied(tmp_path, config, answers={"puppet agent": code}).commands == [f"puppet agent {words[0]}"]
    else:
        with pytest.raises(CommandFailed):
            applied(tmp_path, config, answers={"puppet agent": code})


def test_a_version_without_an_installation_is_warned_of(tmp_path):
    machine = applied(tmp_path, {"install": False, "version": "7", "start_service": False})
    assert machine.commands == []
    assert len(machine.system.notes) == 1


def test_a_plan_does_not_show_the_token(tmp_path):
    steps = kit.plan(MODULE, {"puppet": {"csr_attributes": PROOF}}, kit.Machine(tmp_path))
    shown = [s.action for s in steps if getattr(s.action, "path", "").endswith("csr_attributes.yaml")]
    assert [a.secret for a in shown] == [True]


@pytest.mark.parametrize(
    "wrong",
    [
        {"install_type": "tarball"},
        {"conf": {"main": "a"}},
        {"csr_attributes": {"custom_attributes": []}},
        {"exec_args": "-t"},
    ],
)
def test_what_cannot_be_meant_is_refused(wrong):
    with pytest.raises(Invalid):
        MODULE.read({"puppet": wrong})


REQUEST = """
require "puppet"
require "puppet/ssl/oids"
require "puppet/x509/cert_provider"
Puppet.initialize_settings(ARGV)
Puppet::SSL::Oids.register_puppet_oids
name = Puppet.settings.values(nil, :agent).interpolate(:certname)
print Puppet::X509::CertProvider.new.create_request(name, OpenSSL::PKey::RSA.new(2048)).to_pem
"""
"""What Puppet's own agent makes its request with."""


@pytest.fixture
def asked_for(tmp_path):
    """What a real Puppet asks its server to sign, with the files that the module wrote."""
    needs.programs("puppet", "ruby", "openssl")
    folder = str(tmp_path / "machine")
    config = {
        "conf_file": f"{folder}/puppet.conf",
        "ssl_dir": f"{folder}/ssl",
        "csr_attributes_path": f"{folder}/csr_attributes.yaml",
        "start_service": False,
        "conf": {"agent": {"certname": "%i.%f", "server": "localhost"}},
        "csr_attributes": {
            "custom_attributes": {"1.2.840.113549.1.9.7": "the token"},
            "extension_requests": {"pp_uuid": "ED80", "1.3.6.1.4.1.34380.1.2.1": "web"},
        },
    }
    machine = kit.Machine(tmp_path / "root", tools=("apt-get",))
    kit.apply(MODULE, {"puppet": config, "fqdn": "Web1.example.org"}, machine)
    for name in ("puppet.conf", "csr_attributes.yaml"):
        (tmp_path / "machine").mkdir(exist_ok=True)
        (tmp_path / "machine" / name).write_text(machine.text(f"{folder}/{name}"))
    where = [f"--confdir={folder}", f"--ssldir={folder}/ssl", f"--vardir={folder}/var"]
    request = subprocess.run(["ruby", "-e", REQUEST, "--", *where], capture_output=True)
    assert request.returncode == 0, request.stderr
    shown = subprocess.run(["openssl", "req", "-noout", "-text"], input=request.stdout, capture_output=True)
    return shown.stdout.decode()


def test_a_real_puppet_asks_for_its_certificate_with_the_proof(asked_for):
    assert "CN = i-1.web1.example.org" in asked_for
    assert "challengePassword" in asked_for and "the token" in asked_for
    requested = asked_for.partition("Requested Extensions:")[2]
    assert "1.3.6.1.4.1.34380.1.1.1" in requested and "ED80" in requested  # pp_uuid
    assert "1.3.6.1.4.1.34380.1.2.1" in requested and "web" in requested
