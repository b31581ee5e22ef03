"""What all studies share: begun, kept, interrupted, resumed, opened; on a study that is there for it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalation.errors import EnvironmentFault, InputError
from escalation.scenario.load import load
from escalation.study import runner
from escalation.study.execution import Execution
from escalation.study.journal import Journal
from escalation.study.runner import Interrupted, begin, default_folder, open_result, resume
from tests.study.toy import GuessAsked, GuessStudy

GUESS = GuessStudy()
SCENARIO = load("shipped:minimal")
WORK = Execution()


def asked(**more: Any) -> GuessAsked:
    return GuessAsked(**({"scenario": SCENARIO, "name": "minimal", "seed": 3, "replications": 5} | more))


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def interrupted(after: int) -> Execution:
    """Return what a study is played with that Ctrl-C comes to after so many replications."""
    left = [after]

    def advance(_: int) -> None:
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1

    return Execution(on_progress=advance)


def test_a_study_is_played_without_a_folder() -> None:
    result = begin(GUESS, asked(), WORK)
    assert result.guesses == (3, 4, 5, 0, 1)
    assert result.run is not None
    assert (result.run.status, result.run.folder) == ("complete", None)


def test_a_finished_study_shows_its_results_and_nothing_of_the_work(tmp_path: Path) -> None:
    result = begin(GUESS, asked(), WORK, tmp_path / "x")
    assert names(tmp_path) == {"x"}
    assert names(tmp_path / "x") == {"scenario.yaml", "manifest.json", "guess.json"}
    assert open_result(GUESS, tmp_path / "x") == result
    manifest = json.loads((tmp_path / "x" / "manifest.json").read_text())
    assert (manifest["kind"], manifest["status"], manifest["asked"]["sides"]) == ("guess", "complete", 6)
    stored = json.loads((tmp_path / "x" / "guess.json").read_text())
    assert stored["scenario"]["title"] == "A small flywheel"
    assert "run" not in stored


@pytest.mark.parametrize("after", [1, 3])
def test_an_interrupted_study_is_resumed_to_what_it_would_have_been(tmp_path: Path, after: int) -> None:
    whole = begin(GUESS, asked(), WORK)
    with pytest.raises(Interrupted, match=r"at \d+%; `escalation resume .*x` resumes it") as caught:
        begin(GUESS, asked(), interrupted(after), tmp_path / "x")
    assert caught.value.exit_status == 130
    assert names(tmp_path) == {".x.unfinished"}
    played: list[int] = []
    result = resume(GUESS, tmp_path / "x", Execution(on_progress=played.append))
    assert len(played) == 5 - after - 1
    assert result.model_copy(update={"run": None}) == whole.model_copy(update={"run": None})
    assert names(tmp_path) == {"x"}


def test_nothing_is_left_of_a_study_interrupted_before_its_first_piece(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Journal, "append", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(Interrupted, match="nothing is kept"):
        begin(GUESS, asked(), WORK, tmp_path / "x")
    assert names(tmp_path) == set()


def test_a_study_whose_results_cannot_be_written_is_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "")

    with monkeypatch.context() as patched:
        patched.setattr(GuessStudy, "files", full)
        with pytest.raises(EnvironmentFault, match="x: cannot be written: No space left"):
            begin(GUESS, asked(), WORK, tmp_path / "x")
    assert len(resume(GUESS, tmp_path / "x", WORK).guesses) == 5


def test_a_study_is_refused_to_other_code_and_left_unlocked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Interrupted):
        begin(GUESS, asked(), interrupted(2), tmp_path / "x")
    with monkeypatch.context() as patched:
        patched.setattr(runner, "code", lambda: "code 2")
        with pytest.raises(InputError, match=r"was begun by other code .* this is code 2"):
            resume(GUESS, tmp_path / "x", WORK)
    assert len(resume(GUESS, tmp_path / "x", WORK).guesses) == 5


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("scenario.yaml", ("end: 202", "end: 203"), "was changed since the study began"),
        ("asked.json", ('"kind"', '"kin"'), "damaged or missing"),
        ("asked.json", ('"schema_version": 2', '"schema_version": 3'), "by a newer version"),
        ("asked.json", ('"sides": 6', '"sides": 1'), "--sides: found 1"),
        ("asked.json", ('"sides"', '"signs"'), "signs: found 6"),
    ],
)
def test_a_study_that_is_no_longer_the_same_is_not_resumed(
    tmp_path: Path, name: str, change: tuple[str, str], message: str
) -> None:
    with pytest.raises(Interrupted):
        begin(GUESS, asked(), interrupted(2), tmp_path / "x")
    path = tmp_path / ".x.unfinished" / name
    path.write_text(path.read_text().replace(*change))
    with pytest.raises(InputError, match=message):
        resume(GUESS, tmp_path / "x", WORK)


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("guess.json", ("3", "4"), "was changed after it was written"),
        ("manifest.json", ('"seconds"', '"secs"'), "damaged: KeyError"),
        ("manifest.json", ('"guess"', '"other"'), "damaged or missing: ValueError: this is a other"),
        ("manifest.json", ('"schema_version": 2', '"schema_version": 1'), "by an older version"),
    ],
)
def test_a_damaged_result_is_not_believed(
    tmp_path: Path, name: str, change: tuple[str, str], message: str
) -> None:
    begin(GUESS, asked(), WORK, tmp_path / "x")
    path = tmp_path / "x" / name
    path.write_text(path.read_text().replace(*change))
    with pytest.raises(InputError, match=message):
        open_result(GUESS, tmp_path / "x")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"replications": 0}, "replications: found 0; allowed is 1 to"),
        ({"seed": -1}, "seed: found -1; allowed is 0 to"),
        ({"seed": 1.5}, "seed: found 1.5"),
        ({"sides": "many"}, "sides: found 'many'"),
        ({"sights": 1}, "sights: found 1"),
    ],
)
def test_what_is_asked_is_checked(values: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        asked(**values)


def test_a_command_line_that_is_no_unicode_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["escalation", "b\udcfcro.yaml"])
    begin(GUESS, asked(), WORK, tmp_path / "x")
    manifest = json.loads((tmp_path / "x" / "manifest.json").read_text())
    assert manifest["surroundings"]["command"] == sys.argv


def test_a_default_folder_is_named_after_the_scenario_and_the_command() -> None:
    one, other = (default_folder(GUESS, asked(sides=sides)) for sides in (2, 3))
    assert one.parent == other.parent == Path("results/minimal-guess")
    assert one.name.split("-")[2] != other.name.split("-")[2]


@settings(max_examples=40, deadline=None)  # the disk is waited for
@given(
    pieces=st.lists(st.dictionaries(st.text(max_size=3), st.integers() | st.text(max_size=5)), max_size=4),
    data=st.data(),
)
def test_wherever_the_journal_is_cut_all_whole_lines_are_kept(pieces: list[Any], data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        journal = Journal(Path(folder))
        for piece in pieces:
            journal.append("pieces", piece)
        path = Path(folder, "pieces.jsonl")
        path.touch()
        written = path.read_bytes()
        cut = written[: data.draw(st.integers(0, len(written)))]
        path.write_bytes(cut)
        assert journal.read("pieces", lambda _, piece: piece) == pieces[: cut.count(b"\n")]
        assert path.read_bytes() == cut[: cut.rfind(b"\n") + 1]


def test_arrays_are_kept_and_a_torn_file_of_them_is_none(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.save("block", values=np.arange(3.0))
    loaded = journal.load("block")
    assert loaded is not None
    assert loaded["values"].tolist() == [0.0, 1.0, 2.0]
    path = tmp_path / "block.npz"
    path.write_bytes(path.read_bytes()[:50])
    assert journal.load("block") is None
    assert journal.load("another") is None


def test_a_tidy_table_keeps_types_and_what_is_undefined(tmp_path: Path) -> None:
    columns = {
        "n": [1, 2],
        "x.y": [0.5, None],
        "text": ["a", "it's"],
        "sure": [None, True],
        "none": [None, None],
    }
    runner.write_table(tmp_path / "t.parquet", columns)
    rows = duckdb.sql(f"SELECT * FROM '{tmp_path / 't.parquet'}'")
    assert dict(zip(rows.columns, zip(*rows.fetchall(), strict=True), strict=True)) == {
        name: tuple(values) for name, values in columns.items()
    }
    assert list(map(str, rows.types)) == ["BIGINT", "DOUBLE", "VARCHAR", "BOOLEAN", "DOUBLE"]
