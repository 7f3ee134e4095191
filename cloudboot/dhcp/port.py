"""The packet socket (packet(7)) of all interfaces at once: it hears and speaks before there is any address."""

from __future__ import annotations

import struct

from cloudboot.dhcp.frame import CLIENT_PORT, UDP
from cloudboot.errors import Unreachable
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Iterator, Tuple

IPV4 = 0x0800
SOL_PACKET, PACKET_AUXDATA, SO_ATTACH_FILTER = 263, 8, 26
TO_US, TO_ALL = 0, 1
CHECKSUM_UNFINISHED, IN_A_VLAN = 1 << 3, 1 << 4
MOST = 4096
MOST_AT_ONCE = 256
FILTER = (  # unfragmented UDP to our port, before it wakes anybody
    (0x30, 0, 0, 9), (0x15, 0, 6, UDP), (0x28, 0, 0, 6), (0x45, 4, 0, 0x3FFF), (0xB1, 0, 0, 0), (0x48, 0, 0, 2),
    (0x15, 0, 1, CLIENT_PORT), (0x06, 0, 0, 0xFFFF), (0x06, 0, 0, 0),
)  # fmt: skip


class Port:
    """Where DHCP's packets come and go. Raises `Unreachable` where this process may not have one."""

    def __init__(self) -> None:
        import socket
        from array import array

        try:
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK, socket.htons(IPV4))
        except OSError as problem:
            raise Unreachable(f"DHCP cannot be spoken: {problem.strerror}", "run as root") from None
        program = array("B", b"".join(struct.pack("=HBBI", *step) for step in FILTER))
        self._socket.setsockopt(
            socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", len(FILTER), program.buffer_info()[0])
        )
        self._socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, interface: str, packet: bytes) -> bool:
        """To everybody on this interface's link; false where it cannot be sent now."""
        try:
            self._socket.sendto(packet, (interface, IPV4, 0, 0, b"\xff" * 6))
        except OSError:  # the link went down, or away: it is said again when its time has come
            return False
        return True

    def received(self) -> Iterator[Tuple[str, bytes, bool]]:
        """The interface, the packet, and whether its checksum was never made, of each that has come, up to a number."""
        for _ in range(MOST_AT_ONCE):
            try:
                packet, notes, _, (interface, _, sort, *_) = self._socket.recvmsg(MOST, 128)
            except OSError:  # none is left, or an interface went down
                return
            status = next((struct.unpack_from("I", data)[0] for level, kind, data in notes
                           if (level, kind) == (SOL_PACKET, PACKET_AUXDATA)), 0)  # fmt: skip
            if sort in (TO_US, TO_ALL) and not status & IN_A_VLAN:
                yield interface, packet, bool(status & CHECKSUM_UNFINISHED)

    def close(self) -> None:
        self._socket.close()
