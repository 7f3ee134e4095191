"""The service of a datasource: where the image's settings say, for as long as they and the boot allow."""

from __future__ import annotations

from cloudboot.http.service import ATTEMPT, BUDGET, Service
from cloudboot.noun import TYPE_CHECKING
from cloudboot.values import Setting

if TYPE_CHECKING:
    from typing import Any, Collection, Mapping, Optional, Sequence

    from cloudboot.datasource import Probe

WHERE = ("metadata_urls", "metadata_url", "url")
SETTINGS = {
    "metadata_urls": Setting("list of URLs", "the service's addresses, in place of its own; `metadata_url` is one"),
    "max_wait": Setting("seconds", "how long the service is asked in all; 0 or less is one try"),
    "timeout": Setting("seconds", "how long one try may take"),
    "retries": Setting("number", "how often a request is made again at most", "as often as there is time"),
}
"""What an image may say of any service; what else holds are the arguments of `reach`."""


def reach(
    probe: Probe,
    name: str,
    urls: Sequence[str],
    *,
    budget: float = BUDGET,
    attempt: float = ATTEMPT,
    again: Optional[Collection[int]] = None,
    headers: Optional[Mapping[str, str]] = None,
    source_ports: Sequence[int] = (0,),
) -> Service:
    """The service that ``urls`` reach, unless the settings have others (``metadata_urls``).

    ``max_wait`` in the settings is the budget in seconds (none: one try), ``timeout`` that of one try, ``retries`` how
    often a request is made again at most.
    """
    settings = probe.settings
    tries = _number(settings, "retries", -1) + 1
    budget = _number(settings, "max_wait", budget)
    attempt = max(0.001, _number(settings, "timeout", attempt))
    if budget <= 0:
        tries, budget = 1, attempt * 4
    if probe.patience is not None:
        budget = min(budget, probe.patience)
    about: Any = {} if again is None else {"again": again}
    return Service(
        name,
        _listed(settings) or urls,
        budget=budget,
        attempt=attempt,
        tries=int(tries),
        headers=headers,
        source_ports=source_ports,
        waiting=probe.waiting,
        pause=min(0.2, attempt / 10),
        **about,
    )


def _listed(settings: Mapping[str, Any]) -> Sequence[str]:
    for key in WHERE:
        value = settings.get(key)
        if isinstance(value, str) and value:
            return [value]
        if isinstance(value, (list, tuple)) and value:
            return [str(url) for url in value]
    return ()


def _number(settings: Mapping[str, Any], key: str, otherwise: float) -> float:
    try:
        value = float(settings[key])
    except (KeyError, TypeError, ValueError):
        return otherwise
    return min(value, 3600.0) if value == value else otherwise
