"""Extending: one file laid over another, over a catalogue; each part remembers where it was written."""

import pytest

from escalation.errors import ScenarioError
from escalation.scenario.load import load, load_text
from escalation.scenario.policy import PRESETS, Policy
from escalation.scenario.write import content_hash
from tests.scenario.texts import VALID


@pytest.fixture
def child(tmp_path):
    (tmp_path / "base.yaml").write_text(VALID, encoding="utf-8")

    def write(text, name="child.yaml"):
        (tmp_path / name).write_text("extends: base.yaml\n" + text, encoding="utf-8")
        return load(tmp_path / name)

    return write


BASE = load_text(VALID)


def refused(call, *words):
    with pytest.raises(ScenarioError) as caught:
        call()
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_a_child_that_says_nothing_equals_its_base(child):
    assert child("") == BASE


def test_a_child_changes_one_number_and_keeps_the_rest(child):
    changed = child("actors: {eu: {sensitivities: {half_life: 90}}}\n")
    assert changed.actors["eu"].sensitivities.half_life.nominal == 90
    assert changed.actors["eu"].sensitivities.felt == BASE.actors["eu"].sensitivities.felt
    assert changed.actors["eu"].policy == BASE.actors["eu"].policy


def test_a_child_adds_an_entry_after_those_of_the_base(child):
    landing = "{label: x, date: 2021-05-23, blamed: belarus, magnitude: 6, salience: {eu: 1}}"
    assert list(child(f"shocks: {{landing: {landing}}}\n").shocks) == [*BASE.shocks, "landing"]


def test_null_removes_an_inherited_entry(child):
    assert list(child("shocks: {crackdown: null}\n").shocks) == ["election"]
    assert child("actors: {belarus: {patron: null}}\n").actors["belarus"].patron is None


def test_a_list_replaces_the_list_of_the_base(child):
    assert child("actors: {eu: {instruments: [talks]}}\n").actors["eu"].instruments == ("talks",)


def test_a_child_may_leave_a_whole_part_empty(child):
    assert child("holds:\n").holds == {}


def test_a_mapping_without_preset_changes_single_numbers_of_the_policy(child):
    policy = child("actors: {eu: {policy: {fear: 0.9}}}\n").actors["eu"].policy
    assert (policy.preset, policy.reciprocity.nominal, policy.fear.nominal) == ("restrained", 0.7, 0.9)


def test_a_policy_in_one_line_in_the_base_can_be_changed_by_a_mapping(child):
    policy = child("actors: {belarus: {policy: {fear: 0.9}}}\n").actors["belarus"].policy
    assert (policy.preset, policy.reciprocity.nominal, policy.fear.nominal) == ("graduated", 0.8, 0.9)


OWN = "{preset: graduated, reciprocity: 0.8, temperature: 0.6, own_cost: 2, last_resort: {trade_ban: 1}}"


@pytest.mark.parametrize("line", ["hardline", "{preset: hardline}", "hardline()"])
def test_a_preset_sets_what_it_means_and_leaves_the_rest_of_the_policy(tmp_path, line):
    text = VALID.replace("graduated(reciprocity=0.8)", OWN)
    (tmp_path / "base.yaml").write_text(text, encoding="utf-8")
    variant = f"extends: base.yaml\nactors: {{belarus: {{policy: {line}}}}}\n"
    (tmp_path / "child.yaml").write_text(variant, encoding="utf-8")
    policy = load(tmp_path / "child.yaml").actors["belarus"].policy
    assert policy.canonical() == "hardline(own_cost=2, temperature=0.6)"
    for name in ("policy=hardline", "policy.preset=hardline", "policy={preset: hardline}"):
        assert load_text(text, sets=[f"actors.belarus.{name}"]).actors["belarus"].policy == policy


def test_a_preset_that_is_named_again_sets_what_it_means_anew(child):
    policy = child("actors: {eu: {policy: restrained(fear=0.9)}}\n").actors["eu"].policy
    assert policy.canonical() == "restrained(fear=0.9)"


@pytest.mark.parametrize("name", PRESETS)
def test_the_way_to_an_attitude_does_not_matter(name):
    once = load_text(VALID, sets=[f"actors.eu.policy={name}"]).actors["eu"].policy
    for other in PRESETS:
        sets = [f"actors.eu.policy={other}", f"actors.eu.policy={name}"]
        twice = load_text(VALID, sets=sets).actors["eu"].policy
        common = (*PRESETS["graduated"].parameters, "preset")
        assert [getattr(twice, key) for key in common] == [getattr(once, key) for key in common]


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_alone_has_the_defaults_in_everything_else(name):
    data = {key: value for key, value in PRESETS[name].parameters.items() if key != "last_resort"}
    alone = Policy.model_validate({"preset": name})
    assert alone.model_copy(update={"preset": None, "last_resort": {}}) == Policy.model_validate(data)


def test_the_variant_with_a_hard_line_differs_in_that_attitude_alone():
    told = {"title": "", "question": "", "outcomes": load("belarus_2020").outcomes}
    variant = load("belarus_hardline").model_copy(update=told)
    by_hand = load("belarus_2020", sets=["actors.belarus.policy=hardline"]).model_copy(update=told)
    assert content_hash(variant) == content_hash(by_hand)
    before, after = load("belarus_2020").actors["belarus"].policy, variant.actors["belarus"].policy
    changed = {key for key in type(after).model_fields if getattr(after, key) != getattr(before, key)}
    assert changed <= {"preset", *PRESETS["hardline"].parameters}


def test_a_policy_line_that_names_the_kind_starts_from_the_defaults(child):
    policy = child("actors:\n  eu:\n    policy: proportional(reciprocity=0.5, more=0)\n").actors["eu"].policy
    assert (policy.preset, policy.canonical()) == (None, "proportional(reciprocity=0.5, more=0)")


@pytest.mark.parametrize(
    "line", ["hazard(answers=0.4)", "ladder(provocation=5, discharge=0.5)", "scripted()", "hardline(fear=2)"]
)
def test_a_policy_of_any_kind_can_be_written_in_one_line(child, line):
    policy = child(f"actors:\n  belarus:\n    policy: {line}\n").actors["belarus"].policy
    assert policy.canonical() == line


def test_what_a_python_policy_is_given_beside_its_name_are_its_parameters(child):
    changed = child("actors:\n  eu:\n    policy: python(name=mine, weight=0.5, mood=grim)\n")
    policy = changed.actors["eu"].policy
    assert (policy.name, policy.parameters) == ("mine", {"weight": 0.5, "mood": "grim"})
    assert policy.canonical() == "python(name=mine, weight=0.5, mood=grim)"


def test_another_kind_replaces_the_policy_as_a_whole(child):
    policy = child("actors: {eu: {policy: {kind: hazard, answers: 0.2}}}\n").actors["eu"].policy
    assert policy.canonical() == "hazard(answers=0.2)"


def test_the_same_policy_written_as_line_and_as_mapping_is_equal():
    line = VALID.replace("graduated(reciprocity=0.8)", "hardline(fear=1, more=0.25)")
    mapping = VALID.replace("graduated(reciprocity=0.8)", "{preset: hardline, fear: 1, more: 0.25}")
    assert load_text(line) == load_text(mapping)


def test_a_distribution_replaces_the_value_but_not_the_unit(child):
    changed = child("actors: {eu: {policy: {reciprocity: {uniform: [0, 1]}}}}\n")
    number = changed.actors["eu"].policy.reciprocity
    assert (number.value, number.uniform, number.unit) == (None, (0, 1), "severity per grievance")


def test_a_plain_number_replaces_a_number_with_its_source(child):
    number = child("actors: {eu: {policy: {reciprocity: 0.2}}}\n").actors["eu"].policy.reciprocity
    assert (number.value, number.source) == (0.2, None)


def test_a_grandchild_can_bring_back_what_the_child_removed(child, tmp_path):
    child("shocks: {crackdown: null}\n")
    (tmp_path / "grandchild.yaml").write_text(
        "extends: child.yaml\n"
        "shocks: {crackdown: {label: again, date: 2021-01-01, blamed: eu, magnitude: 1, salience: {}}}\n"
    )
    assert load(tmp_path / "grandchild.yaml").shocks["crackdown"].rate is None


def test_a_base_may_lie_in_a_folder_below_and_extend_its_own_neighbour(tmp_path):
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "one.yaml").write_text(VALID, encoding="utf-8")
    (tmp_path / "below" / "two.yaml").write_text("extends: one.yaml\ntitle: Two\n")
    (tmp_path / "three.yaml").write_text("extends: below/two.yaml\nquestion: Three?\n")
    scenario = load(tmp_path / "three.yaml")
    assert (scenario.title, scenario.question) == ("Two", "Three?")


def test_two_files_that_extend_each_other_are_refused_with_the_story(tmp_path):
    (tmp_path / "a.yaml").write_text("extends: b.yaml\n")
    (tmp_path / "b.yaml").write_text("extends: a.yaml\n")
    refused(lambda: load(tmp_path / "a.yaml"), "b.yaml:1:10: extends: ", "a.yaml → ", "b.yaml → ")


def test_a_chain_of_many_files_is_refused(tmp_path):
    for n in range(20):
        (tmp_path / f"f{n}.yaml").write_text(f"extends: f{n + 1}.yaml\n")
    refused(lambda: load(tmp_path / "f0.yaml"), "more than 16 files")


@pytest.mark.parametrize(
    "name", ["../base.yaml", "/etc/hostname", "below/../../base.yaml", "link.yaml", "link", "a\\\\b"]
)
def test_a_base_outside_the_folder_is_refused(tmp_path, name):
    folder = tmp_path / "folder"
    folder.mkdir()
    (tmp_path / "base.yaml").write_text(VALID, encoding="utf-8")
    (folder / "link.yaml").symlink_to(tmp_path / "base.yaml")
    (folder / "child.yaml").write_text(f'extends: "{name}"\n')
    refused(lambda: load(folder / "child.yaml"), "child.yaml:1:10: extends: ", "outside this file's folder")


def test_a_text_without_a_folder_extends_shipped_scenarios_only():
    assert load_text("extends: shipped:minimal\n").actors == load("minimal").actors
    refused(lambda: load_text("extends: minimal.yaml\n"), "<text>:1:10: extends: ", "shipped:NAME")


def test_an_error_in_the_base_names_the_base(child, tmp_path):
    position = f"{tmp_path}/base.yaml:45:29: outcomes.answer[1]: no outcome of the name 'first.eu.trade_ban'"
    refused(lambda: child("outcomes: {first_use: {eu: [listing]}}\n"), position)


def test_errors_of_child_and_base_come_together_the_child_first(child, tmp_path):
    (tmp_path / "base.yaml").write_text(VALID.replace("rate: 2.0", "rate: -1"))
    (tmp_path / "child.yaml").write_text("extends: base.yaml\ntitle: ''\nactors: {eu: {nme: EU}}\n")
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path / "child.yaml")
    assert [(problem.file.rpartition("/")[2], problem.line) for problem in caught.value.problems] == [
        ("child.yaml", 2),
        ("child.yaml", 3),
        ("base.yaml", 38),
    ]


def test_the_standard_catalogue_is_there_unless_it_is_declined():
    text = VALID.replace("catalogue: none\n", "")
    assert len(load_text(text).instruments) > 20
    assert set(load_text(VALID).instruments) == {"protest", "listing", "trade_ban", "talks"}


def test_a_scenario_changes_and_drops_single_instruments_of_the_catalogue():
    text = VALID.replace("catalogue: none\n", "")
    changes = "  swift_cut: null\n  visa_ban: {term: 90}\n"
    standard = load_text(text)
    scenario = load_text(text.replace("instruments:\n", f"instruments:\n{changes}", 1))
    assert set(standard.instruments) - set(scenario.instruments) == {"swift_cut"}
    assert scenario.instruments["visa_ban"].term.nominal == 90
    assert scenario.instruments["visa_ban"].label == standard.instruments["visa_ban"].label


def test_a_child_can_take_back_the_choice_of_the_catalogue(child):
    assert len(child("catalogue: standard\n").instruments) > 20
