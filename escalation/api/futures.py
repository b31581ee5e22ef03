"""Which of two futures, and what if: comparisons, partings, acts taken out and put in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from escalation.api.runs import open_run
from escalation.api.terms import (
    LARGEST_SEED,
    MOST_REPLICATIONS,
    REPLICATIONS,
    require_whole,
)
from escalation.errors import InputError

if TYPE_CHECKING:
    from escalation.study.comparing.comparison import Adjustment, Comparison
    from escalation.study.comparing.contest import Contest, Source
    from escalation.study.story.parting import Parting
    from escalation.study.whatif.average import Average
    from escalation.study.whatif.deletion import Deletion
    from escalation.study.whatif.whatif import WhatIf


def compare(
    sources: Sequence[Source],
    replications: int | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | None = None,
    workers: int = 1,
    clock: str = "auto",
    engine: str = "local",
    out: str | Path | None = None,
    adjust: Adjustment = "holm",
) -> Comparison:
    """Return what differs between runs or scenarios and the first of them, and how sure that is.

    `sources` are folders of runs, what `run` or `open_run` gave, and scenarios: files, shipped names, or
    loaded ones. Scenarios are run for it, with the seed and the replications of the first run among the
    sources (else 1 and 200), and stored below `out` where that is given. Replication r of one is compared
    with replication r of the other wherever these are the same world; where not, the comparison says why. A
    single source is compared with itself as changed by `sets` and `until`. Raises InputError or
    ScenarioError for what is asked wrongly, before anything is simulated, and KeyboardInterrupt on Ctrl-C.
    """
    return hold(
        contest(sources, replications, seed, sets, until, out), workers, None, engine, clock, None, adjust
    )


def contest(
    sources: Sequence[Source],
    replications: int | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | None = None,
    out: str | Path | None = None,
) -> Contest:
    """Return a comparison that has been checked and not simulated yet, for `hold`; see `compare`."""
    from escalation.study.comparing.contest import Terms  # noqa: PLC0415
    from escalation.study.comparing.contest import contest as made  # noqa: PLC0415

    if replications is not None:
        require_whole("replications", replications, 1, MOST_REPLICATIONS)
    if seed is not None:
        require_whole("seed", seed, 0, LARGEST_SEED)
    return made(sources, Terms(replications, seed, tuple(sets), until, Path(out) if out else None))


def hold(
    contest: Contest,
    workers: int = 1,
    on_progress: Callable[[int], Any] | None = None,
    engine: str = "local",
    clock: str = "auto",
    say: Callable[[str], Any] | None = None,
    adjust: Adjustment = "holm",
) -> Comparison:
    """Return the comparison that `contest` prepared, its scenarios run with these means; see `run`."""
    from escalation.ensemble.engine import address_of  # noqa: PLC0415
    from escalation.study.perform import Means  # noqa: PLC0415

    require_whole("workers", workers, 1, 1024)
    if adjust not in ("holm", "none"):
        raise InputError(f"adjust: found {adjust!r}; allowed are holm, none")
    address_of(engine)
    return contest.hold(Means(workers, engine, on_progress, clock, say), adjust)


def parting(
    first: str | Path,
    second: str | Path,
    replication: int | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | None = None,
) -> Parting:
    """Return where the stories of one replication of two runs or scenarios part, and what made them.

    Without `replication` it is the most typical one of the first, if that is a run, else number 0; a scenario
    takes the seed of the run that it is held against. `sets` and `until` are for scenarios. Raises InputError
    where the two have another seed or first day.
    """
    from escalation.study.story.parting import parting as find  # noqa: PLC0415

    return find(first, second, replication, seed, sets, until)


def whatif(
    source: str | Path,
    replication: int,
    without: Sequence[str] = (),
    force: Sequence[str] = (),
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | None = None,
) -> WhatIf:
    """Return what becomes of one replication of a run or scenario without some acts, and with others.

    `without` are patterns (`first eu hostile`) or numbers of acts, `force` acts to put in (`2020-11-02 eu
    trade_ban belarus`); `seed`, `sets` and `until` are for a scenario only. Raises InputError or
    ScenarioError for what is asked wrongly.
    """
    from escalation.study.whatif.whatif import whatif as play_both  # noqa: PLC0415

    return play_both(source, replication, without, force, seed=seed, sets=sets, until=until)


def average_whatif(
    source: str | Path,
    without: Sequence[str] = (),
    force: Sequence[str] = (),
    replications: int | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | None = None,
    workers: int = 1,
    on_progress: Callable[[int], Any] | None = None,
    engine: str = "local",
    clock: str = "auto",
    say: Callable[[str], Any] | None = None,
) -> Average:
    """Return the mean effect of taking acts out of a run or scenario, or of putting acts in.

    Every replication is played twice, with the same draws: `replications` of them, else those of the run, or
    200. `without` are patterns, the rest is as in `whatif` and `run`. Raises InputError or ScenarioError for
    what is asked wrongly, before anything is simulated.
    """
    from escalation.study.perform import Means  # noqa: PLC0415
    from escalation.study.whatif.average import average  # noqa: PLC0415
    from escalation.study.whatif.noting import ensemble_of  # noqa: PLC0415

    means = Means(workers, engine, on_progress, clock, say)
    return average(ensemble_of(source, replications, seed, sets, until), means, without, force)


def check_attribution(
    source: str | Path,
    replications: int | None = None,
    seed: int | None = None,
    sets: Sequence[str] = (),
    until: date | None = None,
    workers: int = 1,
    on_progress: Callable[[int], Any] | None = None,
    engine: str = "local",
    clock: str = "auto",
    say: Callable[[str], Any] | None = None,
) -> Deletion:
    """Return how many acts vanish with one that is deleted, and how many were said to answer it.

    One hostile act is drawn in each replication of a run or scenario, which is played again without it. The
    rest is as in `average_whatif`.
    """
    from escalation.study.perform import Means  # noqa: PLC0415
    from escalation.study.whatif.deletion import deletion  # noqa: PLC0415
    from escalation.study.whatif.noting import ensemble_of  # noqa: PLC0415

    means = Means(workers, engine, on_progress, clock, say)
    return deletion(ensemble_of(source, replications, seed, sets, until), means)


def replications_of(source: str | Path, replications: int | None = None) -> int:
    """Return how many replications a study of a run or scenario plays. Raises InputError for a bad run."""
    if replications is not None:
        return replications
    return open_run(source).asked if Path(source).is_dir() else REPLICATIONS
