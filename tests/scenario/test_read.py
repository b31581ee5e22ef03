"""Reading YAML: what words mean, where they stand, and that nothing hangs or fills the program."""

import os
from datetime import date
from pathlib import Path

import pytest

from escalation.errors import ScenarioError
from escalation.scenario.load import load, load_text
from escalation.scenario.read import read_text
from escalation.scenario.tree import Position, Problems, entries_at, plain
from tests.scenario.texts import VALID


def value(text):
    problems = Problems()
    tree = read_text(f"x: {text}\n", Position("t", 1, 1), problems)
    assert not problems
    return plain(tree)["x"]


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("NO", "NO"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("", None),
        ("~", None),
        ("1e-3", 0.001),
        ("1e3", 1000.0),
        ("-2", -2),
        ("+2", 2),
        (".5", 0.5),
        ("010", 10),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2020-08-09", date(2020, 8, 9)),
        ('"2020-08-09"', "2020-08-09"),
        ("'1'", "1"),
        ("1.2.3", "1.2.3"),
        ("2020-08", "2020-08"),
        ("[1, a]", [1, "a"]),
    ],
)
def test_a_word_without_quotes_means_what_yaml_1_2_says(text, meaning):
    found = value(text)
    assert found == meaning
    assert type(found) is type(meaning)


def test_every_key_and_value_knows_its_line_and_column():
    tree = read_text("a:\n  b: {c: 1, d: [2, 'x']}\n", Position("t", 1, 1), Problems())
    b = entries_at(tree, "a")["b"]
    c, d = entries_at(tree, "a", "b")["c"], entries_at(tree, "a", "b")["d"]
    assert b.key == ("t", 2, 3)
    assert (c.key, c.node.position) == (("t", 2, 7), ("t", 2, 10))
    assert [item.position for item in d.node.items] == [("t", 2, 17), ("t", 2, 20)]


def test_an_anchored_part_can_be_used_again():
    text = VALID.replace("severity: 7.0", "severity: &bad 7.0").replace("magnitude: 4", "magnitude: *bad")
    assert load_text(text).shocks["election"].magnitude.nominal == 7.0


def test_a_byte_order_mark_does_no_harm():
    assert load_text("\ufeff" + VALID) == load_text(VALID)


def test_windows_line_ends_do_no_harm():
    assert load_text(VALID.replace("\n", "\r\n")) == load_text(VALID)


def refused(source, *words):
    with pytest.raises(ScenarioError) as caught:
        load(source) if isinstance(source, os.PathLike) else load_text(source)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_a_file_of_a_hundred_megabytes_is_refused_unread(tmp_path, monkeypatch):
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    monkeypatch.delattr(Path, "open")
    refused(path, "large.yaml: the file is too large")


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 100_000,
        "a: " + "[" * 50_000 + "]" * 50_000,
        "- " * 100_000,
        "? " * 50_000,
        "\n".join(" " * depth + "a:" for depth in range(900)),
    ],
)
def test_deep_nesting_is_refused_without_deep_recursion(text):
    refused(text)


def test_a_billion_laughs_are_refused():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    refused("\n".join(lines), "more than 100,000 keys and values")


def test_a_long_file_of_small_values_is_refused():
    refused("\n".join(f"a{n}: {{b: [1, 2, 3, 4, 5, 6]}}" for n in range(25_000)), "more than 100,000")


@pytest.mark.parametrize("text", ["&a *a", "a: &a [*a]", "x: *y"])
def test_an_alias_to_something_incomplete_is_refused(text):
    refused(text, "alias" if "y" in text or "[" in text else "")


def test_a_file_that_is_not_utf_8_names_the_place(tmp_path):
    path = tmp_path / "latin.yaml"
    path.write_bytes("title: é\nquestion: ü".encode() + "ß".encode("latin-1"))
    refused(path, "latin.yaml:2:12: the byte 0xdf is not UTF-8")


def test_a_character_that_no_text_holds_names_the_place():
    refused("title: a\nquestion: b\x00c\n", "<text>:2:12: the character U+0000")


def test_a_device_is_refused():
    refused(Path("/dev/zero"), "/dev/zero: this is a device")


def test_a_pipe_is_refused_without_waiting_for_a_writer(tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    refused(tmp_path / "pipe.yaml", "this is a device or pipe")
