from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import escalation
from escalation.errors import InputError, ScenarioError
from tests.ensemble import clocks


def test_a_scenario_is_loaded_changed_run_and_summarised() -> None:
    scenario = escalation.load("shipped:minimal", sets=["title=Changed"])
    done = escalation.run(scenario, replications=6, seed=2)
    assert done.summary.scenario.title == "Changed"
    assert done.summary.replications.finished == 6
    assert escalation.summarise(done) == done.summary
    assert done.folder is None


def test_nothing_is_written_unless_a_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    escalation.run("shipped:minimal", replications=2)
    assert list(tmp_path.iterdir()) == []


def test_a_run_is_named_by_its_folder_opened_or_in_memory(tmp_path: Path) -> None:
    done = escalation.run("shipped:minimal", replications=40, out=tmp_path / "run")
    runs = (str(tmp_path / "run"), escalation.open(tmp_path / "run"), done)
    for n, run in enumerate(runs):
        assert escalation.summarise(run) == done.summary
        assert getattr(run, "seconds", done.seconds) == done.seconds
        assert escalation.given(run, "acts.belarus > 1") == escalation.given(done, "acts.belarus > 1")
        escalation.export(run, tmp_path / f"{n}.csv")
        assert (tmp_path / f"{n}.csv").read_bytes() == (tmp_path / "0.csv").read_bytes()
    with pytest.raises(InputError, match="export: the run was not stored; give it a folder"):
        escalation.export(escalation.run("shipped:minimal", replications=2), tmp_path / "none.csv")


@pytest.mark.parametrize(
    ("condition", "days", "words"),
    [
        ("acts.belarus > 1", "60", "days: found '60'"),
        ("acts.belarus > 1", -3, "days: found -3"),
        ("acts.belarus > 1", 10**9, "days: found"),
        (None, 60, "given None: cannot be read; a condition is"),
        ("", 60, "given : cannot be read; a condition is"),
    ],
)
def test_a_condition_that_is_none_is_refused(condition: Any, days: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        escalation.given(escalation.run("shipped:minimal", replications=2), condition, days)


def test_a_story_takes_a_past_and_assumptions_as_every_scenario_does() -> None:
    past = {"record": "belarus", "since": "2021-01-01"}
    story = escalation.explain("shipped:belarus_2020", 3, seed=2, assumptions=0.3, **past)
    assert "assumptions=0.3" in story.overrides
    assert any("history=" in text for text in story.overrides)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"replications": 0}, "replications: found 0; allowed is 1 to 10,000,000"),
        ({"seed": -1}, "seed: found -1"),
        ({"seed": 2**64}, "seed: found"),
        ({"workers": 0}, "workers: found 0"),
        ({"acts": "most"}, "allowed are none, sample, all"),
    ],
)
def test_what_is_asked_wrongly_is_refused_by_name(options: dict[str, Any], words: str) -> None:
    with pytest.raises(InputError, match=words):
        escalation.run("shipped:minimal", **options)


LEVER = "actors.eu.policy.reciprocity=0:1:2"


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: escalation.whatif("minimal", without="first eu"), "without"),
        (lambda: escalation.whatif("minimal", replication=0, without="first eu"), "without"),
        (lambda: escalation.sweep("minimal", LEVER), "vary"),
        (lambda: escalation.sweep("minimal", [LEVER], outcomes="R"), "outcomes"),
        (lambda: escalation.sensitivity("minimal", outcomes="prob(runaway)"), "outcomes"),
        (lambda: escalation.tune("minimal", [LEVER], minimise="prob(runaway)"), "minimise"),
        (lambda: escalation.calibrate("minimal", "belarus"), "records"),
    ],
)
def test_one_text_where_a_list_belongs_is_not_taken_letter_by_letter(call: Any, name: str) -> None:
    with pytest.raises(InputError, match=f"^{name}: found '.*'; allowed is a list of texts$"):
        call()


def test_one_scenario_needs_no_list_to_be_compared_with_itself_changed() -> None:
    changed = {"sets": ["actors.us.policy=hardline"], "replications": 20}
    alone, listed = (escalation.compare(source, **changed) for source in ("minimal", ["minimal"]))
    assert alone.contrasts == listed.contrasts


def test_an_unknown_keyword_and_a_replication_that_is_no_number_are_refused() -> None:
    with pytest.raises(TypeError, match=r"no option 'worker' \(did you mean workers\?\)"):
        escalation.run("minimal", worker=2)  # type: ignore[call-arg]
    with pytest.raises(InputError, match="replication: found '3'; allowed is a whole number"):
        escalation.explain("minimal", replication="3")  # type: ignore[arg-type]


def test_a_mistake_in_a_scenario_raises_with_its_place() -> None:
    with pytest.raises(ScenarioError) as caught:
        escalation.load("shipped:minimal", sets=["actors.eu.polcy.reciprocity=1"])
    assert caught.value.problems[0].nearest == "policy"


def test_a_run_is_gone_on_with_from_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("escalation.clocks.simpy_clock.simulate", clocks.interrupted_at_twenty)
    cut = escalation.run("shipped:minimal", replications=30, out=tmp_path / "run")
    assert (cut.ensemble.interrupted, len(cut.statuses)) == (True, 16)
    monkeypatch.setattr("escalation.clocks.simpy_clock.simulate", clocks.counting)
    done = escalation.resume(tmp_path / "run")
    assert done.folder == tmp_path / "run"
    assert (done.ensemble.interrupted, len(done.statuses)) == (False, 30)
    assert escalation.summarise(escalation.open_run(tmp_path / "run")) == done.summary
    with pytest.raises(InputError, match="is complete"):
        escalation.resume(tmp_path / "run")


def test_columns_are_read_by_name_and_an_unknown_one_raises() -> None:
    done = escalation.run("shipped:minimal", replications=3)
    assert done.columns(["runaway"])["runaway"].shape == (3,)
    with pytest.raises(KeyError, match="did you mean runaway"):
        done.columns(["runawy"])


def test_every_mapping_answers_an_unknown_name_with_the_nearest_one() -> None:
    scenario = escalation.load("minimal")
    done, story = escalation.run(scenario, replications=3), escalation.explain("minimal")
    mappings = (
        *(scenario.actors, done.summary.actors, story.actors, pickle.loads(pickle.dumps(scenario.actors))),
        *(scenario.instruments, done.summary.instruments, scenario.shocks, scenario.history),
        *(done.summary.figures, done.table(), story.outcomes, escalation.policies()),
    )
    for entries in mappings:
        name = next(iter(entries))
        with pytest.raises(KeyError, match=rf"did you mean {name}\?"):
            _ = entries[f"{name}x"]
        assert entries.get(f"{name}x") is None
    with pytest.raises(
        InputError, match=r"^there is no outcome acts\.belorus \(did you mean acts\.belarus\?\)$"
    ):
        _ = done.summary.figures["acts.belorus"]


def test_the_package_shows_its_public_names_and_no_others() -> None:
    assert dir(escalation) == [
        *(
            "__version__",
            "brief",
            "calibrate",
            "compare",
            "discover",
            "explain",
            "export",
            "given",
            "load",
            "open",
            "open_run",
            "plot",
            "policies",
        ),
        *("report", "resume", "run", "sensitivity", "summarise", "sweep", "tune", "whatif", "why_not"),
    ]
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = escalation.nothing


def test_the_example_of_the_package_runs(tmp_path: Path) -> None:
    lines = [line[4:] for line in (escalation.__doc__ or "").splitlines() if line.startswith("    ")]
    source = str(Path(escalation.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)],
        capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": source}, check=True,
    )  # fmt: skip
    assert 0 <= float(done.stdout) <= 1
