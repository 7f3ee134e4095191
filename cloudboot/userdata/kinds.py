"""What a piece of user-data is, by its first line; and what it probably is, when the first line says nothing.

A kind is a MIME type. The first line is compared without regard to case or leading white space, and only its beginning
counts, longest first: ``#cloud-config (web)`` is a cloud-config.
"""

from __future__ import annotations

from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Tuple

CONFIG = "text/cloud-config"
PATCH = "text/cloud-config-jsonp"
ARCHIVE = "text/cloud-config-archive"
SCRIPT = "text/x-shellscript"
PER_BOOT = "text/x-shellscript-per-boot"
PER_INSTANCE = "text/x-shellscript-per-instance"
PER_ONCE = "text/x-shellscript-per-once"
BOOTHOOK = "text/cloud-boothook"
INCLUDE = "text/x-include-url"
INCLUDE_ONCE = "text/x-include-once-url"
HANDLER = "text/part-handler"
TEMPLATE = "text/jinja2"
UNKNOWN = "text/x-not-multipart"

MARKS = {
    "#cloud-config-archive": ARCHIVE,
    "#cloud-config-jsonp": PATCH,
    "## template: jinja": TEMPLATE,
    "#cloud-boothook": BOOTHOOK,
    "#cloud-config": CONFIG,
    "#include-once": INCLUDE_ONCE,
    "#part-handler": HANDLER,
    "#include": INCLUDE,
    "#!": SCRIPT,
}
"""The beginning of the first line, longest first, and the kind that it announces."""

UNSURE = {"text/plain", UNKNOWN, SCRIPT}
"""Declared types that say little: the first line knows better."""

GZIP = {f"application/{name}" for name in ("gzip", "gzip-compressed", "gzipped", "x-compress", "x-compressed",
                                           "x-gunzip", "x-gzip", "x-gzip-compressed")}  # fmt: skip
"""Declared types that mean gzip."""

SNIFFED = 4096
"""How much of a document is looked through for ``MIME-Version:``, in bytes."""
FIRST_LINE = "begin it with a line that says what it is: #cloud-config, #!, #include, #cloud-boothook or MIME headers"
PACKED = {b"\xfd7zXZ\0": "xz", b"BZh": "bzip2", b"\x28\xb5\x2f\xfd": "zstd", b"PK\x03\x04": "zip"}


def first_line(content: bytes) -> str:
    """The first line that is not empty, without the white space around it; no more than 200 characters of it."""
    start = content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.split(b"\n", 1)[0][:200].decode("utf-8", "replace").strip()


def kind_of(content: bytes) -> str:
    """The kind that the first line announces, empty when it announces none."""
    line = first_line(content).lower()
    return next((kind for mark, kind in MARKS.items() if line.startswith(mark)), "")


def without_mark(text: str, mark: str) -> str:
    """The text without its announcement, which need not be there."""
    start = text.lstrip("\ufeff \t\r\n")
    return start[len(mark) :] if start[: len(mark)].lower() == mark else text


def is_gzip(content: bytes) -> bool:
    return content[:2] == b"\x1f\x8b"


def is_message(content: bytes) -> bool:
    """Is it a message in MIME, which has headers in place of a first line?"""
    start = content[:SNIFFED].lstrip().lower()
    return b"mime-version:" in start or start.startswith(b"content-type: multipart/")


def diagnose(content: bytes) -> Tuple[str, str]:
    """(reason, remedy) for content of no known kind. Neither holds any of the content."""
    line = first_line(content)
    packed = next((name for magic, name in PACKED.items() if content.startswith(magic)), "")
    if packed:
        return f"it is packed with {packed}", "use gzip, or none at all"
    if line.startswith("-----BEGIN PGP MESSAGE"):
        return "it is encrypted", "send it decrypted"
    if line.startswith("{") and b'"ignition"' in content[:4096]:
        return (
            "it is an Ignition config, which another agent reads",
            "boot an image with Ignition, or write cloud-config",
        )
    if line.lower().startswith(("<powershell", "<script", "#ps1", "rem cmd")):
        return "it is a script for Windows", "begin a script with #!/bin/sh"
    if line.startswith("#") and _nearly(line.lower()):
        return f"its first line is nearly, but not quite, {_nearly(line.lower())}", f"make it {_nearly(line.lower())}"
    if looks_like_config(content):
        return (
            "it looks like a cloud-config that lacks its first line",
            "write #cloud-config as the very first line",
        )
    if _is_base64(content):
        return "it is in base64", "send it decoded, or say so where the platform has a setting for it"
    return "nobody knows what it is", FIRST_LINE


def looks_like_config(content: bytes) -> bool:
    """Is this a YAML or JSON mapping with keys like those of a cloud-config?"""
    import re

    text = content[:65536].decode("utf-8", "replace")
    if text.lstrip()[:1] == "{":
        return re.match(r'\s*\{\s*"[a-z][a-z0-9_-]*"\s*:', text) is not None
    outer = [line for line in text.splitlines() if line.strip() and line[0] not in " \t#-"]
    keys = [re.match(r"[A-Za-z][A-Za-z0-9_-]*:(\s|$)", line) for line in outer]
    return bool(keys) and all(keys)


def _nearly(line: str) -> str:
    """The announcement that a line misspells: ``# cloud-config``, ``#cloud_config``, ``#cloudconfig``."""
    bare = "".join(c for c in line if c.isalnum())
    for mark in MARKS:
        wanted = "".join(c for c in mark if c.isalnum())
        if wanted and bare == wanted:
            return mark
    from difflib import get_close_matches

    return next(iter(get_close_matches(line, [mark for mark in MARKS if len(mark) > 2], 1, 0.85)), "")


def _is_base64(content: bytes) -> bool:
    """Is it base64 of something that begins as user-data does?"""
    from binascii import Error, a2b_base64

    start = b"".join(content[:400].split())
    start = start[: len(start) // 4 * 4]
    try:
        inner = a2b_base64(start)
    except Error:
        return False
    return bool(kind_of(inner)) or is_gzip(inner) or b"mime-version:" in inner.lower()
