import argparse
import json
import socket
import subprocess
import sys
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path

import pytest

from cloudboot.media import open_media
from tests import needs
from tools import clouds
from tools.boots import onto
from tools.mock_cloud import command
from tools.mock_cloud.ec2 import Ec2, example
from tools.mock_cloud.faults import fault
from tools.mock_cloud.server import Answer, Server

COMMAND = [sys.executable, str(Path(__file__).resolve().parent.parent.parent / "tools/mock-cloud")]


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


def statuses(server, times, path="/a"):
    """What is said to so many requests, one after the other; 0 for a hang-up."""
    found = []
    for _ in range(times):
        client = HTTPConnection(server.host, server.port, timeout=5)
        try:
            client.request("GET", path)
            found.append(client.getresponse().status)
        except (ConnectionResetError, RemoteDisconnected):
            found.append(0)
        client.close()
    return found


def test_a_throttled_service_answers_a_second_s_worth_at_once_and_the_rest_not(server):
    server.fault("throttle:3")
    assert statuses(server, 5) == [200, 200, 200, 503, 503]


def test_a_service_that_flaps_is_gone_and_comes_back(server):
    server.fault("flap:0,1000")
    assert statuses(server, 2) == [0, 0]
    server.well()
    server.fault("flap:1000,1")
    assert statuses(server, 2) == [200, 200]


def test_answers_that_are_long_under_way_arrive_together_when_they_were_asked_for_together():
    with Server(lambda request: Answer(200, request.path), latency=0.2) as server:
        with socket.create_connection((server.host, server.port), 5) as sock:
            sock.sendall(b"".join(b"GET /%d HTTP/1.1\r\n\r\n" % i for i in range(50)))
            said = b""
            while b"/49" not in said:
                said += sock.recv(65536)
        times = [request.at for request in server.requests]
    assert said.count(b"200 Mock") == 50
    assert times[-1] - times[0] < 0.2  # the last was heard before the first was answered


def test_a_token_passes_as_many_routers_as_the_instance_allows():
    with Server(Ec2(example(), hops=1)) as server, socket.socket() as sock:
        sock.setsockopt(socket.IPPROTO_IP, 21, 2)  # IP_MINTTL: what a router more would leave of it
        sock.settimeout(0.3)
        sock.connect((server.host, server.port))
        head = b"HTTP/1.1\r\nX-aws-ec2-metadata-token-ttl-seconds: 60\r\n\r\n"
        sock.sendall(b"GET /latest/ " + head)
        assert b"401" in sock.recv(4096)
        sock.sendall(b"PUT /latest/api/token " + head)
        with pytest.raises(TimeoutError):
            sock.recv(4096)
        assert server.requests[-1].method == "PUT"


def test_the_command_serves_a_cloud_until_it_is_told_to_quit():
    options = ["--id", "i-0given", "--fault", "503:retry-after=7 @GET */ami-id x1"]
    with subprocess.Popen(
        [*COMMAND, "ec2", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        host, _, port = process.stdout.readline().strip().rpartition("/")[2].partition(":")
        client = HTTPConnection(host, int(port), timeout=5)
        client.request("PUT", "/latest/api/token", headers={"X-aws-ec2-metadata-token-ttl-seconds": "60"})
        headers = {"X-aws-ec2-metadata-token": client.getresponse().read().decode()}
        said = []
        for name in ("instance-id", "ami-id", "ami-id"):
            client.request("GET", f"/latest/meta-data/{name}", headers=headers)
            said.append(client.getresponse())
            said[-1] = (said[-1].status, said[-1].read())
        client.close()
        _, told = process.communicate("quit\n", timeout=10)
    assert said == [(200, b"i-0given"), (503, b"mock"), (200, b"ami-mock")]
    assert "GET /latest/meta-data/instance-id" in told
    assert told.endswith("4 requests, 1 connections\n")
    assert process.returncode == 0


def test_a_cloud_that_is_not_asked_over_http_misbehaves_in_its_own_way(tmp_path):
    cloud = clouds.cloud("rackspace")
    given = argparse.Namespace(fault=["EIO"])
    with command.serving(cloud, clouds.Wishes(hostname="web7"), given, str(tmp_path / "xenstore")) as server:
        command.misbehave(server, "hang-up")
        assert server.faults == ["EIO", "hang-up"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["atlantis"], "no such cloud: atlantis; there are "),
        ([], "which cloud?"),
        (["ec2", "--fault", "kaputt"], "no such fault: kaputt; --faults"),
        (["ec2", "--user-data", "/nowhere"], "/nowhere does not exist"),
    ],
)
def test_a_wrong_word_is_told_with_what_would_be_right(words, said):
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert said in done.stderr


def test_a_cloud_that_attaches_a_disk_has_its_documents_on_it(tmp_path):
    needs.program("genisoimage")
    wishes = clouds.Wishes(id="7b1f0c3e-0000-4000-8000-00000000a009", hostname="db9")
    (image,) = onto.options(clouds.cloud("configdrive"), wishes, tmp_path)["media"]
    with open(image, "rb") as file:
        medium = open_media(file.fileno())
        meta = json.loads(medium.read("openstack/latest/meta_data.json"))
    assert (meta["uuid"], meta["hostname"]) == (wishes.id, "db9")


@pytest.mark.parametrize("name", clouds.names())
def test_each_cloud_is_one_that_a_machine_can_be_on(name):
    cloud = clouds.cloud(name)
    assert cloud.name == name
    assert cloud.title
    assert cloud.answers or cloud.start or cloud.media
    assert set(cloud.firmware(clouds.Wishes())) <= {0, 1, 2, 3, 4, 11, 17}
