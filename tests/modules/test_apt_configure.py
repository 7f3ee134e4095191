import hashlib
import os
import shutil
import socket
import subprocess

import pytest

from cloudboot.admin import apt_proxy
from cloudboot.errors import CloudbootError, Invalid, Unreachable
from cloudboot.values import Host, Instance
from modules import apt_configure
from tests import kit, needs

MODULE = apt_configure.MODULE
ID = "79A02CFC104EB4AD17D967FC699E3C10DD509C6D"
KEY = """\
-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEawEe6RYJKwYBBAHaRw8BAQdAnV/VV2kH0MltVLW4nFJ9kLJ6zke9FEJjUy+p
YV7GQf60IVRlc3QgUmVwb3NpdG9yeSA8YXB0QGV4YW1wbGUub3JnPoiQBBMWCAA4
FiEEeaAs/BBOtK0X2Wf8aZ48EN1QnG0FAmsBHukCGwMFCwkIBwIGFQoJCAsCBBYC
AwECHgECF4AACgkQaZ48EN1QnG2bfQEAmv3PHveFbe27eSFAIfHA61TWEI4/ke9a
Hmc/xwfXztYBAJ4h5urVg7gT0fwIyVsYZqzc+W15Y88YEvXHVRUJwPsJ
=Ffhl
-----END PGP PUBLIC KEY BLOCK-----
"""
SERVER = "https://keyserver.ubuntu.com/pks/lookup?op=get&options=mr&search=0x"
MACHINE = {
    "tools": ("apt-get",),
    "answers": {SERVER + ID: KEY, "getent ahosts archive.example.org": "192.0.2.1 STREAM\n"},
}
DEBIAN = "/etc/apt/sources.list.d/debian.sources"
LIST = "/etc/apt/sources.list"
IMAGE = "deb http://image.example/debian bookworm main\n"


def applied(tmp_path, config, files=None, answers=None, tools=("apt-get",), **about):
    machine = kit.Machine(tmp_path, files=files, tools=tools, answers={"dpkg --print-architecture": "amd64\n",
                                                                       **(answers or {})})  # fmt: skip
    machine.system = kit.apply(MODULE, {"apt": config} if config else {}, machine, **about)
    return machine


def stanza(text, n, name):
    return next(line.partition(": ")[2] for line in text.split("\n\n")[n].splitlines() if line.startswith(f"{name}:"))


def mirrors(text):
    return stanza(text, 0, "URIs"), stanza(text, 1, "URIs")


def test_a_machine_without_any_list_gets_its_distributions_own(tmp_path):
    machine = applied(tmp_path, {})
    text = machine.text(DEBIAN)
    assert mirrors(text) == ("http://deb.debian.org/debian", "http://deb.debian.org/debian-security")
    assert stanza(text, 0, "Suites") == "bookworm bookworm-updates bookworm-backports"
    assert stanza(text, 1, "Suites") == "bookworm-security"
    assert stanza(text, 0, "Components") == "main non-free-firmware"
    assert stanza(text, 1, "Signed-By") == "/usr/share/keyrings/debian-archive-keyring.gpg"


def test_a_list_that_nobody_spoke_of_stays(tmp_path):
    machine = applied(tmp_path, {"http_proxy": "http://p:1"}, {LIST: IMAGE})
    assert machine.text(LIST) == IMAGE
    assert not machine.look(DEBIAN)


def test_where_there_is_no_apt_and_nothing_is_asked_nothing_happens(tmp_path):
    assert applied(tmp_path, {}, tools=()).actions == []


MIRROR = [{"arches": ["default"], "uri": "http://m.example/debian"}]


def test_a_primary_mirror_alone_is_asked_for_security_too_and_the_old_file_goes(tmp_path):
    machine = applied(tmp_path, {"primary": MIRROR}, {LIST: IMAGE})
    assert mirrors(machine.text(DEBIAN)) == ("http://m.example/debian",) * 2
    assert not machine.look(LIST)


def test_a_mirror_is_the_one_for_the_architecture(tmp_path):
    other = {"arches": ["arm64"], "uri": "http://arm.example/debian"}
    assert mirrors(applied(tmp_path / "a", {"primary": [other, *MIRROR]}).text(DEBIAN))[0] == "http://m.example/debian"
    arm = applied(tmp_path / "b", {"primary": [*MIRROR, other]}, answers={"dpkg --print-architecture": 127}, host=Host(
        os=kit.DISTROS["debian"], arch="aarch64"))  # fmt: skip
    assert mirrors(arm.text(DEBIAN))[0] == "http://arm.example/debian"


def test_the_first_mirror_whose_name_resolves_is_taken(tmp_path):
    answers = {"getent ahosts b.example": "192.0.2.1 STREAM b\n", "getent ahosts any.example": "192.0.2.9 STREAM\n",
               "getent ahosts no-such-name.example.invalid": "192.0.2.9 STREAM\n"}  # fmt: skip
    search = ["http://a.example/x", "http://any.example/x", "http://b.example:80/x"]
    machine = applied(tmp_path, {"primary": [{"arches": ["default"], "search": search}]}, answers=answers)
    assert mirrors(machine.text(DEBIAN))[0] == "http://b.example:80/x"


def test_a_mirror_is_found_by_its_name_in_the_domain(tmp_path):
    answers = {"getent ahosts debian-mirror.lab.example": "192.0.2.1 STREAM\n"}
    machine = applied(tmp_path, {"primary": [{"arches": ["default"], "search_dns": True}]}, answers=answers,
                      instance=Instance("i", hostname="web.lab.example"))  # fmt: skip
    assert mirrors(machine.text(DEBIAN))[0] == "http://debian-mirror.lab.example/debian"


def test_a_zone_of_ubuntus_has_a_mirror_of_its_own(tmp_path):
    host = "eu-west-1.ec2.archive.ubuntu.com"
    instance = Instance("i", platform="ec2", region="eu-west-1", availability_zone="eu-west-1b")
    machine = applied(tmp_path, {}, {LIST: IMAGE}, {f"getent ahosts {host}": "192.0.2.1 STREAM\n"}, os="ubuntu",
                      instance=instance)  # fmt: skip
    text = machine.text("/etc/apt/sources.list.d/ubuntu.sources")
    assert mirrors(text) == (f"http://{host}/ubuntu/", "http://security.ubuntu.com/ubuntu")
    assert stanza(text, 0, "Components") == "main restricted universe multiverse"


def test_an_image_names_the_mirrors_of_its_cloud_and_what_to_fall_back_to(tmp_path):
    image = [{"arches": ["amd64"], "failsafe": {"primary": "http://safe.example", "security": "http://sec.example"},
              "search": {"primary": ["http://%(region)s.example/"], "security": []}}]  # fmt: skip
    for n, (region, found) in enumerate((("north", "http://north.example/"), ("south", "http://safe.example"))):
        machine = kit.Machine(tmp_path / str(n), files={LIST: IMAGE}, tools=("apt-get",), answers={
            "dpkg --print-architecture": "amd64", "getent ahosts north.example": "192.0.2.1 STREAM\n"})  # fmt: skip
        kit.apply(MODULE, {"system_info": {"package_mirrors": image}}, machine, instance=Instance("i", region=region))
        assert mirrors(machine.text(DEBIAN)) == (found, "http://sec.example")


def test_suites_are_switched_off_in_stanzas_and_in_lines(tmp_path):
    off = {"disable_suites": ["backports", "security", "$RELEASE-updates"]}
    text = applied(tmp_path / "a", off).text(DEBIAN)
    assert stanza(text, 0, "Suites") == "bookworm"
    assert all(line.startswith("#") for line in text.split("\n\n")[1].splitlines())
    lines = ("deb [ arch=amd64 trusted=yes ] $MIRROR $RELEASE main\ndeb-src [a=b] $MIRROR $RELEASE-backports main\n"
             "deb $SECURITY $RELEASE-security main\n# deb $MIRROR $RELEASE-updates main\n")  # fmt: skip
    text = applied(tmp_path / "b", {**off, "sources_list": lines}).text(LIST)
    assert [line[:5] for line in text.splitlines()] == ["deb [", "# dis", "# dis", "# deb"]


def test_a_list_of_ones_own_is_filled_in_and_stands_alone(tmp_path):
    config = {"primary": MIRROR, "sources_list": "deb [arch=$(ARCH)] $MIRROR ${RELEASE} main # $OTHER\n"}
    machine = applied(tmp_path / "a", config, {LIST: IMAGE, DEBIAN: "Types: deb\n"})
    assert machine.text(LIST) == "deb [arch=$(ARCH)] http://m.example/debian bookworm main # $OTHER\n"
    assert not machine.look(DEBIAN)
    config = {
        "primary": MIRROR,
        "sources_list": "## template:jinja\nTypes: deb\nURIs: {{mirror}}\nSuites: {{codename}}",
    }
    assert (
        applied(tmp_path / "b", config).text(DEBIAN) == "Types: deb\nURIs: http://m.example/debian\nSuites: bookworm\n"
    )


def test_a_list_of_ones_own_may_name_the_keys_of_the_mirrors(tmp_path):
    text = "## template: jinja\nTypes: deb\nURIs: {{mirror}}\nSuites: x\nSigned-By: {{ primary_key | default('k') }}\n"
    config = {"sources_list": text, "primary": [{"arches": ["default"], "uri": "http://m", "key": KEY}]}
    assert "Signed-By: /etc/apt/trusted.gpg.d/primary.gpg\n" in applied(tmp_path / "a", config).text(DEBIAN)
    config["primary"][0].pop("key")
    assert "Signed-By: k\n" in applied(tmp_path / "b", config).text(DEBIAN)


def test_a_list_to_be_preserved_is(tmp_path):
    machine = applied(tmp_path, {"preserve_sources_list": True, "primary": MIRROR, "sources_list": "deb x y z",
                                 "sources": {"a": {"source": "deb $MIRROR $RELEASE main"}}}, {LIST: IMAGE})  # fmt: skip
    assert machine.text(LIST) == IMAGE
    assert machine.names("/etc/apt/sources.list.d") == ("a.list",)
    assert machine.text("/etc/apt/sources.list.d/a.list") == "deb http://m.example/debian bookworm main\n"


def test_an_unknown_distributions_list_stays_unless_it_is_given(tmp_path):
    host = Host(os=kit.Os("kali", "debian", "2024.1", "kali-rolling", "Kali"))
    machine = applied(tmp_path / "a", {"disable_suites": ["updates"]}, {LIST: IMAGE}, host=host)
    assert machine.text(LIST) == IMAGE
    assert "Kali" in machine.system.notes[0]
    machine = applied(tmp_path / "b", {"primary": MIRROR}, {LIST: IMAGE}, host=host)
    assert mirrors(machine.text("/etc/apt/sources.list.d/kali.sources"))[0] == "http://m.example/debian"


def test_proxies_conf_and_preferences_are_written_and_go_when_nobody_asks_any_more(tmp_path):
    asked = {"proxy": "http://p:1", "https_proxy": "http://s:2", "ftp_proxy": "http://f:3",
             "host_proxies": {"h.example": "DIRECT"}, "conf": "A::B 1;", "preferences": "Package: *"}  # fmt: skip
    machine = applied(tmp_path, asked)
    assert machine.text(apt_configure.PROXIES) == (
        'Acquire::http::Proxy "http://p:1";\nAcquire::https::Proxy "http://s:2";\nAcquire::ftp::Proxy "http://f:3";\n'
        'Acquire::http::Proxy::h.example "DIRECT";\nAcquire::https::Proxy::h.example "DIRECT";\n'
    )
    assert (machine.text(apt_configure.CONF), machine.text(apt_configure.PREFERENCES)) == ("A::B 1;\n", "Package: *\n")
    kit.apply(MODULE, {}, machine)
    assert machine.names("/etc/apt/apt.conf.d") == machine.names("/etc/apt/preferences.d") == ()


def test_a_proxy_is_looked_for_only_when_that_is_asked(tmp_path, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        monkeypatch.setattr(apt_proxy, "PORT", port)
        hosts = {"/etc/hosts": "127.0.0.1 apt-proxy\n"}
        machine = applied(tmp_path / "a", {"proxy": "auto"}, hosts)
        assert machine.text(apt_configure.PROXIES) == (
            f'Acquire::http::Proxy "http://apt-proxy:{port}/";\nAcquire::https::Proxy "DIRECT";\n'
        )
        assert not applied(tmp_path / "b", {}, hosts).look(apt_configure.PROXIES)
    assert not applied(tmp_path / "c", {"proxy": "auto"}, hosts).look(apt_configure.PROXIES)


def test_answers_for_debconf_go_in_by_stdin_and_are_no_part_of_the_plan(tmp_path):
    config = {"debconf_selections": {"a": "# note\nmysql mysql/root password hunter2\n", "b": "x x/y select z"}}
    machine = applied(tmp_path, config)
    (run,) = [a for a in machine.actions if getattr(a, "argv", ("",))[0] == "debconf-set-selections"]
    assert str(run) == "answer mysql/root, x/y for debconf"
    assert run.stdin.reveal().endswith("hunter2\nx x/y select z\n")
    assert "hunter2" not in repr(run)


def test_a_key_is_good_for_the_source_that_names_it_or_else_for_all(tmp_path):
    one = {"source": "deb [signed-by=$KEY_FILE] http://x $RELEASE main", "key": KEY}
    machine = applied(tmp_path, {"sources": {"one.list": one, "two": {"source": "deb http://y ./", "key": KEY},
                                             "three": {"key": KEY}}})  # fmt: skip
    line = "deb [signed-by=/etc/apt/keyrings/one.gpg] http://x bookworm main\n"
    assert machine.text("/etc/apt/sources.list.d/one.list") == line
    assert machine.names("/etc/apt/keyrings") == ("one.gpg",)
    assert machine.names("/etc/apt/trusted.gpg.d") == ("three.gpg", "two.gpg")
    assert machine.names("/etc/apt/sources.list.d") == ("debian.sources", "one.list", "two.list")


def test_a_key_for_a_mirror_signs_it(tmp_path):
    machine = applied(tmp_path, {"primary": [{**MIRROR[0], "key": KEY}]})
    assert stanza(machine.text(DEBIAN), 0, "Signed-By") == "/etc/apt/trusted.gpg.d/primary.gpg"
    assert stanza(machine.text(DEBIAN), 1, "Signed-By").endswith("debian-archive-keyring.gpg")
    assert machine.names("/etc/apt/trusted.gpg.d") == ("primary.gpg",)


def test_a_key_is_asked_of_its_server_and_must_be_the_one_asked_for(tmp_path):
    own = "http://keys.example:11371/pks/lookup?op=get&options=mr&search=0x" + ID[-8:]
    machine = applied(tmp_path / "a", {"sources": {"x": {"keyid": ID[-8:].lower(), "keyserver": "hkp://keys.example"}}},
                      answers={own: KEY})  # fmt: skip
    assert machine.names("/etc/apt/trusted.gpg.d") == ("x.gpg",)
    with pytest.raises(CloudbootError, match="another key"):
        applied(tmp_path / "b", {"sources": {"x": {"keyid": "0" * 40}}}, answers={SERVER + "0" * 40: KEY})


def test_one_source_that_fails_stops_none_of_the_others(tmp_path):
    sources = {"a": {"keyid": ID, "source": "deb http://a ./"}, "b": {"source": "deb http://b ./"}}
    with pytest.raises(Unreachable):
        applied(tmp_path, {"sources": sources}, answers={SERVER + ID: Unreachable("no answer")})
    assert sorted(os.listdir(tmp_path / "etc/apt/sources.list.d")) == ["b.list", "debian.sources"]


def test_a_ppa_is_for_add_apt_repository_which_is_installed_for_it(tmp_path):
    config = {"sources": {"t": {"source": "ppa:team/tools"}}}
    machine = applied(tmp_path / "a", config)
    assert machine.commands[0].endswith("install software-properties-common")
    assert machine.commands[1:] == ["add-apt-repository --yes --no-update ppa:team/tools"]
    there = applied(tmp_path / "b", config, tools=("apt-get", "add-apt-repository"))
    assert there.commands == ["add-apt-repository --yes --no-update ppa:team/tools"]
    other = {"add_apt_repo_match": "^never$", "sources": {"t": {"source": "ppa:x"}}}
    assert applied(tmp_path / "c", other).commands == []


def test_a_file_is_added_to_once_or_replaced(tmp_path):
    path = "/etc/apt/sources.list.d/a.list"
    source = {"source": "deb http://x ./", "filename": "a.list"}
    machine = applied(
        tmp_path, {"sources": {"s": source, "t": {**source, "source": "deb http://y ./"}}}, {path: "old\n"}
    )
    assert machine.text(path) == "old\ndeb http://x ./\ndeb http://y ./\n"
    kit.apply(MODULE, {"apt": {"sources": {"s": source}}}, machine)
    assert machine.text(path) == "old\ndeb http://x ./\ndeb http://y ./\n"
    kit.apply(MODULE, {"apt": {"sources": {"s": {**source, "append": False}}}}, machine)
    assert machine.text(path) == "deb http://x ./\n"


def test_the_older_keys_mean_the_same(tmp_path):
    config = {"apt_mirror": "http://old.example/debian", "apt_proxy": "http://p:1", "apt_ftp_proxy": "http://f:2",
              "apt_sources": [{"source": "deb http://a ./"}, {"source": "deb http://b ./"},
                              {"source": "deb http://c ./", "filename": "c"}],
              "debconf_selections": "a a/b select c"}  # fmt: skip
    machine = kit.Machine(tmp_path, tools=("apt-get",))
    system = kit.apply(MODULE, config, machine)
    assert mirrors(machine.text(DEBIAN))[0] == "http://old.example/debian"
    assert machine.text("/etc/apt/sources.list.d/cloudboot_sources.list") == "deb http://a ./\ndeb http://b ./\n"
    assert machine.text("/etc/apt/sources.list.d/c.list") == "deb http://c ./\n"
    assert machine.text(apt_configure.PROXIES).splitlines()[1] == 'Acquire::ftp::Proxy "http://f:2";'
    assert len([note for note in system.notes if "deprecated since 22.1" in note]) == 5


@pytest.mark.parametrize(
    "wrong", ["x", {"primary": "x"}, {"primary": [{"uri": "http://x"}]}, {"sources": True}, {"security": ["x"]}]
)
def test_what_has_another_shape_is_refused(wrong):
    with pytest.raises(Invalid):
        MODULE.read({"apt": wrong})


@pytest.mark.parametrize("form", ["one line", "deb822"])
def test_real_apt_believes_the_repository_with_the_key_and_no_other(tmp_path, form):
    repository, key = signed_repository(tmp_path / "repository")
    where = f"file:{repository}"
    source = f"deb {where} ./" if form == "one line" else f"Types: deb\nURIs: {where}\nSuites: ./"
    config = {"preserve_sources_list": True, "sources": {"local": {"source": source, "key": key}}}
    machine = applied(tmp_path / "machine", config)
    assert "1.0-cloudboot" in offered(machine.root)
    (tmp_path / "machine/etc/apt/trusted.gpg.d/local.gpg").unlink()
    shutil.rmtree(tmp_path / "machine/var")
    assert "1.0-cloudboot" not in offered(machine.root)


def signed_repository(path):
    """A repository of one package, and the key that signs it in ASCII armour."""
    needs.programs("dpkg-deb", "gpg")
    tree = path / "tree/DEBIAN"
    tree.mkdir(parents=True)
    control = (
        "Package: proof\nVersion: 1.0-cloudboot\nArchitecture: all\nMaintainer: M <m@example.org>\nDescription: proof\n"
    )
    (tree / "control").write_text(control)
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", path / "tree", path / "proof.deb"], check=True,
                   capture_output=True)  # fmt: skip
    package = (path / "proof.deb").read_bytes()
    described = f"{control}Filename: ./proof.deb\nSize: {len(package)}\nSHA256: {hashlib.sha256(package).hexdigest()}\n"
    (path / "Packages").write_text(described)
    listed = f"{hashlib.sha256(described.encode()).hexdigest()} {len(described)} Packages"
    (path / "Release").write_text(f"Suite: ./\nDate: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:\n {listed}\n")
    (path / "gnupg").mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", str(path / "gnupg"), "--batch", "--quiet", "--passphrase", ""]
    subprocess.run([*gpg, "--quick-generate-key", "Repository <r@example.org>", "ed25519", "sign"], check=True,
                   capture_output=True)  # fmt: skip
    subprocess.run([*gpg, "--clearsign", "--output", path / "InRelease", path / "Release"], check=True)
    key = subprocess.run([*gpg, "--armor", "--export"], check=True, capture_output=True, text=True).stdout
    subprocess.run(["gpgconf", "--homedir", str(path / "gnupg"), "--kill", "all"], check=True)
    return path, key


def offered(root):
    """What apt says of the package when the configuration below ``root`` is all that it has."""
    for folder in ("var/lib/apt/lists/partial", "var/cache/apt/archives/partial", "var/lib/dpkg", "etc/apt/apt.conf.d"):
        os.makedirs(f"{root}/{folder}", exist_ok=True)
    open(f"{root}/var/lib/dpkg/status", "a").close()
    apt = [f"-oDir={root}", f"-oDir::State::status={root}/var/lib/dpkg/status", "-oAPT::Sandbox::User=root"]
    subprocess.run(["apt-get", *apt, "update"], capture_output=True)
    return subprocess.run(["apt-cache", *apt, "policy", "proof"], capture_output=True, text=True).stdout
