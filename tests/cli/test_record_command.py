from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Escalation

EVENT = "2020-10-02,EU,Belarus,visa_ban,12\n"


def test_a_record_is_checked_and_its_mistakes_are_located(escalation: Escalation) -> None:
    assert "no mistake found" in escalation("record check belarus").stdout
    Path("mine.csv").write_text("date,actor,target,instrument\n2020-10-02,eu,belarus,visa_bann\n")
    done = escalation("record check mine.csv")
    assert done.exit_code == 2
    assert "mine.csv:2:4: instrument: no instrument 'visa_bann'" in done.stderr
    assert "(did you mean visa_ban?)" in done.stderr


def test_a_record_is_shown_in_each_format(escalation: Escalation) -> None:
    shown = escalation("record show belarus").stdout
    assert "9 Aug 2020 – 3 Jun 2022." in shown
    assert "Unmapped: no instrument of the catalogue" in escalation("record show belarus --format md").stdout
    result = json.loads(escalation("record show belarus --format json").stdout)
    assert result["kind"] == "record"
    rows = escalation("record show belarus --format csv").stdout.splitlines()
    assert rows[0] == "date,actor,target,instrument,size,note"
    assert len(rows) == 1 + len(result["timeline"])


def test_event_data_become_a_record_that_can_be_checked(escalation: Escalation) -> None:
    Path("events.csv").write_text("date,actor,target,instrument,size\n" + EVENT + EVENT)
    done = escalation("import events.csv --as csv -o mine.csv")
    assert done.exit_code == 0, done.output
    assert "1 act of 2 events written to mine.csv" in done.stderr
    assert "dropped 1: the same act on the same day" in done.stderr
    assert escalation("record check mine.csv").exit_code == 0
    again = escalation("import events.csv --as csv -o mine.csv")
    assert again.exit_code == 2
    assert "exists already" in again.stderr


def test_a_file_a_format_and_a_map_that_are_not_there_are_refused(escalation: Escalation) -> None:
    assert escalation("import nowhere.tsv --as gdelt").exit_code == 2
    Path("events.csv").write_text("a,b\n1,2\n")
    for words in ("import events.csv --as xml", "import events.csv --as csv", "import . --as csv"):
        done = escalation(words)
        assert done.exit_code == 2, words
        assert not isinstance(done.exception, OSError), words
