"""The image configuration that the kernel command line names by its address: ``cloudboot.config-url=``,
``cloud-config-url=``.

It is fetched once and kept as a drop-in, which nothing overwrites: whoever cleans the machine has it fetched anew. A
path is read in the local stage, anything else fetched in the network stage. What cannot be had is warned of, and the
boot goes on without it.
"""

from __future__ import annotations

from cloudboot import carry, settings
from cloudboot.card import Stage
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING
from cloudboot.text import safe_url

if TYPE_CHECKING:
    from cloudboot.job import Job
    from cloudboot.system.door import System

MARK = b"#cloud-config"
TRIES, PAUSE, SECONDS = 3, 1.0, 10.0


def take(job: Job, stage: Stage) -> None:
    """Adds that configuration to the job's settings, and to the machine."""
    said = job.settings
    url, path = said.cmdline.config_url, f"{said.own}/{settings.FETCHED}"
    if not url or said.cmdline.is_config_local != (stage is Stage.LOCAL) or job.host.files.has(path):
        return
    from cloudboot.fetch import fetch

    job.log.debug(f"fetch {safe_url(url)}: image configuration")
    job.report.wait("the configuration named on the kernel command line")
    try:
        text = fetch(url, tries=TRIES, pause=PAUSE, timeout=SECONDS, most=settings.MOST, files=job.host.files)
    except CloudbootError as problem:
        job.warn(f"the configuration named on the kernel command line cannot be had: {problem}")
        return
    finally:
        job.report.wait("")
    if not text.startswith(MARK):
        job.warn(
            f"{safe_url(url)}, named on the kernel command line, does not begin with #cloud-config: it is left out"
        )
        return

    def keep(system: System) -> None:
        system.write(path, text, mode=0o600, secret=True)

    carry.perform(job, "config_url", f"boot-{job.state.boot_id}/config_url", keep)
    job.settings = settings.load(job.host, said.own, text)
    for problem_text in set(job.settings.problems) - set(said.problems):
        job.warn(problem_text)
