"""A policy in one line and back: what can be said is said exactly, and what cannot is not passed over."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.errors import ScenarioError
from escalation.scenario.document import Scenario
from escalation.scenario.load import load_text
from escalation.scenario.policy import PARAMETERS, PRESETS
from tests.scenario.texts import VALID

LINE = "graduated(reciprocity=0.8)"
SHARES = st.floats(0, 1)
FREE = [name for name in PARAMETERS if name not in ("package_limit", "temperature")]  # from 0 to 1 at least


def with_policy(policy: str) -> Any:
    return load_text(VALID.replace(LINE, policy)).actors["belarus"].policy


def instruments() -> list[str]:
    scenario: Scenario = load_text(VALID)
    return list(scenario.instruments)


def read_back(policy: Any) -> Any:
    line = policy.canonical()
    return with_policy(f'"{line}"')


@given(
    st.sampled_from(["proportional", *PRESETS]),
    st.dictionaries(st.sampled_from(FREE), SHARES),
    st.dictionaries(st.sampled_from(instruments()), SHARES, max_size=3),
)  # fmt: skip
def test_a_proportional_policy_is_read_back_from_its_line_exactly(
    name: str, numbers: dict[str, float], resorts: dict[str, float]
) -> None:
    start = "kind: proportional" if name == "proportional" else f"preset: {name}"
    entries = [start, *(f"{key}: {value!r}" for key, value in numbers.items())]
    if resorts:
        inner = ", ".join(f"{key}: {value!r}" for key, value in resorts.items())
        entries.append(f"last_resort: {{{inner}}}")
    policy = with_policy(f"{{{', '.join(entries)}}}")
    again = read_back(policy)
    assert again == policy
    assert "…" not in policy.canonical()


@given(SHARES, st.dictionaries(st.sampled_from(["eu"]), SHARES), st.sampled_from([None, *instruments()]))
def test_a_hazard_is_read_back_from_its_line_exactly(
    share: float, answers_for: dict[str, float], instrument: str | None
) -> None:
    inner = ", ".join(f"{key}: {value!r}" for key, value in answers_for.items())
    what = f", instrument: {instrument}" if instrument else ""
    policy = with_policy(f"{{kind: hazard, answers: {share!r}, answers_for: {{{inner}}}{what}}}")
    assert read_back(policy) == policy


@pytest.mark.parametrize(
    ("policy", "line"),
    [
        (
            "{kind: scripted, acts: {a: {date: 2020-11-01, target: eu, instrument: INSTRUMENT}}}",
            "scripted(…)",
        ),
        ("{preset: hardline, fear: {uniform: [0.2, 0.4]}}", "hardline(fear=0.3, …)"),
        ("{kind: python, name: mine, parameters: {mood: very grim}}", "python(name=mine, …)"),
        ("{kind: python, name: mine, parameters: {mood: 'true'}}", "python(name=mine, …)"),
        ("{kind: python, name: mine, parameters: {mood: true}}", "python(name=mine, mood=true)"),
    ],
)
def test_what_no_line_can_hold_is_an_ellipsis(policy: str, line: str) -> None:
    assert with_policy(policy.replace("INSTRUMENT", instruments()[0])).canonical() == line


def test_an_ellipsis_is_not_read_and_the_error_says_what_to_do() -> None:
    with pytest.raises(ScenarioError, match="write the policy as a mapping"):
        with_policy("scripted(…)")


@pytest.mark.parametrize(
    "policy",
    [
        "hazard(answers_for.eu=0.2, answers_for.eu=0.3)",
        "hazard(answers_for=0.2, answers_for.eu=0.3)",
        "hazard(answers_for.eu=0.2, answers_for=0.3)",
    ],
)
def test_an_entry_that_stands_twice_is_refused(policy: str) -> None:
    with pytest.raises(ScenarioError, match="stands twice"):
        with_policy(policy)


def test_a_mistake_in_an_entry_has_its_place_in_the_line() -> None:
    with pytest.raises(ScenarioError) as caught:
        with_policy("hazard(answers=0.2, answers_for.eu=2)")
    (problem,) = caught.value.problems
    assert problem.path == "actors.belarus.policy.answers_for.eu"
    text = VALID.replace(LINE, "hazard(answers=0.2, answers_for.eu=2)").splitlines()[problem.line - 1]
    assert text[problem.column - 1 :].startswith("2)")
