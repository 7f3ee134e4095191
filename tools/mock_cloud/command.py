"""A cloud on loopback, that misbehaves when asked to.

    tools/mock-cloud ec2                                    Amazon's metadata service on a free port
    tools/mock-cloud ec2 --listen 127.0.0.1:8080 --user-data user-data.yaml
    tools/mock-cloud ec2 --documents tree.json              your own documents: a JSON file of paths, or a folder
    tools/mock-cloud openstack --fault 503:retry-after=2    every answer is "come again in 2 seconds"
    tools/mock-cloud ec2 --fault 'truncated @GET */user-data x2'    only there, only twice
    tools/mock-cloud ec2 --fault flap:3,2                   there for 3 seconds, gone for 2, and so on
    tools/mock-cloud configdrive --media out/               clouds that attach a disk: its images
    tools/mock-cloud ec2 --faults                           every way to misbehave, explained

Point a datasource at it (datasource: {Ec2: {metadata_urls: [URL]}}), or boot a machine on it: tools/boot-vm --cloud.
Each request is told on standard error as it comes. While it runs, a line on standard input changes how it behaves:
"fault FAULT [@PATTERN] [xTIMES] [+AFTER]", or "well". It ends with its standard input's "quit", or Ctrl-C.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import sys
from pathlib import Path

from tools import clouds
from tools.mock_cloud import faults
from tools.mock_cloud.server import Server
from tools.mock_cloud.tree import folder


def add_words(words):
    """What both this command and tools/boot-vm take."""
    words.add_argument("--user-data", type=Path, metavar="FILE", help="the machine's user-data")
    words.add_argument("--id", default="", help="its instance id")
    words.add_argument("--hostname", default=clouds.Wishes.hostname, help="its name (%(default)s)")
    words.add_argument(
        "--documents", type=Path, metavar="FILE|DIR", help="documents by their paths, instead of made-up ones"
    )
    words.add_argument("--rate", type=float, metavar="N", help="answer so many requests a second, as the cloud would")
    words.add_argument("--fault", action="append", default=[], metavar="FAULT", help="misbehave (see --faults)")
    words.add_argument("--latency", type=float, default=0, metavar="S", help="each answer is so long under way")


def wishes(given, **more):
    about = {"user_data": given.user_data.read_bytes()} if given.user_data else {}
    tree = folder(given.documents) if given.documents else None
    return clouds.Wishes(id=given.id, hostname=given.hostname, tree=tree, rate=given.rate, **about, **more)


def misbehave(server, text):
    """``FAULT [@PATTERN] [xTIMES] [+AFTER]``, the pattern being of ``METHOD PATH``; where a cloud is not asked over
    HTTP, a name of its own mock's, for the next answer. Raises ValueError."""
    if hasattr(server, "faults"):
        server.faults.append(text)
        return
    name, _, pattern = text.partition("@")
    words, about = [], {}
    for word in f"{name} @{pattern}".split() if pattern else name.split():
        if word[0] in "x+" and word[1:].isdigit():
            about["times" if word[0] == "x" else "after"] = int(word[1:])
        else:
            words.append(word)
    match = " ".join(words[1:]).lstrip("@") or ("ACCEPT" if words[0] == "reset-on-accept" else "*")
    server.fault(words[0], match=match, **about)


def serving(cloud, wished, given, place=None, heard=None):
    """The cloud's server, misbehaving as asked: a context."""
    if cloud.start:
        server = cloud.start(wished, place or str(Path(f"{cloud.name}.socket").resolve()))
        for text in given.fault:
            misbehave(server, text)
        return server
    host, _, port = (given.listen if getattr(given, "listen", None) else "127.0.0.1:0").rpartition(":")
    server = Server(cloud.answers(wished), host.strip("[]"), int(port), latency=given.latency, heard=heard)
    for text in given.fault:
        misbehave(server, text)
    return server


def main() -> int:
    given = read_words()
    if given.faults:
        print(faults.__doc__)
        return 0
    cloud = clouds.cloud(given.cloud)
    wished = wishes(given)
    if given.media:
        if not cloud.media:
            print(f"mock-cloud: {cloud.name} attaches no disk: leave --media out", file=sys.stderr)
            return 1
        given.media.mkdir(parents=True, exist_ok=True)
        for image in cloud.media(wished, given.media):
            print(image)
    if given.show_firmware:
        print(json.dumps(cloud.firmware(wished), indent=2))
    if not (cloud.answers or cloud.start) or given.media or given.show_firmware:
        if not (given.media or given.show_firmware):
            print(f"mock-cloud: {cloud.name} has no server: say --media DIR for its disk", file=sys.stderr)
            return 1
        return 0
    signal.signal(signal.SIGTERM, lambda *_: (_ for _ in ()).throw(KeyboardInterrupt()))
    try:
        with serving(cloud, wished, given, given.unix, told) as server:
            print(server.url, flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                obey(server)
            if isinstance(server, Server):
                print(f"{len(server.requests)} requests, {server.connections} connections", file=sys.stderr)
    except (OSError, ValueError) as problem:
        print(f"mock-cloud: {problem}", file=sys.stderr)
        return 1
    return 0


def obey(server):
    """Does what standard input says until it says quit; where it is no terminal and ends, until a signal comes."""
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        try:
            if word == "quit":
                return
            if word == "fault" and rest:
                misbehave(server, rest)
            elif word == "well":
                server.well()
            elif word:
                raise ValueError(f"what is {word}? say: fault FAULT [@PATTERN] [xTIMES] [+AFTER], well, or quit")
        except ValueError as problem:
            print(f"mock-cloud: {problem}", file=sys.stderr)
    while True:
        signal.pause()


def told(request):
    print(f"{request.connection:4} {request!r}", file=sys.stderr, flush=True)


def read_words():
    words = argparse.ArgumentParser(
        prog="mock-cloud", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    listed = "\n".join(f"  {name:14} {clouds.cloud(name).title}" for name in clouds.names())
    words.epilog = f"clouds:\n{listed}"
    words.add_argument("cloud", nargs="?", metavar="CLOUD", help="one of those below")
    words.add_argument("--listen", metavar="HOST:PORT", help="where to listen (a free port of 127.0.0.1)")
    words.add_argument("--unix", metavar="PATH", help="the socket of a cloud that is not asked over HTTP")
    words.add_argument("--media", type=Path, metavar="DIR", help="make the images of its disks there")
    words.add_argument("--show-firmware", action="store_true", help="print what its SMBIOS tells, as JSON")
    words.add_argument("--faults", action="store_true", help="explain the ways to misbehave")
    add_words(words)
    given = words.parse_args()
    if not given.faults and given.cloud not in clouds.names():
        said = f"no such cloud: {given.cloud}" if given.cloud else "which cloud?"
        words.error(f"{said}; there are {', '.join(clouds.names())}")
    for path in (given.user_data, given.documents):
        if path and not path.exists():
            words.error(f"{path} does not exist")
    if not given.cloud or clouds.cloud(given.cloud).start:
        return given
    try:
        for text in given.fault:
            misbehave(_Tried, text)
    except (ValueError, IndexError) as problem:
        words.error(f"{problem}; --faults explains those there are")
    return given


class _Tried:
    """Takes faults to see whether they are right."""

    @staticmethod
    def fault(text, **_):
        faults.fault(text)
