"""Documents of the kinds that people write: each is right, and its plan does what its author meant.

They stand in ``documents/``: user-data in a file, or a whole seed in a folder.
"""

import gzip
import re
from pathlib import Path

import pytest

from cloudboot.cli import main

FOLDER = Path(__file__).parent / "documents"
DEBIAN = 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'
UBUNTU = 'ID=ubuntu\nID_LIKE=debian\nVERSION_ID="24.04"\nVERSION_CODENAME=noble\n'
ROCKY = 'ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n'
FEDORA = "ID=fedora\nVERSION_ID=40\n"
RHEL = 'ID="rhel"\nID_LIKE="fedora"\nVERSION_ID="9.4"\n'
ALPINE = "ID=alpine\nVERSION_ID=3.20.0\n"
SUSE = 'ID="opensuse-leap"\nID_LIKE="suse opensuse"\nVERSION_ID="15.6"\n'
PLANS = {  # the system it is for, and lines of its plan
    "ansible-pull.yaml": (DEBIAN, ["pip3? install .*ansible-core", "ansible-galaxy collection install"]),
    "archive.yaml": (DEBIAN, [r"\+echo one", r"\+echo two", "run .*install git", "scripts/part-|scripts/"]),
    "bastion.yaml": (DEBIAN, ["useradd .*--expiredate 2032-09-01 .*audit", "/etc/sudoers.d/90-cloudboot-users",
                              "/etc/ssh/sshd_config.d/10-bastion.conf", "install fail2ban auditd"]),
    "chef-client.yaml": (DEBIAN, ["write /etc/chef/client.rb", "https://www.chef.io/chef/install.sh"]),
    "cluster-api-worker.jinja": (DEBIAN, ["write /run/kubeadm/kubeadm-join-config.yaml", "ntp2.example.org",
                                          "kubeadm join --config"]),
    "docker-host.yaml": (UBUNTU, ["write /etc/docker/daemon.json", "docker.list",
                                  "install docker-ce docker-ce-cli containerd.io"]),
    "docker-swarm.yaml": (DEBIAN, ["LABEL=docker", "docker swarm init"]),
    "eks-node.mime": (DEBIAN, ["/dev/nvme1n1\t/var/lib/containerd\txfs", "part-001"]),
    "elasticsearch.yaml": (DEBIAN, ["cloudboot-ca-cert-1.crt", "http://apt-cache.example.org:3142",
                                    "write /etc/elasticsearch/jvm.options.d/heap.options", "-Xms2g"]),
    "github-runner-ephemeral.yaml": (DEBIAN, ["write /opt/runner/token", "power_state_change"]),
    "gitlab-runner.yaml": (DEBIAN, ["write /etc/gitlab-runner/config.toml .*0600", "install git docker.io"]),
    "homelab-raspberry-pi": (DEBIAN, ["raspi-config nonint do_i2c 0", "Europe/London", "XKBLAYOUT=\"?gb"]),
    "jenkins-agent.yaml": (DEBIAN, ["ssh_host_ed25519_key", "https://jenkins.example.org/agents", "swap"]),
    "k3s-agent.mime": (DEBIAN, ["write /etc/rancher/k3s/config.yaml", "write /etc/rancher/k3s/token .*0400",
                                "install-agent.sh"]),
    "k3s-server.yaml": (DEBIAN, ["write /etc/rancher/k3s/config.yaml .*0600", r"\+kind: Namespace",
                                 "useradd .*--groups sudo .*k3s"]),
    "kubeadm-control-plane.yaml": (DEBIAN, ["kubernetes.list", "kubeadm=1.31.2-1.1", "docker.sources",
                                            "write /etc/kubernetes/kubeadm.yaml .*0600", "cp-1.k8s.example.org"]),
    "lxd-host.yaml": (UBUNTU, ["install lxd", "install zfsutils-linux"]),
    "mariadb-galera.yaml": (ROCKY, ["write /etc/yum.repos.d/mariadb.repo", r"\+gpgcheck=1",
                                    "install .*MariaDB-server galera-4 rsync-3.2.3-20.el9", "galera_new_cluster"]),
    "microk8s-snap.yaml": (UBUNTU, [r"snap install --classic helm|snap.commands\[1\]", "microk8s.yaml"]),
    "monitoring.yaml": (DEBIAN, ["write /etc/rsyslog.d/20-central.conf", "@@logs.example.org:6514",
                                 "grafana-agent=0.43.3-1", "ntp1.example.org"]),
    "nomad-client.jinja": (DEBIAN, ['region     = "local"', "Environment=DEBIAN_FRONTEND=noninteractive"]),
    "opensuse-server.yaml": (SUSE, ["write /etc/zypp/repos.d/monitoring.repo", "zypper .*chrony",
                                    "0.opensuse.pool.ntp.org"]),
    "packer-vsphere": (UBUNTU, ["autoinstall is for Ubuntu's installer"]),
    "patched.mime": (DEBIAN, [r"\+patched", r"\+echo more", "per-boot/every-boot.sh"]),
    "plain-script.sh": (ROCKY, ["scripts/part-001"]),
    "podman-quadlet.yaml": (FEDORA, ["useradd .*--uid 5000",
                                     "write /etc/containers/systemd/whoami.container"]),
    "postgres-server.yaml": (DEBIAN, ["LABEL=pgdata\t/var/lib/postgresql\txfs",
                                      "answer tzdata/Areas, tzdata/Zones/Europe for debconf",
                                      "write /etc/postgresql/16/main/conf.d/10-size.conf .*0640", "169.254.169.123"]),
    "provider-vendor-data": (DEBIAN, ["scripts/vendor/agent.sh", "ufw allow OpenSSH", "install fail2ban ufw"]),
    "proxmox-vm": (DEBIAN, ["useradd .*admin", "install qemu-guest-agent", "systemctl enable --now qemu-guest-agent"]),
    "puppet-agent.yaml": (DEBIAN, ["csr_attributes.yaml", "puppet.example.org"]),
    "rhel-subscription.yaml": (RHEL, ["subscription-manager", "install cockpit insights-client"]),
    "rke2-agent.mime": (DEBIAN, [r"\+echo \"server: https://rke2.example.org:9345\"", r"\+echo \"token"]),
    "rke2-server.yaml": (ROCKY, ["write /etc/yum.repos.d/rancher-rke2-common.repo", "useradd .*etcd",
                                 "write /etc/rancher/rke2/config.yaml .*0600"]),
    "salt-minion.yaml": (DEBIAN, ["write /etc/salt/minion", "datacenter: fra1"]),
    "terraform-libvirt": (DEBIAN, ["useradd .*--groups users,admin .*app", "set the password of app"]),
    "ubuntu-pro.yaml": (UBUNTU, ["set http_proxy of the Ubuntu Pro client", "landscape-config",
                                 "mirror.example.org/ubuntu", "ubuntu-drivers"]),
    "valkey-alpine.yaml": (ALPINE, ["write /etc/apk/repositories", "apk .*add .*valkey", "permit nopass cache",
                                    "nameserver 192.0.2.53"]),
    "web-server.yaml": (DEBIAN, ["write /etc/nginx/sites-available/app", "https://assets.example.org/index.html",
                                 "install nginx certbot"]),
    "wireguard-gateway.yaml": (DEBIAN, ["write /etc/wireguard/wg0.conf .*0600", "wg-quick@wg0"]),
}  # fmt: skip
TOOLS = {"homelab-raspberry-pi": ("usr/bin/raspi-config", "etc/rpi-issue")}


def machine(path, release, tools=()):
    """A tree with as much of a system as decides what is planned for it."""
    for name, text in {"etc/os-release": release, "etc/passwd": "root:x:0:0:root:/root:/bin/bash\n",
                       "etc/group": "root:x:0:\n", "proc/cmdline": "quiet\n",
                       **dict.fromkeys(tools, "")}.items():  # fmt: skip
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_text(text)
        (path / name).chmod(0o755 if name.startswith("usr/bin") else 0o644)
    return path


def planned(capsys, root, where):
    """What a plan of a document prints, all of which succeeded."""
    words = ["--seed", str(where)] if where.is_dir() else ["--user-data", str(where)]
    code = main(["--root", str(root), "plan", *words])
    said = capsys.readouterr()
    assert code == 0, said.err
    assert "no such option" not in said.err + said.out
    return said.out


def test_there_are_as_many_as_there_are_plans():
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(PLANS)
    assert len(PLANS) > 30


@pytest.mark.parametrize("name", sorted(PLANS))
def test_the_document_is_right(name, tmp_path, capsys):
    root = machine(tmp_path, PLANS[name][0])
    where = FOLDER / name
    documents = [where] if where.is_file() else [where / "user-data", where / "vendor-data"]
    for document in documents:
        if document.exists() and not name.endswith(".sh"):
            assert main(["--root", str(root), "schema", "-c", str(document)]) == 0, capsys.readouterr().out
    if (where / "network-config").exists():
        assert main(["schema", "-t", "network-config", "-c", str(where / "network-config")]) == 0


@pytest.mark.parametrize("name", sorted(PLANS))
def test_the_document_is_planned_as_it_was_meant(name, tmp_path, capsys):
    release, lines = PLANS[name]
    out = planned(capsys, machine(tmp_path, release, TOOLS.get(name, ())), FOLDER / name)
    for line in lines:
        assert re.search(line, out), f"no {line!r} in\n{out}"


@pytest.mark.parametrize("name", ["k3s-agent.mime", "docker-swarm.yaml"])
def test_a_document_that_a_tool_compressed_is_planned_the_same(name, tmp_path, capsys):
    root = machine(tmp_path / "root", PLANS[name][0])
    packed = tmp_path / "user-data.gz"
    packed.write_bytes(gzip.compress((FOLDER / name).read_bytes(), mtime=0))
    assert planned(capsys, root, packed) == planned(capsys, root, FOLDER / name)
    assert main(["--root", str(root), "schema", "-c", str(packed)]) == 0
