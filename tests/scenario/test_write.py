"""Writing a resolved scenario: it loads again to an equal one, whatever is in it."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.scenario import files
from escalation.scenario.base import Number
from escalation.scenario.document import Scenario
from escalation.scenario.load import load, load_text
from escalation.scenario.policy import PARAMETERS
from escalation.scenario.write import content_hash, dump
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
