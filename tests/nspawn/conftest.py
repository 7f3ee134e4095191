"""A Debian tree with every network service there is, and this checkout's agent in it."""

import pytest

from tools.boots import tree
from tools.boots.container import Container

PACKAGES = (*tree.SYSTEM, *tree.PYTHON, *tree.NETWORK, "network-manager")
NETWORKS = {  # who brings the network up: its own units
    "ifupdown": ("networking.service",),
    "networkd": ("systemd-networkd.service", "systemd-networkd-wait-online.service", "systemd-networkd.socket"),
    "network-manager": ("NetworkManager.service", "NetworkManager-wait-online.service"),
}


SEED = {  # static: nobody answers a DHCP client here
    "meta-data": "instance-id: i-1\n",
    "user-data": "#cloud-config\n{}\n",
    "network-config": "version: 2\nethernets:\n  eth0: {addresses: [192.0.2.2/24]}\n",
}


@pytest.fixture(scope="session")
def layers():
    return tree.with_agent(tree.debian(PACKAGES))


@pytest.fixture
def machine(layers, tmp_path):
    return with_ifupdown(layers, tmp_path)


def with_ifupdown(layers, folder):
    """A container that was never booted; ifupdown has its network."""
    container = Container(layers, folder)
    for name in ("networkd", "network-manager"):
        container.mask(*NETWORKS[name])
    return container
