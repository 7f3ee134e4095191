"""Every way in which a metadata service goes wrong, by name.

    reset-on-accept     reset-in-head       reset-in-body       hang-up
    silence             slow-head           slow-body           delay:SECONDS
    truncated           length-too-long     length-too-short    length:TEXT         two-lengths
    chunks-garbled      chunks-endless      body-endless        head-endless        headers-endless
    continue-forever    not-http            http-0.9            encoded             html
    redirect:URL        redirect-loop       empty               huge:BYTES          body:TEXT
    STATUS[:retry-after=TEXT]
    throttle:RATE       so many requests a second are answered, the others with 503 and Retry-After
    flap:UP,DOWN        well for UP seconds, gone (connections reset) for DOWN, and so on from the first request

Each is a function of the client, the request and the right answer, and says whether the connection goes on.
"""

import contextlib
import gzip
import struct
import threading
import time
from socket import SO_LINGER, SOL_SOCKET

TICK = 0.01


class Client:
    """The other side of a connection: ``send`` to it, ``hold`` it until it or the server goes away."""

    def __init__(self, sock, stop, url):
        self._sock, self.stop, self.url = sock, stop, url

    def send(self, data):
        self._sock.sendall(data)

    def hold(self):
        self._sock.settimeout(None)
        with contextlib.suppress(OSError):
            while self._sock.recv(4096):
                pass
        return False

    def drip(self, data):
        """A byte at a time, as slowly as keeps a timer of each byte from running out."""
        for i in range(len(data)):
            if self.stop.wait(TICK):
                return False
            self.send(data[i : i + 1])
        return True

    def flood(self, piece):
        """The same again and again, until nobody listens."""
        with contextlib.suppress(OSError):
            while not self.stop.is_set():
                self.send(piece)
        return False

    def reset(self):
        self._sock.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        return False


def reset_on_accept(client, request, answer):
    """Done by the server, which sees connections before there is a request."""


def reset_in_head(client, request, answer):
    client.send(b"HTTP/1.1 200 OK\r\nContent-")
    return client.reset()


def reset_in_body(client, request, answer):
    client.send(answer.head(content_length=str(len(answer.body) + 10)) + answer.body[:1])
    return client.reset()


def hang_up(client, request, answer):
    return False


def silence(client, request, answer):
    return client.hold()


def slow_head(client, request, answer):
    return client.drip(answer.head() + b"x" * 10000)


def slow_body(client, request, answer):
    client.send(answer.head(content_length=str(len(answer.body) + 1000)))
    return client.drip(answer.body + b"x" * 1000)


def truncated(client, request, answer):
    body = answer.body or b"something"
    client.send(answer.head(content_length=str(len(body))) + body[: len(body) // 2])
    return False


def length_too_long(client, request, answer):
    client.send(answer.head(content_length=str(len(answer.body) + 5)) + answer.body)
    return False


def length_too_short(client, request, answer):
    body = answer.body + b"more"
    client.send(answer.head(content_length=str(len(body) - 3)) + body)
    return True


def two_lengths(client, request, answer):
    head = answer.head().replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n")
    client.send(head + answer.body)
    return True


def chunks_garbled(client, request, answer):
    client.send(answer.head(content_length=None, transfer_encoding="chunked") + b"5\r\nabcdefgh\r\nzz\r\n")
    return client.hold()


def chunks_endless(client, request, answer):
    client.send(answer.head(content_length=None, transfer_encoding="chunked"))
    return client.flood(b"1000\r\n" + b"x" * 4096 + b"\r\n")


def body_endless(client, request, answer):
    client.send(answer.head(content_length=None))
    return client.flood(b"x" * 65536)


def head_endless(client, request, answer):
    client.send(b"HTTP/1.1 200 OK\r\nX-Long: ")
    return client.flood(b"x" * 65536)


def headers_endless(client, request, answer):
    client.send(b"HTTP/1.1 200 OK\r\n")
    return client.flood(b"X-More: 1\r\n" * 1000)


def continue_forever(client, request, answer):
    return client.flood(b"HTTP/1.1 100 Continue\r\n\r\n")


def not_http(client, request, answer):
    client.send(b"\x16\x03\x01\x00\xa5\x01\x00" + bytes(range(256)) + b"\n")
    return client.hold()


def http_09(client, request, answer):
    client.send(answer.body + b"\n")
    return False


def encoded(client, request, answer):
    body = gzip.compress(b"\0" * 1000000)
    client.send(answer.head(content_length=str(len(body)), content_encoding="gzip") + body)
    return True


def html(client, request, answer):
    body = b"<!DOCTYPE html><html><body>Welcome to the guest network</body></html>"
    client.send(answer.head(content_length=str(len(body)), content_type="text/html") + body)
    return True


def redirect_loop(client, request, answer):
    client.send(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n" % request.target.encode())
    return True


def empty(client, request, answer):
    client.send(answer.head(content_length="0"))
    return True


def fault(text):
    """The fault of this name."""
    name, _, more = text.partition(":")
    plain = globals().get(name.replace("-", "_").replace(".", ""))
    if not more and callable(plain) and plain.__module__ == __name__ and plain is not fault:
        return plain
    if name.isdigit():
        return _status(int(name), more)
    if name == "length":
        return _with_head(content_length=more)
    if name == "redirect":
        return _with_head(status=302, location=more)
    if name == "delay":
        return _late(float(more))
    if name == "throttle":
        return _throttled(Bucket(float(more)))
    if name == "flap":
        return _flapping(*(float(part) for part in more.split(",")))
    if name == "huge":
        return _instead(b"x" * int(more))
    if name == "body":
        return _instead(more.encode())
    raise ValueError(f"no such fault: {text}")


def _status(status, more):
    def say(client, request, answer):
        after = f"Retry-After: {more.partition('=')[2]}\r\n" if more else ""
        date = "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
        body = "" if status in (204, 304) else "mock"
        client.send(f"HTTP/1.1 {status} Mock\r\n{date}{after}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        return True

    return say


def _with_head(status=None, **fields):
    def say(client, request, answer):
        answer.status = status or answer.status
        client.send(answer.head(**fields) + answer.body)
        return True

    return say


class Bucket:
    """Room for ``rate`` requests a second, a second's at once."""

    def __init__(self, rate):
        self.rate, self._room, self._at = rate, max(1, rate), time.monotonic()
        self._lock = threading.Lock()

    def take(self):
        """Is there room for one more?"""
        with self._lock:
            now = time.monotonic()
            self._room = min(max(1, self.rate), self._room + (now - self._at) * self.rate)
            self._at = now
            if self._room < 1:
                return False
            self._room -= 1
            return True


def _throttled(bucket):
    too_many = _status(503, "retry-after=1")

    def say(client, request, answer):
        return (well if bucket.take() else too_many)(client, request, answer)

    return say


def _flapping(up, down):
    began = []

    def say(client, request, answer):
        began[:] = began or [time.monotonic()]
        gone = (time.monotonic() - began[0]) % (up + down) >= up
        return client.reset() if gone else well(client, request, answer)

    return say


def well(client, request, answer):
    """No fault at all."""
    client.send(answer.head() + answer.body)
    return True


def _late(seconds):
    def say(client, request, answer):
        client.stop.wait(seconds)
        client.send(answer.head() + answer.body)
        return True

    return say


def _instead(body):
    def say(client, request, answer):
        answer.status, answer.body = 200, body
        client.send(answer.head() + body)
        return True

    return say
