"""Real apt, in a network of its own, that finds a caching proxy by DNS and takes a signed repository through it."""

import os
import socket
import subprocess
import time

import pytest

from modules import apt_configure
from tests import kit, needs
from tests.namespaces import namespaces

HOST = "packages.lab.example"
CONTROL = """Package: proof
Version: {version}
Architecture: all
Maintainer: M <m@example.org>
Description: proof
"""
SECONDS = 30.0
CONFIG = """apt:
  proxy: auto
  preserve_sources_list: true
  conf: |
    APT::Install-Recommends "false";
  preferences: |
    Package: proof
    Pin: version 1.0
    Pin-Priority: 1001
  debconf_selections: {proof: "proof proof/question string answered"}
  sources:
    lab:
      source: |
        Types: deb
        URIs: http://packages.lab.example/
        Suites: stable
        Components: main
        Signed-By: $KEY_FILE
      key: |
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A network with name server, repository and proxy, and the key of the repository."""
    needs.programs("dpkg-deb", "apt-ftparchive", "gpg", "apt-cacher-ng", "dnsmasq", "apt-get")
    folder = tmp_path_factory.mktemp("lab")
    with namespaces(1) as (net,):
        net.key = repository(folder)
        net.folder = folder
        net.start(
            [
                *("dnsmasq", "--no-daemon", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=root"),
                "--srv-host=_apt_proxy._tcp.lab.example,cache.lab.example,3142",
                *("--address=/cache.lab.example/127.0.0.1", f"--address=/{HOST}/127.0.0.1"),
            ],
            "started",
        )
        net.server = net.start(["python3", "-u", "-m", "http.server", "80", "--directory", str(folder / "www")], "HTTP")
        proxy(net, folder)
        yield net


def repository(folder):
    """Two versions of a package below ``www``, as apt-ftparchive lists and gpg signs them; the key in ASCII armour."""
    www = folder / "www"
    pool, index = www / "pool", www / "dists/stable/main/binary-amd64"
    pool.mkdir(parents=True), index.mkdir(parents=True)
    for version in ("1.0", "2.0"):
        tree = folder / f"proof-{version}/DEBIAN"
        tree.mkdir(parents=True)
        (tree / "control").write_text(CONTROL.format(version=version))
        run("dpkg-deb", "--build", "--root-owner-group", tree.parent, pool / f"proof_{version}_all.deb")
    (index / "Packages").write_bytes(run("apt-ftparchive", "packages", "pool", cwd=www))
    about = {"Suite": "stable", "Codename": "stable", "Components": "main", "Architectures": "amd64"}
    words = [f"-oAPT::FTPArchive::Release::{name}={value}" for name, value in about.items()]
    (www / "dists/stable/Release").write_bytes(run("apt-ftparchive", *words, "release", www / "dists/stable"))
    (folder / "gnupg").mkdir(mode=0o700)
    gpg = ["gpg", "--homedir", folder / "gnupg", "--batch", "--quiet", "--passphrase", ""]
    run(*gpg, "--quick-generate-key", "Lab <r@example.org>", "ed25519", "sign")
    run(*gpg, "--clearsign", "--output", www / "dists/stable/InRelease", www / "dists/stable/Release")
    key = run(*gpg, "--armor", "--export").decode()
    run("gpgconf", "--homedir", folder / "gnupg", "--kill", "all")
    return key


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, **more).stdout


def proxy(net, folder):
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\nsearch lab.example\n")
    for name in ("cache", "logs"):
        (folder / name).mkdir()
    about = {"ForeGround": 1, "Port": 3142, "BindAddress": "127.0.0.1", "CacheDir": folder / "cache",
             "LogDir": folder / "logs", "SocketPath": "", "PidFile": folder / "pid"}  # fmt: skip
    words = [f"{name}:{value}" for name, value in about.items()]
    server = subprocess.Popen(
        within(net, "apt-cacher-ng", *words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    net._servers.append(server)
    end = time.monotonic() + SECONDS
    while not net.inside(answers):
        assert time.monotonic() < end and server.poll() is None, "apt-cacher-ng does not answer"
        time.sleep(0.05)


def answers():
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", 3142)) == 0


def within(net, *words):
    """A command in the network of the lab, which asks the lab's name server."""
    script = f'mount --bind {net.folder}/resolv.conf /etc/resolv.conf && exec "$@"'
    return net.command(["unshare", "--mount", "sh", "-c", script, "sh", *map(str, words)])


def configured(net, path):
    config = CONFIG + "".join(f"        {line}\n" for line in net.key.splitlines())
    machine = kit.Machine(path, {"/etc/resolv.conf": "nameserver 127.0.0.1\nsearch lab.example\n"}, tools=("apt-get",))
    net.inside(kit.apply, apt_configure.MODULE, config, machine)
    listed = machine.text("/etc/apt/sources.list.d/lab.sources")
    machine.put("/etc/apt/sources.list.d/lab.sources", listed.replace("/etc/apt/keyrings", f"{path}/etc/apt/keyrings"))
    for folder in ("var/lib/apt/lists/partial", "var/cache/apt/archives/partial", "var/lib/dpkg"):
        os.makedirs(f"{path}/{folder}", exist_ok=True)
    open(f"{path}/var/lib/dpkg/status", "a").close()
    return machine


def apt(net, machine, *words):
    """A command of apt's whose every file, those of its configuration too, is below the machine's root."""
    root = machine.root
    about = {"Dir": root, "Dir::State::status": f"{root}/var/lib/dpkg/status", "APT::Sandbox::User": "root",
             "APT::Architecture": "amd64", "APT::Architectures": "amd64"}  # fmt: skip
    machine.put("/apt.conf", "".join(f'{name} "{value}";\n' for name, value in about.items()))
    env = {**os.environ, "APT_CONFIG": f"{root}/apt.conf"}
    done = subprocess.run(within(net, *words), capture_output=True, text=True, cwd=root, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_signed_repository_is_taken_through_the_proxy_that_dns_names(lab, tmp_path):
    machine = configured(lab, tmp_path / "first")
    assert 'Acquire::http::Proxy "http://cache.lab.example:3142/";' in machine.text(apt_configure.PROXIES)
    apt(lab, machine, "apt-get", "update")
    policy = apt(lab, machine, "apt-cache", "policy", "proof")
    assert "Candidate: 1.0" in policy and "2.0" in policy
    assert 'APT::Install-Recommends "false";' in apt(lab, machine, "apt-config", "dump")
    apt(lab, machine, "apt-get", "download", "proof")
    assert os.path.exists(f"{machine.root}/proof_1.0_all.deb")
    assert list((lab.folder / "cache" / HOST).rglob("proof_1.0_all.deb"))


def test_a_machine_is_served_by_the_proxy_when_the_repository_is_away(lab, tmp_path):
    before = configured(lab, tmp_path / "before")
    apt(lab, before, "apt-get", "update")
    apt(lab, before, "apt-get", "download", "proof")
    lab.stop(lab.server)
    after = configured(lab, tmp_path / "after")
    for folder in ("var/lib/apt", "etc/apt"):  # its lists are as fresh as the other machine's
        subprocess.run(["cp", "-a", f"{before.root}/{folder}/.", f"{after.root}/{folder}/"], check=True)
    apt(lab, after, "apt-get", "download", "proof")
    assert os.path.exists(f"{after.root}/proof_1.0_all.deb")
