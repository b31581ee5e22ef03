from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.errors import InputError, ScenarioError
from escalation.scenario.record import (
    COLUMNS,
    Record,
    RecordRow,
    catalogue,
    parse_record,
    read_record,
    shipped_records,
    write_record,
)

HEADER = "date,actor,target,instrument,size,kind,package,answers,note\n"
GOOD = HEADER + "2020-10-02,eu,belarus,asset_freeze_listing,40,act,first,,\n"


def problems(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as error:
        parse_record(text.encode(), "r.csv", "r", catalogue())
    return [str(problem) for problem in error.value.problems]


@pytest.mark.parametrize("name", shipped_records())
def test_every_shipped_record_is_valid_and_maps_nine_rows_in_ten(name: str) -> None:
    record = read_record(name)
    unmapped = [entry for entry in record.entries if entry.kind == "unmapped"]
    assert record.acts
    assert all(entry.note for entry in unmapped)
    assert len(unmapped) <= 0.15 * len(record.entries)


def test_rows_that_the_text_of_a_record_holds_come_back() -> None:
    record = read_record("belarus")
    again = parse_record(write_record(record).encode(), "r.csv", "belarus", catalogue())
    assert [vars(entry) | {"line": 0} for entry in again.entries] == [
        vars(entry) | {"line": 0} for entry in record.entries
    ]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2020-13-01,eu,belarus,visa_ban,,act,p,,", "2:1: date: '2020-13-01' is no date"),
        ("2020-10-02,EU,belarus,visa_ban,,act,p,,", "2:2: actor: 'EU' is no name"),
        ("2020-10-02,eu,,visa_ban,,act,p,,", "2:3: target: '' is no name"),
        ("2020-10-02,eu,eu,visa_ban,,act,p,,", "2:3: target: eu acts against itself"),
        ("2020-10-02,eu,belarus,visa_bann,,act,p,,", "2:4: instrument: no instrument 'visa_bann'"),
        ("2020-10-02,eu,belarus,visa_ban,-1,act,p,,", "2:5: size: found '-1'"),
        ("2020-10-02,eu,belarus,visa_ban,,deed,p,,", "2:6: kind: found 'deed'"),
        ("2020-10-02,eu,belarus,visa_ban,,act,p,q,", "2:8: answers: no package 'q'"),
        ("2020-10-02,eu,belarus,,,unmapped,p,,", "2:9: note: empty in an unmapped row"),
        ("2020-10-02,eu,belarus", "2:1: found 3 cells; the first line has 9"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_column(row: str, words: str) -> None:
    assert words in "\n".join(problems(HEADER + row + "\n"))


def test_the_nearest_instrument_is_named() -> None:
    assert "(did you mean visa_ban?)" in problems(HEADER + "2020-10-02,eu,belarus,visa_bann,,act,p,,\n")[0]


def test_all_mistakes_are_told_at_once_in_the_order_of_lines() -> None:
    rows = "2020-10-02,EU,belarus,visa_ban,,act,p,,\n2020-10-03,eu,belarus,visa_ban,x,act,p,,\n"
    assert [text[: len("r.csv:2:2")] for text in problems(HEADER + rows)] == ["r.csv:2:2", "r.csv:3:5"]


def test_an_act_stands_once_for_each_day_actor_target_and_instrument() -> None:
    assert "a second row for eu" in problems(GOOD + GOOD.splitlines()[1] + "\n")[0]


def test_nothing_is_answered_before_it_happens() -> None:
    later = "2020-10-01,belarus,eu,refusal,,act,second,first,\n"
    assert "first comes later, on 2020-10-02" in problems(GOOD + later)[0]


def test_the_first_line_names_known_columns_once() -> None:
    assert "unknown column 'dat' (did you mean date?)" in "".join(
        problem.replace("; columns are " + ", ".join(COLUMNS), "") for problem in problems("dat,actor\n")
    )
    assert "the column date stands twice" in problems("date,date,actor,target,instrument\n")[0]
    assert "no column target, instrument" in problems("date,actor\n")[0]


def test_text_that_is_not_utf_8_is_located() -> None:
    with pytest.raises(ScenarioError, match=r"r\.csv:2:1: the byte 0xff is not UTF-8"):
        parse_record(b"date,actor\n\xff", "r.csv", "r", catalogue())


def test_a_record_up_to_a_day_leaves_out_that_day() -> None:
    record = read_record("belarus")
    day = record.entries[40].date
    assert max(entry.date for entry in record.before(day).entries) < day


def test_only_what_eases_may_be_addressed_to_everybody() -> None:
    release = HEADER + "2021-09-16,belarus,,prisoner_release,13,act,p,,\n"
    assert parse_record(release.encode(), "r.csv", "r", catalogue()).entries[0].target == ""
    assert "2:3: target" in problems(HEADER + "2021-09-16,belarus,,visa_ban,13,act,p,,\n")[0]


def test_a_missing_record_is_answered_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match="did you mean belarus"):
        read_record("belaruss")


NAMES = st.sampled_from(["eu", "us", "belarus"])


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.dates(), NAMES, NAMES, st.sampled_from(sorted(catalogue())), st.text(max_size=20)),
        max_size=6,
        unique_by=lambda row: row[:4],
    )
)
def test_any_record_is_read_as_it_was_written(rows: list[tuple[object, ...]]) -> None:
    entries = tuple(
        RecordRow(line, day, actor, target, instrument, None, None, f"{actor}-{day}", "act", (), note.strip())
        for line, (day, actor, target, instrument, note) in enumerate(rows, 2)
        if actor != target and "\0" not in note and "\r" not in note
    )
    text = write_record(Record("r", entries))
    again = parse_record(text.encode("utf-8", "surrogatepass"), "r.csv", "r", catalogue())
    key = [(entry.date, entry.actor, entry.target, entry.instrument, entry.note) for entry in again.entries]
    assert sorted(key) == sorted(
        (entry.date, entry.actor, entry.target, entry.instrument, entry.note) for entry in entries
    )


def test_a_record_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert len(read_record(path).entries) == 1


def test_an_instrument_that_a_scenario_does_not_have_is_named_once_with_how_many_rows_have_it():
    with pytest.raises(ScenarioError) as caught:
        read_record("belarus", instruments=("asset_freeze_listing",))
    recalls = [str(problem) for problem in caught.value.problems if "ambassador_recall" in str(problem)]
    assert len(recalls) == 1
    rows = sum(entry.instrument == "ambassador_recall" for entry in read_record("belarus").entries)
    assert f"(in {rows} rows, first here); an instrument of the scenario" in recalls[0]
