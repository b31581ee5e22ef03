from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.present import format as words
from escalation.present.screen import harmless
from escalation.study.values import Estimate


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (12.0, "12"),
        (10.234, "10.2"),
        (1.2345, "1.23"),
        (0.0301, "0.03"),
        (0.0004, "<0.01"),
        (-3.5, "−3.5"),
        (-0.0, "0"),
        (-0.0004, ">−0.01"),
        (float("-inf"), "−inf"),
        (1234.56, "1,235"),
        (2_000_000.0, "2,000,000"),
    ],
)
def test_a_number_has_three_digits_that_count_and_no_exponent(value: float, shown: str) -> None:
    assert words.number(value) == shown


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_any_number_is_short(value: float) -> None:
    assert len(words.number(value)) <= 20


@pytest.mark.parametrize(
    ("value", "error", "shown"),
    [
        (10.23, 0.31, "10.2 ± 0.6"),
        (9.123, 1.21, "9 ± 2"),
        (133.7, 7.1, "134 ± 14"),
        (0.4412, 0.08, "0.44 ± 0.16"),
        (-0.04, 0.2, "0.0 ± 0.4"),
        (-1.26, 0.2, "−1.3 ± 0.4"),
        (4.0, 0.0, "4 ± 0"),
        (4.0, None, "4"),
    ],
)
def test_a_mean_has_half_of_its_95_percent_interval_and_as_many_decimals_as_that_has_use_for(
    value: float, error: float | None, shown: str
) -> None:
    assert words.mean(value, error) == shown


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0, "0%"), (0.001, "<1%"), (0.624, "62%"), (0.999, ">99%"), (1, "100%")],
)
def test_a_share_reads_as_nought_or_all_only_when_it_is(share: float, shown: str) -> None:
    assert words.percent(share) == shown


@pytest.mark.parametrize(
    ("share", "low", "high", "shown"),
    [
        (0.624, 0.58, 0.661, "62% [58, 66]"),
        (0.0, 0.0, 0.0, "0% [0, 0]"),
        (0.0, 0.0, 0.0188, "0% [0, 2]"),
        (0.0, 0.0, 0.0038, "0% [0, 0.4]"),
        (0.003, 0.001, 0.0088, "0.3% [0.1, 0.9]"),
        (0.0001, 0.0, 0.004, "<0.1% [0, 0.4]"),
        (1.0, 0.9996, 1.0, "100% [99.96, 100]"),
        (0.99, 0.95, 0.9999, "99% [95, 100]"),
        (0.5, 0.01, 0.996, "50% [1, 100]"),
        (0.6235, 0.6214, 0.6256, "62.4% [62.1, 62.6]"),
    ],
)
def test_a_share_has_its_interval_in_percent_and_decimals_where_that_is_narrow(
    share: float, low: float, high: float, shown: str
) -> None:
    assert words.share(share, low, high) == shown


@pytest.mark.parametrize(
    ("value", "low", "high", "shown"),
    [
        (10.23, 9.61, 10.85, "10.2 ± 0.6"),
        (10.23, 9.1, 12.0, "10.2 [9.1, 12.0]"),
        (0.99, 0.94, 1.03, "0.99 [0.94, 1.03]"),
        (1234.5, 1034.5, 1434.5, "1,234 ± 200"),
        (4.0, 4.0, 4.0, "4 ± 0"),
        (4.0, None, None, "4"),
        (None, None, None, "unknown"),
    ],
)
def test_an_amount_is_symmetric_or_has_both_ends(
    value: float | None, low: float | None, high: float | None, shown: str
) -> None:
    assert words.estimate(Estimate(value=value, low=low, high=high, unit="days")) == shown


def test_a_date_is_counted_from_the_start() -> None:
    start, found = date(2020, 11, 1), Estimate(value=32.0, low=27.5, high=38.0, unit="date")
    assert words.estimate(found, start) == "3 Dec 2020 [28 Nov – 9 Dec 2020]"
    assert words.value(found, start) == "3 Dec 2020"


@pytest.mark.parametrize(
    ("unit", "value", "low", "high", "shown"),
    [
        ("share", 0.08, 0.04, 0.11, "+8 points [+4, +11]"),
        ("share", 0.0123, 0.0101, 0.0143, "+1.2 points [+1.0, +1.4]"),
        ("date", -12.0, -20.0, -3.0, "−12 days [−20, −3]"),
        ("acts", 2.14, 0.01, 4.3, "+2 [0, +4]"),
        ("acts", -0.3, -0.35, -0.25, "−0.30 [−0.35, −0.25]"),
        ("acts", 0.0, 0.0, 0.0, "0 [0, 0]"),
        ("acts", 3.456, None, None, "+3.5"),
        ("acts", None, None, None, "unknown"),
    ],
)
def test_a_difference_has_a_sign_and_its_interval(
    unit: str, value: float | None, low: float | None, high: float | None, shown: str
) -> None:
    assert words.difference(Estimate(value=value, low=low, high=high, unit=unit)) == shown


@given(st.floats(-1e9, 1e9), st.floats(0, 1e6), st.floats(0, 1e6), st.sampled_from(["", "share", "acts"]))
def test_any_estimate_is_printed_without_exponent_or_plain_minus(
    value: float, down: float, up: float, unit: str
) -> None:
    found = Estimate(value=value, low=value - down, high=value + up, unit=unit)
    assert "-" not in words.estimate(found) + words.difference(found)
    assert "e" not in words.estimate(found)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_share_reads_as_nothing_or_all_only_when_it_is_whatever_its_interval(
    one: float, two: float, three: float
) -> None:
    low, value, high = sorted((one, two, three))
    percent, _, ends = words.share(value, low, high).partition(" [")
    first, last = ends.rstrip("]").split(", ")
    assert (percent in ("0%", "100%")) == (value in (0.0, 1.0))
    assert high == 0 or float(last.lstrip("<>")) > 0
    assert low == 1 or first.startswith(">") or float(first.lstrip("<")) < 100


@given(st.floats(-1e9, 1e9), st.integers(0, 4))
def test_a_decimal_has_a_true_minus_sign_and_none_before_nought(value: float, places: int) -> None:
    shown = words.decimal(value, places)
    assert "-" not in shown
    assert shown.startswith("−") == (round(value, places) < 0)


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        (date(2020, 11, 20), date(2021, 1, 14), "20 Nov 2020 – 14 Jan 2021"),
        (date(2020, 10, 20), date(2020, 11, 14), "20 Oct – 14 Nov 2020"),
        (date(2020, 10, 4), date(2020, 10, 14), "4–14 Oct 2020"),
        (date(2020, 10, 4), date(2020, 10, 4), "4 Oct 2020"),
    ],
)
def test_two_dates_share_what_they_have_in_common(first: date, last: date, shown: str) -> None:
    assert words.days(first, last) == shown


@pytest.mark.parametrize(
    ("ends", "shown"), [((0, 3), "0–3"), ((2, 2), "2"), ((-3, 2), "−3 to 2"), ((0.25, 4.5), "0.25–4.5")]
)
def test_a_band_is_one_value_where_both_ends_are(ends: tuple[float, float], shown: str) -> None:
    assert words.band(ends) == shown


def test_a_band_of_whole_things_has_no_decimals() -> None:
    assert words.band((36.84, 914.2), whole=True) == "37–914"
    assert words.band((0.2, 0.4), whole=True) == "0"
    assert words.band((1999.6, 2400.0), whole=True) == "2,000–2,400"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.42, "0.4 s"), (12.3, "12 s"), (59.7, "1 min 0 s"), (200, "3 min 20 s"), (7500, "2 h 5 min")],
)
def test_a_duration_is_as_exact_as_one_cares(seconds: float, shown: str) -> None:
    assert words.duration(seconds) == shown


@given(st.text())
def test_harmless_text_moves_no_cursor_and_turns_no_direction(text: str) -> None:
    shown = harmless(text)
    assert not set(shown) & {chr(code) for code in (*range(32), 127, *range(0x80, 0xA0), 0x202E, 0x2066)}
    assert len(shown) == len(text)


def test_letters_of_any_script_are_left_as_they_are() -> None:
    assert harmless("Łukaszenka — Лукашэнка 白俄罗斯") == "Łukaszenka — Лукашэнка 白俄罗斯"


def test_items_are_listed_as_in_prose() -> None:
    assert [words.listed(["a", "b", "c"][:n]) for n in range(4)] == ["", "a", "a and b", "a, b and c"]
    assert words.listed(["a", "b", "c"], "or") == "a, b or c"
    assert words.joined(["a", "b", "c"], 2) == "a; b; and 1 more"
    assert [words.letter(place) for place in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
