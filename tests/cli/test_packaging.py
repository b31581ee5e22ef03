"""What a package index and an installer are told, and what is said where an extra is missing."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import pytest

from escalation.errors import EXTRAS
from tests.cli.conftest import Escalation

PROJECT = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
NEEDING = {
    "cluster": "run minimal -n 2 --engine dask://127.0.0.1:8786",
    "office": "report minimal -n 2 --brief -o brief.docx",
    "report": "report minimal -n 2",
    "tune": "tune minimal --actor eu --vary policy.reciprocity=0.2:1.4 --minimize mean(cost.eu) -n 20 -o t",
}
"""A command that needs each extra."""


def test_the_extras_are_those_of_the_package() -> None:
    optional = PROJECT["optional-dependencies"]
    assert set(EXTRAS) == set(NEEDING) == set(optional) - {"all", "dev", "docs"}
    assert optional["all"] == [f"escalation[{','.join(EXTRAS)}]"]


@pytest.mark.parametrize(("extra", "module"), [(extra, one) for extra in EXTRAS for one in EXTRAS[extra]])
def test_a_missing_extra_is_named_with_commands_that_install_it(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch, extra: str, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    done = escalation(NEEDING[extra])
    assert done.exit_code == 1
    assert re.fullmatch(
        rf"(pictures need|Word documents need|tuning needs|engine dask://\S+: needs) {module},"
        rf" which is not installed: pip install 'escalation\[{extra}\]',"
        rf" or in a checkout pip install -e '\.\[{extra}\]'\n",
        done.stderr,
    )
    assert not any(Path().iterdir())
