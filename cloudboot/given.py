"""What a person gives on the command line in place of what the machine's own datasource would say."""

from __future__ import annotations

import os

from cloudboot.datasource import Datasource, Needs
from cloudboot.errors import CloudbootError
from cloudboot.noun import TYPE_CHECKING
from cloudboot.seed import instance, read_seed

if TYPE_CHECKING:
    from typing import Optional

    from cloudboot.datasource import Probe
    from cloudboot.job import Inputs
    from cloudboot.values import Instance

MOST = 16 << 20


def source(inputs: Inputs) -> Datasource:
    """A NoCloud seed made of the folder and files that were named; what was not named is empty."""
    files = {"user-data": inputs.user_data, "vendor-data": inputs.vendor_data, "meta-data": inputs.meta_data,
             "network-config": inputs.network_config}  # fmt: skip

    def read(name: str) -> Optional[bytes]:
        named = files[name]
        if named:
            return content(named)
        path = os.path.join(inputs.seed or "", name)
        return content(path) if inputs.seed and os.path.exists(path) else None

    def fetch(probe: Probe) -> Instance:
        if inputs.seed and not os.path.isdir(inputs.seed):
            raise CloudbootError(f"{inputs.seed} is no folder", "name a folder with user-data and meta-data in it")
        where = f"{inputs.seed}/" if inputs.seed else ""
        seed = read_seed(read, where, probe.warn, ())
        assert seed is not None
        return instance(seed).but(subplatform=f"given ({inputs.seed or 'files'})")

    return Datasource("nocloud", "NoCloud", Needs.NOTHING, lambda host, settings: None, fetch)


def content(path: str) -> bytes:
    """A file that a person named. Raises `CloudbootError`."""
    try:
        with open(path, "rb") as file:
            data = file.read(MOST + 1)
    except OSError as problem:
        raise CloudbootError(f"cannot read {path}: {problem.strerror}") from None
    if len(data) > MOST:
        raise CloudbootError(f"{path} is larger than {MOST >> 20} MiB", "compress it, or let it #include the rest")
    return data
