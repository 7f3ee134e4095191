"""User-data: from the bytes that a cloud hands over to what the instance is asked to be.

    parts.unpack ──► config.settle ──► Settled(config, scripts, boothooks, handlers, problems, notes)
    parts.unpack ──► config.trace  ──► for every path of the same config, where it came from

Pure: bytes and values in, values out; addresses are fetched by a function that the caller gives. User-data is written
by people and by those who can reach the cloud's interface, and it is read as root. So everything has a bound, and what
is beyond it, or cannot be understood, is a `BadPart` with the part's name, line and column; the other parts count.

    all of user-data, unpacked and fetched   16 MiB     plain.MAX_BYTES
    parts                                    4096       parts.MAX_PARTS
    containers around one another            8          parts.MAX_NESTING (gzip, multipart, archive, message)
    includes inside one another              8          parts.MAX_INCLUDES
    addresses of all includes                64         parts.MAX_URLS
    depth of a YAML document                 64         document.MAX_DEPTH
    values of one, its aliases followed      500000     document.MAX_NODES
    uses of aliases in one                   1000       document.MAX_ALIASES
    operations of a JSON Patch               10000      patch.MAX_OPERATIONS
    a template                               2 s of CPU, 96 MiB of memory, 16 MiB of text
"""
