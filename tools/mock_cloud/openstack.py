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


def documents(name="7b1f0c3e-0000-4000-8000-00000000a001", user_data=b"#cloud-config\n", network=None):
    """The files of an instance with made-up values, by their paths on a config drive."""
    meta = {
        "uuid": name, "name": "db1", "hostname": "db1.example.internal", "launch_index": 0, "availability_zone": "az1",
        "project_id": "00000000000000000000000000000abc", "meta": {"role": "db"},
        "public_keys": {"ops": "ssh-ed25519 AAAAC3Mock ops\n"},
        "keys": [{"name": "ops", "type": "ssh", "data": "ssh-ed25519 AAAAC3Mock ops\n"},
                 {"name": "win", "type": "x509", "data": "no key of ours"}],
        "random_seed": binascii.b2a_base64(b"seed" * 128).decode(),
        "files": [{"path": "/etc/banner", "content_path": "/content/0000"}],
    }  # fmt: skip
    return {
        "openstack/latest/meta_data.json": meta,
        "openstack/latest/user_data": user_data,
        "openstack/latest/vendor_data.json": {"cloud-init": "#!/bin/sh\n"},
        "openstack/latest/vendor_data2.json": {"static": {}, "cloud-init": ["#cloud-config\n{}", "#!/bin/sh\n"]},
        "openstack/latest/network_data.json": network or {
            "links": [{"id": "p1", "type": "vif", "ethernet_mac_address": "fa:16:3e:00:00:01", "mtu": 1450}],
            "networks": [{"id": "n0", "link": "p1", "type": "ipv4_dhcp", "network_id": "net-a"}], "services": [],
        },
        "openstack/content/0000": "welcome\n",
    }  # fmt: skip


def example(**about):
    """The same, as the service has them."""
    leaves = {f"/{path}": value for path, value in documents(**about).items()}
    ec2 = {"instance-id": "i-00000001", "local-hostname": "db1.example.internal",
           "block-device-mapping": {"ami": "vda", "root": "/dev/vda", "ephemeral0": "/dev/vdb"},
           "public-keys": {"0": {"openssh-key": "ssh-ed25519 AAAAC3Mock ops"}}}  # fmt: skip
    return {**leaves, **nested("/latest/meta-data", ec2), "/latest/user-data": "#cloud-config\n"}
