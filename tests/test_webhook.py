"""Events posted to a real web server, which answers as it is told to."""

import json
import os
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cloudboot import webhook
from cloudboot.events import Events
from cloudboot.log import Log
from cloudboot.webhook import Poster

DATE = "Fri, 01 Jan 2038 00:00:00 GMT"


class Receiver(ThreadingHTTPServer):
    """``answers`` are statuses, one a request, then 200."""

    def __init__(self, port=0, answers=()):
        super().__init__(("127.0.0.1", port), Post)
        self.answers, self.events, self.signed, self.more = list(answers), [], [], threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server_port}/"

    def end(self):
        self.shutdown()
        self.server_close()


class Post(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.server.answers.pop(0) if self.server.answers else 200
        self.server.signed.append(self.headers.get("Authorization", ""))
        if status == 200:
            self.server.events.append(json.loads(body))
        self.send_response_only(status)
        self.send_header("Location", "http://127.0.0.1:9/")
        self.send_header("Date", DATE)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.more.set()

    def log_message(self, *about):
        pass


@pytest.fixture
def receiver():
    server = Receiver()
    yield server
    server.end()


def told(url, count=3, **about):
    """Tells so many events and closes; what was said of those that did not arrive."""
    log = Log(None)
    said = []
    log.warn = said.append
    events = Events()
    events.configure({"reporting": {"central": {"type": "webhook", "endpoint": url, **about}}}, log)
    for n in range(count):
        events.start(f"stage/{n}", "begins")
    events.close()
    return said


def test_every_event_arrives_in_order(receiver):
    assert told(receiver.url, 300) == []
    assert [event["name"] for event in receiver.events] == [f"stage/{n}" for n in range(300)]
    assert receiver.events[0]["event_type"] == "start" and receiver.events[0]["origin"] == "cloudboot"
    assert receiver.signed[0] == ""


@pytest.mark.parametrize(("retries", "arrived"), [(0, 2), (1, 3)])
def test_an_event_that_is_refused_is_posted_again_as_often_as_asked(receiver, retries, arrived, monkeypatch):
    monkeypatch.setattr(webhook, "PAUSE", 0.0)
    receiver.answers = [500]
    lost = told(receiver.url, retries=retries)
    assert len(receiver.events) == arrived
    assert lost == ([] if arrived == 3 else [f"reporting: 1 events of this boot did not reach {receiver.url}"])


def test_nobody_is_followed_elsewhere(receiver):
    receiver.answers = [302, 302, 302]
    assert told(receiver.url) == [f"reporting: 3 events of this boot did not reach {receiver.url}"]


def test_posts_are_signed_and_by_the_receivers_clock_where_it_refuses_ours(receiver):
    keys = {"consumer_key": "c&k", "token_key": "t", "token_secret": "t s", "consumer_secret": ""}
    receiver.answers = [401]
    assert told(receiver.url, 1, **keys) == []
    first, second = (
        {k: v.strip('"') for k, v in (f.split("=", 1) for f in s[6:].split(", "))} for s in receiver.signed
    )
    assert (first["oauth_consumer_key"], first["oauth_signature"]) == ("c%26k", "%26t%2520s")
    assert int(first["oauth_timestamp"]) < 2145916000 < int(second["oauth_timestamp"])
    assert first["oauth_nonce"] != second["oauth_nonce"]


def test_events_wait_for_a_receiver_that_is_not_there_yet():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    events = Events()
    events.configure({"reporting": {"a": {"type": "webhook", "endpoint": f"http://127.0.0.1:{port}/"}}}, Log(None))
    events.start("early", "before there is anybody")
    server = Receiver(port)
    assert server.more.wait(30)
    events.close()
    server.end()
    assert [event["name"] for event in server.events] == ["early"]


def test_one_who_is_never_there_costs_three_tries_at_the_end(monkeypatch):
    monkeypatch.setattr(webhook, "PAUSE", 0.0)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://user:secret@127.0.0.1:{taken.getsockname()[1]}/?key=secret"
        (said,) = told(url)
    assert said.startswith("reporting: 3 events of this boot did not reach http://127.0.0.1:")
    assert "secret" not in said


def test_one_who_never_answers_is_not_waited_for_beyond_the_bound():
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        events = Events()
        about = {"type": "webhook", "endpoint": f"http://127.0.0.1:{silent.getsockname()[1]}/", "timeout": 60}
        said, log = [], Log(None)
        log.warn = said.append
        events.configure({"reporting": {"a": about}}, log)
        events.start("one", "nobody answers")
        events.close(0.2)
    assert said[0].startswith("reporting: the last events of this boot did not reach http://127.0.0.1:")


def test_of_more_than_anybody_would_read_the_last_are_lost():
    source, write = os.pipe()
    poster = Poster({}, source)
    poster.waiting = [b"x"] * webhook.MOST_WAITING
    os.write(write, b"{}\n{}\n")
    poster._hear(1.0)
    os.close(write)
    os.close(source)
    assert (len(poster.waiting), poster.lost) == (webhook.MOST_WAITING, 2)


def test_one_who_speaks_no_http_loses_what_he_did_not_take_and_nothing_else(monkeypatch):
    monkeypatch.setattr(webhook, "PAUSE", 0.0)
    with socket.socket() as garbled:
        garbled.bind(("127.0.0.1", 0))
        garbled.listen()

        def answer():
            for _ in range(webhook.LAST_TRIES):
                peer, _ = garbled.accept()
                with peer:
                    peer.recv(65536)
                    peer.sendall(b"220 mail.example.org ESMTP\r\n")

        threading.Thread(target=answer, daemon=True).start()
        url = f"http://127.0.0.1:{garbled.getsockname()[1]}/"
        assert told(url, 1) == [f"reporting: 1 events of this boot did not reach {url}"]
