"""Names in what a user writes about acts: labels understood, and the names near to a wrong one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

FEW = 10
"""Names up to this many are all listed as allowed."""
NEAREST = 5
"""Names that are listed of more."""
ALIKE = 0.7
"""How alike a name must be to be suggested (`difflib`): `canada` is not what `bananas` means."""
LEAST = 3
"""Letters that part of a name must have to stand for it."""


def named(text: str, labels: Mapping[str, str]) -> str:
    """Return a text in lower case with labels replaced by the names they stand for, the longest first.

    `labels` is the name of each label. Labels of one word are left alone where a name reads the same.
    """
    text = " ".join(text.lower().split())
    known = {label.lower(): name for label, name in labels.items()}
    for label in sorted(set(known) - set(known.values()), key=len, reverse=True):
        text = re.sub(rf"(?<![\w-]){re.escape(label)}(?![\w-])", known[label], text)
    return text


def near(word: str, known: Sequence[str]) -> list[str]:
    """Return at most five names that `word` may have meant: those it is a part of, then those alike."""
    part = [name for name in known if len(word) >= LEAST and word in name]
    alike = get_close_matches(word, known, n=NEAREST, cutoff=ALIKE)
    return list(dict.fromkeys([*sorted(part, key=len), *alike]))[:NEAREST]


def choice(word: str, known: Sequence[str], what: str) -> str:
    """Return what is allowed instead of `word`, some `what`: all if they are few, else the nearest."""
    if len(known) <= FEW:
        return f"allowed are {', '.join(known) or 'none'}"
    some = near(word, known)
    if some:
        return f"of {len(known)} {what} the nearest: {', '.join(some)}"
    return f"allowed are {len(known)} {what}, such as {', '.join(known[:NEAREST])}"
