"""The changelog: it speaks of this version, and says of every version what it does to results."""

from __future__ import annotations

import re
import tomllib

import escalation
from tests.docs.pages import ROOT

TEXT = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
VERSIONS = re.findall(r"^## \[(.+?)\] – (\S+)$", TEXT, re.M)


def test_the_newest_section_is_of_the_version_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert VERSIONS[0][0] == escalation.__version__ == project["version"]


def test_every_version_is_dated_or_unreleased():
    assert all(re.fullmatch(r"unreleased|\d{4}-\d\d-\d\d", when) for _, when in VERSIONS)


def test_every_version_says_what_changes_results():
    sections = re.split(r"^## ", TEXT, flags=re.M)[1:]
    assert len(sections) == len(VERSIONS)
    assert all(re.search(r"^### Changes results\n\n- .", section, re.M) for section in sections)
