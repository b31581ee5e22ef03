"""The notebook runs from top to bottom, cell by cell, and stores no output."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import page

CELLS = json.loads(page("notebook.ipynb"))["cells"]


def test_every_cell_runs_after_those_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for number, cell in enumerate(CELLS):
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), f"docs/notebook.ipynb, cell {number}", "exec"), names)
    assert "(did you mean package_days.belarus?)" in capsys.readouterr().out
    assert sum(names["futures"]["package_days.belarus"]) > 0
    assert (tmp_path / "tour.svg").stat().st_size > 1000


def test_no_output_is_stored() -> None:
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in CELLS)
