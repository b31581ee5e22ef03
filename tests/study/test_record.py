from escalation.scenario.record import catalogue, parse_record, read_record
from escalation.study.record import package_days, summarise_record

TEXT = """date,actor,target,instrument,package,kind,answers,note
2020-08-09,belarus,,disputed_election,vote,shock,,
2020-10-02,eu,belarus,asset_freeze_listing,list,act,vote,
2020-10-02,eu,belarus,entity_listing,list,act,vote,
2020-10-02,belarus,eu,threat_of_countermeasures,words,act,list,
2020-10-05,belarus,eu,retaliation_list,answer,act,list,
2020-11-06,eu,belarus,asset_freeze_listing,second,act,,
2021-02-25,eu,belarus,asset_freeze_listing,review,routine,,
2021-03-01,belarus,eu,talks,call,act,,
2021-03-02,cyprus,eu,,veto,unmapped,,a veto
"""


def test_a_package_day_is_a_day_with_a_hostile_act_excluding_words_and_routine_steps() -> None:
    record = parse_record(TEXT.encode(), "r.csv", "r", catalogue())
    days = {actor: [str(day) for day in dates] for actor, dates in package_days(record.entries).items()}
    assert days == {"eu": ["2020-10-02", "2020-11-06"], "belarus": ["2020-10-05"]}


def test_silences_answers_and_kinds_are_told() -> None:
    result = summarise_record(parse_record(TEXT.encode(), "r.csv", "r", catalogue()))
    assert result.rows == {"act": 6, "shock": 1, "routine": 1, "unmapped": 1}
    eu, belarus = result.silences
    assert (eu.median, eu.longest, str(eu.since)) == (35.0, 35.0, "2020-10-02")
    assert belarus.median is None
    answers = {entry.actor: (entry.answered, entry.package_days, entry.median) for entry in result.answers}
    assert answers == {"eu": (0, 2, None), "belarus": (1, 1, 3.0)}
    assert [act.note for act in result.unmapped] == ["a veto"]


def test_the_document_of_a_record_comes_back() -> None:
    result = summarise_record(read_record("belarus"))
    assert type(result).model_validate_json(result.model_dump_json()) == result
