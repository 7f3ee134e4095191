"""What modules bring about in a real system: packages, time, language, trust, logs, logins. One boot does it all."""

import subprocess

import pytest

from tests.nspawn.conftest import SEED, with_ifupdown
from tools.boots import packages

pytestmark = pytest.mark.nspawn
REPOSITORY = "/srv/repository"
LOOK = r"""#!/bin/sh
# Looks at what there is, as the machine's owner would; each answer is a file of its own.
mkdir -p /var/tmp/seen && cd /var/tmp/seen
made-for-test >made
dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' chrony rsyslog made-for-test >packages
chronyd -x  # a container must not set the clock, so its unit does not start one
chronyc -n sources >time 2>&1
locale -a >locales
LC_ALL=de_DE.UTF-8 locale decimal_point >comma
date -d @0 +%Z%H >zone
localectl status >keyboard 2>&1
openssl verify /root/server.pem >trust 2>&1
logger -p local3.info one line for the central log
for n in 1 2 3 4 5 6 7 8 9 10; do [ -s /var/log/central.log ] && break; sleep 0.5; done
cp /var/log/central.log central.log
enter() {
    name=$1; shift
    ssh -o StrictHostKeyChecking=no -o NumberOfPasswordPrompts=1 "$@" >"$name" 2>&1 </dev/null
    echo "exit $?" >>"$name"
}
enter right-key -o BatchMode=yes -i /root/right alice@127.0.0.1 'id -un; sudo -n id -un'
enter wrong-key -o BatchMode=yes -i /root/wrong alice@127.0.0.1 id -un
export SSH_ASKPASS=/root/answer SSH_ASKPASS_REQUIRE=force
export ANSWER='correct horse battery staple'
enter right-password -o PubkeyAuthentication=no bob@127.0.0.1 'id -un; sudo -n id -un'
enter locked -o PubkeyAuthentication=no alice@127.0.0.1 id -un
ANSWER='wrong'
enter wrong-password -o PubkeyAuthentication=no bob@127.0.0.1 id -un
"""
USER_DATA = """#cloud-config
timezone: Europe/Madrid
locale: de_DE.UTF-8
keyboard: {layout: de, variant: nodeadkeys}
ssh_pwauth: true
users:
  - default
  - name: alice
    groups: [adm]
    shell: /bin/bash
    sudo: "ALL=(ALL) NOPASSWD:ALL"
    ssh_authorized_keys: ["%s"]
  - name: bob
    shell: /bin/bash
    lock_passwd: false
    plain_text_passwd: correct horse battery staple
ca_certs:
  trusted: ["%s"]
apt:
  sources_list: |
    deb [trusted=yes] file:/srv/repository ./
ntp: {ntp_client: chrony, servers: [192.0.2.123]}
rsyslog:
  configs:
    - filename: 10-central.conf
      content: local3.* /var/log/central.log
packages: [rsyslog, [made-for-test, "1.0"]]
runcmd: [/root/look]
"""


def run(*argv, cwd):
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, capture_output=True, cwd=cwd)


def make_secrets(folder):
    """Keys of two people, and a server's certificate with the authority that vouches for it."""
    for name in ("right", "wrong"):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", name, cwd=folder)
    new = ["openssl", "req", "-newkey", "rsa:2048", "-nodes"]
    run(*new, "-x509", "-days", "99", "-subj", "/CN=us", "-keyout", "ca.key", "-out", "ca.pem", cwd=folder)
    run(*new, "-subj", "/CN=server", "-keyout", "server.key", "-out", "server.csr", cwd=folder)
    run("openssl", "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
        "-days", "99", "-out", "server.pem", cwd=folder)  # fmt: skip


@pytest.fixture(scope="module")
def report(layers, tmp_path_factory):
    at = tmp_path_factory.mktemp("effects")
    make_secrets(at)
    debs = packages.fetched(layers[-1], ["chrony", "rsyslog"]).glob("*.deb")
    packages.repository(at / "repository", packages.made(at, "made-for-test"), *debs)
    container = with_ifupdown(layers, at / "container")
    for file in (at / "repository").iterdir():
        container.put(f"{REPOSITORY}/{file.name}", file.read_bytes())
    for name in ("right", "wrong"):
        container.put(f"/root/{name}", (at / name).read_bytes(), 0o600)
    container.put("/root/server.pem", (at / "server.pem").read_bytes())
    container.put("/root/answer", '#!/bin/sh\necho "$ANSWER"\n', 0o755)
    container.put("/root/look", LOOK, 0o755)
    key, authority = (at / "right.pub").read_text().strip(), (at / "ca.pem").read_text().replace("\n", "\\n")
    container.seed({**SEED, "user-data": USER_DATA % (key, authority)})
    return container.boot(limit=180)


def seen(report, name):
    answer = report.read(f"/var/tmp/seen/{name}")
    assert answer is not None, report.text("status.txt") + (report.read("/var/log/cloudboot.log") or "")[-4000:]
    return answer.strip()


def test_nothing_went_wrong(report):
    assert report.failed == []
    assert report.status["errors"] == []
    assert report.text("status-code.txt").strip() == "0", report.text("status.txt")


def test_packages_are_installed_by_apt(report):
    assert seen(report, "made") == "made-for-test 1.0"
    assert seen(report, "packages").splitlines() == ["ii  chrony", "ii  made-for-test", "ii  rsyslog"]


def test_the_time_is_asked_of_the_servers_named(report):
    assert "^? 192.0.2.123" in seen(report, "time")


def test_language_keyboard_and_zone_are_in_force(report):
    assert "de_DE.utf8" in seen(report, "locales").splitlines()
    assert seen(report, "comma") == ","
    assert report.read("/etc/default/locale").endswith("LANG=de_DE.UTF-8\n")
    assert "X11 Layout: de" in seen(report, "keyboard")
    assert "X11 Variant: nodeadkeys" in seen(report, "keyboard")
    assert seen(report, "zone") == "CET01"


def test_the_authority_named_is_trusted(report):
    assert seen(report, "trust") == "/root/server.pem: OK"


def test_what_is_logged_goes_where_rsyslog_was_told(report):
    assert "one line for the central log" in seen(report, "central.log")


def test_the_right_key_lets_in_with_the_rights_given_and_the_wrong_one_does_not(report):
    assert seen(report, "right-key").splitlines()[-3:] == ["alice", "root", "exit 0"]
    assert "Permission denied" in seen(report, "wrong-key")
    assert seen(report, "wrong-key").endswith("exit 255")


def test_the_right_password_lets_in_and_neither_a_wrong_one_nor_any_for_who_has_none(report):
    assert "bob" in seen(report, "right-password").splitlines()
    assert "a password is required" in seen(report, "right-password")
    for name in ("wrong-password", "locked"):
        assert "Permission denied" in seen(report, name)
        assert seen(report, name).endswith("exit 255")
