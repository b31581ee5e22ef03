from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

import escalation
from escalation.clocks import simpy_clock
from escalation.ensemble import store
from escalation.ensemble.folder import StagingFolder
from escalation.errors import InputError
from escalation.study.finished import Finished
from tests.ensemble import clocks


@pytest.fixture
def run_minimal(tmp_path: Path) -> Any:
    def run(name: str = "run", **options: Any) -> Finished:
        return escalation.run("shipped:minimal", **{"replications": 12, "out": tmp_path / name, **options})

    return run


def checksums(folder: Path) -> dict[str, str]:
    files = [
        *folder.rglob("*.parquet"),
        folder / "summary.json",
        folder / "scenario.yaml",
        folder / "flywheel.npz",
    ]
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def test_the_files_are_the_same_bytes_for_any_number_of_workers(run_minimal: Any) -> None:
    one, two = run_minimal("one", workers=1), run_minimal("two", workers=2)
    assert checksums(one.folder) == checksums(two.folder)
    assert "acts/00000.parquet" in checksums(one.folder)


def test_a_run_is_read_back_as_it_was(run_minimal: Any) -> None:
    done = run_minimal()
    run = escalation.open_run(done.folder)
    names = run.header.columns
    columns, kept = run.columns(names), done.columns(names)
    for name in names:
        np.testing.assert_array_equal(columns[name], kept[name])
    np.testing.assert_array_equal(run.replications, done.ensemble.replications)
    assert run.header == done.header
    assert escalation.summarise(run) == done.summary


def test_the_manifest_says_what_one_needs_to_run_it_again(run_minimal: Any) -> None:
    folder = run_minimal(seed=7, replications=9).folder
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["seed"] == 7
    assert manifest["replications"] == {"asked": 9, "finished": 9, "failed": 0, "truncated": 0}
    assert manifest["status"] == "complete"
    assert manifest["surroundings"]["package"] == escalation.__version__
    assert manifest["scenario"]["name"] == "minimal"
    again = escalation.run(folder / "scenario.yaml", replications=9, seed=7)
    stored = escalation.summarise(escalation.open_run(folder))
    assert (again.summary.outcomes, again.summary.flywheel) == (stored.outcomes, stored.flywheel)


def test_acts_are_stored_by_name_and_date(run_minimal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.counting)
    done = run_minimal(replications=3)
    with duckdb.connect() as connection:
        acts = connection.execute("SELECT * FROM read_parquet($file) WHERE replication = 2 ORDER BY act",
                                  {"file": str(done.folder / "acts" / "00000.parquet")})  # fmt: skip
        columns = [column[0] for column in acts.description]
        first, second = (dict(zip(columns, row, strict=True)) for row in acts.fetchall())
    actors, instruments = list(done.header.actors), list(done.header.instruments)
    assert columns == [
        "replication", "act", "origin", "date", "time", "actor", "target", "instrument", "family", "size",
        "package", "parent", "in_force", "lapsed",
    ]  # fmt: skip
    assert (first["actor"], first["target"]) == (actors[0], actors[1])
    assert first["instrument"] == instruments[0]
    assert first["family"] == done.header.families[instruments[0]]
    assert first["origin"] == "simulated"
    assert (second["date"] - done.header.start).days == 4
    assert (first["package"], second["package"]) == (0, None)
    assert (first["parent"], second["parent"]) == (None, 0)
    assert (first["in_force"], second["in_force"]) == (1.5, None)


def test_shocks_are_stored_under_their_own_names(run_minimal: Any) -> None:
    done = run_minimal()
    acts = escalation.open_run(done.folder).acts(["origin", "instrument"])
    shocks = {str(name) for origin, name in zip(*acts.values(), strict=True) if origin == "shock"}
    assert shocks
    assert shocks <= set(done.header.shocks)


def test_failures_are_stored_with_their_messages(run_minimal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simpy_clock, "simulate", clocks.failing_each_third)
    run = escalation.open_run(run_minimal(replications=4).folder)
    assert run.failures == {
        number: f"ZeroDivisionError: nothing to divide by in {number}" for number in (0, 3)
    }
    assert list(run.statuses) == [2, 0, 0, 2]


def test_a_folder_that_holds_anything_is_left_alone(run_minimal: Any, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="is not empty"):
        run_minimal()
    assert [file.name for file in folder.iterdir()] == ["mine.txt"]
    assert list(tmp_path.iterdir()) == [folder]


def test_an_empty_folder_is_used(run_minimal: Any, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    assert (run_minimal().folder / "manifest.json").is_file()


def test_a_file_in_the_place_of_the_folder_is_refused(run_minimal: Any, tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")
    with pytest.raises(InputError, match="is a file"):
        run_minimal()


def test_the_current_folder_is_refused(
    run_minimal: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="is the current folder"):
        run_minimal(out=".")


def test_a_place_that_cannot_be_written_shows_before_anything_is_simulated(
    run_minimal: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: Any) -> Any:
        raise AssertionError("simulated")

    monkeypatch.setattr("escalation.study.run.run_ensemble", never)
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InputError, match="file is a file, and no folder can be in it"):
        run_minimal("file/run")


def test_a_disk_that_fills_up_costs_the_folder_but_not_the_results(
    run_minimal: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "write_outcomes", full)
    done = run_minimal()
    assert done.folder is None
    assert "No space left on device" in str(done.fault)
    assert done.summary.replications.finished == 12
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_behind_when_the_simulation_cannot_go_on(
    run_minimal: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setattr("escalation.study.run.run_ensemble", broken)
    with pytest.raises(RuntimeError):
        run_minimal()
    assert list(tmp_path.iterdir()) == []


def damaged(folder: Path, change: Any) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


READERS: dict[str, tuple[str, Any]] = {
    "summary": ("outcomes/00000.parquet", escalation.summarise),
    "columns": ("outcomes/00000.parquet", lambda run: run.columns(["runaway"])),
    "replications": ("outcomes/00000.parquet", lambda run: run.replications),
    "acts": ("acts/00000.parquet", lambda run: run.acts(["act"])),
    "causes": ("causes/00000.parquet", lambda run: run.causes()),
    "stored summary": ("summary.json", escalation.summarise),
    "story": ("scenario.yaml", lambda run: escalation.explain(run.folder)),
    "comparison": ("flywheel.npz", lambda run: escalation.compare([run.folder, run.folder])),
    "export of outcomes": ("outcomes/00000.parquet", lambda run: escalation.export(run, "t.csv")),
    "export of acts": ("acts/00000.parquet", lambda run: escalation.export(run, "t.csv", "acts")),
    "export of causes": ("causes/00000.parquet", lambda run: escalation.export(run, "t.csv", "causes")),
    "its own acts": ("acts/00000.parquet", lambda run: escalation.export(run, "t.csv", "causes")),
}
"""Which file each reader reads."""


def cut(file: Path, _: Path) -> None:
    file.write_bytes(file.read_bytes()[:100])


def changed(file: Path, _: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def removed(file: Path, _: Path) -> None:
    file.unlink()


def swapped(file: Path, other: Path) -> None:
    file.write_bytes((other / Path(*file.parts[len(other.parts) :])).read_bytes())


FAULTS = [
    (cut, "was changed since the run was stored"),
    (changed, "was changed since the run was stored"),
    (removed, "is missing"),
    (swapped, "is a file of another run, "),
]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("damage", "words"), FAULTS)
def test_a_file_that_is_not_the_one_that_was_stored_is_refused_by_its_name_and_why(
    run_minimal: Any, reader: str, damage: Any, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder, other = run_minimal().folder, run_minimal("other", seed=9, sets=["title=Other"]).folder
    name, read = READERS[reader]
    read(escalation.open_run(folder))
    Path("t.csv").unlink(missing_ok=True)
    damage(folder / name, other)
    with pytest.raises(InputError) as refused:
        read(escalation.open_run(folder))
    assert str(refused.value).startswith(f"{folder / name}: {words}")


def test_a_copy_of_a_run_is_the_run(run_minimal: Any, tmp_path: Path) -> None:
    done = run_minimal()
    for file in shutil.copytree(done.folder, tmp_path / "copy").rglob("*.parquet"):
        os.utime(file)
    copy = escalation.open_run(tmp_path / "copy")
    copy.require_sound()
    assert escalation.summarise(copy) == done.summary


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read anything")
def test_a_file_that_may_not_be_read_is_said_to_be(run_minimal: Any) -> None:
    folder = run_minimal().folder
    (folder / "outcomes").chmod(0)
    with pytest.raises(InputError, match=r"00000\.parquet: cannot be read: Permission denied"):
        escalation.summarise(escalation.open_run(folder))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda manifest: manifest.pop("seed"), "damaged: seed: field required"),
        (lambda manifest: manifest.update(seed="seven"), "damaged: seed: input should be a valid integer"),
        (lambda manifest: manifest.update(seed=None), "damaged: seed"),
        (lambda manifest: manifest.update(replications=12), "damaged: replications"),
        (lambda manifest: manifest["replications"].update(finished=[]), "damaged: replications.finished"),
        (lambda manifest: manifest.update(scenario="minimal"), "damaged: scenario"),
        (lambda manifest: manifest.update(overrides=3), "damaged: overrides"),
        (lambda manifest: manifest.update(status="half"), "damaged: status"),
        (lambda manifest: manifest.update(files={"summary.json": 1}), "damaged: files.summary.json"),
        (lambda manifest: manifest["header"].update(outcomes=[{}]), "damaged: header.outcomes"),
        (lambda manifest: manifest.update(schema_version=1), "older version"),
        (lambda manifest: manifest["header"].pop("start"), "damaged"),
        (lambda manifest: manifest["header"].update(start="yesterday"), "damaged"),
        (lambda manifest: manifest.update(failures=[{}]), "damaged"),
        (lambda manifest: manifest.update(schema_version=99), "newer version"),
    ],
)
def test_a_manifest_that_cannot_be_understood_is_said_to_be(
    run_minimal: Any, change: Any, words: str
) -> None:
    folder = run_minimal().folder
    damaged(folder, change)
    with pytest.raises(InputError, match=words):
        escalation.open_run(folder)


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '"text"'])
def test_a_manifest_that_is_none_is_said_to_be_damaged(run_minimal: Any, text: str) -> None:
    folder = run_minimal().folder
    (folder / "manifest.json").write_text(text)
    with pytest.raises(InputError, match="damaged"):
        escalation.open_run(folder)


def test_a_folder_without_a_run_is_told_from_no_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        escalation.open_run(tmp_path / "nowhere")
    with pytest.raises(InputError, match="is not the folder of a run"):
        escalation.open_run(tmp_path)


def test_what_is_missing_is_read_back_as_missing(run_minimal: Any) -> None:
    run = escalation.open_run(run_minimal().folder)
    acts = run.acts(["origin", "date", "target", "instrument", "family", "package", "lapsed"])
    shocks = acts["origin"] == "shock"
    assert 0 < shocks.sum() < len(shocks)
    assert all(target is None for target in acts["target"][shocks])
    assert all(family is None for family in acts["family"][shocks])
    assert set(acts["target"][~shocks]) <= set(run.header.actors)
    assert all(isinstance(name, str) for name in acts["instrument"])
    np.testing.assert_array_equal(np.isnan(acts["package"]), acts["origin"] != "simulated")
    assert np.isnan(acts["lapsed"]).all()
    assert acts["date"].dtype.kind == "M"


def test_whole_numbers_of_which_none_is_missing_stay_whole(run_minimal: Any) -> None:
    causes = escalation.open_run(run_minimal().folder).causes()
    assert {causes[name].dtype.kind for name in ("replication", "act", "cause")} == {"i"}
    assert causes["share"].dtype == np.float64


def test_acts_of_a_run_that_kept_none_are_none(run_minimal: Any) -> None:
    run = escalation.open_run(run_minimal(acts="none").folder)
    assert len(run.acts(["act"])["act"]) == 0
    assert not (run.folder / "acts").exists()


def test_identical_runs_begun_in_the_same_second_get_folders_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names = iter(["first", "first", "first", "second"])
    one, other = (StagingFolder.new(lambda: Path(next(names))) for _ in range(2))
    assert (one.folder, other.folder) == (Path("first"), Path("second"))
