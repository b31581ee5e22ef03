"""One estimate, of the same replications, is printed alike by every command."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from escalation.present.page import FEW_NOTE
from tests.cli.conftest import Escalation

ESTIMATE = r"[<>]?[\d.,]+%?(?: ± [\d.,]+| \[[^\]]+\])\*?"
MEASURE = "mean(package_days.eu)"
MEASURES = {
    MEASURE: "Days with a hostile package by European Union",
    "prob(concession.belarus)": "A concession by Belarus",
}
BRIEFLY = {MEASURE: "European Union: package days"}
"""What a summary calls them, where it is not the same."""
FAST = "--workers 1 --clock simpy -q"
LEVER = "actors.eu.policy.temperature"


def printed(escalation: Escalation, words: str) -> str:
    done = escalation(words)
    assert done.exit_code == 0, done.output
    return done.stdout


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match, (pattern, text)
    return match[1]


def brief(label: str) -> str:
    return next((BRIEFLY[measure] for measure in BRIEFLY if MEASURES[measure] == label), label)


def of_a_run(escalation: Escalation, label: str, seed: int, count: int) -> str:
    """Return what the summary of a run says."""
    folder = f"run-{seed}-{count}"
    if not Path(folder).exists():
        answers = ",".join(["package_days.eu", "concession.belarus"])
        escalation(
            f"run minimal -n {count} --seed {seed} -o {folder} {FAST}",
            "--set",
            f"outcomes.answer=[{answers}]",
        )
    return found(rf"\n{brief(label)} +({ESTIMATE})", printed(escalation, f"summary {folder}"))


@pytest.mark.parametrize(("measure", "label"), MEASURES.items())
def test_one_estimate_is_printed_alike_by_every_command(
    escalation: Escalation, measure: str, label: str
) -> None:
    said = of_a_run(escalation, label, 3, 60)

    printed(escalation, "report run-3-60 -o run.html -q")
    assert re.search(f"{brief(label)}<.*>{re.escape(said)}[ <]", Path("run.html").read_text(encoding="utf-8"))

    swept = f"sweep minimal --vary {LEVER}=0.6|0.7 --outcome {measure} -n 60 --seed 3 {FAST} -o sweep"
    assert found(rf"\n +0\.6 +({ESTIMATE})", printed(escalation, swept)) == said
    printed(escalation, "report sweep -o sweep.html")
    assert said in Path("sweep.html").read_text(encoding="utf-8")

    compared = printed(escalation, f"compare run-3-60 --set {LEVER}=1.5 --all {FAST}")
    level = re.split(r" ±| \[", said)[0]
    assert re.search(rf"\n +{label} +{re.escape(level)} ", compared), compared

    tuned = f"tune minimal --vary {LEVER}=0.4:0.8 --minimize {measure} --trials 3 -n 20 --held-out 60 -o tune"
    shown = printed(escalation, f"{tuned} {FAST}")
    seed = json.loads(Path("tune/tune.json").read_text())["held_out_seed"]
    assert found(rf"\nuntuned +({ESTIMATE})", shown) == of_a_run(escalation, label, seed, 60)
    if label in shown.split("Compared with")[1]:  # that table is of the scenario's own questions
        level = re.split(r" ±| \[", of_a_run(escalation, label, seed, 60))[0]
        assert re.search(rf"\n{label} +{re.escape(level)} ", shown), shown


def test_an_estimate_of_too_few_is_marked_and_explained_by_every_command(escalation: Escalation) -> None:
    measure, never = "mean(package_days.eu)", "mean(peak_rung.eu.us)"  # below 100, never is too few
    said = of_a_run(escalation, MEASURES[measure], 3, 9)
    swept = f"sweep minimal --vary {LEVER}=0.6|0.7 --outcome {measure} -n 9 --seed 3 {FAST} -o sweep"
    tuned = f"tune minimal --vary {LEVER}=0.4:0.8 --minimize {never} --trials 3 -n 20 --held-out 20 -o tune"
    pages = (
        (said, "summary run-3-9"),
        (said, swept),
        ("0 ± 0*", f"{tuned} {FAST}"),
        ("*", f"compare run-3-9 --set {LEVER}=1.5 --all {FAST}"),
    )
    for estimate, words in pages:
        shown = printed(escalation, words)
        assert estimate.endswith("*")
        assert estimate in shown
        assert f"\n{FEW_NOTE}\n" in shown
    printed(escalation, "report run-3-9 -o run.html -q")
    assert FEW_NOTE in Path("run.html").read_text(encoding="utf-8")
