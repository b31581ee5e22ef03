"""Damaged files: whatever happens to a text, it gives a scenario or its errors."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from escalation.errors import ScenarioError
from escalation.scenario.document import Scenario
from escalation.scenario.load import load_text
from tests.scenario.texts import VALID

LINES = VALID.splitlines()
PIECES = [
    "",
    "null",
    "~",
    "[]",
    "{}",
    "-1",
    "1e999",
    ".nan",
    "2020-02-31",
    "2020-08-09",
    "true",
    "'",
    '"',
    "[",
    "]",
    "{",
    "}",
    ":",
    "- ",
    "? ",
    "&a ",
    "*a",
    "!!python/name:x ",
    "<<: *a",
    "#",
    "|",
    ">",
    "%",
    "@",
    "`",
    "\t",
    "\r",
    "\0",
    "\ufeff",
    "\u2028",
    "é",
    "\ud800",
    "---",
    "...",
    "kind: x",
    "kind: hazard",
    "kind: scripted",
    "kind: python",
    "preset: []",
    "99999999999999999999",
    "hardline(",
    "hardline(a=)",
    "python(name=x)",
    '"\\ud800"',
    '"\\0"',
    "value",
    "uniform",
    "eu",
    "belarus",
]
PLACES = st.integers(0, len(LINES) - 1)
WORDS = st.sampled_from(PIECES) | st.text(max_size=8)


@st.composite
def damages(draw):
    """Return the valid text after some random damage."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        at = min(draw(PLACES), max(len(lines) - 1, 0))
        how = draw(st.sampled_from(["delete", "double", "move", "insert", "cut", "put", "replace", "indent"]))
        line = lines[at] if lines else ""
        column = draw(st.integers(0, len(line)))
        if how == "delete":
            del lines[at : at + draw(st.integers(1, 3))]
        elif how == "double":
            lines.insert(draw(PLACES), line)
        elif how == "move" and lines:
            lines.insert(draw(PLACES), lines.pop(at))
        elif how == "insert":
            lines.insert(at, draw(WORDS))
        elif how == "cut":
            lines[at : at + 1] = [line[:column]]
        elif how == "put":
            lines[at : at + 1] = [line[:column] + draw(WORDS) + line[column:]]
        elif how == "replace":
            key, colon, _ = line.partition(": ")
            lines[at : at + 1] = [key + colon + draw(WORDS)]
        else:
            lines[at : at + 1] = [" " * draw(st.integers(0, 3)) + line.lstrip()]
    return "\n".join(lines)


def outcome(text, sets=()):
    try:
        return load_text(text, sets=sets)
    except ScenarioError as error:
        return error


@given(damages())
@settings(max_examples=300, deadline=None)
@example("actors: {eu: {policy: {preset: []}}}")
@example("actors: &a {eu: *a}")
@example("? {a: 1}\n: b")
def test_a_damaged_text_gives_a_scenario_or_located_errors(text):
    result = outcome(text)
    if isinstance(result, ScenarioError):
        assert result.problems
        assert all(problem.mistake and "\n" not in problem.mistake for problem in result.problems)
        str(result)
    else:
        assert isinstance(result, Scenario)


@given(st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_at_all_gives_errors(text):
    assert isinstance(outcome(text), ScenarioError)


STEPS = st.sampled_from(["actors", "eu", "policy", "fear", "value", "dyads", "x", ""])


@given(st.lists(STEPS, max_size=5), WORDS)
@settings(max_examples=200, deadline=None)
def test_any_override_gives_a_scenario_or_errors(path, value):
    assert isinstance(outcome(VALID, [f"{'.'.join(path)}={value}"]), Scenario | ScenarioError)
