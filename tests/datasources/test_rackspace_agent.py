"""What a host of Rackspace's asks its guest through xenstore, and how that is answered."""

import base64
import json
import subprocess
import threading

import pytest

from cloudboot import __version__, tell
from cloudboot.clouds import aes, nova_agent
from cloudboot.clouds.nova_agent import Conversation
from cloudboot.host import look
from cloudboot.system import actions
from cloudboot.system.actions import Outcome
from cloudboot.system.door import System
from cloudboot.system.plan import Plan
from cloudboot.values import Instance
from datasources import rackspace
from tests.clouds import probe
from tests.kit import Machine
from tools.mock_cloud.xenstore import Nova, XenStore, example

PASSWORD = "correct horse # ü"


class Guest(Machine):
    """A machine whose words reach its host."""

    def perform(self, action):
        if isinstance(action, actions.Tell):
            tell.tell(look(self.root), action, lambda what, since: None)
            return Outcome(True)
        return super().perform(action)


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr(nova_agent, "PAUSE", 0.01)
    (tmp_path / "run/xenstored").mkdir(parents=True)
    with XenStore(str(tmp_path / "run/xenstored/socket"), example()) as store:
        yield store


@pytest.fixture
def guest(tmp_path, store):
    return Guest(tmp_path)


def talk(guest, asks, first=5.0, then=0.3):
    """What the guest answers while it listens, and what it warned of."""
    system, answers = System(guest), []
    thread = threading.Thread(target=lambda: answers.extend(asks()))
    thread.start()
    nova_agent.listen(system, look(guest.root), first, then)
    thread.join()
    return answers, system.notes


def passwords(guest):
    return [a.stdin.reveal() for a in guest.actions if isinstance(a, actions.Run) and a.argv[0] == "chpasswd"]


def test_a_server_is_made_as_the_platform_makes_one(guest, store):
    host = Nova(store, 5)

    def make():
        yield host.ask("version", "agent")
        yield host.ask("features")
        yield host.inject("/root/.ssh/authorized_keys", b"\n# injected\nssh-rsa AAAA owner\n")
        yield host.inject("/etc/banner", b"hello\0\xff")
        yield host.set_password(PASSWORD)
        yield host.ask("resetnetwork")

    answers, notes = talk(guest, make)
    assert answers[0] == ("0", __version__)
    assert {"password", "keyinit", "file_inject", "injectfile", "resetnetwork"} <= set(answers[1][1].split(","))
    assert answers[2:] == [("0", "")] * 4
    assert passwords(guest) == [f"root:{PASSWORD}\n"]
    assert (guest.text("/root/.ssh/authorized_keys"), guest.mode("/root/.ssh/authorized_keys")) == (
        "# injected\nssh-rsa AAAA owner\n", 0o600)  # fmt: skip
    assert guest.read("/etc/banner") == b"hello\0\xff"
    assert notes == []
    assert not [key for key in store.keys if key.startswith(("data/host", "data/guest"))]


def test_the_password_is_seen_nowhere(guest, store):
    talk(guest, lambda: [Nova(store, 5).set_password(PASSWORD)])
    assert PASSWORD not in "\n".join(map(str, guest.actions)) + "\n".join(guest.commands)


def test_keys_that_are_there_are_kept(guest, store):
    guest.put("/root/.ssh/authorized_keys", "ssh-ed25519 BBBB first", 0o600)
    for _ in range(2):
        talk(guest, lambda: [Nova(store, 5).inject("/root/.ssh/authorized_keys", b"ssh-rsa AAAA owner\n")])
    assert guest.text("/root/.ssh/authorized_keys") == "ssh-ed25519 BBBB first\nssh-rsa AAAA owner\n"


def test_a_packed_file_is_a_path_and_what_follows_the_comma(guest, store):
    packed = base64.b64encode(b"/etc/banner,a,b\n").decode()
    assert talk(guest, lambda: [Nova(store, 5).ask("injectfile", packed)])[0] == [("0", "")]
    assert guest.text("/etc/banner") == "a,b\n"


def test_nothing_is_waited_for_beyond_the_time(guest, store):
    assert nova_agent.listen(System(guest), look(guest.root), 0.0, 10.0) == 0


def answer(guest, name, value=""):
    return Conversation(System(guest)).answer(json.dumps({"name": name, "value": value}).encode())


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [("agentupdate", "http://x,1", "404"), ("kmsactivate", {}, "404"), ("password", "AAAA", "500"),
     ("keyinit", "0", "500"), ("keyinit", str(nova_agent.PRIME - 1), "500"), ("keyinit", "x" * 99, "500"),
     ("keyinit", None, "500"), ("injectfile", "%%%", "500"), ("file_inject", "[]", "500"),
     ("file_inject", {"b64_path": "Li4vZXRj", "b64_file": ""}, "500"),
     ("file_inject", {"b64_path": "L2V0Yw==", "b64_file": ""}, "500"), ("", "", "404")],
)  # fmt: skip
def test_what_cannot_be_done_is_answered_so(guest, name, value, code):
    assert answer(guest, name, value)["returncode"] == code


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"name": 1', b"\xff", b"[" * 5000])
def test_a_request_that_is_none_is_answered_so(guest, raw):
    assert Conversation(System(guest)).answer(raw)["returncode"] == "500"


@pytest.mark.parametrize("sealed", ["", "AAAA", base64.b64encode(bytes(16)).decode(), "%%%%"])
def test_a_password_that_cannot_be_read_is_not_set(guest, sealed):
    conversation = Conversation(System(guest))
    conversation.answer(json.dumps({"name": "keyinit", "value": "7"}).encode())
    told = conversation.answer(json.dumps({"name": "password", "value": sealed}).encode())
    assert (told["returncode"], passwords(guest)) == ("500", [])
    again = conversation.answer(json.dumps({"name": "password", "value": sealed}).encode())
    assert "no key was agreed upon" in again["message"]


def test_a_plan_answers_nobody(guest, store):
    store.keys["data/host/1"] = json.dumps({"name": "version", "value": "agent"}).encode()
    plan = Plan(guest)
    nova_agent.listen(System(plan), look(guest.root), 5.0, 5.0)
    assert "data/host/1" in store.keys
    assert [str(step.action) for step in plan.steps] == ["write data/guest/1 to xenstore",
                                                         "delete data/host/1 to xenstore"]  # fmt: skip


def signal():
    return rackspace.DATASOURCE.signals[0]


def test_a_host_has_time_to_ask_in_the_first_boot_only(guest, store, monkeypatch):
    waits, kept = [], {}
    monkeypatch.setattr(nova_agent, "listen", lambda system, host, first, then: waits.append(first))
    for about in ({}, {}, {"agent_seconds": 0}):
        asked = probe(look(guest.root), **about).but(notes=kept, remember=kept.__setitem__)
        signal().say(System(guest), asked, Instance("i-1"))
    assert waits == [30.0, 0.0]


def test_the_cipher_is_the_one_of_the_standard():
    key = bytes(range(16))
    sealed = bytes.fromhex("69c4e0d86a7b0430d8cdb78070b4c55a")  # FIPS 197, C.1
    plain = bytes.fromhex("00112233445566778899aabbccddeeff")
    assert aes._opened(sealed, aes._round_keys(key), aes._inverse()) == plain


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 100])
def test_openssl_seals_what_is_opened(length):
    key, start, plain = bytes(range(16)), bytes(range(16, 32)), bytes(length)
    words = ["openssl", "enc", "-aes-128-cbc", "-K", key.hex(), "-iv", start.hex()]
    sealed = subprocess.run(words, input=plain, capture_output=True, check=True).stdout
    assert aes.open_cbc(key, start, sealed) == plain
