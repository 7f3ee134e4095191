import pytest

from cloudboot.schema import parse
from modules import keys_to_console
from tests import kit

BLOB = "AAAAC3NzaC1lZDI1NTE5AAAAIFtY8Rr6k2KrY8uDVpGmLKHnUuPEYhJ0qMCcf2RC1Jn6"
RSA = (
    "AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7+CKmb97KhM2W8aO5oS2HjQ7wQLMoj5opAeHjjsVntSAutE8zEzWGm71Aa5RnVEVU4wqx"
    "ifkUOwwkA1IscNm6xHtyztmE5H6bLhR6KOm/l2osvhk89JeGySzIKw8gXZOR2tocW+C4cnaxxRSOHvrXc1Gg7tCaXCSeOwfl8EQkxw=="
)
MACHINE = {"files": {
    "/etc/ssh/ssh_host_ed25519_key.pub": f"ssh-ed25519 {BLOB} root@web1\n",
    "/etc/ssh/ssh_host_rsa_key.pub": f"ssh-rsa {RSA} \n",
    "/etc/ssh/ssh_host_rsa_key-cert.pub": "ssh-rsa-cert-v01@openssh.com AAAA\n",
}}  # fmt: skip


def said(tmp_path, config):
    machine = kit.Machine(tmp_path / "m", MACHINE["files"])
    kit.apply(keys_to_console.MODULE, config, machine)
    return "".join(machine.said).splitlines()


def test_fingerprints_and_keys_stand_between_the_marks_that_tools_look_for(tmp_path):
    assert said(tmp_path, "{}") == [
        "-----BEGIN SSH HOST KEY FINGERPRINTS-----",
        "256 SHA256:7K+/cOnfHUwnAdHqwj/b15AfTB5RtJxz7GUCmmpNfdk root@web1 (ED25519)",
        "1024 SHA256:leJZDtUOm4IH1AtiIsViYyHOlYdn35BE/4kGD/CccKo no comment (RSA)",
        "-----END SSH HOST KEY FINGERPRINTS-----",
        "-----BEGIN SSH HOST KEY KEYS-----",
        f"ssh-ed25519 {BLOB} root@web1",
        f"ssh-rsa {RSA}",
        "-----END SSH HOST KEY KEYS-----",
    ]


def test_types_may_be_left_out_of_each_block_or_all_of_it(tmp_path):
    lines = said(tmp_path / "1", "{ssh_fp_console_blacklist: [ssh-rsa], ssh_key_console_blacklist: [ssh-ed25519]}")
    assert ["ED25519" in lines[1], lines[4].startswith("ssh-rsa"), len(lines)] == [True, True, 6]
    assert said(tmp_path / "2", "ssh: {emit_keys_to_console: false}") == []


@pytest.mark.parametrize("value", [{}, {"emit_keys_to_console": "false"}, {"emit_keys_to_console": True, "x": 1}])
def test_the_key_ssh_holds_one_answer_and_nothing_else(value):
    assert parse(keys_to_console.Options, {"ssh": value})[1]
