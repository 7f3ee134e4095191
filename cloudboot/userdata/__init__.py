"""User-data: from the bytes that a cloud hands over to what the instance is asked to be.

    parts.unpack ──► config.settle ──► Settled(config, scripts, boothooks, handlers, problems, notes)
    parts.unpack ──► config.trace  ──► for every path of the same config, where it came from

Pure: bytes and values in, values out; addresses are fetched by a function that the caller gives. User-data is written
by people and by those who can reach the cloud's interface, and it is read as root. So everything has a bound, and what
is beyond it, or cannot be understood, is a `BadPart` with the part's name, line and column; the other parts count.

The bounds stand in docs/limits.md.
"""
