"""The JSON Schema for editors: it knows every key, demands none that could be inherited, refuses typos."""

import json
from datetime import date

import jsonschema
import pytest

from escalation.scenario import files
from escalation.scenario.load import load
from escalation.scenario.read import read_text
from escalation.scenario.tree import Position, Problems, plain
from escalation.scenario.write import dump, json_schema
from tests.scenario.texts import VALID

VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def as_json(value):
    if isinstance(value, dict):
        return {name: as_json(entry) for name, entry in value.items()}
    if isinstance(value, list):
        return [as_json(entry) for entry in value]
    return value.isoformat() if isinstance(value, date) else value


def errors(text):
    data = as_json(plain(read_text(text, Position("t", 1, 1), Problems())))
    return [error.message for error in VALIDATOR.iter_errors(data)]


def test_the_schema_is_itself_valid():
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert json_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_schema_beside_the_shipped_scenarios_is_the_current_one():
    stored = json.loads((files.shipped_folder() / "schema.json").read_text(encoding="utf-8"))
    assert stored == json_schema(), "write it anew: escalation schema > scenarios/schema.json"


@pytest.mark.parametrize("name", files.shipped_names())
def test_shipped_scenarios_and_their_resolved_form_satisfy_it(name):
    assert errors(files.shipped_path(name).read_text(encoding="utf-8")) == []
    assert errors(dump(load(name))) == []


@pytest.mark.parametrize(
    "text",
    [
        "extends: shipped:minimal",
        "catalogue: none",
        "actors: {eu: {policy: hardline}}",
        "actors: {uk: null}",
        "actors: {eu: {policy: {discharge: 0.5}}}",
        "actors: {eu: {policy: {kind: hazard}}}",
        "actors: {eu: {policy: {fear: 0.2}}}",
        "actors: {eu: {policy: {fear: {uniform: [0, 1]}}}}",
        "shocks: {election: {date: 2020-08-09}}",
        "instruments: {visa_ban: {term: null}}",
        "history: {a: {target: eu}, b: {target: [eu, us]}}",
    ],
)
def test_a_file_that_only_changes_something_satisfies_it(text):
    extends = "" if text.startswith("extends") else "extends: base.yaml\n"
    assert errors(f"{extends}{text}\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "actros: {}",
        "actors: {eu: {polcy: hardline}}",
        "actors: {eu: {policy: {feer: 1}}}",
        "actors: {EU: {name: x}}",
        "actors: {eu: {policy: {preset: hardlin}}}",
        "actors: {eu: {policy: {more: 1.5}}}",
        "instruments: {visa_ban: {family: idividual}}",
        "catalogue: standart",
        "shocks: {x: {magnitude: high}}",
        "extends: [a]",
        "actors: {eu: {policy: {fear: {unifrom: [0, 1]}}}}",
        "actors: {eu: {policy: hardline(fear=1}}",
    ],
)
def test_a_misspelt_or_wrong_entry_does_not(text):
    extends = "" if text.startswith("extends") else "extends: base.yaml\n"
    assert len(errors(f"{extends}{text}\n")) == 1


def test_a_file_that_extends_nothing_must_say_everything_itself():
    missing = {message.split("'")[1] for message in errors("title: x\n")}
    assert missing == {"schema_version", "question", "start", "end", "actors"}


def test_no_key_is_required_below_the_top():
    assert [name for name, part in json_schema()["$defs"].items() if "required" in part] == []


def test_every_key_is_explained():
    def unexplained(schema, path=""):
        for name, entry in schema.get("properties", {}).items():
            if not entry.get("description"):
                yield f"{path}.{name}"

    parts = {"": json_schema(), **json_schema()["$defs"]}
    assert [key for name, part in parts.items() for key in unexplained(part, name)] == []


def test_the_valid_example_of_these_tests_satisfies_it():
    assert errors(VALID) == []
