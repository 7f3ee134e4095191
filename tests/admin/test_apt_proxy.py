import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudboot.admin import apt_proxy
from cloudboot.admin.apt_proxy import SRV, A, Search, answer, hosts, question, resolver
from cloudboot.system.door import System
from tests import kit

LAB = "_apt_proxy._tcp.lab.example"


def encoded(name):
    return b"".join(bytes((len(label),)) + label.encode() for label in name.split(".")) + b"\0"


def record(owner, kind, data):
    return encoded(owner) + bytes((0, kind, 0, 1)) + b"\0\0\0\x3c" + len(data).to_bytes(2, "big") + data


def address(owner, text="127.0.0.1"):
    return record(owner, A, bytes(int(part) for part in text.split(".")))


def service(owner, target, port):
    return record(owner, SRV, b"\0\1\0\1" + port.to_bytes(2, "big") + encoded(target))


@pytest.fixture
def names():
    """A name server on loopback: its address, and what it answers, by name and kind."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    known = {}

    def serve():
        while True:
            asked, client = sock.recvfrom(512)
            if asked == b"end":
                return
            name, at = apt_proxy._name(asked, 12)
            records = known.get((name, asked[at + 1]), [])
            head = asked[:2] + b"\x81\x80\0\1" + len(records).to_bytes(2, "big") + b"\0\0\0\0"
            sock.sendto(head + asked[12:] + b"".join(records), client)

    thread = threading.Thread(target=serve)
    thread.start()
    yield sock.getsockname(), known
    sock.sendto(b"end", sock.getsockname())
    thread.join()
    sock.close()


@pytest.fixture
def listener(monkeypatch):
    """The port of a proxy on loopback, which is that of all proxies now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setattr(apt_proxy, "PORT", server.getsockname()[1])
        yield server.getsockname()[1]


def test_a_record_of_the_domain_names_host_and_port(names, listener):
    server, known = names
    known[LAB, SRV] = [service(LAB, "cache.lab.example", listener)]
    known["cache.lab.example", A] = [address("cache.lab.example")]
    assert Search([server], [LAB], []).run({}, 5) == f"http://cache.lab.example:{listener}/"
    known[LAB, SRV].append(address("cache.lab.example"))
    del known["cache.lab.example", A]
    assert Search([server], [LAB], []).run({}, 5) == f"http://cache.lab.example:{listener}/"


def test_the_record_is_preferred_to_a_host(names, listener):
    server, known = names
    known[LAB, SRV] = [service(LAB, "cache.lab.example", listener), address("cache.lab.example")]
    search = Search([server], [LAB], ["apt-proxy"])
    assert search.run({"apt-proxy": "127.0.0.1"}, 5) == f"http://cache.lab.example:{listener}/"


def test_a_host_of_the_name_counts_when_it_listens(names, listener):
    server, known = names
    known["archive.local", A] = [address("archive.local")]
    assert Search([server], [LAB], ["archive.local"]).run({}, 0.2) == f"http://archive.local:{listener}/"


def test_nobody_there_is_no_proxy(names):
    server, known = names
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    known[LAB, SRV] = [service(LAB, "x", port), address("x")]
    assert Search([server], [LAB], ["apt-proxy"]).run({}, 0.1) == ""
    assert Search([], [LAB], ["apt-proxy"]).run({}, 5) == ""


def test_it_starts_from_the_files_of_the_machine(tmp_path, listener):
    machine = kit.Machine(tmp_path, files={"/etc/hosts": "127.0.0.1 localhost apt-proxy # here\n"})
    assert apt_proxy.find(System(machine), "lab.example") == f"http://apt-proxy:{listener}/"


def test_files_of_the_resolver():
    text = "# x\nnameserver 192.0.2.1\nnameserver fe80::1%eth0\nsearch a.example b.example.\ndomain c\n"
    assert resolver(text) == (["192.0.2.1"], ["a.example", "b.example", "c"])
    assert hosts("192.0.2.1 a b\n#192.0.2.2 c\n\n192.0.2.3 a\n") == {"a": "192.0.2.1", "b": "192.0.2.1"}


@given(st.binary(max_size=80))
def test_what_is_no_answer_is_said_to_be_none(noise):
    for message in (noise, question("a.example", A)[:2] + b"\x81\x80\0\1\0\x09\0\0\0\0" + noise):
        try:
            name, records = answer(message)
        except (ValueError, IndexError):
            continue
        assert isinstance(name, str)
        assert all(kind in (A, SRV) for _, kind, _, _ in records)


@pytest.mark.parametrize("host", ["127.0.0.1", "cache.lab.example", "known"])
def test_the_url_that_is_named_is_preferred_where_it_answers(names, listener, host):
    at, known = names
    known["cache.lab.example", A] = [address("cache.lab.example")]
    known["apt-proxy", A] = [address("apt-proxy")]
    url = f"http://user:word@{host}:{listener}/path"
    assert Search([at], [LAB], ["apt-proxy"], url).run({"known": "127.0.0.1"}, 5.0) == url


@pytest.mark.parametrize(
    "first", ["http://127.0.0.1:1/", "http://nowhere.example/", "http://[::1", "nothing", "http://:x/"]
)
def test_one_that_does_not_answer_is_passed_over(names, listener, first):
    at, known = names
    known["apt-proxy", A] = [address("apt-proxy")]
    assert Search([at], [LAB], ["apt-proxy"], first).run({}, 0.5) == f"http://apt-proxy:{listener}/"
