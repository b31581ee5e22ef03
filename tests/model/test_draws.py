from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalation.errors import InputError
from escalation.model.build import Build
from escalation.model.draws import (
    CHOICE,
    LAG,
    SIZE,
    chance,
    mix,
    normal,
    philox,
    stable_hash,
    uniform,
    uniform_pair,
)
from escalation.scenario.document import Scenario
from tests.model.worlds import duel

# The known answers that the authors of Random123 publish for philox4x32-10.
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    (
        (0xFFFFFFFF,) * 4,
        (0xFFFFFFFF,) * 2,
        (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD),
    ),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_philox_gives_the_known_answers(counter, key, answer):
    assert philox(*counter, *key) == answer


def test_a_draw_depends_on_each_part_of_its_key_and_on_nothing_else():
    base = uniform([1, 2, 3], CHOICE, 0, 99)
    assert base == uniform([1, 2, 3], CHOICE, 0, 99)
    others = [
        uniform([9, 2, 3], CHOICE, 0, 99),
        uniform([1, 9, 3], CHOICE, 0, 99),
        uniform([1, 2, 9], CHOICE, 0, 99),
        uniform([1, 2, 3], LAG, 0, 99),
        uniform([1, 2, 3], CHOICE, 1, 99),
        uniform([1, 2, 3], CHOICE, 0, 98),
    ]
    assert len({base, *others}) == 7


def test_uniforms_and_normals_have_their_moments_within_five_standard_errors():
    pairs = np.array([uniform_pair([7, 0, r], CHOICE, 0, 5) for r in range(20_000)]).ravel()
    assert pairs.min() >= 0
    assert pairs.max() < 1
    assert abs(pairs.mean() - 0.5) < 5 * math.sqrt(1 / 12 / pairs.size)
    assert abs(np.corrcoef(pairs[::2], pairs[1::2])[0, 1]) < 5 / math.sqrt(pairs.size / 2)
    draws = np.array([normal([7, 0, r], LAG, 0, 5) for r in range(20_000)])
    assert abs(draws.mean()) < 5 / math.sqrt(draws.size)
    assert abs(draws.var() - 1) < 5 * math.sqrt(2 / draws.size)


def test_certain_and_impossible_things_need_no_draw():
    assert chance([], CHOICE, 0, 0, 1.0)
    assert not chance([], CHOICE, 0, 0, 0.0)


def test_keys_mix_without_collisions_in_a_hundred_thousand():
    keys = {
        mix(mix(stable_hash("dyad", "eu", "belarus"), day), ordinal)
        for day in range(1000)
        for ordinal in range(100)
    }
    assert len(keys) == 100_000


def test_stable_hashes_are_the_same_everywhere():
    assert stable_hash("actor", "eu") == 0xF712E06F183A7FFD
    assert stable_hash("a", "b") != stable_hash("ab") != stable_hash("b", "a")


def test_two_names_with_one_hash_are_refused(monkeypatch):
    build = Build(Scenario.model_validate(duel()))
    monkeypatch.setattr("escalation.model.draws.stable_hash", lambda *names: 1)
    build.key("actor", "eu")
    build.key("actor", "eu")
    with pytest.raises(InputError, match="rename one"):
        build.key("actor", "us")


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**24 - 1), st.integers(0, 2**32 - 1))
def test_a_pair_of_uniforms_is_the_53_highest_bits_of_each_half_of_a_block(cause, ordinal, replication):
    stream = [17, 4, replication]
    w0, w1, w2, w3 = philox(cause % 2**32, cause >> 32, replication, ordinal << 8 | SIZE, 17, 4)
    first, second = uniform_pair(stream, SIZE, ordinal, cause)
    assert Fraction(first) == Fraction(w0 >> 5, 2**27) + Fraction(w1 >> 6, 2**53)
    assert Fraction(second) == Fraction(w2 >> 5, 2**27) + Fraction(w3 >> 6, 2**53)
    assert uniform(stream, SIZE, ordinal, cause) == first
