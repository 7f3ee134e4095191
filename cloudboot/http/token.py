"""Services that want a token with each request."""

from __future__ import annotations

from cloudboot.errors import Missing, Unreachable
from cloudboot.http.service import MOST_BODY, Refused, settled
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import List, Mapping, Optional, Sequence

    from cloudboot.http.service import Service

MOST_TOKEN = 8 << 10
MOST_RENEWALS = 3


class Tokened:
    """A service that gives a token for a PUT of ``asking`` headers to ``path``, and wants it in ``header`` afterwards.

    A token that it refuses (401) is replaced. A token goes to no other service, and into no message.
    """

    def __init__(self, service: Service, path: str, asking: Mapping[str, str], header: str, remedy: str = "") -> None:
        self.service, self._path, self._asking, self._header = service, path, asking, header
        self._remedy = remedy
        self._token = ""
        self._renewals = 0

    def get(self, path: str, headers: Optional[Mapping[str, str]] = None, most: int = MOST_BODY) -> bytes:
        """What is at a path. Raises as `Service.get` does."""
        while True:
            if not self._token:
                self._token = self._new()
            try:
                return self.service.get(path, {**(headers or {}), self._header: self._token}, most)
            except Refused as refused:
                if refused.status != 401 or self._renewals == MOST_RENEWALS:
                    raise
                self._renewals += 1
                self._token = ""

    def find(self, path: str, headers: Optional[Mapping[str, str]] = None, most: int = MOST_BODY) -> Optional[bytes]:
        """As `get`, None where there is nothing."""
        try:
            return self.get(path, headers, most)
        except Missing:
            return None

    def find_all(self, paths: Sequence[str]) -> List[Optional[bytes]]:
        """As `find`, for several paths that are asked for at the same time."""
        if not self._token:
            self._token = self._new()
        return settled(paths, lambda left: self.service.gather(left, {self._header: self._token}), self.find)

    def _new(self) -> str:
        try:
            token = self.service.ask("PUT", self._path, self._asking, most=MOST_TOKEN).body.decode("latin-1").strip()
        except Unreachable as problem:
            raise Unreachable(f"no token: {problem.reason}", self._remedy) from None
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise Unreachable(f"{self.service.name} at {self.service.place}: it gives no token", self._remedy)
        return token
