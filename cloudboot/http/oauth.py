"""Signs a request by OAuth 1.0 with the signature PLAINTEXT (RFC 5849), as MAAS wants it, by any clock."""

from __future__ import annotations

from cloudboot.http.tree import quoted
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Dict, Mapping, Optional


def signed(about: Mapping[str, Any], ahead: float = 0.0) -> Dict[str, str]:
    """The header of a request, for the keys and secrets of ``about`` (``consumer_key``, ``consumer_secret``,
    ``token_key``, ``token_secret``); none where there is no consumer. ``ahead`` is by how many seconds the server's
    clock is before ours."""
    if not about.get("consumer_key"):
        return {}
    from os import urandom
    from time import time

    fields = {
        "oauth_version": "1.0",
        "oauth_signature_method": "PLAINTEXT",
        "oauth_consumer_key": about["consumer_key"],
        "oauth_token": about.get("token_key"),
        "oauth_nonce": urandom(16).hex(),
        "oauth_timestamp": str(int(time() + ahead)),
        "oauth_signature": f"{_escaped(about.get('consumer_secret'))}&{_escaped(about.get('token_secret'))}",
    }
    return {"Authorization": "OAuth " + ", ".join(f'{k}="{_escaped(v)}"' for k, v in fields.items())}


def clock_ahead(date: str) -> Optional[float]:
    """By how many seconds the clock that says this HTTP date is before ours; None where it is no date."""
    from email.utils import parsedate_to_datetime
    from time import time

    try:
        return parsedate_to_datetime(date).timestamp() - time()
    except (TypeError, ValueError, IndexError, OverflowError):
        return None


def _escaped(value: Any) -> str:
    """As RFC 5849, 3.6 wants it: only letters, digits and -._~ stay."""
    return "".join(c if c not in ":=+@," else f"%{ord(c):02X}" for c in quoted(str(value or "")))
