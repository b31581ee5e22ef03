"""The page of policies: nothing of the code is missing on it, and its examples run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from escalation.clocks import python_policy
from escalation.clocks.simpy_clock import simulate
from escalation.model.world import DONE
from escalation.scenario.base import Number, Part, Within, descriptions
from escalation.scenario.load import load_text
from escalation.scenario.policy import (
    KINDS,
    PRESETS,
    Hazard,
    Ladder,
    Policy,
    Preset,
    Python,
    Scripted,
    ScriptedAct,
)
from tests.docs.pages import ROOT, Row, blocks, page, section, table
from tests.model.worlds import START, duel, play, story, world

PAGE = page("policies.md")
MODELS: dict[str, type[Part]] = {
    "proportional": Policy,
    "ladder": Ladder,
    "hazard": Hazard,
    "scripted": Scripted,
    "python": Python,
}
NAMED = ("kind", "preset")
WEIGHTS = (
    "inertia",
    "alpha",
    "bite",
    "alignment",
    "fit",
    "own_cost",
    "fear",
    "gradualism",
    "last_resort",
    "saturation",
    "audience",
    "yielding",
    "face",
)


def parameters(kind: str) -> dict[str, Any]:
    """Return the fields of a kind of policy by their names on the page."""
    fields = {name: field for name, field in MODELS[kind].model_fields.items() if name not in NAMED}
    if kind == "scripted":
        fields |= {f"acts.NAME.{name}": field for name, field in ScriptedAct.model_fields.items()}
    return fields


def rows(kind: str) -> dict[str, Row]:
    return {row["parameter"]: row for row in table(section(PAGE, f"## {kind}"), "parameter")}


def limits(annotated: Any) -> Iterator[Within]:
    """Yield the ranges that stand in an annotation, at any depth."""
    for part in (*getattr(annotated, "__metadata__", ()), *get_args(annotated)):
        if isinstance(part, Within):
            yield part
        else:
            yield from limits(part)


def range_of(field: Any) -> str:
    """Return the range in words of a number, or of the numbers in a map; nothing for anything else."""
    own = [part for part in field.metadata if isinstance(part, Within)]
    return next((limit.words for limit in (*own, *limits(field.annotation))), "")


def default_of(field: Any) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    return f"{value.nominal:g}" if isinstance(value, Number) else "none"


def test_the_test_knows_every_kind():
    assert tuple(MODELS) == KINDS


def test_every_kind_has_its_line_and_its_section():
    assert tuple(row["kind"] for row in table(PAGE.partition("## proportional")[0], "kind")) == KINDS
    for kind in KINDS:
        assert section(PAGE, f"## {kind}")


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_stands_on_the_page_and_no_other(kind):
    assert list(rows(kind)) == list(parameters(kind))


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind in KINDS for name in parameters(kind)])
def test_a_parameter_has_the_range_and_default_of_the_code_and_a_unit_and_a_word_on_fitting(kind, name):
    field, row = parameters(kind)[name], rows(kind)[name]
    assert row["range"].endswith(range_of(field))
    assert row["default"] == default_of(field)
    assert all(row.values())


@pytest.mark.parametrize("kind", ["proportional", "ladder"])
def test_every_number_of_a_policy_has_a_range_to_compare(kind):
    assert all(range_of(field) for field in parameters(kind).values())


@pytest.mark.parametrize("kind", KINDS)
def test_a_parameter_means_on_the_page_what_the_code_says(kind):
    for name in parameters(kind):
        model = ScriptedAct if name.startswith("acts.NAME.") else MODELS[kind]
        meaning = descriptions(model)[name.removeprefix("acts.NAME.")]
        assert re.split("[;:.]", meaning)[0] in rows(kind)[name]["meaning"]


def test_weights_are_said_to_be_known_up_to_the_temperature_only():
    said = [name for name, row in rows("proportional").items() if "÷ temperature" in row["told apart"]]
    assert said == list(WEIGHTS)


def test_every_preset_stands_on_the_page_as_it_is():
    said = {row["preset"]: row for row in table(section(PAGE, "### Presets"), "preset")}
    assert list(said) == list(PRESETS)
    for name, preset in PRESETS.items():
        row = said[name]
        assert (row["meaning"], row["source"]) == (preset.meaning, preset.citation)
        assert row["sets"] == ", ".join(settings(preset))


def settings(preset: Preset) -> Iterator[str]:
    for name, value in preset.parameters.items():
        if isinstance(value, dict):
            yield from (f"{name}.{key}={entry:g}" for key, entry in value.items())
        else:
            yield f"{name}={value:g}"


def test_scaling_all_weights_with_the_temperature_changes_no_act():
    plain = {name: getattr(Policy.model_validate({}), name) for name in (*WEIGHTS, "temperature")}
    numbers = {name: value.nominal for name, value in plain.items() if isinstance(value, Number)}
    one = duel()
    one["actors"]["sender"]["policy"] = numbers | {"more": 0.3}
    two = duel()
    two["actors"]["sender"]["policy"] = {name: 4 * value for name, value in numbers.items()} | {"more": 0.3}
    stories = [play(one, replication=replication) for replication in range(20)]
    assert any(stories)
    assert stories == [play(two, replication=replication) for replication in range(20)]


def test_fear_shifts_the_best_severity_by_5_times_fear_and_expectation_over_alpha():
    def chosen(magnitude: float, fear: float) -> list[list[tuple[Any, ...]]]:
        data = duel(end=START + timedelta(days=20))
        data["shocks"]["outrage"]["magnitude"] = magnitude
        data["actors"]["sender"]["policy"] |= {"alpha": 8, "fear": fear, "expected": 0.5, "learning": 0}
        data["actors"]["sender"]["sensitivities"]["half_life"] = 1e6
        return [play(data, replication=replication) for replication in range(100)]

    assert chosen(7.0, 4.0) == chosen(7.0 - 5 * 4.0 * 0.5 / 8, 0.0)
    assert chosen(7.0, 4.0) != chosen(7.0, 0.0)


LINES = [line for block in blocks(PAGE, "policy") for line in block.splitlines()]


@pytest.mark.parametrize("line", LINES)
def test_a_policy_in_one_line_reads_and_is_written_back_the_same(line):
    sets = ["actors.eu.policy=proportional", f"actors.eu.policy={line}"]
    scenario = load_text("extends: shipped:minimal", sets=sets)
    assert scenario.actors["eu"].policy.canonical() == line


def test_there_are_policies_in_one_line():
    assert len(LINES) > 3


EXAMPLES = blocks(PAGE, "yaml")


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_loads_over_the_smallest_scenario(text):
    assert load_text(f"extends: shipped:minimal\n{text}") != load_text("extends: shipped:minimal")


def test_there_is_an_example_of_every_kind():
    policies = [
        actor.policy.kind
        for text in EXAMPLES
        for actor in load_text(f"extends: shipped:minimal\n{text}").actors.values()
    ]
    assert set(policies) == set(KINDS)


def python_example() -> str:
    (source,) = blocks(PAGE, "python")
    return source


def entry() -> tuple[str, str]:
    """Return the name and the value of the entry point on the page."""
    (text,) = blocks(PAGE, "toml")
    ((name, value),) = tomllib.loads(text)["project"]["entry-points"][python_policy.GROUP].items()
    return name, value


def with_example(patience: float) -> dict[str, Any]:
    data = duel()
    data["actors"]["sender"]["policy"] = {
        "kind": "python",
        "name": entry()[0],
        "parameters": {"patience": patience},
    }
    return data


@pytest.fixture
def registered(monkeypatch):
    """The class of the page, registered as its snippet registers it."""
    space: dict[str, Any] = {}
    exec(python_example(), space)
    name, value = entry()
    point = type("Point", (), {"name": name, "load": staticmethod(lambda: space[value.partition(":")[2]])})
    monkeypatch.setattr(python_policy, "entry_points", lambda group: [point()])


def test_the_python_example_answers_once_its_patience_is_exhausted(registered):
    built = world(with_example(patience=2.0))
    results = [simulate(built, 1, replication) for replication in range(20)]
    assert all(result.status == DONE for result in results)
    acts = [act for result in results for act in story(built, result)]
    assert acts
    assert {act[1:4] for act in acts} == {("sender", "target", "criticism")}
    patient = world(with_example(patience=20.0))
    assert not any(story(patient, simulate(patient, 1, replication)) for replication in range(20))


def test_the_python_example_is_found_in_an_installed_package(tmp_path: Path):
    name, value = entry()
    (tmp_path / f"{value.partition(':')[0]}.py").write_text(python_example(), encoding="utf-8")
    info = tmp_path / "my_policies-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: my-policies\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{python_policy.GROUP}]\n{name} = {value}\n")
    (example,) = (text for text in EXAMPLES if "kind: python" in text)
    script = (
        "import sys\n"
        "from escalation.clocks.simpy_clock import simulate\n"
        "from escalation.model.compile import compile_scenario\n"
        "from escalation.scenario.load import load_text\n"
        "world = compile_scenario(load_text('extends: shipped:minimal\\n' + sys.argv[1]))\n"
        "acts = [simulate(world, 1, r).acts for r in range(5)]\n"
        "belarus = world.names.actors.index('belarus')\n"
        "print(sum(int(((log['actor'] == belarus) & (log['origin'] == 2)).sum()) for log in acts))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, example],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), str(tmp_path)])},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0
