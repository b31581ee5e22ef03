"""The ODD page: the protocol's headings, and no rule of the model left out."""

from __future__ import annotations

import ast

import pytest

from escalation.model import tables
from escalation.model.choose import TERM_NAMES
from escalation.model.compile import compile_scenario
from escalation.scenario.document import Scenario
from tests.docs.pages import ROOT, headings, page, section, table
from tests.model.worlds import START, duel

ODD = page("odd.md")
MODEL = ROOT / "escalation" / "model"
ELEMENTS = [
    "## 1 Purpose and patterns",
    "## 2 Entities, state variables and scales",
    "## 3 Process overview and scheduling",
    "## 4 Design concepts",
    "## 5 Initialization",
    "## 6 Input data",
    "## 7 Submodels",
]
CONCEPTS = (
    "Basic principles",
    "Emergence",
    "Adaptation",
    "Objectives",
    "Learning",
    "Prediction",
    "Sensing",
    "Interaction",
    "Stochasticity",
    "Collectives",
    "Observation",
)
EVENTS = (
    "MEASURE",
    "SHOCKED",
    "SCRIPTED",
    "LAPSE",
    "IN_FORCE",
    "TAKEOVER",
    "DEADLINE",
    "ANNOUNCED",
    "RENEWAL",
    "SPEAK",
    "WAKE",
    "ANSWER",
)
BY_RANK = "event, in order of rank at one instant"


def kernel_modules() -> list[str]:
    """Return the modules of the model that hold rules: functions marked `kernel`."""

    def has_rules(source: str) -> bool:
        return any(
            isinstance(node, ast.FunctionDef) and "kernel" in map(ast.unparse, node.decorator_list)
            for node in ast.walk(ast.parse(source))
        )

    return [path.stem for path in sorted(MODEL.glob("*.py")) if has_rules(path.read_text(encoding="utf-8"))]


def test_the_seven_elements_stand_in_their_order():
    assert [line for line in headings(ODD) if line.startswith("## ")] == ELEMENTS


def test_every_design_concept_of_the_protocol_is_spoken_of():
    concepts = section(ODD, "## 4 Design concepts").lower()
    assert not [name for name in CONCEPTS if name.lower() not in concepts]


def test_there_are_modules_with_rules():
    assert {"feel", "choose", "deliberate", "threat"} <= set(kernel_modules())


@pytest.mark.parametrize("module", kernel_modules())
def test_every_module_with_rules_is_described(module):
    assert f"`escalation.model.{module}." in ODD


@pytest.mark.parametrize("term", TERM_NAMES)
def test_every_term_of_the_utility_stands_in_the_formula(term):
    formula = section(ODD, "### 7.3 Choosing").partition("U_∅ = inertia")[2].partition("| rule")[0]
    assert ("alpha" if term == "proportionality" else term) in formula


def test_events_stand_in_the_order_of_their_ranks():
    rows = table(section(ODD, "## 3 Process overview and scheduling"), BY_RANK)
    assert tuple(row[BY_RANK] for row in rows) == EVENTS
    assert [getattr(tables, name) for name in EVENTS] == list(range(len(EVENTS)))


def test_every_outcome_is_described():
    rows = table(section(ODD, "### 7.13 Outcomes"), "outcome")
    said = {name.strip() for row in rows for name in row["outcome"].split(",")}
    data = duel(outcomes={"tension_at": [START], "first_use": {"sender": ["listing"]}})
    scenario = Scenario.model_validate(data)
    actors = tuple(sorted(scenario.actors))
    outcomes = compile_scenario(scenario).outcomes
    assert {general(outcome.name, actors) for outcome in outcomes} == said


def general(name: str, actors: tuple[str, ...]) -> str:
    """Return an outcome's name with placeholders for the actors, the family, the instrument and the date."""
    first, *rest = name.split(".")
    if len(rest) == 2 and rest[0] in actors and rest[1] in actors:
        return f"{first}.SENDER.TARGET"
    words = ["ACTOR" if word in actors else "DATE" if word[0].isdigit() else word for word in rest]
    if first in ("acts", "package_days") and len(words) == 2:
        words[1] = "FAMILY"
    if first == "first":
        words[1] = "INSTRUMENT"
    return ".".join([first, *words])
