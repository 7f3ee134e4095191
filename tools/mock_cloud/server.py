"""A small HTTP server over raw sockets, so that an answer can be wrong in every way that a real one can be."""

import contextlib
import fnmatch
import os
import queue
import socket
import struct
import threading
import time

from tools.mock_cloud import faults

HOPS = 64  # where nobody says less


class Request:
    """What a client asked. ``headers`` by their names in lower case; ``connection`` counts from 1."""

    def __init__(self, method, path, headers, body, connection, port):
        self.method, self.target, self.headers, self.body = method, path, headers, body
        self.path, _, self.query = path.partition("?")
        self.connection, self.port, self.at = connection, port, time.monotonic()

    def __repr__(self):
        return f"{self.method} {self.target}"


class Answer:
    """What a cloud says to a request; ``hops`` is how many routers its packets may pass, 0 for as many as there are."""

    def __init__(self, status=200, body=b"", headers=None, hops=0):
        self.status, self.headers, self.hops = status, dict(headers or {}), hops
        self.body = body.encode() if isinstance(body, str) else body

    def head(self, **instead):
        """Status line and headers; ``instead`` replaces one, None leaves it out."""
        fields = {"Content-Type": "text/plain", "Content-Length": str(len(self.body)), **self.headers}
        fields.update({k.replace("_", "-").title(): v for k, v in instead.items()})
        lines = [f"HTTP/1.1 {self.status} Mock", *(f"{k}: {v}" for k, v in fields.items() if v is not None)]
        return "\r\n".join(lines).encode() + b"\r\n\r\n"


class Server:
    """Serves ``cloud``, a function from a `Request` to an `Answer`, until it is closed.

    ``requests`` is all that was asked, in order; ``connections`` how many connections there were. ``latency`` is how
    many seconds each answer is under way, however many are; ``heard(request)`` hears of each request.
    """

    def __init__(self, cloud, host="127.0.0.1", port=0, unix=None, latency=0, heard=None):
        self.cloud, self.requests, self.connections = cloud, [], 0
        self.latency, self.heard = latency, heard or (lambda request: None)
        self.rules, self.unix = [], unix
        self.stop = threading.Event()
        self._lock, self._open = threading.Lock(), set()
        if unix:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(unix)
        else:
            self._listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._listener.bind((host, port))
        self._listener.listen(1024)
        self.host, self.port = host, None if unix else self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def url(self):
        if self.unix:
            return f"unix://{self.unix}"
        return f"http://[{self.host}]:{self.port}" if ":" in self.host else f"http://{self.host}:{self.port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def fault(self, fault, match="*", times=None, after=0):
        """Misbehaves: ``fault`` is a text such as ``503:retry-after=7`` (see `faults`), ``match`` a pattern for
        ``METHOD PATH``; the first ``after`` matching requests are served well, then ``times`` are not."""
        self.rules.append([faults.fault(fault), match, times, after])
        return self

    def well(self):
        """Misbehaves no more."""
        with self._lock:
            self.rules.clear()

    def close(self):
        self.stop.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        if self.unix:
            with contextlib.suppress(OSError):
                os.unlink(self.unix)

    def paths(self):
        """What was asked, as ``METHOD PATH``."""
        return [f"{r.method} {r.target}" for r in self.requests]

    def _accept(self):
        while not self.stop.is_set():
            try:
                sock, peer = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            if self._rule("ACCEPT") is not None:
                reset(sock)
                continue
            port = peer[1] if isinstance(peer, tuple) else 0
            threading.Thread(target=self._serve, args=(sock, self.connections, port), daemon=True).start()

    def _rule(self, text):
        with self._lock:
            for rule in self.rules:
                fault, match, times, after = rule
                if not fnmatch.fnmatchcase(text, match) or (text == "ACCEPT") != (fault is faults.reset_on_accept):
                    continue
                if after:
                    rule[3] -= 1
                elif times is None or times > 0:
                    rule[2] = None if times is None else times - 1
                    return fault
        return None

    def _serve(self, sock, number, port):
        with self._lock:
            self._open.add(sock)
        try:
            with contextlib.suppress(OSError), sock.makefile("rb") as reader:
                if not self.unix:
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                way = Late(sock, self.latency) if self.latency else sock
                with way if self.latency else contextlib.nullcontext():
                    while not self.stop.is_set():
                        request = read(reader, number, port)
                        if request is None or not self._one(way, request):
                            break
        finally:
            with self._lock:
                self._open.discard(sock)
            sock.close()

    def _one(self, sock, request):
        """Answers one request; whether the connection goes on."""
        with self._lock:
            self.requests.append(request)
        self.heard(request)
        fault = self._rule(f"{request.method} {request.target}")
        answer = self.cloud(request)
        keep = "close" not in request.headers.get("connection", "")
        if fault is not None:
            return fault(faults.Client(sock, self.stop, self.url), request, answer) and keep
        if not self.unix:
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, answer.hops or HOPS)
        sock.sendall(answer.head() + (b"" if request.method == "HEAD" else answer.body))
        return keep


class Late:
    """A socket whose answers are each ``seconds`` under way, as on a long line: those to requests that came together
    arrive together."""

    def __init__(self, sock, seconds):
        self._sock, self._seconds = sock, seconds
        self._under_way = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._arrive, daemon=True)

    def __getattr__(self, name):
        return getattr(self._sock, name)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._under_way.put(None)
        self._thread.join()

    def sendall(self, data):
        self._under_way.put((time.monotonic() + self._seconds, data))

    def _arrive(self):
        with contextlib.suppress(OSError):
            for due, data in iter(self._under_way.get, None):
                time.sleep(max(0, due - time.monotonic()))
                self._sock.sendall(data)


def read(reader, number, port):
    """The next request on a connection, None at its end."""
    line = reader.readline(65536).decode("latin-1").split()
    if len(line) != 3:
        return None
    headers = {}
    while True:
        field = reader.readline(65536).decode("latin-1").strip()
        if not field:
            break
        name, _, value = field.partition(":")
        headers[name.lower()] = value.strip()
    body = reader.read(int(headers.get("content-length", 0)))
    return Request(line[0], line[1], headers, body, number, port)


def reset(sock):
    """Closes with RST instead of FIN."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
