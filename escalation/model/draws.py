"""Random numbers keyed by their cause: the same cause gives the same draw, whatever else happens.

The generator is Philox4x32-10 (Salmon, Moraes, Dror and Shaw 2011), a function from a key and a counter to
128 random bits. The key is the seed; the counter is (cause, replication, purpose), so that no policy can
shift another's draws.
"""

from __future__ import annotations

import hashlib
import math

from escalation.model.kernel import Word, Words, inner, kernel, word

(
    NOTICE,
    LAG,
    CHOICE,
    TARGET,
    MORE,
    SIZE,
    VETO,
    JOIN,
    UNCERTAIN,
    GAP,
    ANSWERS,
    REVIEW,
    CRISIS,
    ADOPTION,
    SPEAKS,
    WORDING,
    MAGNITUDE,
) = range(17)
"""Purposes of draws: what is decided by them."""

UNIFORM, NORMAL, LOGNORMAL, TRIANGULAR, CHOICE_OF = range(5)
"""Kinds of distributions of an uncertain number."""

LN2 = math.log(2.0)
LARGEST_EXPONENT = 300.0
"""What an exponent is clipped to: products of two such exponentials are still finite."""

MASK32: Word = 0xFFFFFFFF
MASK64: Word = 0xFFFFFFFFFFFFFFFF
HALF: Word = 32
MULTIPLIER_0: Word = 0xD2511F53
MULTIPLIER_1: Word = 0xCD9E8D57
BUMP_0: Word = 0x9E3779B9
BUMP_1: Word = 0xBB67AE85
MIX_0: Word = 0xBF58476D1CE4E5B9
MIX_1: Word = 0x94D049BB133111EB
GOLDEN: Word = 0x9E3779B97F4A7C15
SHIFT_30: Word = 30
SHIFT_27: Word = 27
SHIFT_31: Word = 31
SHIFT_5: Word = 5
SHIFT_6: Word = 6
SHIFT_8: Word = 8


def stable_hash(*names: str) -> int:
    """Return the 64-bit hash of a sequence of names; the same on every machine and in every version."""
    joined = "\x1f".join(names).encode()
    return int.from_bytes(hashlib.sha256(joined).digest()[:8], "little")


@kernel
def philox(c0: int, c1: int, c2: int, c3: int, k0: int, k1: int) -> tuple[int, int, int, int]:
    """Return the four 32-bit words of Philox4x32-10 for counter `c0..c3` and key `k0, k1`."""
    for _ in range(10):
        p0 = MULTIPLIER_0 * c0
        p1 = MULTIPLIER_1 * c2
        c0, c1, c2, c3 = (p1 >> HALF) ^ c1 ^ k0, p1 & MASK32, (p0 >> HALF) ^ c3 ^ k1, p0 & MASK32
        k0 = (k0 + BUMP_0) & MASK32
        k1 = (k1 + BUMP_1) & MASK32
    return c0, c1, c2, c3


@kernel
def mix(key: int, more: int) -> int:
    """Return a 64-bit key for `key` refined by `more` (the finaliser of SplitMix64)."""
    z = (key ^ ((word(more) * GOLDEN) & MASK64)) & MASK64
    z = ((z ^ (z >> SHIFT_30)) * MIX_0) & MASK64
    z = ((z ^ (z >> SHIFT_27)) * MIX_1) & MASK64
    return z ^ (z >> SHIFT_31)


@kernel
def uniform_pair(stream: Words, purpose: int, ordinal: int, cause: int) -> tuple[float, float]:
    """Return two independent uniforms in [0, 1) of 53 bits for a cause.

    `stream` holds the seed's two 32-bit words and the replication; `ordinal` counts draws of one purpose and
    cause.
    """
    w0, w1, w2, w3 = philox(
        cause & MASK32,
        cause >> HALF,
        stream[2],
        (word(ordinal) << SHIFT_8) | word(purpose),
        stream[0],
        stream[1],
    )
    first = ((w0 >> SHIFT_5) * 67108864.0 + (w1 >> SHIFT_6)) / 9007199254740992.0
    second = ((w2 >> SHIFT_5) * 67108864.0 + (w3 >> SHIFT_6)) / 9007199254740992.0
    return first, second


@kernel
def uniform(stream: Words, purpose: int, ordinal: int, cause: int) -> float:
    """Return one uniform in [0, 1) for a cause."""
    return uniform_pair(stream, purpose, ordinal, cause)[0]


@kernel
def normal(stream: Words, purpose: int, ordinal: int, cause: int) -> float:
    """Return one standard normal for a cause."""
    first, second = uniform_pair(stream, purpose, ordinal, cause)
    return normal_of(first, second)


@kernel
def normal_of(first: float, second: float) -> float:
    """Return the standard normal that two independent uniforms give (Box and Muller 1958)."""
    return math.sqrt(-2.0 * math.log(1.0 - first)) * math.cos(2.0 * math.pi * second)


@kernel
def chance(stream: Words, purpose: int, ordinal: int, cause: int, probability: float) -> bool:
    """Return whether something of this probability happens; certain and impossible things draw nothing."""
    if probability >= 1.0:
        return True
    if probability <= 0.0:
        return False
    return uniform(stream, purpose, ordinal, cause) < probability


@kernel
def exponential(x: float) -> float:
    """Return exp(x), its exponent clipped so that it neither overflows nor, multiplied, becomes infinite."""
    return math.exp(min(LARGEST_EXPONENT, max(-LARGEST_EXPONENT, x)))


@inner
def halved(elapsed: float, half_life: float) -> float:
    """Return what is left of 1 after `elapsed` days."""
    if elapsed == 0.0:
        return 1.0
    return math.exp(-LN2 * elapsed / half_life)


@kernel
def log_normal(median: float, spread: float, z: float) -> float:
    """Return the value of a log-normal quantity at the standard normal `z`."""
    return median * exponential(spread * z)


@kernel
def quantile(kind: int, a: float, b: float, c: float, u: float, z: float) -> float:
    """Return the value below which a distribution of `kind` has probability `u`.

    `z` is the standard normal below which that probability lies. `a`, `b`, `c` are as in the file: low and
    high, mean and standard deviation, median and sigma, or low, mode and high. A choice gives the place of
    the value, for `a` values.
    """
    if kind == UNIFORM:
        return a + (b - a) * u
    if kind == NORMAL:
        return a + b * z
    if kind == LOGNORMAL:
        return log_normal(a, math.copysign(b, a), z)
    if kind == CHOICE_OF:
        return min(a - 1.0, float(math.floor(u * a)))
    return triangular(a, b, c, u)


@kernel
def triangular(a: float, b: float, c: float, u: float) -> float:
    """Return the value at probability `u` of the triangular distribution from `a` to `c` with mode `b`."""
    if c <= a:
        return a
    if u < (b - a) / (c - a):
        return a + math.sqrt(u * (c - a) * (b - a))
    return c - math.sqrt((1.0 - u) * (c - a) * (c - b))
