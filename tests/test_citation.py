"""What the project says of itself to those who cite it is what its package says."""

from __future__ import annotations

import tomllib
from pathlib import Path

import yaml

import escalation

ROOT = Path(__file__).parent.parent


def test_the_citation_names_the_version_the_licence_and_the_authors_of_the_package() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (cited["title"], cited["version"], cited["license"]) == (
        project["name"], escalation.__version__, project["license"],
    )  # fmt: skip
    assert [one["name"] for one in cited["authors"]] == [one["name"] for one in project["authors"]]
    assert cited["keywords"] == project["keywords"]


def test_the_glossary_is_in_order() -> None:
    page = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    words = [line.split("|")[1].strip(" `*").lower() for line in page.splitlines() if line.startswith("| ")][
        1:
    ]
    assert words == sorted(words)
