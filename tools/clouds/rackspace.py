"""rackspace: a Xen server of Rackspace, told by its host through xenstore. Under QEMU xenstore is a serial port, which
stands where Xen's own device would."""

import dataclasses
import json

from tools.clouds import Cloud, configdrive
from tools.mock_cloud.xenstore import XenStore, example

ID, PORT = "7b1f0c3e-0000-4000-8000-00000000a001", "org.xen.xenstore.0"
LINK = f"L /dev/xen/xenbus - - - - /dev/virtio-ports/{PORT}"


def firmware(wishes):
    return {11: {"value": f"io.systemd.credential:tmpfiles.extra={LINK}"}}


def start(wishes, place):
    keys = wishes.tree or {**example(wishes.id or ID, wishes.macs[0]), "vm-data/hostname": wishes.hostname}
    return XenStore(place, {key: v if isinstance(v, (bytes, str)) else json.dumps(v) for key, v in keys.items()})


def media(wishes, folder):
    return configdrive.media(dataclasses.replace(wishes, tree=None), folder)


CLOUD = Cloud(
    "rackspace",
    "Rackspace Cloud Servers: xenstore, and a config drive",
    firmware,
    start=start,
    media=media,
    words=("systemd.setenv=SYSTEMD_VIRTUALIZATION=vm:xen",),
    port=PORT,
)
