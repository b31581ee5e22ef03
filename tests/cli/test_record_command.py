from __future__ import annotations

import json
import re
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


RECORD = """date,actor,target,instrument
2020-10-02,eu,belarus,listing
2020-10-05,belarus,eu,listing
2020-11-06,eu,belarus,listing
2020-11-20,belarus,eu,staff_cut
2020-12-17,eu,belarus,trade_ban
2021-02-18,belarus,eu,listing
2021-06-30,eu,belarus,listing
"""


def test_backtests_of_several_records_are_shown_together(escalation: Escalation) -> None:
    for name in ("one", "two"):
        Path(f"{name}.csv").write_text(RECORD)
        words = f"backtest minimal --record {name}.csv --origins 2021-01:2021-02 --horizons 30 -n 8 -q"
        done = escalation(f"{words} --clock simpy --workers 1 -o bt/{name}")
        assert done.exit_code == 0, done.output
    shown = escalation("scores bt/one bt/two").stdout
    assert "2 origins of one and 2 origins of two; shocks after an origin are unknown." in shown
    assert re.search(r"\nAll together +8 ", shown)
    document = json.loads(escalation("scores bt/one bt/two --format json").stdout)
    rows = escalation("scores bt/one bt/two --format csv").stdout.splitlines()
    assert len(rows) == 1 + len(document["scores"]) == 1 + 3 * 10
    escalation("run minimal -n 2 --workers 1 -o plain")
    for words, said in (("plain", "is not the folder of a study"), ("bt/one bt/one", "two backtests of one")):
        refused = escalation(f"scores {words}")
        assert refused.exit_code == 2
        assert said in refused.stderr
