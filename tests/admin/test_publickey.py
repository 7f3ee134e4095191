import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudboot.admin.publickey import KINDS, PublicKey, bits, described, fingerprint, merged, public_key, public_keys

BLOB = "AAAAC3NzaC1lZDI1NTE5AAAAIFtY8Rr6k2KrY8uDVpGmLKHnUuPEYhJ0qMCcf2RC1Jn6"
WORDS = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=9)


@given(st.sampled_from(sorted(KINDS)), st.lists(WORDS, max_size=3), st.lists(WORDS, max_size=3))
def test_a_line_is_read_as_it_is_written(kind, options, comment):
    text = ",".join(f'{word}="a \\" b"' for word in options)
    key = PublicKey(kind, BLOB, text, " ".join(comment))
    assert public_key(str(key)) == key


@given(st.text(max_size=60))
def test_any_text_is_a_key_or_none(text):
    key = public_key(text)
    assert key is None or key.kind in KINDS


@pytest.mark.parametrize(
    "line", ["", "# ssh-rsa AAAA", "ssh-rsa", "hello world", "ssh-foo AAAA", 'command="x ssh-rsa AAAA']
)
def test_what_names_no_key_is_none(line):
    assert public_key(line) is None


def test_a_text_may_hold_several_keys_and_each_counts_once():
    keys, others = public_keys([f"ssh-rsa AAAA x\n\n# y\nssh-ed25519 {BLOB}\n", "ssh-rsa AAAA newer", "junk"])
    assert ([str(k) for k in keys], others) == (["ssh-rsa AAAA newer", f"ssh-ed25519 {BLOB}"], 1)


def test_merging_twice_is_merging_once():
    keys, _ = public_keys(["ssh-rsa AAAA new", f"ssh-ed25519 {BLOB} b"])
    old = "# mine\nssh-rsa AAAA old\nssh-rsa AAAA old too\nssh-rsa BBBB other"
    once = merged(old, keys)
    assert once == f"# mine\nssh-rsa AAAA new\nssh-rsa BBBB other\nssh-ed25519 {BLOB} b\n"
    assert merged(once, keys) == once


def test_fingerprints_are_those_of_ssh_keygen():
    key = PublicKey("ssh-ed25519", BLOB)
    assert fingerprint(key) == "SHA256:7K+/cOnfHUwnAdHqwj/b15AfTB5RtJxz7GUCmmpNfdk"
    assert fingerprint(key, "md5") == "MD5:0b:b0:b8:26:64:7a:f5:f0:61:95:18:62:01:b0:66:6d"
    assert described(PublicKey("ecdsa-sha2-nistp384", "%")) == "384 unreadable no comment (ECDSA)"
    assert bits(PublicKey("ssh-rsa", "%")) == 0
