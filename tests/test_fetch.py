import gzip
import shutil
import socket
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cloudboot import fetch as fetching
from cloudboot.errors import Invalid, Missing, Unreachable
from cloudboot.fetch import fetch
from cloudboot.values import FileView


class Site:
    """A web server on loopback: what each path answers, and what it was asked."""

    def __init__(self, tls=None):
        self.answers, self.asked = {}, []
        site = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self):
                size = int(self.headers.get("Content-Length", 0))
                site.asked.append((self.command, self.path, dict(self.headers), self.rfile.read(size)))
                given = site.answers.get(self.path, 404)
                if callable(given):
                    return given(self)
                if isinstance(given, list):
                    given = given.pop(0)
                code, headers, body = given if isinstance(given, tuple) else (200, {}, given)
                if isinstance(given, int):
                    code, headers, body = given, {}, b""
                self.send_response(code)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
                return None

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *words):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if tls:
            self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def site(monkeypatch):
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    site = Site()
    yield site
    site.close()


@pytest.fixture
def other():
    other = Site()
    yield other
    other.close()


def quickly(url, **given):
    return fetch(url, **{"pause": 0.0, "timeout": 2.0, **given})


def test_a_page_is_fetched_as_it_was_sent(site):
    site.answers["/x"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"text"))
    assert gzip.decompress(quickly(f"{site.url}/x")) == b"text"
    (method, _, headers, _) = site.asked[0]
    assert (
        method == "GET" and headers["User-Agent"].startswith("cloudboot/") and headers["Accept-Encoding"] == "identity"
    )


def test_a_body_makes_a_post_or_what_the_method_says(site):
    site.answers["/x"] = b"ok"
    quickly(f"{site.url}/x", body=b"a=1", headers={"X-Key": "k"})
    quickly(f"{site.url}/x", body=b"a=1", method="PUT")
    assert [(m, b) for m, _, _, b in site.asked] == [("POST", b"a=1"), ("PUT", b"a=1")]
    assert site.asked[0][2]["X-Key"] == "k"


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_what_is_not_there_or_not_for_us_is_missing_and_not_asked_for_again(site, code):
    site.answers["/x"] = code
    with pytest.raises(Missing, match=str(code)):
        quickly(f"{site.url}/x")
    assert len(site.asked) == 1


def test_a_server_in_trouble_is_asked_again(site):
    site.answers["/x"] = [503, 429, b"at last"]
    assert quickly(f"{site.url}/x") == b"at last"


def test_a_server_that_stays_in_trouble_is_unreachable_after_all_tries(site):
    site.answers["/x"] = 500
    with pytest.raises(Unreachable, match="500 .*; look whether"):
        quickly(f"{site.url}/x", tries=2)
    assert len(site.asked) == 2


def test_a_server_may_ask_for_a_pause_of_half_a_minute_and_no_more(site, monkeypatch):
    slept = []
    monkeypatch.setattr(fetching.time, "sleep", slept.append)
    site.answers["/x"] = [(503, {"Retry-After": "7"}, b""), (503, {"Retry-After": "99999"}, b""),
                          (503, {"Retry-After": "inf"}, b""), b"ok"]  # fmt: skip
    assert fetch(f"{site.url}/x", tries=4, pause=1.0) == b"ok"
    assert slept[:2] == [7.0, 30.0] and 0.5 <= slept[2] <= 1.5


def test_nobody_listening_is_unreachable_and_no_secret_is_told():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Unreachable, match="refused") as caught:
        quickly(f"http://me:pass@127.0.0.1:{port}/x?key=secret", tries=1)
    assert "secret" not in str(caught.value) and "pass" not in str(caught.value)


def test_a_server_that_sends_its_head_byte_by_byte_is_given_up(site):
    stop = threading.Event()

    def drip(handler):
        try:
            while not stop.wait(0.05):
                handler.wfile.write(b"H")
        except OSError:
            pass

    site.answers["/x"] = drip
    try:
        with pytest.raises(Unreachable, match="no answer within 0.3 s"):
            quickly(f"{site.url}/x", timeout=0.3, tries=1)
    finally:
        stop.set()


def test_a_body_larger_than_asked_for_is_refused_whether_it_says_so_or_not(site):
    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        try:
            for _ in range(1000):
                handler.wfile.write(b"x" * 65536)
        except OSError:
            pass

    site.answers.update({"/said": b"x" * 3000, "/endless": endless})
    for path in ("/said", "/endless"):
        with pytest.raises(Invalid, match="larger than"):
            quickly(f"{site.url}{path}", most=2000)
    assert len(quickly(f"{site.url}/said", most=3000)) == 3000


def test_a_body_that_ends_early_is_asked_for_again(site):
    site.answers["/x"] = [(200, {"Content-Length": "9"}, b"half"), b"the whole"]
    assert quickly(f"{site.url}/x") == b"the whole"


def test_a_redirect_to_the_same_origin_takes_headers_and_password_along(site):
    site.answers.update({"/a": (302, {"Location": "/b"}, b""), "/b": b"here"})
    address = site.url.replace("://", "://me:p%40ss@")
    assert quickly(f"{address}/a", headers={"X-Key": "k"}, body=b"x") == b"here"
    assert [(m, h["X-Key"], h["Authorization"]) for m, _, h, _ in site.asked] == [
        ("POST", "k", "Basic bWU6cEBzcw=="), ("GET", "k", "Basic bWU6cEBzcw==")]  # fmt: skip


def test_a_redirect_elsewhere_takes_neither(site, other):
    site.answers["/a"] = (307, {"Location": f"{other.url}/b"}, b"")
    other.answers["/b"] = b"there"
    address = site.url.replace("://", "://me:pass@")
    assert quickly(f"{address}/a", headers={"X-Key": "k"}, body=b"x") == b"there"
    method, _, headers, body = other.asked[0]
    assert (method, body) == ("POST", b"x") and "X-Key" not in headers and "Authorization" not in headers


def test_redirects_end_after_three(site):
    for i in range(5):
        site.answers[f"/{i}"] = (302, {"Location": f"/{i + 1}"}, b"")
    site.answers["/3"] = b"ok"
    assert quickly(f"{site.url}/0") == b"ok"
    site.answers["/3"] = (302, {"Location": "/4"}, b"")
    with pytest.raises(Unreachable, match="more than 3 redirects"):
        quickly(f"{site.url}/0")


@pytest.mark.parametrize("place", ["file:///etc/shadow", "ftp://x/y", "//"])
def test_a_redirect_to_another_kind_of_address_is_not_followed(site, place):
    site.answers["/a"] = (302, {"Location": place}, b"")
    with pytest.raises((Unreachable, Invalid)):
        quickly(f"{site.url}/a")


def test_a_password_file_of_the_account_is_not_looked_at(site, tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    site.answers["/x"] = b""
    quickly(f"{site.url}/x")
    assert "Authorization" not in site.asked[0][2]


def test_a_proxy_of_the_environment_is_used(site, monkeypatch):
    monkeypatch.setenv("http_proxy", site.url)
    monkeypatch.setenv("no_proxy", "")
    site.answers["http://seed.example.com/x"] = b"by proxy"
    assert quickly("http://seed.example.com/x") == b"by proxy"


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once(tmp_path):
    subprocess.run(
        [shutil.which("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", tmp_path / "key",
         "-out", tmp_path / "cert", "-days", "1", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True)  # fmt: skip
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(tmp_path / "cert", tmp_path / "key")
    site = Site(tls)
    try:
        with pytest.raises(Unreachable, match="TLS failed .*authorities and its clock"):
            quickly(f"{site.url}/x")
        assert site.asked == []
    finally:
        site.close()


# files


def test_files_are_read_where_paths_lead(tmp_path):
    (tmp_path / "a b").write_bytes(b"here")
    assert fetch(f"file://{tmp_path}/a%20b") == fetch(f"{tmp_path}/a b") == b"here"
    view = FileView({"/seed/x": b"in memory"})
    assert fetch("file:///seed/x", files=view) == fetch("/seed/x", files=view) == b"in memory"
    for address in ("file:///seed/y", "/seed/y"):
        with pytest.raises(Missing, match="no such file"):
            fetch(address, files=view)
    with pytest.raises(Missing, match="no such file"):
        fetch(f"{tmp_path}/none")
    with pytest.raises(Unreachable, match="directory"):
        fetch(str(tmp_path))
    with pytest.raises(Invalid, match="larger"):
        fetch(f"{tmp_path}/a b", most=3)


@pytest.mark.parametrize("url", ["", "x", "gopher://x/", "http:///x", "http://[::1/", "http://x:port/", "file://far/x",
                                 "javascript:x", "http://a\nb/"])  # fmt: skip
def test_what_is_no_address_is_invalid_and_the_remedy_names_those_that_are(url):
    with pytest.raises(Invalid, match="ftps://"):
        quickly(url, tries=1)


# ftp


def ftp(files, users=("anonymous",)):
    """An FTP server for one connection; its address."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with listener, listener.accept()[0] as client, client.makefile("rw", newline="\r\n") as line:

            def say(text):
                line.write(text + "\n")
                line.flush()

            passive, user = None, ""
            say("220 here")
            for words in line:
                verb, _, rest = words.strip().partition(" ")
                if verb == "USER":
                    user = rest
                    say("331 password" if user in users else "530 no")
                elif verb in ("PASS", "TYPE"):
                    say("200 fine")
                elif verb == "EPSV" or verb == "PASV":
                    passive = socket.create_server(("127.0.0.1", 0))
                    port = passive.getsockname()[1]
                    say(f"227 (127,0,0,1,{port >> 8},{port & 255})" if verb == "PASV" else f"229 (|||{port}|)")
                elif verb == "RETR" and rest in files:
                    data, _ = passive.accept()
                    say("150 coming")
                    data.sendall(files[rest])
                    data.close()
                    passive.close()
                    say("226 done")
                elif verb == "QUIT":
                    return say("221 bye")
                else:
                    say("550 no such file" if verb == "RETR" else "502 no")
            return None

    threading.Thread(target=serve, daemon=True).start()
    return f"127.0.0.1:{listener.getsockname()[1]}"


def test_a_file_comes_by_ftp_for_anybody_or_a_user():
    assert quickly(f"ftp://{ftp({'/seed/x': b'here'})}/seed/x") == b"here"
    assert quickly(f"ftp://me:p%40@{ftp({'/x': b'mine'}, users=('me',))}/x") == b"mine"


def test_ftp_tells_what_is_missing_and_what_is_too_large():
    with pytest.raises(Missing, match="550"):
        quickly(f"ftp://{ftp({})}/x")
    with pytest.raises(Invalid, match="larger"):
        quickly(f"ftp://{ftp({'/x': b'1234'})}/x", most=3)


def test_ftps_does_not_go_on_without_tls():
    with pytest.raises((Unreachable, Missing)) as caught:
        quickly(f"ftps://me:secret@{ftp({'/x': b'plain'}, users=('me',))}/x", tries=1)
    assert "secret" not in str(caught.value)
