from cloudboot.network.nics import nics_of
from cloudboot.system.door import System
from tests import kit

CARD = {"/sys/class/net/ens3/address": "02:00:00:00:00:01\n", "/sys/class/net/ens3/flags": "0x1003\n",
        "/sys/class/net/ens3/uevent": "INTERFACE=ens3\n", "/sys/class/net/bonding_masters": "\n"}  # fmt: skip


def test_an_interface_that_is_renamed_while_it_is_looked_at_is_seen_once_by_its_new_name(tmp_path):
    machine = kit.Machine(tmp_path, files=CARD)
    listed, before = machine.names, [("eth0",)]
    machine.names = lambda path: before.pop() if before else listed(path)
    assert [(nic.name, nic.mac) for nic in nics_of(System(machine))] == [("ens3", "02:00:00:00:00:01")]
