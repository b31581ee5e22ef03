from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from escalation.present.format import day
from escalation.present.story.phrases import DEEPEST, SPEAKS_AGAINST, SPEAKS_FOR, single, sized, tree_lines
from escalation.study.story import replay
from escalation.study.story.model import Act, Story
from escalation.study.story.replay import explain
from tests.cli.conftest import Escalation, Process, as_if_by_another_version, lively

FAST = "--replications 8 --workers 1"
BLOCKED = "actors.eu.institution.unanimity={sceptic: {base: 0.9}}"


def test_the_first_lines_say_which_replication_this_is(escalation: Escalation) -> None:
    assert escalation(f"run minimal {FAST} --seed 4 -o first").exit_code == 0
    done = escalation("explain first")
    assert done.exit_code == 0, done.output
    title, which, *_ = done.stdout.splitlines()
    assert title == "A small flywheel"
    assert re.match(r"Replication \d of 8 \(numbered from 0\), seed 4: the most typical one", which)
    chosen = escalation("explain first --replication 5").stdout.splitlines()[1]
    assert chosen.startswith(
        "Replication 5 of 8 (numbered from 0), seed 4, as asked for. 3 Oct 2020 to 3 Oct 2021"
    )


def test_the_terms_that_are_printed_add_up_to_their_sum(escalation: Escalation) -> None:
    told = escalation("explain belarus_2020").stdout.replace("−", "-")
    sums = re.findall(r"(?:For it|Against it|Nothing much).*?in sum [+-]?[\d.]+", told)
    assert len(sums) > 20
    assert any("other" in one for one in sums)
    for one in sums:
        *terms, whole = map(float, re.findall(r"[+-]?\d+\.\d", one))
        assert sum(terms) == pytest.approx(whole, abs=1e-9), one


def test_who_comes_back_to_the_same_matter_is_not_said_to_have_been_woken_by_it(
    escalation: Escalation,
) -> None:
    told = "".join(escalation(f"explain belarus_2020 --replication {n}").stdout for n in range(4))
    assert "Nothing new woke it: it came back at its next meeting to “" in told
    assert "Nothing new woke it: it came back after a while to “" in told


@pytest.mark.parametrize(("columns", "most"), [("", 100), ("72", 72), ("1", 60), ("x", 100)])
def test_two_stories_side_by_side_are_no_wider_in_a_pipe_than_a_terminal(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch, columns: str, most: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    told = escalation("explain belarus_2020 belarus_restrained").stdout.splitlines()
    first = next(n for n, line in enumerate(told) if line.startswith("From there on"))
    widths = [len(line) for line in told[first:-1]]
    assert most - 30 < max(widths) <= most


def test_every_act_and_decision_is_told_with_date_probability_and_cause(escalation: Escalation) -> None:
    story = lively()
    told = escalation(f"explain minimal --replication {story.origin.replication}").stdout
    for act in story.simulated:
        heads = [line for line in told.splitlines() if line.startswith(f"{day(act.day)}. ")]
        names = act.label, story.actors[act.actor], story.actors[str(act.target)]
        assert any(all(name in head for name in names) for head in heads)
    adopted = [decision for decision in story.decisions if decision.acts]
    woken = len(re.findall(r"What woke it|it came back|It joined what", told))
    assert woken == len(adopted)
    assert told.count("picked with probability") == sum(len(decision.choices) for decision in adopted)
    spoken = sum(decision.spoken for decision in adopted)
    assert 0 < spoken == told.count("Said in words, without a decision.")
    assert told.count("All in all: something hostile") == len(adopted) - spoken
    assert told.count("nothing done") >= 1


def test_what_spoke_for_and_against_is_in_plain_words(escalation: Escalation) -> None:
    told = escalation("explain minimal --replication 3").stdout
    assert "it is in proportion to the grievance +" in told
    assert SPEAKS_AGAINST["fear"] + " −" in told
    assert not any(name in told for name in SPEAKS_FOR if "_" in name)


def test_a_sentence_names_no_cause_twice_and_reciprocity_by_name_and_value(escalation: Escalation) -> None:
    told = escalation("explain belarus_2020 --replication 3").stdout
    answers = re.findall(r"It answers (.*?%)\.", told)
    assert len(answers) > 10
    for sentence in answers:
        named = re.findall(r"“[^”]*”[^“%]*\)", sentence)
        assert len(named) == len(set(named))
    assert re.search(r"stood at [\d.]+; with reciprocity 0\.\d+ in proportion", told)
    assert re.search(r"with reciprocity 0\.\d+, care 0\.\d in proportion", told)


def test_of_all_that_was_weighed_the_higher_sum_has_the_higher_probability(
    escalation: Escalation,
) -> None:
    told = escalation(f"explain minimal --replication {lively().origin.replication}").stdout
    weighed = re.findall(r"Also weighed: (.*?)\.(?: All in all|\n)", told)
    assert len(weighed) > 3
    for text in weighed:
        rivals = re.findall(r" (<1|>99|\d+)% \(([+−]\d+\.\d)\)", " " + text)
        assert rivals
        sums = [float(sign.replace("−", "-")) for _, sign in rivals]
        odds = [{"<1": 0.5, ">99": 99.5}.get(share) or float(share) for share, _ in rivals]
        assert all(
            left >= right or abs(one - other) < 0.11
            for one, left in zip(sums, odds, strict=True)
            for other, right in zip(sums, odds, strict=True)
            if one > other
        )
    assert len(re.findall(r"doing nothing \d+% \(\+0\.5\)", told)) > 1


def test_one_of_a_thing_is_in_the_singular() -> None:
    act = next(act for act in explain("minimal").acts if act.size)

    def changed(**parts: object) -> Act:
        return act.model_copy(update=parts)

    assert sized(changed(label="diplomats expelled", size=1.2, unit="diplomats")).endswith("(1 diplomat)")
    assert sized(changed(size=1650.0, unit="names")).endswith("(1,650 names)")
    assert [single(unit) for unit in ("firms", "people", "companies", "staff", "press")] == [
        "firm", "person", "company", "staff", "press",
    ]  # fmt: skip


def test_a_blocked_package_is_told_and_so_is_its_consent(escalation: Escalation) -> None:
    found = [
        escalation(f"explain minimal --replication {number} --set", BLOCKED).stdout for number in range(6)
    ]
    told = next(text for text in found if "found consent" in text)
    blocked = re.search(
        r"^(.*)\. Blocked — the European Union against Belarus: (.*)\.\n(?:  .*\n)*"
        r"  Sceptic withheld consent; the package waits for the meeting of (.*)\.$",
        told,
        re.MULTILINE,
    )
    assert blocked
    assert f"\n{blocked[3]}. " in told
    assert "The package wanted on " in told
    assert re.search(r"packages? (was|were) blocked, in \d+ votes?, by Sceptic\.", told)


def test_in_short_comes_first_and_then_how_to_read_and_history(escalation: Escalation) -> None:
    told = escalation("explain minimal").stdout
    parts = [
        "\nIn short\nHostile acts, excluding words and threats:",
        "\nHow to read it: “what woke it” is",
        "Before 3 Oct 2020",
        "people listed (40 names), 2 Oct",
        "From 3 Oct 2020",
        "What caused what",
    ]
    places = [told.index(part) for part in parts]
    assert places == sorted(places)
    assert told.splitlines()[2:4] == ["", "In short"]


def test_shocks_are_told_on_theirday(escalation: Escalation) -> None:
    story = explain("belarus_2020", 0)
    told = escalation("explain belarus_2020").stdout
    shocks = [act for act in story.acts if act.origin == "shock" and act.day >= story.scenario.simulate_from]
    assert shocks
    for shock in shocks:
        assert f"{day(shock.day)}. Shock: {shock.label}. Blamed: Belarus." in told


def test_the_tree_is_cut_at_a_depth_and_says_how_much_hangs_below() -> None:
    deep = next(story for number in range(40) if _depth(story := explain("minimal", number)) > DEEPEST)
    lines = tree_lines(deep)
    assert max(line.level for line in lines) == DEEPEST - 1
    assert any(re.search(r"; \d+ further acts? below, not shown$", line.text) for line in lines)


def test_json_is_one_document_with_everything(process: Process) -> None:
    done = process("explain minimal --replication 2 --format json")
    document = json.loads(done.stdout)
    assert done.stderr == ""
    assert document["origin"]["replication"] == 2
    simulated = [act for act in document["acts"] if act["origin"] == "simulated"]
    assert simulated
    assert any(act["probability"] is not None and act["parent"] is not None for act in simulated)
    assert all(0 < act["probability"] <= 1 for act in simulated if act["probability"] is not None)
    assert {"decisions", "tree", "answering", "outcomes"} <= set(document)


def test_csv_has_one_row_per_act(escalation: Escalation) -> None:
    acts, number = lively().acts, lively().origin.replication
    told = escalation(f"explain minimal --replication {number} --format csv").stdout
    rows = list(csv.DictReader(told.splitlines()))
    assert [row["instrument"] for row in rows] == [act.instrument for act in acts]
    odds = [float(row["probability"]) if row["probability"] else None for row in rows]
    assert odds == [act.probability for act in acts]
    assert any(odds)


def test_markdown_has_headings_and_a_nested_list_of_causes(escalation: Escalation) -> None:
    text = escalation("explain minimal --format md").stdout
    assert text.startswith("# A small flywheel\n\nReplication 0, seed 1")
    assert "\n## What caused what\n" in text
    assert re.search(r"^- 23 Sep 2020, shock, .*\n  - 2 Oct 2020, the European Union", text, re.MULTILINE)


def test_in_a_pipe_no_line_is_wrapped_or_coloured(process: Process) -> None:
    done = process("explain minimal", FORCE_COLOR="1", COLUMNS="40")
    assert done.returncode == 0, done.stderr
    assert "\x1b" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) > 200


def test_on_a_terminal_no_line_is_wider_than_eighty_columns() -> None:
    pytest.importorskip("pty")
    from tests.cli.test_terminal import ESCAPE, at_a_terminal  # noqa: PLC0415

    shown = ESCAPE.sub("", at_a_terminal("explain belarus_2020 --until 2020-12-01"))
    assert "What caused what" in shown
    assert [line for line in shown.splitlines() if len(line) > 80] == []


def test_a_replication_that_is_not_there_gives_status_2_and_the_range(escalation: Escalation) -> None:
    escalation(f"run minimal {FAST} -o first")
    done = escalation("explain first --replication 8")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "replication: found 8; allowed is 0 to 7\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("explain nowhere", "nowhere: no such run or scenario; `escalation runs` lists the runs"),
        ("explain minmal", "minmal: no such run or scenario"),
        ("explain .", ".: is not the folder of a run"),
        ("explain first --seed 3", "seed: first is a run and has its own"),
        ("explain first --set title=x", "set: first is a run and has its own"),
        ("explain minimal --until someday", "--until someday: is not a date"),
    ],
)
def test_what_is_asked_wrongly_gives_status_2(escalation: Escalation, words: str, message: str) -> None:
    escalation(f"run minimal {FAST} -o first")
    done = escalation(words)
    assert done.exit_code == 2
    assert done.stderr.startswith(message)


def test_a_run_that_comes_out_differently_now_is_remarked_unless_quiet(escalation: Escalation) -> None:
    escalation(f"run minimal {FAST} -o first")
    as_if_by_another_version(Path("first"))
    assert "came out differently when it was stored" in escalation("explain first").stderr
    assert escalation("explain first --quiet").stderr == ""


def test_a_replication_that_fails_is_reported_in_one_line(
    escalation: Escalation, monkeypatch: pytest.MonkeyPatch
) -> None:
    def play(*_: object, **__: object) -> None:
        raise ValueError("a policy chose what was not on offer")

    monkeypatch.setattr(replay, "play", play)
    done = escalation("explain minimal --replication 6")
    assert done.exit_code == 1
    assert done.stderr == "replication 6 fails: ValueError: a policy chose what was not on offer\n"


def _depth(story: Story) -> int:
    levels: list[int] = []
    for branch in story.tree:
        levels.append(1 if branch.parent is None else levels[branch.parent] + 1)
    return max(levels)
