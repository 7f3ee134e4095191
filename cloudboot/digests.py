"""SHA-256 without ``hashlib``, which loads OpenSSL to offer it."""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import sha256
else:
    try:
        from _sha256 import sha256
    except ImportError:
        try:
            from _sha2 import sha256  # since Python 3.12
        except ImportError:
            from hashlib import sha256

__all__ = ["sha256"]
