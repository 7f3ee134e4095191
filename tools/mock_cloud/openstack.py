"""Nova's metadata service: its own documents in every version, the EC2 form of them, and the password's place."""

import binascii

from tools.mock_cloud.server import Answer
from tools.mock_cloud.tree import Tree, nested

VERSIONS = ("2012-08-10", "2013-10-17", "2015-10-15", "2016-10-06", "2018-08-27")
MOST_PASSWORD = 1020


class OpenStack(Tree):
    """``leaves`` are below ``/openstack/latest``, ``/openstack/content`` and ``/latest``."""

    def __init__(self, leaves, versions=VERSIONS):
        super().__init__(leaves)
        self.versions, self.password = versions, b""

    def __call__(self, request):
        if "x-instance-id" in request.headers:
            return Answer(403)
        if request.path == "/openstack/latest/password":
            return self._password(request)
        if request.path in ("/openstack", "/openstack/") and self.names("/openstack/"):
            return Answer(200, "\n".join((*self.versions, "latest")))
        for version in self.versions:
            if request.path.startswith(f"/openstack/{version}/"):
                return self.at(request.path.replace(version, "latest", 1))
        return self.at(request.path)

    def _password(self, request):
        if request.method == "GET":
            return Answer(200, self.password)
        if request.method != "POST":
            return Answer(405)
        if self.password or len(request.body) > MOST_PASSWORD:
            return Answer(409 if self.password else 400)
        self.password = request.body
        return Answer(200)


def documents(
    name="7b1f0c3e-0000-4000-8000-00000000a001",
    user_data=b"#cloud-config\n",
    network=None,
    hostname="db1.example.internal",
    keys=("ssh-ed25519 AAAAC3Mock ops",),
    macs=("fa:16:3e:00:00:01",),
):
    """The files of an instance with made-up values, by their paths on a config drive."""
    links = [{"id": f"p{i}", "type": "vif", "ethernet_mac_address": mac, "mtu": 1450} for i, mac in enumerate(macs, 1)]
    networks = [
        {"id": f"n{i}", "link": link["id"], "type": "ipv4_dhcp", "network_id": "net-a"} for i, link in enumerate(links)
    ]
    meta = {
        "uuid": name, "name": hostname.partition(".")[0], "hostname": hostname, "launch_index": 0,
        "availability_zone": "az1",
        "project_id": "00000000000000000000000000000abc", "meta": {"role": "db"},
        "public_keys": {f"key-{i}": f"{key}\n" for i, key in enumerate(keys)},
        "keys": [*({"name": f"key-{i}", "type": "ssh", "data": f"{key}\n"} for i, key in enumerate(keys)),
                 {"name": "win", "type": "x509", "data": "no key of ours"}],
        "random_seed": binascii.b2a_base64(b"seed" * 128).decode(),
        "files": [{"path": "/etc/banner", "content_path": "/content/0000"}],
    }  # fmt: skip
    return {
        "openstack/latest/meta_data.json": meta,
        "openstack/latest/user_data": user_data,
        "openstack/latest/vendor_data.json": {"cloud-init": "#!/bin/sh\n"},
        "openstack/latest/vendor_data2.json": {"static": {}, "cloud-init": ["#cloud-config\n{}", "#!/bin/sh\n"]},
        "openstack/latest/network_data.json": network or {"links": links, "networks": networks, "services": []},
        "openstack/content/0000": "welcome\n",
    }  # fmt: skip


def example(**about):
    """The same, as the service has them."""
    leaves = {f"/{path}": value for path, value in documents(**about).items()}
    meta = leaves["/openstack/latest/meta_data.json"]
    keys = {str(i): {"openssh-key": key.strip()} for i, key in enumerate(meta["public_keys"].values())}
    ec2 = {"instance-id": "i-00000001", "local-hostname": meta["hostname"], "public-keys": keys,
           "block-device-mapping": {"ami": "vda", "root": "/dev/vda", "ephemeral0": "/dev/vdb"}}  # fmt: skip
    user_data = leaves["/openstack/latest/user_data"]
    return {**leaves, **nested("/latest/meta-data", ec2), "/latest/user-data": user_data}
