import socket
from http.client import HTTPConnection

import pytest

from tools.mock_cloud.faults import fault
from tools.mock_cloud.server import Answer, Server


@pytest.fixture
def server():
    with Server(lambda request: Answer(200, f"{request.method} {request.path}")) as server:
        yield server


def raw(server, path="/a", size=65536):
    """All the bytes that the server says to one request, until it hangs up or ``size`` have come."""
    data = b""
    with socket.create_connection((server.host, server.port), 5) as sock:
        sock.sendall(b"GET %s HTTP/1.1\r\nConnection: close\r\n\r\n" % path.encode())
        while len(data) < size:
            piece = sock.recv(4096)
            if not piece:
                break
            data += piece
    return data


def test_a_real_client_reads_its_answers_over_one_connection(server):
    client = HTTPConnection(server.host, server.port, timeout=5)
    for method, path in (("GET", "/a"), ("PUT", "/b")):
        client.request(method, path, body=b"x" if method == "PUT" else None)
        assert client.getresponse().read() == f"{method} {path}".encode()
    client.close()
    assert (server.paths(), server.connections) == (["GET /a", "PUT /b"], 1)


def test_a_fault_comes_as_often_and_as_late_as_asked_and_only_where_it_matches(server):
    server.fault("503:retry-after=7", match="GET /a", times=2, after=1)
    first = [raw(server).split(b"\r\n")[0] for _ in range(4)]
    assert [line.split()[1] for line in first] == [b"200", b"503", b"503", b"200"]
    assert b"Retry-After: 7" not in raw(server, "/b")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("truncated", b"Content-Length: 6\r\n\r\nGET"),
        ("length-too-long", b"Content-Length: 11\r\n\r\nGET /a"),
        ("length-too-short", b"Content-Length: 7\r\n\r\nGET /amore"),
        ("length:-1", b"Content-Length: -1\r\n"),
        ("two-lengths", b"Content-Length: 6\r\nContent-Length: 3\r\n"),
        ("chunks-endless", b"Transfer-Encoding: chunked\r\n\r\n1000\r\nxxx"),
        ("body-endless", b"\r\n\r\nxxxx"),
        ("head-endless", b"X-Long: xxx"),
        ("headers-endless", b"X-More: 1\r\nX-More: 1\r\n"),
        ("continue-forever", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue"),
        ("encoded", b"Content-Encoding: gzip"),
        ("redirect:file:///etc/passwd", b"Location: file:///etc/passwd"),
        ("redirect-loop", b"Location: /a"),
        ("429:retry-after=nan", b"429 Mock\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nRetry-After: nan"),
        ("body:{}", b"Content-Length: 2\r\n\r\n{}"),
        ("html", b"<!DOCTYPE html>"),
        ("empty", b"Content-Length: 0\r\n\r\n"),
    ],
)
def test_each_fault_is_wrong_in_its_own_way(server, name, said):
    server.fault(name)
    assert said in raw(server, size=5000)


@pytest.mark.parametrize("name", ["reset-on-accept", "reset-in-head", "reset-in-body"])
def test_a_reset_is_no_orderly_end(server, name):
    server.fault(name, match="ACCEPT" if name == "reset-on-accept" else "*")
    with pytest.raises(ConnectionResetError):
        raw(server)


def test_a_fault_that_does_not_exist_is_a_mistake():
    with pytest.raises(ValueError, match="no such fault"):
        fault("kaputt")
