"""Engines by name, and what a run on this machine does without: Dask."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest

from escalation import api
from escalation.ensemble.engine import address_of
from escalation.errors import EnvironmentFault, InputError


@pytest.mark.parametrize(
    ("engine", "address"),
    [
        ("local", None),
        ("dask://127.0.0.1:8786", "127.0.0.1:8786"),
        ("dask://node7.example.org:8786/", "node7.example.org:8786"),
        ("dask://[::1]:8786", "[::1]:8786"),
    ],
)
def test_an_engine_is_this_machine_or_the_address_of_a_scheduler(engine: str, address: str | None) -> None:
    assert address_of(engine) == address


@pytest.mark.parametrize(
    ("engine", "said"),
    [
        ("dask://node7", "is not dask://HOST:PORT"),
        ("dask://node7:0", "is not dask://HOST:PORT"),
        ("dask://node7:65536", "is not dask://HOST:PORT"),
        ("dask://user@node7:8786", "is not dask://HOST:PORT"),
        ("dask://node7:8786/path", "is not dask://HOST:PORT"),
        ("dask:node7:8786", "is not dask://HOST:PORT"),
        ("Local", "did you mean local?"),
        ("ray://node7:8786", "allowed are local and dask://HOST:PORT"),
        ("", "allowed are local and dask://HOST:PORT"),
    ],
)
def test_any_other_engine_is_refused_with_what_is_allowed(engine: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        api.run("minimal", 1, engine=engine)
    assert str(refused.value).startswith(f"engine {engine}: ")
    assert said in str(refused.value)


def test_a_run_on_this_machine_never_imports_dask() -> None:
    code = "import sys; from escalation import api; api.run('minimal', 2); print(sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "'escalation.ensemble.run'" in done.stdout
    assert "'dask'" not in done.stdout
    assert "'distributed'" not in done.stdout
    assert "'escalation.ensemble.cluster'" not in done.stdout


@pytest.mark.parametrize("listening", [False, True])
def test_where_no_scheduler_answers_it_is_said(listening: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="needs the extra cluster")
    from escalation.ensemble import cluster  # noqa: PLC0415 - only with the extra

    assert cluster.CONNECT <= 5
    monkeypatch.setattr(cluster, "CONNECT", 1.0)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        if listening:
            server.listen()
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(EnvironmentFault, match=f"engine dask://{address}: no Dask scheduler answers"):
            api.run("minimal", 1, engine=f"dask://{address}")
