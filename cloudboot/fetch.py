"""Addresses that people write: http, https, ftp, ftps, file, and plain paths.

TLS is always checked; proxies are those of the environment. A redirect is followed three times at most, never from
https to http, and takes the given headers and the password along only to the same origin. Every wait has a deadline and
every body a bound. A metadata service is not asked with this but with `cloudboot.http`.
"""

from __future__ import annotations

import os
import time

from cloudboot import __version__
from cloudboot.errors import CloudbootError, Invalid, Missing, Uninstalled, Unreachable
from cloudboot.noun import TYPE_CHECKING
from cloudboot.text import safe_url

if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Mapping, Optional, Tuple, TypeVar

    from cloudboot.values import FileView

    Result = TypeVar("Result")

MOST_REDIRECTS = 3
MOST_PAUSE = 30.0
WHOLE = 30
"""How many times a try's timeout its whole body may take."""
KNOWN = "http://, https://, ftp://, ftps://, file:// or an absolute path"


class _Again(Exception):
    """This try failed; another may not. ``after``: how many seconds the server asks to wait."""

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = min(after, MOST_PAUSE)


def fetch(url: str, headers: Optional[Mapping[str, str]] = None, body: bytes = b"", *, method: str = "", tries: int = 3,
          pause: float = 3.0, timeout: float = 10.0, most: int = 64 << 20,
          files: Optional[FileView] = None) -> bytes:  # fmt: skip
    """What is at an address. ``body`` makes it a POST, or what ``method`` says; ``files`` is where a path leads.

    Each of at most ``tries`` has to answer within ``timeout`` seconds; between them are about ``pause`` seconds. Raises
    `Missing` where there is nothing, `Unreachable`, and `Invalid` for an address that is none or a body of more than
    ``most`` bytes.
    """
    if url.startswith("/"):
        return _file(url, url, files, most)
    from urllib.parse import unquote, urlsplit

    try:
        if any(c <= " " or c == "\x7f" for c in url):  # some releases of Python drop them without a word
            raise ValueError
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = None, None
    if parts is None or not url.isprintable():
        raise Invalid("an address is not a URL", f"write {KNOWN}")
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return _file(unquote(parts.path), url, files, most)
    if parts.scheme not in ("http", "https", "ftp", "ftps") or not parts.hostname:
        raise Invalid(f"{safe_url(url)} is no address that can be fetched", f"write {KNOWN}")
    user = (unquote(parts.username or ""), unquote(parts.password or ""))

    def once() -> bytes:
        if parts.scheme in ("ftp", "ftps"):
            return _ftp(parts.scheme, parts.hostname or "", port or 21, user, unquote(parts.path), timeout, most)
        return _http(url, user, dict(headers or {}), body, method, timeout, most)

    return _patiently(once, url, tries, pause)


def _patiently(once: Callable[[], bytes], url: str, tries: int, pause: float) -> bytes:
    """Tries until it succeeds or there is no more trying. Pauses differ by up to half, so that a thousand machines that
    start together do not ask together."""
    for left in range(max(1, tries) - 1, -1, -1):
        try:
            return once()
        except _Again as problem:
            if not left:
                raise Unreachable(f"{safe_url(url)}: {problem}", "look whether the address is right and its server up")
            time.sleep(max(problem.after, pause * (0.5 + os.urandom(1)[0] / 255)))
    raise AssertionError("unreachable")


def _file(path: str, url: str, files: Optional[FileView], most: int) -> bytes:
    if files is not None:
        data = files.read(path, most)
        if data is None:
            raise Missing(f"{safe_url(url)}: there is no such file")
        return data
    try:
        with open(path, "rb") as file:
            data = file.read(most + 1)
    except FileNotFoundError:
        raise Missing(f"{safe_url(url)}: there is no such file") from None
    except OSError as problem:
        raise Unreachable(f"{safe_url(url)} cannot be read: {problem.strerror}") from None
    if len(data) > most:
        raise _too_large(url, most)
    return data


def _http(url: str, user: Tuple[str, str], headers: Dict[str, str], body: bytes, method: str, timeout: float,
          most: int) -> bytes:  # fmt: skip
    try:
        import requests
    except ImportError:
        raise Uninstalled("requests", "python3-requests") from None
    method = method or ("POST" if body else "GET")
    plain = {"User-Agent": f"cloudboot/{__version__}", "Accept-Encoding": "identity"}
    with requests.Session() as session:
        session.auth = lambda request: request  # or requests looks for a password in ~/.netrc
        url = _without_user(url)
        for _ in range(MOST_REDIRECTS + 1):
            request = requests.Request(method, url, {**plain, **headers}, data=body or None)
            request.auth = user if any(user) else None
            answer: requests.Response = _within(timeout, _sent(session, request, timeout))
            place = answer.headers.get("Location", "")
            if answer.status_code not in (301, 302, 303, 307, 308) or not place:
                return _body(answer, url, timeout, most)
            following = _following(url, place)
            if _origin(following) != _origin(url):
                headers, user = {}, ("", "")
            if answer.status_code in (301, 302, 303) and method != "HEAD":
                method, body = "GET", b""
            url = following
    raise Unreachable(f"{safe_url(url)}: more than {MOST_REDIRECTS} redirects", "write the address they lead to")


def _sent(session: Any, request: Any, timeout: float) -> Callable[[], Any]:
    def send() -> Any:
        import requests

        try:
            proxied = session.merge_environment_settings(request.url, {}, True, None, None)
            prepared = session.prepare_request(request)
            return session.send(prepared, timeout=timeout, allow_redirects=False, **proxied)
        except requests.exceptions.SSLError as problem:
            raise Unreachable(f"{safe_url(request.url)}: TLS failed ({_deepest(problem)})",
                              "look at the server's certificate, this machine's authorities and its clock")  # fmt: skip
        except ValueError:  # requests has several for an address or header that is none
            raise Invalid(f"{safe_url(request.url)} is no address that can be fetched", f"write {KNOWN}") from None
        except requests.exceptions.RequestException as problem:
            raise _Again(_deepest(problem)) from None

    return send


def _body(answer: Any, url: str, timeout: float, most: int) -> bytes:
    code = answer.status_code
    if code in (401, 403, 404, 410):
        raise Missing(f"{safe_url(url)}: {code} {answer.reason}", "look whether the address is right, and open to us")
    if code in (408, 425, 429) or code >= 500:
        raise _Again(f"{code} {answer.reason}", _seconds(answer.headers.get("Retry-After", "")))
    if not 200 <= code < 300:
        raise Unreachable(f"{safe_url(url)}: {code} {answer.reason}", "the server does not accept what was asked")
    length = answer.headers.get("Content-Length", "")
    size = int(length) if length.isdigit() and len(length) < 20 else None
    if size is not None and size > most:
        raise _too_large(url, most)
    data: bytes = _within(timeout * WHOLE, lambda: _pieces(answer, url, most))
    if size is not None and len(data) < size:
        raise _Again("the connection ended before the end of the file")
    return data


def _pieces(answer: Any, url: str, most: int) -> bytes:
    """The body as it was sent: whoever wants it unpacked knows how much that may become."""
    data = bytearray()
    try:
        for piece in answer.raw.stream(1 << 16, decode_content=False):
            data += piece
            if len(data) > most:
                raise _too_large(url, most)
    except CloudbootError:
        raise
    except Exception as problem:  # those of urllib3, which is not ours to import
        raise _Again(_deepest(problem)) from None
    return bytes(data)


def _following(url: str, place: str) -> str:
    from urllib.parse import urljoin

    following = urljoin(url, place)
    if not following.startswith(("http://", "https://")) or url.startswith("https:") > following.startswith("https:"):
        raise Unreachable(f"{safe_url(url)} redirects to {safe_url(following)}, where we do not follow",
                          "write the address itself")  # fmt: skip
    return _without_user(following)


def _without_user(url: str) -> str:
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}"


def _origin(url: str) -> Tuple[str, Optional[str], int]:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)


def _ftp(scheme: str, host: str, port: int, user: Tuple[str, str], path: str, timeout: float, most: int) -> bytes:
    """One file by FTP; ftps asks for TLS on both connections, and does without neither."""
    import ftplib

    url = f"{scheme}://{host}{path}"

    def get() -> bytes:
        data = bytearray()

        def take(piece: bytes) -> None:
            data.extend(piece)
            if len(data) > most:
                raise _too_large(url, most)

        if scheme == "ftps":
            import ssl

            client: ftplib.FTP = ftplib.FTP_TLS(context=ssl.create_default_context())
        else:
            client = ftplib.FTP()
        with client:
            client.connect(host, port, timeout)
            client.login(*user)
            if isinstance(client, ftplib.FTP_TLS):
                client.prot_p()
            client.retrbinary(f"RETR {path}", take)
        return bytes(data)

    try:
        return _within(timeout * WHOLE, get)
    except ftplib.error_perm as problem:
        code = str(problem)[:3]
        raise Missing(
            f"{url}: {code}, the server does not give this file", "look whether it is there, and the password"
        )
    except ValueError:
        raise Invalid(f"{url} is no address that can be fetched", "it holds a control character") from None
    except (ftplib.Error, EOFError, OSError) as problem:
        raise _Again(_deepest(problem)) from None


def _within(seconds: float, work: Callable[[], Result]) -> Result:
    """What ``work`` comes to. When it takes longer it is left alone, to end when its socket does: a name server or a
    server that sends a byte now and then can hold a call far beyond the timeout it was given."""
    from threading import Thread

    came: List[Tuple[Optional[Result], Optional[BaseException]]] = []

    def run() -> None:
        try:
            came.append((work(), None))
        except BaseException as problem:
            came.append((None, problem))

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds + 0.5)
    if not came:
        raise _Again(f"no answer within {seconds:g} s")
    result, problem = came[0]
    if problem is not None:
        raise problem
    return result  # type: ignore[return-value]


def _deepest(problem: BaseException) -> str:
    """The words of the system below an exception's wrappings, which repeat the whole address with its secrets."""
    words, seen = type(problem).__name__, 0
    todo: List[Any] = [problem]
    while todo and seen < 50:
        found = todo.pop(0)
        seen += 1
        if isinstance(found, OSError) and found.strerror and not isinstance(found, CloudbootError):
            return str(found.strerror)
        if isinstance(found, BaseException):
            todo += [*found.args, getattr(found, "reason", None), found.__cause__, found.__context__]
            if "Timeout" in type(found).__name__:
                words = "no answer in time"
    return words


def _seconds(text: str) -> float:
    return float(text) if text.isdigit() and len(text) < 6 else 0.0


def _too_large(url: str, most: int) -> Invalid:
    return Invalid(f"{safe_url(url)} is larger than {most >> 20} MiB", "make it smaller, or fetch it in a script")
