"""A xenstored for one guest on a unix socket, as Xen's public header ``xs_wire.h`` describes the protocol. Keys are
relative to the guest's folder; the real ``xenstore-read``, ``-ls`` and ``-write`` work with it (``XENSTORED_PATH``)."""

import base64
import contextlib
import json
import os
import socket
import struct
import subprocess
import threading
import time
import uuid

DIRECTORY, READ, GET_PERMS, START, END, DOMAIN_PATH, WRITE, MKDIR, RM, SET_PERMS, ERROR = (
    1,
    2,
    3,
    6,
    7,
    10,
    11,
    12,
    13,
    14,
    16,
)
PRIME = 162259276829213363391578010288127
HEAD = struct.Struct("<IIII")
HOME = "/local/domain/7"


class XenStore:
    """``keys`` maps paths to bytes. ``faults`` is a list of what the next answers are instead: ``silence``,
    ``garbage``, ``hang-up``, ``endless``, or the name of an error."""

    def __init__(self, path, keys):
        self.keys = {k: v if isinstance(v, bytes) else v.encode() for k, v in keys.items()}
        self.faults, self.path = [], path
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(path)
        self._listener.listen(8)
        self._open = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"unix://{self.path}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        os.unlink(self.path)

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(sock)
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        with contextlib.suppress(OSError), sock, sock.makefile("rb") as reader:
            while True:
                head = reader.read(HEAD.size)
                if len(head) < HEAD.size:
                    return
                kind, number, transaction, length = HEAD.unpack(head)
                body = reader.read(length)
                fault = self.faults.pop(0) if self.faults else ""
                if fault == "hang-up":
                    return
                if fault == "silence":
                    continue
                if fault == "garbage":
                    sock.sendall(b"\xff" * 64)
                    continue
                if fault == "endless":
                    sock.sendall(HEAD.pack(kind, number, transaction, 1 << 30))
                    continue
                told, answer = (ERROR, fault.encode() + b"\0") if fault else self._answer(kind, body)
                sock.sendall(HEAD.pack(told, number, transaction, len(answer)) + answer)

    def _answer(self, kind, body):
        path, _, value = body.partition(b"\0")
        key = self._key(path.decode())
        if kind == START:
            return kind, b"1\0"
        if kind in (END, SET_PERMS):
            return kind, b"OK\0"
        if kind == DOMAIN_PATH:
            return kind, HOME.encode() + b"\0"
        if kind == WRITE:
            self.keys[key] = value
            return kind, b"OK\0"
        if kind == MKDIR:
            self.keys.setdefault(key, b"")
            return kind, b"OK\0"
        below = sorted({k[len(key) + 1 :].split("/")[0] for k in self.keys if k.startswith(key + "/")})
        if not key:
            below = sorted({k.split("/")[0] for k in self.keys})
        if key not in self.keys and not below and key:
            return ERROR, b"ENOENT\0"
        if kind == DIRECTORY:
            return kind, b"".join(name.encode() + b"\0" for name in below)
        if kind == READ:
            return kind, self.keys.get(key, b"")
        if kind == GET_PERMS:
            return kind, b"n0\0r7\0"
        if kind == RM:
            self.keys = {k: v for k, v in self.keys.items() if k != key and not k.startswith(key + "/")}
            return kind, b"OK\0"
        return ERROR, b"ENOSYS\0"

    def _key(self, path):
        """Relative to the guest's folder, whichever way it was written."""
        path = path.rstrip("/")
        return path[len(HOME) + 1 :] if path.startswith(HOME) else path.lstrip("/")


class Nova:
    """The host's side of the requests: asks the guest behind ``store``, as nova's driver for XenAPI does."""

    def __init__(self, store, seconds=30):
        self.store, self.seconds = store, seconds

    def ask(self, name, value=""):
        """The guest's answer, as (returncode, message); None where none came, and then the request is gone."""
        id = str(uuid.uuid4())
        self.store.keys[f"data/host/{id}"] = json.dumps({"name": name, "value": value}).encode()
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            answer = self.store.keys.get(f"data/guest/{id}")
            if answer is not None and f"data/host/{id}" not in self.store.keys:
                del self.store.keys[f"data/guest/{id}"]
                told = json.loads(answer)
                return told["returncode"], told["message"]
            time.sleep(0.02)
        self.store.keys.pop(f"data/host/{id}", None)
        return None

    def set_password(self, password):
        """Agrees upon a key and sends root's password, sealed by openssl(1)."""
        own = int.from_bytes(os.urandom(12), "big")
        code, theirs = self.ask("keyinit", str(pow(5, own, PRIME)))
        assert code == "D0", (code, theirs)
        words = [
            "enc",
            "-aes-128-cbc",
            "-a",
            "-A",
            "-nosalt",
            "-md",
            "md5",
            "-pass",
            f"pass:{pow(int(theirs), own, PRIME)}",
        ]
        sealed = subprocess.run(["openssl", *words], input=password.encode() + b"\n", capture_output=True, check=True)
        return self.ask("password", sealed.stdout.decode())

    def inject(self, path, content):
        packed = {"b64_path": base64.b64encode(path.encode()).decode(), "b64_file": base64.b64encode(content).decode()}
        return self.ask("file_inject", packed)


def example(name="7b1f0c3e-0000-4000-8000-00000000a001", mac=""):
    """The keys of a server with made-up values; with a ``mac``, of one on QEMU's user network."""
    public = {
        "label": "public", "mac": "02:16:3E:00:00:AB", "broadcast": "192.0.2.255", "gateway": "192.0.2.1",
        "gateway_v6": "fe80::1", "ips": [{"ip": "192.0.2.10", "netmask": "255.255.255.0", "enabled": "1"},
                                         {"ip": "192.0.2.99", "netmask": "255.255.255.0", "enabled": "0"}],
        "ip6s": [{"ip": "2001:db8::10", "netmask": 64, "enabled": "1", "gateway": "fe80::1"}],
        "dns": ["192.0.2.53", "192.0.2.54"],
    }  # fmt: skip
    private = {
        "label": "private", "mac": "02:16:3E:00:00:AC", "gateway": None,
        "ips": [{"ip": "10.1.2.3", "netmask": "255.255.224.0", "enabled": "1"}],
        "routes": [{"route": "10.176.0.0", "netmask": "255.240.0.0", "gateway": "10.1.0.1"}],
    }  # fmt: skip
    networking = {"vm-data/networking/02163E0000AB": public, "vm-data/networking/02163E0000AC": private}
    if mac:
        ours = [{"ip": "10.0.2.15", "netmask": "255.255.255.0", "enabled": "1"}]
        user = {"label": "public", "mac": mac.upper(), "gateway": "10.0.2.2", "ips": ours, "dns": ["10.0.2.3"]}
        networking = {f"vm-data/networking/{mac.replace(':', '').upper()}": user}
    return {
        "name": f"instance-{name}",
        "vm-data/hostname": "rax-web1",
        "vm-data/auto-disk-config": "True",
        "vm-data/provider_data/provider": "Rackspace",
        "vm-data/provider_data/region": "ord",
        **{key: json.dumps(value) for key, value in networking.items()},
        "vm-data/user-metadata/role": json.dumps("web"),
        "vm-data/user-metadata/later": "set later",
    }
