"""Runs and results at a Python prompt, in a notebook, and as tables for other libraries."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pytest
from typer.testing import CliRunner

import escalation
from escalation.cli.app import app
from escalation.ensemble.read import Run
from escalation.errors import InputError
from escalation.study.finished import Finished


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    return escalation.run("minimal", 30, seed=3, out=tmp_path_factory.mktemp("runs") / "a", workers=1)


@pytest.fixture(scope="module")
def stored(finished: Finished) -> Run:
    assert finished.folder
    return escalation.open_run(finished.folder)


def test_a_prompt_shows_three_lines(finished: Finished, stored: Run) -> None:
    for one in (finished, stored, finished.summary, escalation.explain("minimal")):
        assert len(repr(one).splitlines()) == 3
        assert finished.header.title in repr(one)


def test_print_gives_the_page_of_the_command(stored: Run) -> None:
    done = CliRunner().invoke(app, ["summary", str(stored.folder)], prog_name="escalation")
    assert str(stored) + "\n" == done.stdout


def test_a_notebook_shows_the_page_in_a_frame_of_its_own(finished: Finished) -> None:
    shown = finished._repr_html_()
    assert finished.header.title in shown
    assert shown.startswith(("<iframe srcdoc=", "<pre>"))


@pytest.mark.parametrize("name", ["outcomes", "acts", "causes"])
def test_a_table_is_taken_by_a_database_as_it_is(finished: Finished, stored: Run, name: str) -> None:
    table = finished.table(name)
    assert list(table) == list(stored.table(name))
    connection = duckdb.connect()
    connection.register("rows_", table)
    (count,) = connection.execute("SELECT count(*) FROM rows_").fetchall()[0]
    assert count == len(table["replication"])
    assert not [column for column, values in table.items() if isinstance(values, np.ma.MaskedArray)]


def test_an_unknown_name_gets_the_nearest_one(finished: Finished, stored: Run) -> None:
    for run in (finished, stored):
        with pytest.raises(KeyError, match=r"no outcome acts.belaru \(did you mean acts.belarus\?\)"):
            run.columns(["acts.belaru"])
        with pytest.raises(InputError, match="did you mean outcomes"):
            run.table("outcome")


def test_what_was_not_stored_has_no_acts(tmp_path: Path) -> None:
    run = escalation.run("minimal", 2, workers=1)
    assert len(run.table()["replication"]) == 2
    with pytest.raises(InputError, match="was not stored"):
        run.table("acts")
