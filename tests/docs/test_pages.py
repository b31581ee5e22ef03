"""What holds of every page: its links lead somewhere and the code that it names is there."""

from __future__ import annotations

import importlib
import re
from functools import reduce
from pathlib import Path

import pytest

from docs.write import rewritten
from escalation.clocks.python_policy import GROUP
from tests.docs.pages import PAGES, ROOT, anchor, headings

LINK = re.compile(r"\]\(([^)\s]+)\)")
NAMES = {
    (path.name, name)
    for path in PAGES
    for name in re.findall(r"`(escalation(?:\.\w+)+)`", path.read_text(encoding="utf-8"))
    if name != GROUP
}


def links(path: Path) -> list[str]:
    return [link for link in LINK.findall(path.read_text(encoding="utf-8")) if "://" not in link]


def found(name: str) -> object:
    """Return what a dotted name stands for: the longest module in it, then attributes."""
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        try:
            module = importlib.import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        return reduce(getattr, parts[length:], module)
    raise AssertionError(name)


@pytest.mark.parametrize(("where", "name"), sorted(NAMES))
def test_every_dotted_name_on_a_page_is_one_of_the_code(where, name):
    assert found(name) is not None, where


def test_pages_name_functions_at_all():
    assert len(NAMES) > 60


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_link_within_the_project_leads_to_a_page_and_a_heading_that_exist(path):
    for link in links(path):
        name, _, wanted = link.partition("#")
        target = path.parent / name if name else path
        assert target.is_file(), link
        if wanted:
            assert wanted in [anchor(line) for line in headings(target.read_text(encoding="utf-8"))], link


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_file_of_the_project_that_a_page_names_exists(path):
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r"`((?:docs|escalation|scenarios|tests|benchmarks|results)/[\w./]+)`", text):
        assert (ROOT / name).exists(), name


def test_the_page_of_commands_says_what_their_help_says(tmp_path: Path) -> None:
    advice = "python docs/write.py docs/commands.md writes it"
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    assert rewritten("docs/commands.md", tmp_path) == page, advice
