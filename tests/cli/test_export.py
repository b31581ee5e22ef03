"""`escalation export`: a run as one table, the same whatever the format, and never over a file."""

from __future__ import annotations

import csv
import io
import json
import math
import re
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

import escalation as package
from escalation.clocks import simpy_clock
from escalation.ensemble import result
from escalation.ensemble.read import Run
from escalation.errors import InputError
from tests.cli.conftest import Escalation, Process
from tests.docs.pages import ROOT, table
from tests.ensemble import clocks

FAST = "--workers 1 --clock simpy -q"
SETS = ("--set", "outcomes.first_use={eu: [trade_ban], us: [trade_ban]}")
TABLES = ("outcomes", "acts", "causes", "summary", "hub")


@pytest.fixture
def run(escalation: Escalation, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run of three files, whose acts are all kept."""
    monkeypatch.setattr(result, "SHARD", 16)
    done = escalation(f"run minimal -n 40 {FAST} --acts all -o run", *SETS)
    assert done.exit_code == 0, done.output
    return package.open_run("run")


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def exported(escalation: Escalation, words: str) -> list[dict[str, str]]:
    done = escalation(f"export run -q {words}")
    assert done.exit_code == 0, done.output
    return rows(done.stdout)


def plain(value: Any) -> str:
    """Return a value of JSON or Parquet as CSV has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


@pytest.mark.parametrize("what", TABLES)
def test_every_format_holds_the_same_rows(run: Run, escalation: Escalation, what: str) -> None:
    as_csv = exported(escalation, f"--what {what}")
    as_json = json.loads(escalation(f"export run --what {what} --format json -q").stdout)
    assert escalation(f"export run --what {what} -o table.parquet").exit_code == 0
    found = duckdb.read_parquet("table.parquet")
    as_parquet = [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]
    assert len(as_csv) == len(as_json) == len(as_parquet) > 0
    for one, two, three in zip(as_csv, as_json, as_parquet, strict=True):
        if what == "hub" and one["output_type"] == "mean":  # where a mean has no index, hubs want NA in CSV
            assert one["output_type_id"] == "NA"
            one["output_type_id"] = ""
        assert one == {name: plain(value) for name, value in two.items()}
        assert one == {name: plain(value) for name, value in three.items()}


def test_outcomes_are_one_row_per_replication_in_order(run: Run, escalation: Escalation) -> None:
    found = exported(escalation, "")
    assert [int(row["replication"]) for row in found] == list(range(40))
    assert list(found[0]) == ["replication", "status", *run.header.columns]
    days = run.columns(["package_days.eu", "tension.peak"])
    assert [float(row["tension.peak"]) for row in found] == days["tension.peak"].tolist()
    assert [int(row["package_days.eu"]) for row in found] == days["package_days.eu"].tolist()


def test_outcomes_have_dates_truths_and_names(run: Run, escalation: Escalation) -> None:
    found = exported(escalation, "")
    first, yielded, relation = (
        run.columns([name])[name]
        for name in ("first.us.trade_ban", "concession.belarus", "relation.us.belarus")
    )
    for row, at, truth, place in zip(found, first, yielded, relation, strict=True):
        assert row["concession.belarus"] == ("true" if truth else "false")
        assert row["relation.us.belarus"] == run.header.relations[int(place)]
        day = row["first.us.trade_ban"]
        days = (date.fromisoformat(day) - run.header.start).days if day else None
        assert days == (None if math.isnan(at) else int(at))
    assert {row["first.us.trade_ban"] == "" for row in found} == {True, False}


def test_outcomes_and_replications_can_be_chosen(run: Run, escalation: Escalation) -> None:
    found = exported(escalation, "--outcome package_days.?? --outcome runaway -r 3 --replication 15-17")
    assert [row["replication"] for row in found] == ["3", "15", "16", "17"]
    assert list(found[0]) == ["replication", "status", "package_days.eu", "package_days.us", "runaway"]
    assert {row["outcome"] for row in exported(escalation, "--what summary --outcome runaway")} == {"runaway"}
    assert {row["replication"] for row in exported(escalation, "--what acts -r 39")} == {"39"}
    assert {row["replication"] for row in exported(escalation, "--what causes -r 39")} == {"39"}


def test_acts_have_names_labels_and_dates(run: Run, escalation: Escalation) -> None:
    found = exported(escalation, "--what acts")
    shock, listing = found[0], found[1]
    assert (shock["origin"], shock["instrument"]) == ("shock", "secret_inauguration")
    assert shock["instrument_label"] == "president sworn in at an unannounced ceremony"
    assert (shock["target"], shock["family"]) == ("", "")
    assert (listing["actor"], listing["actor_label"]) == ("eu", "European Union")
    assert (listing["date"], listing["in_force"]) == ("2020-10-02", "2020-10-02")
    assert len(found) == len(run.acts(["act"])["act"])


def test_each_cause_tells_both_acts(run: Run, escalation: Escalation) -> None:
    acts = {(row["replication"], row["act"]): row for row in exported(escalation, "--what acts")}
    found = exported(escalation, "--what causes")
    for name, values in run.causes().items():
        assert [float(row[name]) for row in found] == values.tolist()
    for row in found:
        effect, cause = acts[row["replication"], row["act"]], acts[row["replication"], row["cause"]]
        for name in ("date", "actor", "target", "instrument"):
            assert (row[name], row[f"cause_{name}"]) == (effect[name], cause[name])


def test_the_summary_is_that_of_the_summary_command_with_dates_and_shares(
    run: Run, escalation: Escalation
) -> None:
    shown = rows(escalation("summary run --format csv").stdout)
    found = exported(escalation, "--what summary")
    for one, two in zip(shown, found, strict=True):
        for name, value in one.items():
            assert two[name] == value or float(two[name]) == pytest.approx(float(value), rel=1e-15)
    by_name = {row["outcome"]: row for row in found}
    assert json.loads(by_name["relation.us.belarus"]["shares"]).keys() <= set(run.header.relations)
    assert date.fromisoformat(by_name["first.us.trade_ban"]["median_date"])


def test_every_column_is_described_on_the_page(run: Run, escalation: Escalation) -> None:
    described: dict[str, list[str]] = {}
    for row in table((ROOT / "results" / "README.md").read_text(encoding="utf-8"), "table"):
        described.setdefault(row["table"], []).extend(re.findall(r"[\w.]+", row["column"]))
    for what in ("acts", "causes", "summary"):
        assert list(exported(escalation, f"--what {what}")[0]) == described[what]
    kinds = {re.sub(r"\..*", "", name) for name in described["outcomes"]}
    assert {"replication", "status", "first", "concession", "relation", "package_days"} <= kinds


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_the_ending_of_the_file_tells_the_format_and_nothing_is_overwritten(
    run: Run, escalation: Escalation, form: str
) -> None:
    done = escalation(f"export run -o table.{form}")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", f"Written to table.{form}\n")
    content = Path(f"table.{form}").read_bytes()
    assert content.startswith({"csv": b"replication,", "json": b"[", "parquet": b"PAR1"}[form])
    again = escalation(f"export run -o table.{form} --outcome runaway")
    assert again.exit_code == 2
    assert again.stderr.startswith(f"table.{form}: exists already; name another file, or give --overwrite\n")
    assert Path(f"table.{form}").read_bytes() == content
    assert sorted(path.name for path in Path().iterdir()) == ["run", f"table.{form}"]
    assert escalation(f"export run -o table.{form} --outcome runaway --overwrite").exit_code == 0
    assert Path(f"table.{form}").read_bytes() != content


def test_only_the_acts_of_a_sample_are_there_and_that_is_said(escalation: Escalation) -> None:
    escalation(f"run minimal -n 24 {FAST} -o run")
    done = escalation("export run --what acts")
    assert len({row["replication"] for row in rows(done.stdout)}) == 20
    assert done.stderr == "acts were kept of 20 of 24 replications; --acts all keeps all\n"
    refused = escalation("export run --what causes -r 20")
    assert refused.exit_code == 2
    assert "replication: found 20; allowed is 0 to 19 of which acts were kept" in refused.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("export nowhere", "nowhere: no such folder"),
        ("export minimal", "minimal: is a scenario, not a run"),
        ("export run --outcome package_day.eu", "did you mean package_days.eu?"),
        ("export run --outcome nothing.*", "outcome: no outcome is called nothing.*"),
        ("export run --what acts", "run: no acts were kept"),
        ("export run --what acts --outcome runaway", "outcome: acts have no outcomes"),
        ("export run --what summary -r 1", "replication: the summary table is of all replications"),
        ("export run -r 4", "replication: found 4; allowed is 0 to 3"),
        ("export run -r 2-1", "replication: found 2-1; allowed is 0 to 3"),
        ("export run -r two", "--replication: found two; allowed is a number or a range"),
        ("export run -r 1-", "--replication: found 1-; allowed is a number or a range"),
        ("export run --format parquet", "name a file with --out"),
        ("export run -o there/is/none.csv", "there/is/none.csv: there is no folder there/is"),
        ("export run --format xml", "--format"),
        ("export run --format xlsx", "name a file with --out"),
        (
            "export run -o table.xls",
            "found the ending .xls; allowed are .csv, .json, .parquet, .xlsx",
        ),
        ("export run -o table.cvs", ".json, .parquet, .xlsx (did you mean table.csv?)"),
        ("export run -o table.csv --format json", "its name ends in .csv, and the format is json"),
        ("export run -o table", "table: found the ending none; allowed are"),
        ("export run -o run.csv", "run.csv: is a folder"),
        ("export run --what deeds", "--what"),
    ],
)
def test_what_is_asked_wrongly_gives_status_2(escalation: Escalation, words: str, said: str) -> None:
    escalation(f"run minimal -n 4 {FAST} --acts none -o run")
    Path("run.csv").mkdir()
    done = escalation(words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert not Path("there").exists()
    assert not Path("table.xls").exists()


def test_a_damaged_run_gives_status_2_and_leaves_no_file(run: Run, escalation: Escalation) -> None:
    (run.folder / "outcomes" / "00001.parquet").write_bytes(b"nothing")
    done = escalation("export run -o table.csv")
    assert done.exit_code == 2
    assert done.stderr == "run/outcomes/00001.parquet: was changed since the run was stored\n"
    assert [path.name for path in Path().iterdir()] == ["run"]


def test_a_failed_replication_is_empty_but_for_its_status(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.failing_each_third)
    escalation("run minimal -n 8 --workers 1 -o run")
    failed = [row for row in exported(escalation, "") if row["status"] == "failed"]
    assert len(failed) == 3
    assert all(
        value == "" for row in failed for name, value in row.items() if name not in ("replication", "status")
    )


def test_a_table_can_be_piped_on(run: Run, process: Process) -> None:
    done = process("export run --outcome runaway")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "replication,status,runaway"
    assert len(done.stdout.splitlines()) == 41


def test_the_same_from_python(run: Run, escalation: Escalation, tmp_path: Path) -> None:
    package.export(run, tmp_path / "table.csv", outcomes=["runaway"], replications=[(0, 4)])
    text = (tmp_path / "table.csv").read_text()
    assert text == escalation("export run --outcome runaway -r 0-4 -q").stdout
    with pytest.raises(InputError, match=r"what: found act; allowed are .*did you mean acts"):
        package.export(run, tmp_path / "other.csv", what="act")
    with pytest.raises(InputError, match="format: found xls; allowed are csv, json, parquet, xlsx"):
        package.export(run, tmp_path / "other.csv", form="xls")


FORMULAS = ("=1+1", "+1+1", "-1+1", "@SUM(A1)", '=HYPERLINK("http://x","y")')


def test_no_label_reaches_a_spreadsheet_as_a_formula_and_numbers_stay_numbers(escalation: Escalation) -> None:
    shown = "actors: {eu: {name: '@SUM(A1)'}, us: {name: '-1+1'}}\ninstruments: {trade_ban: {label: '=1+1'}}"
    Path("odd.yaml").write_text(f"schema_version: 1\nextends: minimal\n{shown}\n")
    assert escalation(f"run odd.yaml -n 6 {FAST} --acts all -o run").exit_code == 0
    acts = exported(escalation, "--what acts")
    assert {row["actor_label"] for row in acts if row["actor"] in ("eu", "us")} == {"'@SUM(A1)", "'-1+1"}
    assert all(float(row["time"]) for row in acts)
    assert any(float(row["time"]) < 0 for row in acts) == any(row["time"].startswith("-") for row in acts)
    plain = json.loads(escalation("export run -q --what acts --format json").stdout)
    assert {row["actor_label"] for row in plain if row["actor"] in ("eu", "us")} == {"@SUM(A1)", "-1+1"}
    for words in ("export run -q --what summary", "summary run --format csv", "compare run run --format csv"):
        for row in rows(escalation(words).stdout):
            assert not any(cell.startswith(tuple("=+@\t\r")) for cell in row.values()), row
            assert all(float(cell) < 0 for cell in row.values() if cell.startswith("-"))


def test_a_name_that_the_disk_has_no_room_for_is_a_mistake_in_the_input(
    run: Run, escalation: Escalation
) -> None:
    longest = f"{'n' * 251}.csv"
    assert escalation(f"export run -q -o {longest}").exit_code == 0
    assert Path(longest).is_file()
    for name in (f"{'n' * 252}.csv", f"{'n' * 9_996}.csv"):
        done = escalation(f"export run -q -o {name}")
        assert done.exit_code == 2
        assert "the name is longer than this disk allows" in done.stderr
        assert len(done.stderr) < 400
    assert sorted(path.name for path in Path().iterdir()) == [longest, "run"]


@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_a_place_without_permission_is_named_and_the_run_is_not_called_damaged(
    run: Run, escalation: Escalation, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "touch", refuse)
    done = escalation(f"export run -o table.{form}")
    assert (done.exit_code, done.stderr) == (1, f"table.{form}: cannot be written: permission denied\n")
    assert [path.name for path in Path().iterdir()] == ["run"]


TASK = ("origin_date", "target", "horizon", "target_end_date", "location")
HUB_SETS = (
    "--set",
    "outcomes={first_use: {eu: [trade_ban], us: [trade_ban]}, tension_at: [2020-09-25, 2021-01-01]}",
)


@pytest.fixture
def hub(escalation: Escalation) -> dict[tuple[str, ...], dict[str, list[tuple[str, float]]]]:
    """The statements of a run in hubverse form, by task and type."""
    escalation(f"run minimal -n 40 {FAST} -o run", *HUB_SETS)
    found: dict[tuple[str, ...], dict[str, list[tuple[str, float]]]] = {}
    for row in exported(escalation, "--what hub"):
        task = found.setdefault(tuple(row[name] for name in TASK), {})
        task.setdefault(row["output_type"], []).append((row["output_type_id"], float(row["value"])))
    return found


def test_hub_form_has_the_documented_columns_and_types(hub: Any, escalation: Escalation) -> None:
    # docs.hubverse.io, Model output: task columns of any name, then these three; a mean has no index
    assert list(exported(escalation, "--what hub")[0]) == [*TASK, "output_type", "output_type_id", "value"]
    types = {frozenset(by_type) for by_type in hub.values()}
    assert types == {frozenset({"mean", "quantile", "sample"}), frozenset({"cdf"}), frozenset({"pmf"})}
    assert all(by_type["mean"][0][0] == "NA" for by_type in hub.values() if "mean" in by_type)
    assert {task[1:] for task in hub} >= {
        ("package_days", "365", "2021-10-02", "eu"), ("first.trade_ban", "365", "2021-10-02", "us"),
        ("tension", "90", "2020-12-31", "all"), ("tension.end", "365", "2021-10-02", "all"),
    }  # fmt: skip


def test_hub_tasks_begin_on_the_first_simulated_day_and_end_after_their_horizon(hub: Any) -> None:
    for origin, _, horizon, end, _ in hub:
        assert origin == "2020-10-03"
        assert (date.fromisoformat(end) - date.fromisoformat(origin)).days == int(horizon) - 1 >= 0


def test_hub_quantiles_and_cumulative_distributions_are_monotone(hub: Any) -> None:
    for by_type in hub.values():
        levels = [float(level) for level, _ in by_type.get("quantile", ())]
        assert levels == sorted(set(levels))
        assert all(0 < level < 1 for level in levels)
        for kind in ("quantile", "cdf"):
            values = [value for _, value in by_type.get(kind, ())]
            assert values == sorted(values)
        days = [day for day, _ in by_type.get("cdf", ())]
        assert days == sorted(set(days))
        assert all(0 <= value <= 1 for _, value in by_type.get("cdf", ()))


def test_hub_probabilities_of_categories_sum_to_one(hub: Any) -> None:
    found = [by_type["pmf"] for by_type in hub.values() if "pmf" in by_type]
    assert {name for pairs in found for name, _ in pairs} >= {"no", "yes", "full", "broken"}
    for pairs in found:
        assert sum(value for _, value in pairs) == pytest.approx(1)
        assert all(value >= 0 for _, value in pairs)


def test_hub_samples_are_the_replications(hub: Any) -> None:
    opened = package.open_run("run")
    for (_, target, _, _, location), by_type in hub.items():
        if target == "package_days":
            values = opened.columns([f"package_days.{location}"])[f"package_days.{location}"]
            assert by_type["sample"] == [(str(number), value) for number, value in enumerate(values)]
    for by_type in hub.values():
        if "sample" in by_type:
            assert len(by_type["sample"]) == 40
            values = [value for _, value in by_type["sample"]]
            assert by_type["mean"][0][1] == pytest.approx(sum(values) / 40)


def test_hub_dates_end_at_the_probability_that_it_happened(hub: Any) -> None:
    opened = package.open_run("run")
    for (_, target, _, end, location), by_type in hub.items():
        if target == "first.trade_ban":
            values = opened.columns([f"first.{location}.trade_ban"])[f"first.{location}.trade_ban"]
            day, last = by_type["cdf"][-1]
            assert (day, last) == (end, pytest.approx(float((values >= 0).mean())))


def test_hub_form_is_of_all_replications(run: Run, escalation: Escalation) -> None:
    done = escalation("export run --what hub -r 3")
    assert done.exit_code == 2
    assert "replication: the hub table is of all replications" in done.stderr
    assert {row["target"] for row in exported(escalation, "--what hub --outcome runaway")} == {"runaway"}
