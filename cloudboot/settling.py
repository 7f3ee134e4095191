"""Works out what the owner and the cloud sent: a config, and files to run, which it puts where their modules look."""

from __future__ import annotations

from cloudboot import carry, instancedata, registry
from cloudboot.card import STATE
from cloudboot.errors import CloudbootError, Unreachable
from cloudboot.noun import TYPE_CHECKING
from cloudboot.schema import dotted
from cloudboot.userdata.config import Layer, Sources, settle
from cloudboot.userdata.parts import Inclusion, Parts, unpack

if TYPE_CHECKING:
    from typing import Any, Callable, List, Mapping, Optional

    from cloudboot.job import Job
    from cloudboot.system.door import System
    from cloudboot.userdata import Settled
    from cloudboot.userdata.handlers import Handler

HANDLER_SECONDS = 600.0
HURRY_SECONDS = 5.0


def at_hand(job: Job) -> bool:
    """Settles the job's config where nothing has to come over a network for it; whether that is so."""

    def local(url: str) -> bytes:
        if not url.startswith(("file:", "/")):
            raise Unreachable("the network is not up yet")
        return job.fetch(url)

    return _settles(job, local)


def in_a_hurry(job: Job) -> bool:
    """Settles the job's config, if all that user-data includes answers at once; whether it is settled. Where it is not,
    it is what is at hand."""
    if _settles(job, _within(job, HURRY_SECONDS)):
        return True
    job.settled = settle(read(job, None))
    return False


def everything_said(job: Job) -> None:
    """Settles the job's config from all that was sent, however long what it includes takes to answer."""
    _settle(job, everything(job))


def _settles(job: Job, fetch: Callable[[str], bytes]) -> bool:
    lost: List[str] = []

    def noting(url: str) -> bytes:
        try:
            return _kept(job, fetch)(url)
        except CloudbootError:
            lost.append(url)
            raise

    sources = read(job, Inclusion(noting, *_once(job)))
    if not lost:
        _settle(job, sources)
    return not lost


def _settle(job: Job, sources: Sources) -> None:
    job.sources = sources
    settled = settle(sources)
    job.settle(settled)
    for problem in settled.problems:
        job.error(str(problem))
    for note in settled.notes:
        job.warn(str(note))


def take(job: Job) -> Settled:
    """Puts what the settled config brings to run where its modules look for it, and warns of what nobody knows in it.
    Raises `CloudbootError` where the image wants nothing done because not all of it was understood."""
    settled = job.settled
    assert settled is not None
    if job.first:
        warn_of_keys(job, settled.config)
        if settled.config.get("plug_ins") != job.settings.config.get("plug_ins"):
            job.warn("plug_ins: what user-data says of them is not done; only the image's configuration names any")
    if job.refused:
        raise CloudbootError("strict: nothing is done, because user-data could not be understood whole",
                             "mend what is named above, or leave strict out of the image's configuration")  # fmt: skip
    carry.perform(job, "user_data", f"boot-{job.state.boot_id}/user_data", lambda system: put(job, system, settled))
    return settled


def warn_of_keys(job: Job, config: Mapping[str, Any]) -> None:
    """Warns of top-level keys that nobody knows, and of those whose modules do not run."""
    image, known = job.settings.config, registry.keys()
    if any(key not in known and key not in image for key in config):
        from cloudboot import check

        for unknown in check.unknown_keys(config, image):
            job.warn(carry.placed(job, dotted(unknown.path), unknown))
    if job.is_scheduled:
        from cloudboot import schedule

        for text in schedule.notes(config, image):
            job.warn(text)


def read(job: Job, inclusion: Optional[Inclusion]) -> Sources:
    """All that anybody says, as parts and layers; without an ``inclusion`` nothing is fetched."""
    instance = job.instance
    assert instance is not None
    index = instance.launch_index
    data = instancedata.describe(job.host, instance, job.settings.config)
    return Sources(
        unpack(instance.user_data, "user-data", index, inclusion) if instance.user_data else Parts(),
        unpack(instance.vendor_data, "vendor-data", index, inclusion) if instance.vendor_data else Parts(),
        unpack(instance.vendor_data2, "vendor-data2", index, inclusion) if instance.vendor_data2 else Parts(),
        (*([Layer("datasource", instance.config)] if instance.config else []), *job.settings.layers),
        data,
    )


def everything(job: Job) -> Sources:
    """All that anybody says, with everything that it includes."""
    return read(job, Inclusion(_kept(job, job.fetch), *_once(job)))


def _within(job: Job, seconds: float) -> Callable[[str], bytes]:
    """How addresses are read, no longer than that in all."""
    import time

    end = time.monotonic() + seconds

    def fetch(url: str) -> bytes:
        left = end - time.monotonic()
        if left <= 0:
            raise Unreachable("there was no time for it yet")
        return job.fetch(url, left)

    return fetch


def _kept(job: Job, fetch: Callable[[str], bytes]) -> Callable[[str], bytes]:
    """The same, each address once in a boot."""

    def kept_or_fetched(url: str) -> bytes:
        if url not in job.included:
            job.included[url] = fetch(url)
        return job.included[url]

    return kept_or_fetched


def _once(job: Job) -> Any:
    """How ``#include-once`` remembers: (recall, keep)."""
    from cloudboot.digests import sha256

    def path(url: str) -> str:
        return f"{job.folder}/fetched/{sha256(url.encode()).hexdigest()}"

    return (lambda url: job.machine.read(path(url))), (lambda url, content: job.state.put(path(url), content))


def put(job: Job, system: System, settled: Settled) -> None:
    """Scripts, boothooks and part-handlers into their folders; the handlers run."""
    places = {"user": f"{job.folder}/scripts", "vendor": f"{job.folder}/scripts/vendor"}
    for script in settled.scripts:
        folder = places.get(script.folder, f"{STATE}/scripts/{script.folder}")
        system.write(f"{folder}/{script.name}", script.content, mode=0o700, secret=True)
    hooks = {f"{number:03d}-{hook.name}": hook for number, hook in enumerate(settled.boothooks)}
    for name in system.names(f"{job.folder}/boothooks"):
        if name not in hooks:
            system.remove(f"{job.folder}/boothooks/{name}")
    for name, hook in hooks.items():
        system.write(f"{job.folder}/boothooks/{name}", hook.content, mode=0o700, secret=True)
    for handler in settled.handlers:
        run_handler(job, system, handler)


def run_handler(job: Job, system: System, handler: Handler) -> None:
    """One part-handler, in a process of its own."""
    import sys

    from cloudboot.userdata import handlers

    folder = f"{job.folder}/handlers"
    system.write(f"{folder}/{handler.name}", handler.source, mode=0o600)
    done = system.run(sys.executable, handlers.DRIVER, stdin=handlers.order(handler, job.first, folder),
                      timeout=HANDLER_SECONDS, in_doubt="skip", check=False,
                      describe=f"run the part-handler {handler.name}")  # fmt: skip
    if done.left or done.doubted or job.plan is not None:
        return
    if done.stderr.strip():  # what it printed; its standard output is the driver's answer to us
        system.say(done.stderr.decode("utf-8", "replace").rstrip("\n"))
    for error in handlers.answer(done.stdout).errors:
        system.warn(f"part-handler {handler.name}: {error}")
