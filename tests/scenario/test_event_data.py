from datetime import date
from pathlib import Path

import pytest

from escalation.errors import InputError
from escalation.scenario.event_data import code_table, import_events
from escalation.scenario.record import catalogue


def gdelt(*rows: tuple[str, str, str, str], mentions: str = "10", root: str = "1") -> str:
    lines = []
    for day, actor, target, code in rows:
        cells = [""] * 61
        cells[1], cells[7], cells[17], cells[25], cells[26], cells[31] = (
            day,
            actor,
            target,
            root,
            code,
            mentions,
        )
        cells[60] = "https://example.org/report"
        lines.append("\t".join(cells))
    return "\n".join(lines) + "\n"


def imported(tmp_path: Path, text: str, form: str = "gdelt", map_text: str = "", **dates: date):
    path = tmp_path / "events.txt"
    path.write_text(text)
    chosen = None
    if map_text:
        chosen = tmp_path / "map.yaml"
        chosen.write_text(map_text)
    return import_events(path, form, chosen, **dates)


def acts(found) -> list[tuple[str, str, str]]:
    return [(entry.actor, entry.target, entry.instrument) for entry in found.record.entries]


def test_codes_become_instruments_by_the_narrowest_entry_and_by_who_acts(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        gdelt(
            ("20201002", "EUR", "BLR", "163"),
            ("20201002", "BLR", "EUR", "163"),
            ("20201003", "USA", "BLR", "1312"),
            ("20201003", "BLR", "POL", "1611"),
        ),
    )
    assert acts(found) == [
        ("belarus", "eu", "retaliation_list"),
        ("eu", "belarus", "asset_freeze_listing"),
        ("belarus", "poland", "ambassador_recall"),
        ("us", "belarus", "threat_of_listings"),
    ]


def test_every_dropped_row_is_counted_by_its_reason(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        gdelt(
            ("20201002", "EUR", "BLR", "163"),
            ("20201002", "EUR", "BLR", "1631"),
            ("20201002", "BLR", "BLR", "173"),
            ("20201002", "EUR", "---", "163"),
            ("20201002", "", "BLR", "163"),
            ("20201002", "EUR", "BLR", "0256"),
            ("2020102", "EUR", "BLR", "163"),
            ("20210101", "EUR", "BLR", "163"),
        ),
        last=date(2021, 1, 1),
    )
    assert found.dropped == {
        "the same act on the same day": 1,
        "domestic": 1,
        "an actor that is empty or unknown": 2,
        "a code without an instrument": 1,
        "no whole date": 1,
        "outside the dates asked for": 1,
    }
    assert found.rows == 8 == len(found.record.entries) + sum(found.dropped.values())


def test_events_that_few_report_and_those_that_are_no_root_are_dropped(tmp_path: Path) -> None:
    row = ("20201002", "EUR", "BLR", "163")
    assert imported(tmp_path, gdelt(row, mentions="4")).dropped == {"fewer than 5 mentions": 1}
    assert imported(tmp_path, gdelt(row, root="0")).dropped == {"no root event": 1}


def test_a_map_names_actors_and_instruments_of_its_own(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        gdelt(("20201002", "VAT", "BLR", "163"), ("20201002", "USA", "BLR", "112")),
        map_text='actors: {VAT: holy_see}\ncodes: {"163": visa_ban, "112": ""}\n',
    )
    assert acts(found) == [("holy_see", "belarus", "visa_ban")]
    assert found.dropped == {"a code without an instrument": 1}


def test_plover_types_are_read_with_their_mode(tmp_path: Path) -> None:
    text = "Event ID\tEvent Date\tEvent Type\tEvent Mode\tActor Country\tRecipient Country\n"
    text += "1\t2020-10-02\tSANCTION\texpel\tPOL\tBLR\n2\t2020-10-03\tSANCTION\tNone\tGBR\tBLR\n"
    assert acts(imported(tmp_path, text, "polecat")) == [
        ("poland", "belarus", "expel_diplomats"),
        ("uk", "belarus", "asset_freeze_listing"),
    ]


def test_a_case_of_ties_is_a_threat_and_an_imposition_with_whole_dates(tmp_path: Path) -> None:
    text = (
        "caseid,sender1,targetstate,threat,imposition,startyear,startmonth,startday,"
        "sancimpositionstartyear,sancimpositionstartmonth,sancimpositionstartday,sanctiontype\n"
        "1,2,365,1,1,1998,4,2,1998,6,,6\n"
    )
    found = imported(
        tmp_path, text, "ties", "codes: {threat: threat_of_listings, sanctiontype 6: asset_freeze_listing}\n"
    )
    assert acts(found) == [("us", "russia", "threat_of_listings")]
    assert found.dropped == {"no whole date": 1}


def test_the_consolidated_list_counts_entities_once_by_programme_and_day(tmp_path: Path) -> None:
    head = "Entity_LogicalId;Entity_DesignationDate;Entity_SubjectType;Entity_Regulation_EntryIntoForceDate;"
    head += "Entity_Regulation_NumberTitle;Entity_Regulation_Programme\n"
    rows = (
        "1;;P;2020-10-02;2020/1387;BLR\n1;;P;2020-10-02;2020/1387;BLR\n2;2020-10-02;P;2020-11-06;2020/1648;BLR\n"
        "3;;E;17/12/2020;2020/2129;BLR\n"
    )
    found = imported(tmp_path, head + rows, "eu-list")
    assert [(str(entry.date), entry.instrument, entry.size) for entry in found.record.entries] == [
        ("2020-10-02", "asset_freeze_listing", 2.0),
        ("2020-12-17", "entity_listing", 1.0),
    ]
    assert found.dropped == {"another name of the same entity": 1}


def test_a_table_of_ones_own_says_its_columns_in_a_map(tmp_path: Path) -> None:
    found = imported(
        tmp_path, "when,who,whom,what,how_many\n2020-10-02,EU,Belarus,visa_ban,12\n", "csv",
        "columns: {date: when, actor: who, target: whom, instrument: what, size: how_many}\n",
    )  # fmt: skip
    assert acts(found) == [("eu", "belarus", "visa_ban")]
    assert found.record.entries[0].size == 12


def test_what_cannot_be_read_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean gdelt"):
        imported(tmp_path, "", "gdelt2")
    with pytest.raises(InputError, match="no column date"):
        imported(tmp_path, "a,b\n", "csv")
    with pytest.raises(InputError, match=r"codes\.163: no instrument 'visa_bann'.*did you mean visa_ban"):
        imported(tmp_path, "", map_text='codes: {"163": visa_bann}\n')
    with pytest.raises(InputError, match="a map has actors, codes, targets, columns"):
        imported(tmp_path, "", map_text="actor: {}\n")


def test_the_table_of_codes_names_instruments_of_the_catalogue() -> None:
    for (scheme, code), pair in code_table().items():
        assert all(name in catalogue() for name in pair if name), (scheme, code)
