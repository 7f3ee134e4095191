"""Hosts that answer over a serial line or a socket: SmartOS's metadata and CloudSigma's context."""

import binascii
import contextlib
import os
import socket
import threading
import tty


class Lines:
    """Answers lines with ``reply``, a function from a line to bytes; over a pseudo-terminal whose other end is
    ``path``, or over a unix socket at ``path``."""

    def __init__(self, reply, path=None):
        self.reply, self.heard = reply, []
        self._listener = None
        if path is None:
            self._fd, self._other = os.openpty()
            tty.setraw(self._other)
            self.path = os.ttyname(self._other)
            threading.Thread(target=self._answer, args=(self._fd,), daemon=True).start()
        else:
            self.path = path
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(path)
            self._listener.listen(4)
            threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._listener:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            os.unlink(self.path)
        else:
            os.close(self._other)

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with sock:
                self._answer(sock.fileno())

    def _answer(self, fd):
        rest = b""
        with contextlib.suppress(OSError):
            while True:
                data = os.read(fd, 4096)
                if not data:
                    return
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self.heard.append(line)
                    answer = self.reply(line)
                    while answer:
                        answer = answer[os.write(fd, answer) :]


class SmartOs:
    """``values`` by key. ``faults`` is what the next frames are instead: ``garbage``, ``checksum``, ``other``."""

    def __init__(self, values):
        self.values, self.faults = values, []

    def __call__(self, line):
        if line == b"NEGOTIATE V2":
            return b"V2_OK\n"
        if not line.startswith(b"V2 "):
            return b"invalid command\n"
        _, length, checksum, body = line.split(b" ", 3)
        if int(length) != len(body) or int(checksum, 16) != binascii.crc32(body):
            return b"FAILURE\n"
        number, command, packed = body.split(b" ")
        key = binascii.a2b_base64(packed).decode()
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "garbage":
            return b"\xff\xfe nonsense\n"
        if fault == "other":
            number = b"00000000"
        answer = number + b" NOTFOUND"
        if key in self.values:
            answer = number + b" SUCCESS " + binascii.b2a_base64(self.values[key].encode(), newline=False)
        crc = binascii.crc32(answer) ^ (fault == "checksum")
        return b"V2 %d %08x %s\n" % (len(answer), crc, answer)


def smartos():
    import json

    nics = [
        {"interface": "net0", "mac": "90:b8:d0:d8:82:b4", "ips": ["192.0.2.10/24", "addrconf"], "primary": True,
         "gateways": ["192.0.2.1"], "mtu": 1500},
        {"interface": "net1", "mac": "90:b8:d0:0a:51:31", "ips": ["dhcp"], "gateways": ["10.0.0.1"]},
    ]  # fmt: skip
    return SmartOs({
        "sdc:uuid": "b6d4e5f0-0000-4000-8000-000000000001", "hostname": "zone1",
        "root_authorized_keys": "ssh-rsa A a\n",
        "cloud-init:user-data": "#cloud-config\n", "sdc:vendor-data": "#cloud-config\n{}\n", "user-script": "echo hi",
        "sdc:datacenter_name": "xx-example-1", "sdc:dns_domain": "example.com", "sdc:nics": json.dumps(nics),
        "sdc:resolvers": '["192.0.2.53"]', "sdc:routes": '[{"dst": "198.51.100.0/24", "gateway": "192.0.2.254"}]',
        "user-data": "for the owner",
    })  # fmt: skip


def cloudsigma(line):
    """The whole context, when the end of the question ``<`` ``>`` has been heard."""
    import json

    context = {
        "uuid": "65b2fb23-0000-4000-8000-000000000001", "name": "web 1",
        "meta": {"ssh_public_key": "ssh-rsa A a", "cloudinit-user-data": "I2Nsb3VkLWNvbmZpZwo=",
                 "base64_fields": "other, cloudinit-user-data"},
        "vendor_data": {"cloudinit": "#cloud-config\n{}\n"},
    }  # fmt: skip
    return json.dumps(context).encode() + b"\x04\n" if line == b"" else b""
