from modules import ssh_host_keys
from tests import kit

WHOLE = "-----BEGIN OPENSSH PRIVATE KEY-----\nx\n-----END OPENSSH PRIVATE KEY-----\n"


def keygen(machine, argv):
    return "".join(f"{kind}\n{WHOLE}ssh-{kind} AAAA \n" for kind in argv[4:])


MACHINE = {"files": {"/etc/ssh/ssh_host_rsa_key": ""}, "answers": {"sh": keygen}}


def test_a_broken_key_is_replaced_and_a_whole_or_missing_one_is_not(tmp_path):
    files = {"/etc/ssh/ssh_host_rsa_key": WHOLE.replace("x", "mine"), "/etc/ssh/ssh_host_ecdsa_key": "\0" * 500}
    machine = kit.Machine(tmp_path / "m", files, {"sh": keygen})
    system = kit.apply(ssh_host_keys.MODULE, "{}", machine)
    assert "mine" in machine.text("/etc/ssh/ssh_host_rsa_key")
    assert machine.text("/etc/ssh/ssh_host_ecdsa_key") == WHOLE
    assert not machine.look("/etc/ssh/ssh_host_ed25519_key")
    assert system.notes == ["the ecdsa host key was broken, and is a new one now: clients will notice"]


def test_a_machine_that_is_well_costs_no_process(tmp_path):
    machine = kit.Machine(tmp_path / "m", {"/etc/ssh/ssh_host_rsa_key": WHOLE})
    kit.apply(ssh_host_keys.MODULE, "{}", machine)
    assert machine.actions == []
