"""The page of objectives: its expressions are read, its levers turned, its code run."""

from __future__ import annotations

import re

import pytest

from escalation.scenario.expression import FUNCTIONS, parse
from escalation.scenario.load import load_text
from escalation.study.points.levers import levers_of
from escalation.study.points.variants import Variants
from escalation.study.sweep.sweep import columns
from tests.docs.pages import blocks, page, section, table

PAGE = page("objectives.md")
NAMES = Variants("shipped:belarus_2020").names


@pytest.mark.parametrize("line", blocks(section(PAGE, "## Expressions"), "text")[0].splitlines())
def test_an_expression_on_the_page_is_one(line: str) -> None:
    parse(re.split(r" {3,}", line)[0], NAMES)


def test_every_function_is_on_the_page_and_no_other() -> None:
    rows = table(section(PAGE, "## Expressions"), "function")
    found = {name for row in rows for name in re.findall(r"(\w+)\(", row["function"])}
    assert found == set(FUNCTIONS)


def test_the_mistake_on_the_page_is_what_is_said() -> None:
    said = blocks(section(PAGE, "## Expressions"), "text")[1]
    with pytest.raises(Exception) as caught:  # noqa: PT011
        parse("mean(package_dys.belarus)", NAMES, "--outcome")
    assert str(caught.value) == said.rstrip("\n")


def test_the_objectives_on_the_page_load() -> None:
    (text,) = blocks(PAGE, "yaml")
    assert len(load_text(f"extends: shipped:minimal\n{text}").outcomes.objectives) == 3


def test_every_lever_on_the_page_can_be_turned() -> None:
    rows = table(section(PAGE, "## Levers"), "written")
    variants = Variants("shipped:belarus_2020")
    for row in rows:
        levers = levers_of([row["written"].replace("\\|", "|")])
        variants.require(levers)
        assert len(levers[0].values()) > 1
    assert len(rows) == 5


def test_the_files_and_columns_of_a_sweep_are_on_the_page() -> None:
    rows = {row["file"]: row["holds"] for row in table(section(PAGE, "## Sweeps"), "file")}
    assert {"sweep.parquet", "sweep.json", "sweep.svg"} < set(rows)
    assert all(column in rows["sweep.parquet"] for column in columns(()))


def test_the_code_on_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks(PAGE, "python")
    exec(code, {})
    assert capsys.readouterr().out.startswith("[({'actors.eu.policy.reciprocity': 0.2}, ")
