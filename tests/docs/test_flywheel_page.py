"""The page on the flywheel shows what the program prints."""

from __future__ import annotations

import re
import sys

from tests.docs.pages import DOCS, page, table


def script():
    sys.path.insert(0, str(DOCS))
    try:
        import flywheel  # noqa: PLC0415  # a script beside the pages, not a package
    finally:
        sys.path.pop(0)
    return flywheel


def test_the_section_on_the_page_is_what_the_command_prints():
    assert f"<!-- section -->\n```text\n{script().section()}\n```\n" in page("flywheel.md")


def test_every_scenario_of_the_table_is_told_with_its_intervals():
    rows = table(page("flywheel.md"), "scenario")
    assert tuple(row["scenario"] for row in rows) == script().SCENARIOS
    for row in rows:
        assert re.fullmatch(r"\d\.\d\d \[\d\.\d\d, \d\.\d\d\]", row["R"])
        assert re.fullmatch(r"\d+% \[\d+, \d+\]", row["without answers"])
