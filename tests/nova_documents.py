"""Run by a Python that has nova: has it describe an instance, as its metadata service and on its config drives.

    python tests/nova_documents.py FOLDER

In the folder are then ``config-2.iso``, made by nova's own builder, and ``service.json``: what nova's metadata service
says at each path. Nothing of nova's is put right; what it would read from a database or from neutron is given here.
"""

import base64
import json
import os
import sys
from unittest import mock

from nova import conf, context, objects
from nova.api.metadata import base
from nova.network import model
from nova.virt import configdrive

ID = "5b7c2f0e-1d4a-4a5e-8d2e-0f3c1a9b7d21"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0w8bJm4rK9gVb8l1S0pYc2mXnq0zH1t7uRkE5fQwZx ops"
USER_DATA = b"#cloud-config\npackages: [nginx]\n"
FILES = [("/etc/banner", b"welcome\n"), ("/srv/data", b"\xff\x00")]


def subnet(cidr, version, *ips, gateway=None, dns=(), dhcp=None, **meta):
    about = {"dhcp_server": dhcp} if dhcp else {}
    return model.Subnet(
        cidr=cidr,
        dns=[model.IP(address=ip, version=version) for ip in dns],
        gateway=model.IP(address=gateway, type="gateway", version=version) if gateway else None,
        ips=[model.FixedIP(address=ip, version=version) for ip in ips],
        routes=[],
        version=version,
        **about,
        **meta,
    )


def network_info():
    """A card with fixed addresses of both families, and one that asks DHCP."""
    fixed = model.Network(
        id="net-a",
        label="a",
        subnets=[
            subnet("192.0.2.0/24", 4, "192.0.2.10", gateway="192.0.2.1", dns=["192.0.2.53"]),
            subnet("2001:db8::/64", 6, "2001:db8::10", gateway="2001:db8::1"),
        ],
        injected=True,
        mtu=1450,
    )
    leased = model.Network(
        id="net-b",
        label="b",
        subnets=[subnet("10.0.0.0/24", 4, "10.0.0.7", gateway="10.0.0.1", dhcp="10.0.0.2")],
        mtu=1400,
    )
    return model.NetworkInfo([
        model.VIF(id="v-1", address="fa:16:3e:00:00:01", network=fixed, type="ovs", devname="tap1"),
        model.VIF(id="v-2", address="fa:16:3e:00:00:02", network=leased, type="ovs", devname="tap2"),
    ])  # fmt: skip


def instance():
    keys = objects.KeyPairList(
        objects=[objects.KeyPair(name="ops", type="ssh", public_key=KEY, user_id="u", fingerprint="f")]
    )
    about = {
        "uuid": ID, "id": 7, "hostname": "db1", "display_name": "db one", "project_id": "p", "user_id": "u",
        "user_data": base64.b64encode(USER_DATA).decode(), "key_name": "ops", "key_data": KEY, "keypairs": keys,
        "metadata": {"role": "db"}, "system_metadata": {}, "launch_index": 3, "availability_zone": "az1",
        "reservation_id": "r-1", "image_ref": "img", "kernel_id": "", "ramdisk_id": "", "device_metadata": None,
        "numa_topology": None, "root_device_name": "/dev/vda", "host": "h", "launched_at": None, "config_drive": "True",
        "default_ephemeral_device": None, "default_swap_device": None,
        "ec2_ids": objects.EC2Ids(instance_id="i-00000007", ami_id="ami-1", kernel_id=None, ramdisk_id=None),
        "flavor": objects.Flavor(name="m1.small", flavorid="1", memory_mb=1, vcpus=1, root_gb=1, ephemeral_gb=0,
                                 swap=0, extra_specs={}),
        "info_cache": objects.InstanceInfoCache(network_info=network_info()),
        "security_groups": objects.SecurityGroupList(objects=[]),
    }  # fmt: skip
    return objects.Instance(context.get_admin_context(), **about)


def described(**about):
    neutron = mock.patch.object(base.security_group_api, "get_instance_security_groups", lambda *_: [{"name": "web"}])
    disks = mock.patch.object(base, "_format_instance_mapping", lambda _: {"ami": "vda", "root": "/dev/vda"})
    with neutron, disks:
        return base.InstanceMetadata(instance(), network_info=network_info(), **about)


def walked(metadata, path, found):
    """What the service says below a path, by path."""
    try:
        said = metadata.lookup(path)
    except (base.InvalidMetadataPath, base.InvalidMetadataVersion, KeyError):
        return
    if callable(said):
        return  # the password's place, which is a conversation
    if isinstance(said, dict) or (isinstance(said, list) and path.startswith("/openstack")):
        found[path] = base.ec2_md_print(said)
        for name in found[path].splitlines():
            inner = name.partition("=")[0]
            walked(metadata, f"{path.rstrip('/')}/{inner.rstrip('/')}", found)
    elif said is not None:
        found[path] = base.ec2_md_print(said) if not isinstance(said, bytes) else said.decode("latin-1")


def main(folder):
    conf.CONF([])
    objects.register_all()
    metadata = described(content=FILES, extra_md={"admin_pass": "given-by-nova"})
    with configdrive.ConfigDriveBuilder(instance_md=metadata) as builder:
        builder.make_drive(os.path.join(folder, "config-2.iso"))
    found = {}
    metadata = described()
    for top in ("/openstack", "/latest/meta-data", "/latest/user-data"):
        walked(metadata, top, found)
    with open(os.path.join(folder, "service.json"), "w") as file:
        json.dump(found, file, indent=1)


if __name__ == "__main__":
    main(sys.argv[1])
