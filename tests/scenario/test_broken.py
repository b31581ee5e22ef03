"""One broken file per rule; its first lines say where its mistakes are and what must be said of them."""

from pathlib import Path

import pytest

from escalation.errors import ScenarioError
from escalation.scenario.load import load

FOLDER = Path(__file__).parent / "broken"
FILES = sorted(path.name for path in FOLDER.glob("*.yaml"))


def expectations(name: str) -> list[str]:
    """Return the words expected of each problem, with the file's own name put before a bare place."""
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    words = [line.removeprefix("# expect: ") for line in lines if line.startswith("# expect: ")]
    return [text if text.startswith("base/") else f"{name}:{_place(text)}" for text in words]


def _place(text: str) -> str:
    return text if text[0].isdigit() else f" {text}"


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_gives_exactly_the_errors_that_it_expects(name, monkeypatch):
    monkeypatch.chdir(FOLDER)
    with pytest.raises(ScenarioError) as caught:
        load(name)
    found = [str(problem) for problem in caught.value.problems]
    expected = expectations(name)
    assert len(found) == len(expected), found
    for text, words in zip(found, expected, strict=True):
        first, *rest = words.split(" … ")
        assert text.startswith(first.removesuffix(";")), text
        assert all(part in text for part in rest)


def test_there_is_a_broken_file_for_every_kind_of_mistake():
    assert len(FILES) > 120
    assert all(expectations(name) for name in FILES)


@pytest.mark.parametrize("name", FILES)
def test_no_error_speaks_of_the_libraries_behind_it(name, monkeypatch):
    monkeypatch.chdir(FOLDER)
    with pytest.raises(ScenarioError) as caught:
        load(name)
    text = str(caught.value).lower()
    jargon = ("pydantic", "pyyaml", "http", "input should", "[type=", "tuple")
    assert not [word for word in jargon if word in text]
