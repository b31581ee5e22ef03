"""What is chosen by name: the engine of a run (this machine, or a cluster), and whose acts it stores."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from escalation.errors import InputError, did_you_mean, require_extra

if TYPE_CHECKING:  # numpy is not wanted for --help
    from escalation.ensemble.executors import Pooled

Acts = Literal["none", "sample", "all"]
"""Whose acts are stored: nobody's, those of the first replications, everybody's."""

LOCAL = "local"

_DASK = re.compile(r"dask://(?P<address>(\[[0-9A-Fa-f:.]+\]|[^\s/:@\[\]]+):(?P<port>[0-9]{1,5}))/?")


def address_of(engine: str) -> str | None:
    """Return HOST:PORT of a cluster, or None for `local`; InputError for what is no engine."""
    if engine == LOCAL:
        return None
    match = _DASK.fullmatch(engine)
    if match and 0 < int(match["port"]) < 2**16:
        return match["address"]
    if engine.startswith("dask:"):
        raise InputError(f"engine {engine}: is not dask://HOST:PORT, such as dask://127.0.0.1:8786")
    hint = did_you_mean(engine, (LOCAL, "dask"))
    raise InputError(f"engine {engine}: no such engine; allowed are local and dask://HOST:PORT{hint}")


def open_engine(engine: str) -> Pooled | None:
    """Return the cluster that `engine` names, found to be there with workers; None for `local`.

    Raises InputError for what is no engine, and EnvironmentFault when Dask is not installed, or no scheduler
    or no worker answers within some seconds. Dask is imported for a cluster only.
    """
    address = address_of(engine)
    if address is None:
        return None
    require_extra("cluster", f"engine {engine}: needs")
    from escalation.ensemble.cluster import Cluster  # noqa: PLC0415 - it imports the extra

    return Cluster(address)
