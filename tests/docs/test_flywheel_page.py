"""The page on the flywheel shows what the program prints."""

from __future__ import annotations

import re

from docs.write import SCENARIOS, rewritten
from tests.docs.pages import page, table


def test_the_section_on_the_page_is_what_the_command_prints(tmp_path):
    assert rewritten("docs/flywheel.md", tmp_path, ["section"]) == page("flywheel.md")


def test_every_scenario_of_the_table_is_told_with_its_intervals():
    rows = table(page("flywheel.md"), "scenario")
    assert tuple(row["scenario"] for row in rows) == SCENARIOS
    for row in rows:
        assert re.fullmatch(r"\d\.\d\d \[\d\.\d\d, \d\.\d\d\]", row["R"])
        assert re.fullmatch(r"[\d.]+% \[[\d.]+, [\d.]+\]", row["without answers"])
