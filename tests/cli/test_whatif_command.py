from __future__ import annotations

import csv
import json
import re
from datetime import date
from pathlib import Path

import pytest

from escalation.study.execution import Request
from escalation.study.story.divergence import diverge
from escalation.study.story.replay import explain
from tests.cli.conftest import Escalation, Process, lively

FIRST = ("--without", "first us hostile")


def test_one_replication_says_what_no_longer_happens_and_what_was_said_to(escalation: Escalation) -> None:
    story = lively()
    number = story.origin.replication
    shares = [share for act in story.simulated if act.counted for share in act.shares]
    counted = [act.row for act in story.simulated if act.counted]
    counted.sort(key=lambda row: -sum(one.share for one in shares if one.cause == row))
    for row in counted:  # the first without which something is gone
        done = escalation(f"whatif minimal -r {number} --without {row}")
        if re.search(r"20..\s+gone\s", done.stdout):
            break
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "A small flywheel"
    assert re.match(
        rf"Replication {number}, seed 1, played as it is and without the .* by \w+ against", lines[1]
    )
    assert re.match(rf"Taken out: .* against .*: .*, .* 20.. \(act {row}\)\.$", lines[2])
    assert re.match(
        r"Of all other acts \d+ are no longer done, \d+ are new, \d+ come at another time", lines[3]
    )
    assert re.match(r"Attributed to it, in sum of shares: [\d.]+ hostile acts?\. Truly fewer", lines[4])
    assert any(re.match(r"\d+ \w+ 20..\s+gone\s+\S", line) for line in lines)
    assert "What was attributed to it, and what became of that" in lines
    assert any(line.startswith("└─ ") and " — " in line for line in lines)
    assert lines[-1].startswith("One replication is one draw")


def test_the_numbers_of_acts_are_those_that_explain_prints(escalation: Escalation) -> None:
    told = escalation("explain minimal -r 0").stdout
    numbers = re.findall(r"^\d+ \w+ 20.. ?.*\. \[(\d+)(?:–(\d+))?\]$", told, re.MULTILINE)
    rows = [row for first, last in numbers for row in range(int(first), int(last or first) + 1)]
    assert rows == [act.row for act in explain("minimal", 0).simulated]


def test_the_average_says_how_many_had_none_and_what_is_sure(escalation: Escalation) -> None:
    hard = "--set actors.us.policy=hardline"  # the US acts often enough to be sure of what it does less
    done = escalation(f"whatif minimal {hard} -n 120 --workers 1 --clock simpy", *FIRST)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[:2] == [
        "A small flywheel",
        "A is the world as it is (seed 1), B the same without the first hostile act by us.",
    ]
    assert re.fullmatch(
        r"In \d+ of 120 futures \(\d+%\) there was no such act: nothing differs in these\.", lines[2]
    )
    levels, by = r"[\d.]+ instead of [\d.]+", r"−[\d.]+ \[−[\d.]+, −[\d.]+\]\."
    acts = rf"Hostile acts by United States, excluding words and threats: {levels}, {by}"
    assert any(re.fullmatch(acts, line) for line in lines)
    assert re.search(
        r"^By construction, .*: −0\.\d\d of the hostile acts by United States\.$", done.stdout, re.M
    )
    assert "further acts per hostile act (R)" in done.stdout
    assert any(line.startswith("Largest sure differences ") for line in lines)
    assert any(line.startswith("Sure: 95% sure of ") for line in lines)


def test_what_nobody_does_changes_nothing_and_that_is_all_that_is_said(escalation: Escalation) -> None:
    done = escalation("whatif minimal -n 12 --workers 1 --clock simpy", "--without", "900th us")
    assert done.stdout.splitlines()[2:4] == [
        "In none of 12 futures was there such an act.",
        "Nothing differs: both are the same in each of 12 futures.",
    ]
    assert len(done.stdout.splitlines()) == 6


@pytest.mark.parametrize(("words", "more"), [("-n 20", FIRST), ("--check -n 12", ())])
def test_what_is_stored_is_shown_again(escalation: Escalation, words: str, more: tuple[str, ...]) -> None:
    done = escalation(f"whatif minimal {words} --workers 1 --clock simpy -o stored", *more)
    assert done.exit_code == 0, done.output
    assert escalation("summary stored").stdout == done.stdout


def test_all_shows_every_outcome(escalation: Escalation) -> None:
    command = "whatif minimal -n 20 --workers 1 --clock simpy"
    few, every = (escalation(f"{command}{more}", *FIRST).stdout for more in ("", " --all"))
    assert "--all shows every one." in few
    assert "All outcomes" in every
    assert len(every.splitlines()) > 40 + len(few.splitlines())


def test_of_every_act_taken_out_it_is_said_how_many_there_were(escalation: Escalation) -> None:
    done = escalation("whatif minimal -n 20 --workers 1 --clock simpy", "--without", "every us hostile")
    assert re.search(r"^Taken out in all: \d+ acts\.$", done.stdout, re.MULTILINE)
    gone = re.search(r"^By construction no longer, in brackets what there was: (.*)$", done.stdout, re.M)
    assert gone
    assert re.search(r"; hostile acts by United States, excluding words and threats \([\d.]+\);", gone[1])
    told = done.stdout.replace(gone[0], "")
    assert "acts by United States" not in told
    assert "days later" not in told
    assert re.search(r"; \d+ differ by construction\. --all shows every one\.$", told, re.M)


def test_an_act_that_an_actor_never_has_is_remarked_and_said_on_the_page(escalation: Escalation) -> None:
    said = "n this scenario canada has no swift_cut against poland; it is put in all the same"
    force = ("--force", "2020-11-02 canada swift_cut poland")
    for words in ("-r 0", "-n 2 --workers 1 --clock simpy"):
        command = f"whatif belarus_2020 {words} --until 2021-01-01"
        done = escalation(command, *force)
        assert done.stderr == f"--force: i{said}\n"
        assert f"I{said}." in done.stdout.splitlines()
        quiet = escalation(f"{command} -q", *force)
        assert (quiet.stderr, quiet.stdout) == ("", done.stdout)


def test_the_check_compares_what_is_attributed_with_what_is_missing(escalation: Escalation) -> None:
    done = escalation("whatif minimal --check -n 40 --workers 1 --clock simpy")
    assert done.exit_code == 0, done.output
    missing = r"Without it −?[\d.]+ ± [\d.]+\*? other hostile acts are missing within \d+"
    assert re.search(missing, done.stdout)
    assert "attributed to it were" in done.stdout
    assert re.search(r"^All dyads\s+[\d.]+\s+[\d.]+ ± ", done.stdout, re.MULTILINE)


def test_an_act_put_in_is_told(escalation: Escalation) -> None:
    done = escalation("whatif minimal -r 2", "--force", "2020-10-20 eu trade_ban belarus")
    assert done.exit_code == 0, done.output
    assert "with trade_ban by eu against belarus on 2020-10-20." in done.stdout
    assert "Put in: the European Union against Belarus: trade ban, 20 Oct 2020." in done.stdout


def test_nothing_to_take_out_is_said_and_nothing_else(escalation: Escalation) -> None:
    done = escalation("whatif minimal -r 0", "--without", "400th us")
    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == "There was no such act in this replication: nothing changes."


@pytest.mark.parametrize("words", ["-r LIVELY", "-n 60 --clock simpy", "--check -n 6 --clock simpy"])
def test_json_is_one_document_and_csv_and_markdown_are_what_they_are(
    escalation: Escalation, words: str
) -> None:
    more = () if "--check" in words else FIRST
    words = words.replace("LIVELY", str(lively().origin.replication))
    command = f"whatif minimal {words} --workers 1 --format"
    assert json.loads(escalation(f"{command} json", *more).stdout)["schema_version"] == 2
    rows = list(csv.DictReader(escalation(f"{command} csv", *more).stdout.splitlines()))
    assert rows
    assert None not in rows[0]
    text = escalation(f"{command} md", *more).stdout
    assert text.startswith("# A small flywheel\n")
    assert "\n| " in text


@pytest.mark.parametrize(
    ("words", "more", "message"),
    [
        ("whatif minimal", (), "neither without nor force: give one"),
        ("whatif minimal --without 8", (), "without 8: is an act of one replication"),
        (
            "whatif minimal",
            ("--without", "first euu"),
            "without 'first euu': euu: is no actor or shock; allowed",
        ),
        ("whatif minimal -r 0 --without 9999", (), "without 9999: is no act decided in this replication"),
        ("whatif minimal --force soon", (), "force 'soon': has 1 words; write DATE ACTOR INSTRUMENT TARGET"),
        ("whatif minimal --check", FIRST, "--check: draws the acts itself"),
        ("whatif minimal -r 0 -n 9", FIRST, "--replication and --replications: one replication or many"),
        ("whatif minimal -r 0 -o here", FIRST, "--out: is for the average and the check over all"),
        ("whatif minimal -r -3", FIRST, "replication: found -3; allowed is 0 to"),
        ("whatif nowhere", FIRST, "nowhere: no such run or scenario; `escalation runs` lists the runs"),
        ("whatif belarus_202", FIRST, "belarus_202: no such run or scenario"),
        ("whatif minimal --check --all", (), "--all: is for the average over all replications"),
        ("whatif minimal -r 0 --all", FIRST, "--all: is for the average over all replications"),
        ("whatif minimal --until someday", FIRST, "--until someday: is not a date"),
        ("explain minimal minimal --actor eu", (), "--actor: tells of one story"),
        (
            "explain minimal --actor euu",
            (),
            "actor: found 'euu'; allowed are belarus, eu, us (did you mean eu?)",
        ),
        ("explain minimal belarus_from_election", (), "first day: minimal has 2020-09-23, belarus_from"),
    ],
)
def test_what_is_asked_wrongly_gives_status_2(
    escalation: Escalation, words: str, more: tuple[str, ...], message: str
) -> None:
    done = escalation(words, *more)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(message)


def test_a_run_whose_scenario_was_edited_is_refused(escalation: Escalation) -> None:
    escalation("run minimal -n 8 --workers 1 -o first")
    assert escalation("whatif first --workers 1 --clock simpy", *FIRST).stderr == ""
    stored = Path("first/scenario.yaml")
    stored.write_text(re.sub(r"magnitude: 5\b", "magnitude: 9", stored.read_text()))
    done = escalation("whatif first --workers 1 --clock simpy", *FIRST)
    assert (done.exit_code, done.stderr) == (2, "first/scenario.yaml: was changed since the run was stored\n")


def test_a_truncated_replication_gives_status_3(escalation: Escalation) -> None:
    done = escalation("whatif minimal -n 4 --workers 1 --set model.act_limit=8", *FIRST)
    assert done.exit_code == 3, done.output


@pytest.fixture(scope="module")
def parting() -> int:
    """The first replication in which the two scenarios part in a choice."""
    short = Request(until=date(2021, 1, 1))
    return next(
        number
        for number in range(40)
        if diverge("belarus_2020", "belarus_restrained", number, short).differ_in == "choice"
    )


def test_two_stories_stand_side_by_side_from_where_they_part(escalation: Escalation, parting: int) -> None:
    done = escalation(f"explain belarus_2020 belarus_restrained -r {parting} --until 2021-01-01")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert lines[0] == "belarus_2020 and belarus_restrained"
    assert re.search(r"They part on \d+ \w+ 2020: until then (\d+ decisions? to act|nothing)", lines[1])
    assert lines[2].startswith("belarus_2020: ")
    assert lines[3].startswith("belarus_restrained: ")
    assert re.search(r"The same draw, 0\.\d+ of 1, fell on .* in the one and", lines[4])
    assert re.match("What made it differ|No one thing made it differ", lines[5])
    assert any(re.match(r"\S.*\s+[<>]?\d+%.*> [<>]?\d+%", line) for line in lines)
    assert any(re.match(r"From there on\s+belarus_2020\s+belarus_restrained$", line) for line in lines)


def test_two_that_are_the_same_are_said_to_be(escalation: Escalation) -> None:
    done = escalation("explain minimal minimal")
    count = len(explain("minimal", 0).simulated)
    assert done.stdout.splitlines()[-1] == f"The two are the same story to the end: {count} acts."


@pytest.mark.parametrize("form", ["json", "csv", "md"])
def test_two_stories_have_every_format(escalation: Escalation, form: str, parting: int) -> None:
    words = f"explain belarus_2020 belarus_restrained -r {parting} --until 2021-01-01"
    done = escalation(f"{words} --format {form}")
    assert done.exit_code == 0
    if form == "json":
        assert json.loads(done.stdout)["differ_in"] == "choice"
    elif form == "csv":
        assert {row["story"] for row in csv.DictReader(done.stdout.splitlines())} == {"1", "2"}
    else:
        assert done.stdout.startswith("# belarus\\_2020 and belarus\\_restrained\n")


def test_one_actor_alone_can_be_told_of(escalation: Escalation) -> None:
    story = lively()
    command = f"explain minimal -r {story.origin.replication} --actor us"
    done = escalation(command)
    assert done.exit_code == 0
    told = done.stdout.partition("what happened")[2]
    mine = [one for one in story.decisions if one.actor == "us" and not one.refrained]
    count, words = sum(not one.spoken for one in mine), sum(one.spoken for one in mine)
    said = re.search(
        r"only what the United States decided: (\d+) decisions? to act(?: and (\d+) statements?)?\.",
        done.stdout,
    )
    assert said
    assert (int(said[1]), int(said[2] or 0)) == (count, words)
    assert "The United States against Belarus: " in told
    assert not re.search(r"^\d+ \w+ 20..\. Belarus ", told, re.MULTILINE)
    assert "What caused what" not in done.stdout
    rows = csv.DictReader(escalation(f"{command} --format csv").stdout.splitlines())
    assert [int(row["act"]) for row in rows] == [act.row for act in story.acts if act.actor == "us"]


def test_on_a_terminal_no_line_is_wider_than_eighty_columns() -> None:
    pytest.importorskip("pty")
    from tests.cli.test_terminal import ESCAPE, at_a_terminal  # noqa: PLC0415

    for words in (
        "whatif belarus_2020 -r 3 --without 58 --until 2020-12-01",
        "explain belarus_2020 belarus_restrained -r 2 --until 2020-12-01",
    ):
        shown = ESCAPE.sub("", at_a_terminal(words))
        assert len(shown.splitlines()) > 20
        assert [line for line in shown.splitlines() if len(line) > 80] == []


def test_the_command_in_a_pipe_says_nothing_but_its_result(process: Process) -> None:
    story = lively()
    done = process(f"whatif minimal -r {story.origin.replication} --without {story.simulated[-1].row}")
    assert (done.returncode, done.stderr) == (0, "")
    assert "\x1b" not in done.stdout
