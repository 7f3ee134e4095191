import socket
import threading
import time

import pytest

from cloudboot.errors import Invalid, Missing, Unreachable
from cloudboot.http import dial
from cloudboot.http.breaks import patience
from cloudboot.http.dial import origin
from cloudboot.http.service import Refused, Service
from cloudboot.http.wire import Reply
from tools.mock_cloud.server import Answer, Server

QUICK = {"budget": 0.15, "attempt": 0.05, "pause": 0.001}
WELL = {"budget": 5.0, "attempt": 2.0, "pause": 0.001}


def files(request):
    """A cloud that has two documents and an empty one."""
    known = {"/id": b"i-1", "/data": b"data " * 1000, "/empty": b""}
    return Answer(200, known[request.path]) if request.path in known else Answer(404, b"no")


@pytest.fixture
def server():
    with Server(files) as server:
        yield server


def service(server, **about):
    return Service("mock", [server.url], **{**WELL, **about})


def test_many_documents_come_over_one_connection(server):
    asked = service(server)
    assert [asked.get("/id"), asked.get("/data"), asked.get("/empty")] == [b"i-1", b"data " * 1000, b""]
    assert server.connections == asked.connections == 1


def test_a_connection_that_the_server_closed_in_between_is_made_anew():
    closing = Server(lambda request: Answer(200, b"x", {"Connection": "close"}))
    with closing as server:
        asked = service(server)
        assert asked.get("/a") + asked.get("/b") == b"xx"
        assert asked.connections == 2


def test_what_is_not_there_is_missing_and_is_asked_for_once(server):
    with pytest.raises(Missing):
        service(server).get("/other")
    assert service(server).find("/other") is None
    assert server.paths() == ["GET /other", "GET /other"]


@pytest.mark.parametrize("status", [400, 401, 403, 405, 418, 501])
def test_a_no_is_final(server, status):
    server.fault(str(status))
    with pytest.raises(Refused) as caught:
        service(server).get("/id")
    assert caught.value.status == status
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_status_that_will_pass_is_asked_again_until_it_has_passed(server, status):
    server.fault(str(status), times=3)
    assert service(server).get("/id") == b"i-1"
    assert len(server.requests) == 4


def test_a_status_that_stays_is_told_when_the_time_is_over(server):
    server.fault("503")
    with pytest.raises(Refused, match="answers 503"):
        service(server, **QUICK).get("/id")


def test_a_number_of_tries_may_be_set(server):
    server.fault("500")
    with pytest.raises(Refused):
        service(server, tries=3).get("/id")
    assert len(server.requests) == 3


BREAKING = [
    "reset-on-accept", "reset-in-head", "reset-in-body", "hang-up", "silence", "slow-head", "slow-body", "truncated",
    "length-too-long", "length-too-short", "length:-1", "length:junk", "length:99999999999999999999", "length:1, 2",
    "two-lengths", "chunks-garbled", "head-endless", "headers-endless", "continue-forever", "not-http", "http-0.9",
    "encoded",
]  # fmt: skip


@pytest.mark.parametrize("fault", BREAKING)
def test_an_answer_that_is_not_whole_is_never_taken_and_ends_in_time(server, fault):
    server.fault(fault, match="ACCEPT" if fault == "reset-on-accept" else "*")
    began = time.monotonic()
    with pytest.raises(Unreachable, match="mock"):
        service(server, **QUICK).get("/data")
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("fault", BREAKING)
def test_an_answer_that_is_whole_after_a_broken_one_is_taken(server, fault):
    server.fault(fault, match="ACCEPT" if fault == "reset-on-accept" else "*", times=2)
    assert service(server, attempt=0.05).get("/data") == b"data " * 1000


@pytest.mark.parametrize("fault", ["chunks-endless", "body-endless", "huge:70000"])
def test_a_body_without_measure_is_given_up_at_once(server, fault):
    server.fault(fault)
    with pytest.raises(Unreachable, match="larger than 64 KiB"):
        service(server).get("/data", most=65536)
    assert len(server.requests) == 1


def test_a_service_that_is_not_there_is_unreachable():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        gone = Service("mock", [f"http://127.0.0.1:{taken.getsockname()[1]}"], **QUICK)
        with pytest.raises(Unreachable, match="refused"):
            gone.get("/id")


def test_the_answer_of_a_chunked_body_is_put_together():
    def chunked(request):
        return Answer(200, b"5\r\nhello\r\n6;x=1\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n", {"Transfer-Encoding": "chunked"})

    with Server(chunked) as server:
        server.cloud = lambda request: _without_length(chunked(request))
        asked = service(server)
        assert asked.get("/a") + asked.get("/b") == b"hello worldhello world"
        assert asked.connections == 1


def _without_length(answer):
    answer.head = lambda: Answer.head(answer, content_length=None)
    return answer


def test_a_redirect_on_the_same_host_is_followed(server):
    server.fault("redirect:/id", match="GET /old")
    server.fault(f"redirect:{server.url}/id", match="GET /older")
    assert service(server).get("/old") == service(server).get("/older") == b"i-1"


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:1/id", "//127.0.0.1:1/id", "https://127.0.0.1/", "file:///etc/passwd", ""]
)
def test_a_redirect_to_another_host_is_refused(server, target):
    server.fault(f"redirect:{target}")
    with pytest.raises(Refused, match="elsewhere"):
        service(server).get("/id")


def test_a_token_is_not_shown_to_the_host_that_a_redirect_names(server):
    with Server(files) as thief:
        server.fault(f"redirect:{thief.url}/id")
        with pytest.raises(Refused):
            service(server, headers={"X-Token": "secret"}).get("/id")
        assert thief.requests == []
    assert server.requests[0].headers["x-token"] == "secret"


def test_a_redirect_that_leads_in_a_circle_ends(server):
    server.fault("redirect-loop")
    with pytest.raises(Refused, match="302"):
        service(server).get("/id")
    assert len(server.requests) == 4


def test_no_proxy_is_ever_used(server, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert service(server).get("/id") == b"i-1"


def test_the_service_is_reached_over_whichever_address_answers(server):
    both = Service("mock", ["http://127.0.0.1:1", server.url], **WELL)
    assert both.get("/id") == b"i-1"


def test_an_address_that_only_listens_loses_its_place_to_the_other(server):
    with Server(files) as deaf:
        deaf.fault("silence")
        assert Service("mock", [deaf.url, server.url], **{**WELL, "attempt": 0.05}).get("/id") == b"i-1"


def test_an_address_that_swallows_connections_delays_by_the_stagger_only(server, monkeypatch):
    monkeypatch.setattr(dial, "STAGGER", 0.001)
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        place = full.getsockname()
        with socket.create_connection(place):  # the queue of those who wait is now full
            both = Service("mock", [f"http://127.0.0.1:{place[1]}", server.url], **WELL)
            assert both.get("/id") == b"i-1"


def test_an_ipv6_address_is_asked_without_its_zone_in_the_host_header():
    with Server(files, host="::1") as server:
        asked = Service("mock", [f"http://[::1%25lo]:{server.port}"], **WELL)
        assert asked.get("/id") == b"i-1"
        assert server.requests[0].headers["host"] == f"[::1]:{server.port}"


def test_a_literal_address_never_meets_a_resolver(server, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", None)
    assert service(server).get("/id") == b"i-1"


def test_a_resolver_that_hangs_is_left_behind(monkeypatch):
    import threading

    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **more: over.wait(5) and [])
    with pytest.raises(Unreachable, match="not resolved in time"):
        Service("mock", ["http://data-server"], **QUICK).get("/id")
    over.set()


def test_a_service_on_a_unix_socket_is_asked_as_any_other(tmp_path):
    with Server(files, unix=str(tmp_path / "sock")) as server:
        assert service(server).get("/id") == b"i-1"


def test_what_is_waited_for_is_said_before_the_first_try_and_after_each_failure(server):
    said = []
    server.fault("503", times=2)
    service(server, waiting=lambda what, since: said.append((what, since))).get("/id")
    assert [what.partition(" (")[2] for what, _ in said] == [
        "",
        *[f"mock at 127.0.0.1:{server.port}: /id: it answers 503)"] * 2,
    ]
    assert len({since for _, since in said}) == 1


def test_headers_cannot_be_smuggled_in(server):
    with pytest.raises(Unreachable):
        service(server).get("/id", {"X-Token": "a\r\nX-Other: b"})
    with pytest.raises(Unreachable):
        service(server).get("/id HTTP/1.1\r\nX-Other: b")
    assert server.requests == []


DATE = "Thu, 01 Jan 2026 00:00:00 GMT"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("7", 7), ("86400", 86400), ("Thu, 01 Jan 2026 00:00:09 GMT", 9), ("Wed, 31 Dec 2025 00:00:00 GMT", 0)]
    + [(junk, None) for junk in ("", "-1", "inf", "nan", "1e9", "1.5", "soon", "Thu, soon", "٣")],
)
def test_retry_after_is_seconds_or_a_date_by_the_servers_clock_and_junk_is_nothing(text, seconds):
    assert patience(Reply(503, {"retry-after": text, "date": DATE})) == seconds


def test_a_server_that_wants_a_longer_break_than_there_is_time_is_not_waited_for(server):
    server.fault("503:retry-after=7")
    began = time.monotonic()
    with pytest.raises(Refused):
        service(server).get("/id")
    assert time.monotonic() - began < 20
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("url", "name", "zone"),
    [
        ("http://169.254.169.254", "169.254.169.254", ""),
        ("http://169.254.169.254:8080/base/", "169.254.169.254:8080", ""),
        ("http://[fd00:ec2::254]", "[fd00:ec2::254]", ""),
        ("http://[fe80::a9fe:a9fe%25eth0]:80/openstack", "[fe80::a9fe:a9fe]", "eth0"),
    ],
)
def test_a_url_names_an_origin(url, name, zone):
    assert (origin(url).name, origin(url).zone) == (name, zone)
    assert origin(origin(url).url) == origin(url)


@pytest.mark.parametrize(
    "url", ["", "169.254.169.254", "ftp://h", "http://", "http://u:p@h", "http://h:port", "http://h:0", "http://[::1"]
)
def test_anything_else_is_no_origin_and_its_password_is_not_shown(url):
    with pytest.raises(Invalid) as caught:
        origin(url)
    assert "u:p" not in str(caught.value)


def test_the_clients_port_is_the_first_of_those_allowed_that_is_free(server):
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen(1)
        with socket.socket() as free:
            free.bind(("0.0.0.0", 0))
            ports = [taken.getsockname()[1], free.getsockname()[1]]
        assert service(server, source_ports=ports).get("/id") == b"i-1"
    assert server.requests[0].port == ports[1]


ALL = ["/id", "/other", "/empty", "/data", "/id"]
THERE = [b"i-1", None, b"", b"data " * 1000, b"i-1"]


def test_several_documents_are_asked_for_at_the_same_time(server):
    server.latency = 0.2
    began = time.monotonic()
    assert service(server).find_all(ALL) == THERE
    assert time.monotonic() - began < 0.9
    assert (server.connections, len(server.requests)) == (1, 4), "none is asked for twice"


@pytest.mark.parametrize("fault", [*(f for f in BREAKING if f != "reset-on-accept"), "chunks-endless"])
def test_what_is_not_answered_well_among_several_is_asked_for_on_its_own(server, fault):
    server.fault(fault, match="GET /empty", times=1)
    assert service(server, attempt=0.2).find_all(ALL) == THERE


@pytest.mark.parametrize("status", [401, 403, 500])
def test_a_no_to_one_of_several_is_told_as_such(server, status):
    server.fault(str(status), match="GET /empty")
    with pytest.raises(Refused, match=f"/empty: it answers {status}"):
        service(server, tries=1).find_all(ALL)
    assert server.connections == 1


def test_a_server_that_takes_one_question_a_connection_is_asked_one_after_the_other():
    with Server(lambda request: Answer(200, request.path, {"Connection": "close"})) as server:
        asked = service(server)
        assert asked.find_all(["/a", "/b", "/c"]) == asked.find_all(["/a", "/b", "/c"]) == [b"/a", b"/b", b"/c"]
        assert [request.target for request in server.requests[-3:]] == ["/a", "/b", "/c"]


def test_a_service_that_goes_away_between_two_of_many_is_asked_for_the_rest_at_once_when_it_is_back(server):
    server.cloud, server.latency = lambda request: Answer(200, request.path), 0.1
    paths = [f"/{i}" for i in range(60)]
    server.fault("reset-in-body", match="GET /30", times=4)
    began = time.monotonic()
    assert service(server).find_all(paths) == [path.encode() for path in paths]
    assert time.monotonic() - began < 2.5, "one after the other they would have taken another 3 s"
    assert [request.target for request in server.requests if request.connection == 5] == paths[30:]


def test_more_documents_than_are_asked_for_at_once_all_come(server):
    server.cloud = lambda request: Answer(200, request.path)
    paths = [f"/{i}" for i in range(200)]
    assert service(server).find_all(paths) == [path.encode() for path in paths]
    assert server.connections == 1


def test_those_of_several_that_lead_elsewhere_are_followed_one_by_one_and_the_rest_asked_once():
    def answer(request):
        number = request.path.strip("/")
        return (
            Answer(301, b"", {"Location": "/x"})
            if number.isdigit() and int(number) % 2
            else Answer(200, number.encode())
        )

    with Server(answer) as server:
        found = service(server).find_all([f"/{n}" for n in range(30)])
    assert found == [b"x" if n % 2 else str(n).encode() for n in range(30)]
    assert len(server.requests) == 30 + 2 * 15


def forgetful(listener):
    """Answers the first two questions of each reading, and is silent about the others."""
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            questions = 1
            while questions:
                try:
                    questions = connection.recv(65536).count(b"\r\n\r\n")
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx" * min(questions, 2))
                except OSError:
                    break


def test_a_service_that_forgets_what_is_asked_at_once_is_not_given_all_the_time_there_is():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=forgetful, args=(listener,), daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        asked = Service("mock", [url], budget=30.0, attempt=0.2, pause=0.001)
        assert asked.find_all([f"/{n}" for n in range(40)]) == [b"x"] * 40
        assert asked.connections < 6, "twice it was waited for in vain"
        asked.close()
