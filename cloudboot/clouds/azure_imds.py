"""Azure's instance metadata service. Facts: "IMDS" in the datasources reference, after Microsoft's documentation."""

from __future__ import annotations

from cloudboot.errors import Unreachable
from cloudboot.http.reach import reach
from cloudboot.http.service import Refused
from cloudboot.metadata import mapping
from cloudboot.noun import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any, Mapping, Tuple

    from cloudboot.datasource import Probe
    from cloudboot.http.service import Service

NAME = "Azure metadata"
URLS = ("http://169.254.169.254",)
INSTANCE = "/metadata/instance?api-version=2021-08-01&extended=true"
OLDER_INSTANCE = "/metadata/instance?api-version=2019-06-01"
AGAIN = (404, 408, 410, 429, 500, 502, 503, 504)
BUDGET, ATTEMPT = 300.0, 30.0


def urls(probe: Probe) -> Tuple[str, ...]:
    told = probe.settings.get("metadata_urls")
    return tuple(map(str, told)) if isinstance(told, list) and told else URLS


def headers() -> Mapping[str, str]:
    """Support at Azure can find a request by its id."""
    from os import urandom

    digits = urandom(16).hex()
    id = "-".join((digits[:8], digits[8:12], "4" + digits[13:16], "8" + digits[17:20], digits[20:]))
    return {"Metadata": "true", "x-ms-client-request-id": id}


def instance(probe: Probe, where: str) -> Mapping[str, Any]:
    """What the service knows of this machine; Azure Stack's is older than most. A machine with the owner's document
    does without it. Raises `Unreachable`."""
    service = reach(probe, NAME, URLS, budget=BUDGET, attempt=ATTEMPT, again=AGAIN)
    try:
        return _told(service)
    except Unreachable as problem:
        if not where:
            raise
        probe.warn(f"{problem.reason}; only what is on the disc is known of this machine")
        return {}
    finally:
        service.close()


def _told(service: Service) -> Mapping[str, Any]:
    try:
        return mapping(service.get(INSTANCE, headers()), NAME)
    except Refused as refused:
        if refused.status != 400:
            raise
        return mapping(service.get(OLDER_INSTANCE, headers()), NAME)
