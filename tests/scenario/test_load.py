"""Finding and loading scenarios: paths, shipped names, and what is said when there is nothing to load."""

from datetime import date
from pathlib import Path

import pytest

from escalation.errors import ScenarioError
from escalation.scenario import files
from escalation.scenario.load import load, load_text, shipped_scenarios
from tests.scenario.texts import VALID


def refused(source, *words):
    with pytest.raises(ScenarioError) as caught:
        load(source)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_a_valid_file_becomes_a_scenario(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text(VALID, encoding="utf-8")
    scenario = load(path)
    assert scenario == load(str(path)) == load_text(VALID)
    assert (scenario.start, scenario.takeover, scenario.end) == (
        date(2020, 8, 9),
        date(2020, 10, 3),
        date(2021, 10, 3),
    )
    assert scenario.history["first_list"].target == ("belarus",)
    assert scenario.actors["belarus"].policy.reciprocity.nominal == 0.8


def test_every_shipped_scenario_loads_by_name_and_by_prefixed_name():
    assert {"belarus_2020", "minimal"} <= set(files.shipped_names())
    for name in files.shipped_names():
        assert load(name) == load(f"shipped:{name}") == load(files.shipped_path(name))


def test_headers_say_name_title_and_question_of_each():
    assert [header.name for header in shipped_scenarios()] == files.shipped_names()
    for listed in shipped_scenarios():
        scenario = load(listed.name)
        assert (listed.title, listed.question) == (scenario.title, scenario.question)
        assert listed.answer


def test_a_file_wins_over_a_shipped_scenario_but_a_folder_does_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("minimal").mkdir()
    assert load("minimal") == load("shipped:minimal")
    Path("minimal").rmdir()
    Path("minimal").write_text(VALID, encoding="utf-8")
    assert load("minimal") == load_text(VALID)


def test_a_missing_file_names_the_nearest_file_beside_it(tmp_path):
    (tmp_path / "belarus.yaml").write_text(VALID)
    near = f"(did you mean {tmp_path}/belarus.yaml?)"
    refused(tmp_path / "belarsu.yaml", "belarsu.yaml: no such file", near)


def test_a_missing_name_names_the_nearest_shipped_scenario(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused("belarus_2021", "belarus_2021: no such file", "(did you mean belarus_2020?)")
    refused("belarus2020.yaml", "(did you mean belarus_2020?)")
    refused("shipped:minmal", "no scenario of the name 'minmal' is shipped", "(did you mean minimal?)")


def test_a_folder_is_refused_and_a_file_inside_it_named(tmp_path):
    (tmp_path / "one.yaml").write_text(VALID)
    refused(tmp_path, "this is a folder", f"{tmp_path}/one.yaml")


@pytest.mark.parametrize("name", ["", ".", "a\0b", "x" * 300, "/proc/self/mem", "no/such/folder/x.yaml"])
def test_a_strange_name_is_refused_in_words(name):
    refused(name)


def test_a_file_below_a_file_is_no_such_file(tmp_path):
    (tmp_path / "file").write_text("x")
    refused(tmp_path / "file" / "s.yaml", "no such file")


def test_a_file_without_permission_says_so(tmp_path, monkeypatch):
    path = tmp_path / "locked.yaml"
    path.write_text(VALID)

    def locked(self, *arguments, **options):
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "open", locked)
    refused(path, "locked.yaml: this file cannot be read: permission denied")


def test_all_mistakes_of_a_file_come_at_once_in_the_order_of_the_file():
    text = VALID.replace("rung: 1\n", "rnug: 1\n").replace("target: [eu, poland]", "target: [eu, polnd]")
    text = text.replace("2021-10-03", "2020-08-01")
    with pytest.raises(ScenarioError) as caught:
        load_text(text)
    places = [(problem.line, problem.column) for problem in caught.value.problems]
    assert places == sorted(places)
    assert {problem.path for problem in caught.value.problems} >= {
        "end",
        "instruments.listing.rnug",
        "instruments.listing.rung",
        "history.protest_note.target[1]",
    }


def test_a_flood_of_mistakes_is_cut_off_and_says_so():
    text = VALID + "".join(f"unknown_{n}: 1\n" for n in range(500))
    with pytest.raises(ScenarioError) as caught:
        load_text(text)
    assert len(caught.value.problems) == 100


def test_a_preset_is_not_refused_for_a_last_resort_that_the_scenario_has_not():
    assert load_text(VALID).actors["eu"].policy.last_resort == {}
