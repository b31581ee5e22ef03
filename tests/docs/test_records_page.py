from collections import Counter

from escalation.scenario.record import COLUMNS, read_record, shipped_records
from tests.docs.pages import page, table


def test_the_page_counts_the_rows_of_every_shipped_record() -> None:
    rows = {row["record"]: row for row in table(page("records.md"), "record")}
    assert sorted(rows) == shipped_records()
    for name, row in rows.items():
        entries = read_record(name).entries
        kinds = Counter(entry.kind for entry in entries)
        assert int(row["rows"]) == len(entries), name
        counts = {"acts": "act", "shocks": "shock", "routine": "routine", "unmapped": "unmapped"}
        assert {word: int(row[word]) for word in counts} == {
            word: kinds[kind] for word, kind in counts.items()
        }, name


def test_the_page_names_every_column() -> None:
    assert all(f"`{name}`" in page("records.md") for name in COLUMNS)
