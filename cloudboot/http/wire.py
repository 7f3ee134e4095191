"""HTTP/1.1 on one connection, read strictly: every length is checked, everything is bounded, all ends at a deadline.

``http.client`` would cost every boot 25 ms to import. Its timeouts begin anew with each byte, and a length that is
negative, doubled or garbled means "until the end" to it, so that half a document passes for a whole one.
"""

from __future__ import annotations

from time import monotonic

from cloudboot.errors import Unreachable
from cloudboot.noun import TYPE_CHECKING, Noun

if TYPE_CHECKING:
    from socket import socket
    from typing import Dict, Mapping, Sequence

MOST_HEAD = 64 << 10
MOST_LINE = 1 << 10
MOST_INTERIM = 8
PIECE = 64 << 10
WITHOUT_BODY = (204, 304)


class Broken(Unreachable):
    """The connection failed, or what came is not a whole answer. Asking again may help."""


class TooLarge(Unreachable):
    """The answer is larger than anything that is right."""


class Reply(Noun):
    """A whole answer. ``headers`` by their names in lower case; of several with one name, the last."""

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""
    keep: bool = False


class Wire:
    """One connection to ``host`` (as the Host header names it)."""

    def __init__(self, sock: socket, host: str) -> None:
        self._sock, self._host = sock, host
        self._buffer = bytearray()
        self._head_left = 0

    def close(self) -> None:
        self._sock.close()

    @property
    def idle(self) -> bool:
        """Is it open, with nothing said that was not asked for?"""
        self._sock.settimeout(0)
        try:
            self._sock.recv(1)
        except BlockingIOError:
            return not self._buffer
        except OSError:
            pass
        return False

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes, deadline: float, most: int) -> Reply:
        """One request and its answer. ``deadline`` is on the monotonic clock, ``most`` bytes are taken as a body.

        Raises `Broken` and `TooLarge`; the connection is of no more use then.
        """
        self._send(self._request(method, path, headers, body), deadline)
        return self.hear(method, deadline, most)

    def pose(self, paths: Sequence[str], headers: Mapping[str, str], deadline: float) -> None:
        """Asks for all of these at once; their answers are to be heard in this order. Raises as `ask`."""
        self._send(b"".join(self._request("GET", path, headers, b"") for path in paths), deadline)

    def hear(self, method: str, deadline: float, most: int, more: bool = False) -> Reply:
        """The next answer; is ``more`` to follow? Raises as `ask`."""
        self._head_left = MOST_HEAD
        for _ in range(MOST_INTERIM):
            version, status = self._status(deadline)
            fields = self._fields(deadline)
            if status >= 200:
                break
        else:
            raise Broken("it says only that an answer will come")
        if method == "HEAD" or status in WITHOUT_BODY:
            content, whole = b"", True
        else:
            content, whole = self._body(fields, deadline, most)
        if self._buffer and not more:
            raise Broken("more came than the length that was announced")
        keep = whole and version == "HTTP/1.1" and "close" not in fields.get("connection", "").lower()
        return Reply(status, fields, content, keep)

    def _request(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> bytes:
        lines = {"Host": self._host, "User-Agent": "cloudboot", "Accept": "*/*", **headers}
        if body or method in ("PUT", "POST", "PATCH"):
            lines["Content-Length"] = str(len(body))
        text = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        if text.count("\n") != len(lines) + 1 or " " in path:
            raise Unreachable("a line break or blank in a request", "look at the URL and headers that are configured")
        return text.encode("latin-1", "replace") + b"\r\n" + body

    def _send(self, data: bytes, deadline: float) -> None:
        self._sock.settimeout(_left(deadline))
        try:
            self._sock.sendall(data)
        except OSError as problem:
            raise Broken(_why(problem)) from None

    def _more(self, deadline: float) -> bool:
        """Waits for more bytes; False when there will be none."""
        self._sock.settimeout(_left(deadline))
        try:
            data = self._sock.recv(PIECE)
        except OSError as problem:
            raise Broken(_why(problem)) from None
        self._buffer += data
        return bool(data)

    def _line(self, deadline: float) -> str:
        seen = 0
        while True:
            end = self._buffer.find(b"\n", seen)
            seen = len(self._buffer)
            if (end if end >= 0 else seen) >= self._head_left:
                raise Broken("the head of its answer has no end")
            if end >= 0:
                break
            if not self._more(deadline):
                raise Broken("it hung up before its answer was whole" if self._buffer else "it hung up")
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        self._head_left -= end + 1
        return line.rstrip(b"\r").decode("latin-1")

    def _status(self, deadline: float) -> tuple[str, int]:
        version, _, rest = self._line(deadline).partition(" ")
        code = rest[:3]
        if version not in ("HTTP/1.1", "HTTP/1.0") or not _number(code) or rest[3:4] not in ("", " "):
            raise Broken("what it says is not HTTP")
        return version, int(code)

    def _fields(self, deadline: float) -> Dict[str, str]:
        fields: Dict[str, str] = {}
        last = ""
        while True:
            line = self._line(deadline)
            if not line:
                return fields
            if line[0] in " \t" and last:
                fields[last] += " " + line.strip()
                continue
            name, colon, value = line.partition(":")
            last, value = name.lower(), value.strip()
            if not colon or not name or name != name.strip():
                raise Broken("a header of its answer is garbled")
            if last == "content-length" and fields.get(last, value) != value:
                raise Broken("its answer has two lengths")
            fields[last] = value

    def _body(self, fields: Mapping[str, str], deadline: float, most: int) -> tuple[bytes, bool]:
        """The body, and whether the connection can be used again after it."""
        if fields.get("content-encoding", "identity").lower() != "identity":
            raise Broken("its answer is encoded, which was not asked for")
        transfer, length = fields.get("transfer-encoding"), fields.get("content-length")
        if transfer is not None:
            if transfer.lower() != "chunked" or length is not None:
                raise Broken("the length of its answer is garbled")
            return self._chunks(deadline, most), True
        if length is not None:
            if not _number(length) or len(length) > 18:
                raise Broken("the length of its answer is garbled")
            return self._exactly(int(length), deadline, most), True
        while self._more(deadline):
            if len(self._buffer) > most:
                raise TooLarge("its answer is too large")
        return self._take(len(self._buffer)), False

    def _exactly(self, length: int, deadline: float, most: int) -> bytes:
        if length > most:
            raise TooLarge("its answer is too large")
        while len(self._buffer) < length:
            if not self._more(deadline):
                raise Broken("its answer is shorter than announced")
        return self._take(length)

    def _chunks(self, deadline: float, most: int) -> bytes:
        body = bytearray()
        while True:
            self._head_left = MOST_LINE
            size = self._line(deadline).partition(";")[0].strip()
            if not size or len(size) > 15 or size.strip("0123456789abcdefABCDEF"):
                raise Broken("a piece of its answer has no length")
            if int(size, 16) == 0:
                break
            body += self._exactly(int(size, 16), deadline, most - len(body))
            if self._line(deadline):
                raise Broken("a piece of its answer is longer than announced")
        self._head_left = MOST_HEAD
        self._fields(deadline)
        return bytes(body)

    def _take(self, length: int) -> bytes:
        data = bytes(self._buffer[:length])
        del self._buffer[:length]
        return data


def _left(deadline: float) -> float:
    left = deadline - monotonic()
    if left <= 0:
        raise Broken("no whole answer came in time")
    return left


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _why(problem: OSError) -> str:
    if isinstance(problem, TimeoutError) or problem.args[:1] == ("timed out",):
        return "no whole answer came in time"
    return f"the connection failed: {problem.strerror or problem}"
