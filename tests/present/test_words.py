from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.present import words


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
    ("share", "ends", "shown"),
    [
        (0.624, (0.58, 0.661), "62% [58, 66]"),
        (0.0, (0.0, 0.0), "0% [0, 0]"),
        (0.0, (0.0, 0.0004), "0% [0, <1]"),
        (0.0001, (0.0, 0.004), "<1% [0, <1]"),
        (1.0, (0.9996, 1.0), "100% [>99, 100]"),
        (0.5, (0.01, 0.996), "50% [1, 100]"),
    ],
)
def test_an_interval_reaches_nought_or_all_only_when_it_does(
    share: float, ends: tuple[float, float], shown: str
) -> None:
    assert words.chance(share, ends) == shown


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
    shown = words.harmless(text)
    assert not set(shown) & {chr(code) for code in (*range(32), 127, *range(0x80, 0xA0), 0x202E, 0x2066)}
    assert len(shown) == len(text)


def test_letters_of_any_script_are_left_as_they_are() -> None:
    assert words.harmless("Łukaszenka — Лукашэнка 白俄罗斯") == "Łukaszenka — Лукашэнка 白俄罗斯"
