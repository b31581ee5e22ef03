"""What is written about scenarios: resolved ones load again to equal ones, new ones load, the schema fits."""

import json
from datetime import date

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.scenario import files
from escalation.scenario.base import Number
from escalation.scenario.document import Scenario
from escalation.scenario.load import load, load_text
from escalation.scenario.policy import PARAMETERS
from escalation.scenario.read import read_text
from escalation.scenario.tree import Position, Problems, plain
from escalation.scenario.write import content_hash, dump, json_schema, template
from tests.scenario.texts import VALID

BASE = load_text(VALID)
CHARACTERS = st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t")
TEXTS = st.text(CHARACTERS, min_size=1, max_size=60)
SHARES = st.floats(0, 1)
NUMBERS = st.one_of(
    SHARES.map(lambda value: Number(value=value)),
    st.tuples(SHARES, SHARES).map(lambda pair: Number(uniform=tuple(sorted(pair)))),
    st.tuples(SHARES, SHARES, SHARES).map(lambda some: Number(triangular=tuple(sorted(some)))),
    SHARES.map(lambda value: Number(value=value, assumption=True)),
    st.builds(lambda value, words: Number(value=value, unit=words, source=words), SHARES, TEXTS),
)
DRAWN = [name for name in PARAMETERS if name not in ("temperature", "package_limit")]
PRESETS = st.builds(
    lambda preset, numbers, last: {"preset": preset, "last_resort": last} | numbers,
    st.sampled_from([None, "restrained", "hardline", "passive"]),
    st.dictionaries(st.sampled_from(DRAWN), NUMBERS),
    st.dictionaries(st.sampled_from(["listing", "trade_ban"]), NUMBERS),
)
ODD = st.sampled_from([1.0, -0.0, 1e300, "1", "null", "true", "2020-08-09"])
VALUES = SHARES | st.integers(-9, 9) | st.booleans() | TEXTS | ODD
KINDS = st.one_of(
    st.builds(lambda odds: {"kind": "hazard", "answers": odds, "answers_for": {"eu": odds}}, NUMBERS),
    st.builds(lambda discharge: {"kind": "ladder", "discharge": discharge}, NUMBERS),
    st.builds(
        lambda name, values: {"kind": "python", "name": name, "parameters": values},
        TEXTS,
        st.dictionaries(st.sampled_from("abc"), VALUES),
    ),
    st.just(
        {
            "kind": "scripted",
            "acts": {
                "a": {"date": date(2020, 11, 1), "target": "belarus", "instrument": "talks", "size": None}
            },
        }
    ),
)
POLICIES = PRESETS | KINDS


@st.composite
def scenarios(draw) -> Scenario:
    data = BASE.model_dump()
    data |= {"title": draw(TEXTS), "question": draw(TEXTS)}
    data["actors"]["eu"] |= {"policy": draw(POLICIES), "name": draw(TEXTS)}
    data["actors"]["eu"]["instruments"] = draw(
        st.none() | st.lists(st.sampled_from(list(BASE.instruments)), unique=True)
    )
    data["actors"]["belarus"]["institution"]["meetings"] = draw(
        st.none()
        | st.fixed_dictionaries({"nth": st.lists(st.integers(1, 4), min_size=1, max_size=4, unique=True)})
    )
    data["instruments"]["listing"] |= {"source": draw(st.none() | TEXTS), "once": draw(st.booleans())}
    data["shocks"] = dict(draw(st.permutations(list(data["shocks"].items()))))
    data["history"]["first_list"]["note"] = draw(st.none() | TEXTS)
    return Scenario.model_validate(data)


@pytest.mark.parametrize("sign", ["\u2028", "\ufeff", "\ufffe", "\uffff", "\U0001f525", '"', "\\"])
def test_a_text_with_any_sign_is_written_and_read(sign):
    scenario = BASE.model_copy(update={"title": f"a{sign}b"})
    assert load_text(dump(scenario)) == scenario


@given(scenarios())
@settings(max_examples=60, deadline=None)
def test_what_is_written_loads_again_to_an_equal_scenario(scenario):
    again = load_text(dump(scenario))
    assert again == scenario
    assert content_hash(again) == content_hash(scenario)
    assert list(again.shocks) == list(scenario.shocks)


@pytest.mark.parametrize("name", files.shipped_names())
def test_a_shipped_scenario_is_written_and_loaded_unchanged(name):
    scenario = load(name)
    text = dump(scenario)
    assert load_text(text) == scenario
    assert dump(load_text(text)) == text


def test_what_is_written_rests_on_no_other_file_and_spells_out_the_policy():
    text = dump(load("belarus_2020"))
    assert "catalogue: none\n" in text
    assert "extends" not in text
    for parameter in PARAMETERS:
        assert text.count(f"      {parameter}:") == len(load("belarus_2020").actors)


def test_plain_numbers_are_written_plainly():
    text = dump(BASE)
    assert "reciprocity: 0.8\n" in text
    assert "magnitude: 4\n" in text
    assert "e+" not in text


def test_an_emptied_field_with_a_default_is_written_as_empty():
    scenario = load_text(VALID, sets=["actors.eu.institution.meetings={nth: [], also: [2020-12-10]}"])
    assert load_text(dump(scenario)).actors["eu"].institution.meetings.nth == ()


def test_the_hash_changes_with_every_number_and_with_the_order_of_acts():
    assert len(content_hash(BASE)) == 64
    assert content_hash(load_text(VALID, sets=["model.recent=31"])) != content_hash(BASE)
    turned = BASE.model_copy(update={"history": dict(reversed(BASE.history.items()))})
    assert content_hash(turned) != content_hash(BASE)
    assert content_hash(load_text("# a comment\n" + VALID)) == content_hash(BASE)


@pytest.mark.parametrize("title", ["A case", 'Quotes " and: colons', "yes", "2020", "new\nline", "é — ü"])
def test_a_new_scenario_loads_with_its_title(title):
    scenario = load_text(template("my_case", title), name="my_case.yaml")
    assert scenario.title == title
    assert len(scenario.actors) == 2


def test_a_new_scenario_points_an_editor_to_the_schema():
    text = template("my_case", "A case")
    assert text.startswith("# yaml-language-server: $schema=schema.json\n")
    assert "escalation run my_case.yaml" in text
    assert max(map(len, text.splitlines())) <= 110


def test_its_example_of_objectives_holds_once_it_is_no_comment():
    text = template("my_case", "A case").replace("\n  # ", "\n  ")
    objectives = load_text(text, name="my_case.yaml").outcomes.objectives
    assert objectives == {"calm": "prob(runaway) <= 0.05", "cheap": "mean(cost.sender)"}


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
