"""DHCP servers: three real ones, and one that says whatever it is told."""

import contextlib
import os
import socket
import threading

from cloudboot.ephemeral.network import Network
from cloudboot.values import FileView

FAST = 8.0


def dnsmasq(net, interface="srv0", first="192.0.2.1/24", pool="192.0.2.10,192.0.2.250", options=(), wait=True):
    net.run(f"ip addr add {first} dev {interface}")
    words = ["dnsmasq", "-k", "-p0", "-C/dev/null", "--log-facility=-", "--bind-interfaces", f"--interface={interface}",
             "--no-ping", f"--dhcp-range={pool},10m", "--leasefile-ro", "--dhcp-authoritative", "--pid-file=",
             "--user=root", *(f"--dhcp-option={option}" for option in options)]  # fmt: skip
    return net.start(words, "sockets bound")


def udhcpd(net, folder, options=()):
    net.run("ip addr add 192.0.2.1/24 dev srv0")
    config = folder / "udhcpd.conf"
    lines = ["start 192.0.2.10", "end 192.0.2.20", "interface srv0", f"lease_file {folder}/leases",
             f"pidfile {folder}/pid", "option subnet 255.255.255.0", "opt router 192.0.2.1", "option lease 600",
             *options]  # fmt: skip
    config.write_text("\n".join(lines) + "\n")
    (folder / "leases").write_bytes(b"")
    return net.start(["busybox", "udhcpd", "-f", str(config)], "started")


def isc(net, folder, options=""):
    net.run("ip addr add 192.0.2.1/24 dev srv0")
    config = folder / "dhcpd.conf"
    config.write_text(
        "option ms-routes code 249 = string; option wire code 245 = ip-address; authoritative;\n"
        "subnet 192.0.2.0 netmask 255.255.255.0 { range 192.0.2.10 192.0.2.20; option routers 192.0.2.1;"
        f" default-lease-time 600; ping-check off; {options} }}\n"
    )
    (folder / "leases").write_bytes(b"")
    words = ["dhcpd", "-4", "-f", "-d", "-cf", str(config), "-lf", str(folder / "leases"), "-pf", str(folder / "pid")]
    return net.start([*words, "srv0"], "Server starting service")


@contextlib.contextmanager
def speaker(net, answers, interface="srv0"):
    """A server whose ``answers(request packet)`` are the payloads that it sends; it hears the whole packet."""

    def opened():
        server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        server.bind(("0.0.0.0", 67))
        return server

    server = net.inside(opened)
    stop, ring = os.pipe()

    def serve():
        import select

        while True:
            ready, _, _ = select.select([server, stop], [], [])
            if stop in ready:
                return
            asked = bytes(28) + server.recv(4096)
            for payload in answers(asked):
                server.sendto(payload, ("255.255.255.255", 68))

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield
    finally:
        os.write(ring, b"x")
        thread.join()
        for fd in (stop, ring):
            os.close(fd)
        server.close()


def ways(net, *, most=1, link_local=False, total=FAST, files=FileView(), look=lambda network: None):  # noqa: B008
    """The first ways that a machine in this network has: for each the lease, or what it is in words, and what ``look``
    saw meanwhile. Why there was none comes last."""

    def go():
        found = []
        with Network(files, lambda kept: None, lambda what: None, total=total) as network:
            while len(found) < most and network.next(link_local):
                found.append((network.lease or network.way, look(network)))
            return found, network.why

    return net.inside(go)


def lease(net, **more):
    """The lease that it gets."""
    found, why = ways(net, **more)
    assert found, why
    return found[0][0]
