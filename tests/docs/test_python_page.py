"""Every block of docs/python.md runs, one after the other, and prints what the page is about."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import escalation
from tests.docs.pages import blocks, page, section

PAGE = page("python.md")


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the blocks under each heading print, run in order with one set of names."""
    names: dict[str, Any] = {}
    said: dict[str, str] = {}
    with pytest.MonkeyPatch.context() as changed:
        changed.chdir(tmp_path_factory.mktemp("page"))
        changed.setattr("escalation.clocks.choice.pays", lambda world, replications: replications > 1)
        for heading in re.findall(r"^## (.*)$", PAGE, re.M):
            lines: list[str] = []
            names["print"] = lambda *words, lines=lines: lines.append(" ".join(map(str, words)))
            for code in blocks(section(PAGE, f"## {heading}"), "python"):
                exec(compile(code, f"docs/python.md, {heading}", "exec"), names)
            said[heading] = "\n".join(lines)
    return said


def test_every_block_runs_and_prints_something(printed: dict[str, str]) -> None:
    assert list(printed) == [
        *("Load and run", "The summary", "Store, open, export", "Compare", "What if", "Vary"),
        "Learn from records",
        *("Pictures and reports", "Explain", "Errors"),
    ]
    assert [heading for heading, text in printed.items() if not text] == ["Pictures and reports"]
    assert float(printed["Load and run"].splitlines()[-1]) > 0
    assert printed["Errors"].endswith("-> policy")


def test_the_comparison_is_paired_and_finds_a_difference(printed: dict[str, str]) -> None:
    (line,) = printed["Compare"].splitlines()
    assert " True " in line


def test_a_story_names_its_causes(printed: dict[str, str]) -> None:
    acts = int(printed["Explain"].split()[1])
    causes = [line for line in printed["Explain"].splitlines() if "because of" in line]
    assert 0 < len(causes) <= min(5, acts)


@pytest.mark.parametrize("name", [name for name in escalation.__all__ if name != "__version__"])
def test_every_public_name_is_on_the_page_and_described(name: str) -> None:
    assert re.search(rf"\b{name}\b", PAGE)
    assert len(getattr(escalation, name).__doc__) > 60


def test_importing_the_package_exposes_its_names_without_loading_them(tmp_path: Path) -> None:
    assert set(escalation.__all__) <= set(dir(escalation))
    from escalation import api  # noqa: PLC0415

    assert {"load", "run", "compare", "whatif", "explain", "sweep", "sensitivity", "tune", "calibrate"} < set(
        escalation.__all__
    )
    assert {"report", "plot", "export", "open", "resume", "policies"} < set(escalation.__all__)
    assert all(
        getattr(escalation, name) is getattr(api, name) for name in escalation.__all__ if name[0] != "_"
    )
