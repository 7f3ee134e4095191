"""openstack: a machine of nova's under libvirt, asked over the network."""

from tools.clouds import Cloud, given
from tools.mock_cloud.openstack import OpenStack, example

ID = "7b1f0c3e-0000-4000-8000-00000000a001"


def firmware(wishes):
    system = {"manufacturer": "OpenStack Foundation", "product": "OpenStack Nova", "uuid": wishes.id or ID}
    return {1: {**system, "serial": wishes.id or ID, "family": "Virtual Machine"}}


def about(wishes):
    """What the example's documents are made of."""
    return given(
        name=wishes.id, hostname=wishes.hostname, user_data=wishes.user_data, keys=wishes.keys, macs=wishes.macs
    )


def answers(wishes):
    return OpenStack(wishes.tree or example(**about(wishes)))


CLOUD = Cloud(
    "openstack",
    "OpenStack: metadata service",
    firmware,
    answers,
    at=("169.254.169.254:80",),
    network="169.254.169.0/24",
)
