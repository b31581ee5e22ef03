"""A record as the past of a scenario: in its file, on the command line, and without its future."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.clocks.simpy_clock import simulate
from escalation.errors import InputError, ScenarioError
from escalation.model.compile import compile_scenario
from escalation.scenario.document import Scenario
from escalation.scenario.load import Past, load, load_text, load_with_past, with_past
from escalation.scenario.record import Record, parse_record, write_record
from escalation.scenario.write import content_hash, dump

ROWS = """\
date,actor,target,instrument,size,kind,package,answers,note
2020-09-23,belarus,,secret_inauguration,,shock,oath,,
2020-10-02,eu,belarus,listing,40,act,first,oath,
2020-10-05,belarus,eu,staff_cut,,act,cut,first,
2020-12-01,us,belarus,listing,8,act,second,,a second list
2021-01-10,belarus,,crackdown,6,shock,wave,,
2021-01-20,eu,belarus,trade_ban,,act,third,wave,
2021-02-03,belarus,us,staff_cut,,act,fourth,second;third,
"""
DAY = date(2021, 1, 15)
MINIMAL = load("minimal")


def record(text: str = ROWS) -> Record:
    return parse_record(text.encode(), "r.csv", "r", MINIMAL.instruments)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "r.csv").write_text(ROWS)
    path = tmp_path / "mine.yaml"
    path.write_text(f"extends: shipped:minimal\nhistory: {{record: r.csv, until: {DAY}}}\n")
    return path


def traced(scenario: Scenario) -> list[bytes]:
    done = simulate(compile_scenario(scenario), 1, 3)
    return [column.tobytes() for column in (*done.acts.values(), np.asarray(done.outcomes))]


def acts(scenario: Scenario) -> list[tuple[str, str]]:
    return [(act.actor, str(act.date)) for act in scenario.history.values()]


def test_what_the_record_holds_before_the_day_is_the_history_and_the_model_decides_from_it_on(
    file: Path,
) -> None:
    scenario = load(file)
    assert acts(scenario) == [("eu", "2020-10-02"), ("belarus", "2020-10-05"), ("us", "2020-12-01")]
    assert (scenario.start, scenario.takeover, scenario.end) == (MINIMAL.start, DAY, MINIMAL.end)
    assert scenario.history["us_20201201"].note == "a second list"
    assert scenario.history["eu_20201002"].answers == ("secret_inauguration",)
    assert scenario.history["belarus_20201005"].answers == ("eu_20201002",)


def test_a_file_with_a_record_is_the_scenario_with_that_past(file: Path) -> None:
    assert load(file) == with_past(MINIMAL, record(), DAY).scenario


def test_a_scenario_with_a_record_is_written_out_whole(file: Path) -> None:
    scenario = load(file)
    assert "record" not in dump(scenario)
    assert content_hash(load_text(dump(scenario))) == content_hash(scenario)


@settings(max_examples=25, deadline=None)
@given(
    st.dates(date(2020, 10, 3), date(2021, 2, 10)),
    st.sampled_from(["eu", "us", "belarus"]),
    st.sampled_from(["listing", "trade_ban", "talks", "protest"]),
    st.integers(0, 500),
)
def test_what_is_later_in_the_record_does_not_change_the_scenario(
    day: date, actor: str, instrument: str, size: int
) -> None:
    target = "us" if actor != "us" else "eu"
    whole = record()
    changed = tuple(
        replace(entry, actor=actor, target=target, size=float(size), kind="act", instrument=instrument)
        if entry.date >= day
        else entry
        for entry in whole.entries
    )
    shocks = tuple(
        replace(entry, date=max(day, entry.date), kind="shock", instrument="invasion", answers=())
        for entry in whole.entries
    )
    first = with_past(MINIMAL, whole, day)
    for entries in (changed, whole.before(day).entries, whole.before(day).entries + shocks):
        assert with_past(MINIMAL, replace(whole, entries=entries), day) == first


def test_what_is_later_in_the_record_does_not_change_the_run(file: Path) -> None:
    before = traced(load(file))
    kept = record().before(DAY)
    (file.parent / "r.csv").write_text(write_record(kept) + "2021-01-15,eu,us,trade_ban,,,,act,,,,\n")
    assert traced(load(file)) == before


def test_an_act_of_yesterday_that_is_added_to_the_record_is_known_to_the_next_run(file: Path) -> None:
    with (file.parent / "r.csv").open("a") as rows:
        rows.write("2021-01-14,us,belarus,trade_ban,,act,,,\n")
    assert acts(load(file))[-1] == ("us", "2021-01-14")


@pytest.mark.parametrize("end", ["2021-02-01", "2022-06-01"])
def test_the_horizon_can_be_shortened_and_lengthened(file: Path, end: str) -> None:
    scenario = load(file, until=date.fromisoformat(end))
    assert (scenario.takeover, str(scenario.end)) == (DAY, end)
    assert scenario.history == load(file).history


def test_a_scenario_that_would_have_ended_lasts_as_long_as_it_did() -> None:
    later = record(ROWS.replace("2021-02-03", "2022-02-03"))
    scenario = with_past(MINIMAL, later, date(2022, 3, 1)).scenario
    assert scenario.end - scenario.takeover == MINIMAL.end - MINIMAL.takeover


def test_the_day_can_be_set_and_acts_beside_the_record_stay(file: Path) -> None:
    own = "mine: {date: 2021-01-13, actor: us, target: belarus, instrument: protest}"
    file.write_text(file.read_text().replace("{record", f"{{{own}, record"))
    scenario = load(file, ["history.until=2021-02-01"])
    assert acts(scenario)[-2:] == [("eu", "2021-01-20"), ("us", "2021-01-13")]
    assert str(scenario.takeover) == "2021-02-01"


def test_a_record_may_lie_in_a_folder_below_that_of_the_file_which_names_it(file: Path) -> None:
    below = file.parent / "below"
    below.mkdir()
    for name in ("r.csv", "mine.yaml"):
        (file.parent / name).rename(below / name)
    child = file.parent / "child.yaml"
    child.write_text("extends: below/mine.yaml\ntitle: A child\n")
    assert acts(load(child)) == acts(load(below / "mine.yaml"))
    child.write_text(f"extends: shipped:minimal\nhistory: {{record: below/r.csv, until: {DAY}}}\n")
    assert acts(load(child)) == acts(load(below / "mine.yaml"))


def test_a_text_names_shipped_records_only() -> None:
    text = "extends: shipped:minimal\ncatalogue: standard\nhistory: {record: NAME, until: 2021-01-15}\n"
    assert len(load_text(text.replace("NAME", "belarus")).history) > 20
    with pytest.raises(ScenarioError, match="lies in no folder; shipped are belarus"):
        load_text(text.replace("NAME", "r.csv"))


def test_a_mistake_in_the_record_is_told_with_its_line(file: Path) -> None:
    (file.parent / "r.csv").write_text(ROWS.replace("trade_ban", "trade_bann"))
    with pytest.raises(ScenarioError) as error:
        load(file)
    assert f"{file.parent / 'r.csv'}:7:4: instrument: no instrument 'trade_bann'" in str(error.value)


def test_mistakes_of_the_scenario_are_told_beside_those_of_the_record(file: Path) -> None:
    file.write_text(file.read_text() + "actors: {eu: {sensitivities: {felt: -1}}}\nstart: never\n")
    (file.parent / "r.csv").write_text(ROWS.replace("2021-02-03", "2021-02-31"))
    with pytest.raises(ScenarioError) as error:
        load(file)
    assert len(error.value.problems) == 3


LANDING = "{label: landing, date: 2021-03-01, blamed: belarus, magnitude: 8, salience: {eu: 1}}"


def test_a_later_shock_of_a_base_is_unknown_and_one_beside_the_record_is_not(file: Path) -> None:
    base = file.with_name("base.yaml")
    base.write_text(f"extends: shipped:minimal\nshocks: {{landing: {LANDING}}}\n")
    text = file.read_text().replace("shipped:minimal", "base.yaml")
    file.write_text(text)
    assert "landing" in load(base).shocks
    assert "landing" not in load(file).shocks
    file.write_text(text + f"shocks: {{landing: {LANDING}}}\n")
    assert "landing" in load(file).shocks
    file.write_text(text)
    base.write_text(base.read_text().replace("{label: landing", "{foreseen: true, label: landing"))
    assert "landing" in load(file).shocks


def test_a_shock_of_the_record_with_a_size_is_one_of_the_scenario() -> None:
    scenario = with_past(MINIMAL, record(), date(2021, 2, 1)).scenario
    shock = scenario.shocks["crackdown"]
    assert (str(shock.date), shock.blamed, shock.magnitude.nominal) == ("2021-01-10", "belarus", 6)
    assert shock.salience == MINIMAL.shocks["secret_inauguration"].salience
    assert scenario.history["eu_20210120"].answers == ("crackdown",)
    assert list(with_past(MINIMAL, record(), date(2021, 1, 10)).scenario.shocks) == ["secret_inauguration"]


def test_what_the_scenario_cannot_take_is_counted_by_reason(file: Path) -> None:
    rows = (
        "2020-10-06,canada,belarus,listing,,act,,,\n2020-10-07,eu,russia,listing,,act,,,\n"
        "2020-10-08,eu,belarus,swift_cut,,act,,,\n2020-10-09,belarus,,border_crisis,,shock,,,\n"
    )
    (file.parent / "r.csv").write_text(ROWS + rows)
    past = load_with_past(file)
    assert past.left_out == {
        "an actor that the scenario does not have": 1,
        "a target that the scenario does not have": 1,
        "an instrument that the scenario does not have": 1,
        "a shock without a size that the scenario does not have": 1,
    }
    assert isinstance(past, Past)


def test_a_record_without_an_act_before_the_day_is_refused() -> None:
    with pytest.raises(InputError, match="no act of the scenario's actors before 2020-10-02"):
        with_past(MINIMAL, record(), date(2020, 10, 2))
