"""What the tests of datasources stand on: a probe of a made-up machine, asking a mock cloud on loopback."""

import os

from cloudboot.datasource import Probe
from cloudboot.errors import Missing
from cloudboot.values import Dmi, FileView, Host, Nic

WELL = {"max_wait": 5, "timeout": 2}
QUICK = {"max_wait": 0.1, "timeout": 0.03}


def host(files=(), nics=(), **dmi):
    """A machine with these marks: ``nics`` maps names to MAC addresses."""
    cards = tuple(Nic(name, mac, up=True, carrier=True) for name, mac in dict(nics).items())
    return Host(files=FileView(dict(files)), dmi=Dmi(**dmi), nics=cards)


def probe(machine, server=None, urls=(), **settings):
    """A probe of this machine. ``server`` stands where the cloud's service is; ``urls`` maps an operator's addresses
    to what they hold."""
    known = dict(urls)

    def url(address):
        if address not in known:
            raise Missing(f"nothing at {address}")
        return known[address]

    if server is not None:
        settings = {"metadata_urls": [server.url], **WELL, **settings}
    files = machine.files
    return Probe(machine, settings, "network", files.read, files.names, lambda p: os.open(p, os.O_RDONLY), url)
