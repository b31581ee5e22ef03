"""The flywheel of a run, summed where its replications are simulated, and the batches that are stored."""

from __future__ import annotations

import json
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from escalation.ensemble.read import Run
from escalation.errors import InputError
from escalation.model.world import Columns, Replication, World
from escalation.study.flywheel.estimate import estimate
from escalation.study.flywheel.log import batch_of, nothing, sums_by_batch
from escalation.study.flywheel.model import Flywheel
from escalation.study.flywheel.plan import Plan, plan_for
from escalation.study.flywheel.reading import FEWEST_ACTS
from escalation.study.flywheel.spectral import core, radii_without, radius, ratio, resampled_radii
from escalation.study.flywheel.sums import (
    SparseSums,
    Sums,
    Total,
    binned,
    concatenated,
    dense,
    gathered,
    pack,
    unpack,
)

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FILE = "flywheel.npz"
"""The file of a run that keeps its batches."""


@dataclass(frozen=True)
class Batches:
    """Followed acts and answers to them over all the time, of a run divided into batches as one of `asked`.

    Row n is the batch called `numbers[n]`. `parents` counts the followed acts by `row * dyads + parent`, and
    `answers` sums the shares of answers to them by `(row * dyads + parent) * dyads + child`, one column each.
    Shocks are not in them.
    """

    asked: int
    actors: int
    numbers: Ints
    parents: SparseSums
    answers: SparseSums

    @property
    def dyads(self) -> int:
        """How many dyads there are."""
        return self.actors**2

    def arrays(self) -> Columns:
        """Return the batches as arrays by name; `from_arrays` reads them back."""
        return {
            "asked": np.asarray(self.asked),
            "actors": np.asarray(self.actors),
            "numbers": self.numbers,
            "parent_keys": self.parents.keys,
            "parents": self.parents.values[:, 0],
            "answer_keys": self.answers.keys,
            "answers": self.answers.values[:, 0],
        }

    @classmethod
    def from_arrays(cls, arrays: Columns) -> Batches:
        """Return what `arrays` gave; KeyError, TypeError or ValueError when it did not."""
        parents = SparseSums(arrays["parent_keys"], arrays["parents"].reshape(-1, 1))
        answers = SparseSums(arrays["answer_keys"], arrays["answers"].reshape(-1, 1))
        batches = cls(int(arrays["asked"]), int(arrays["actors"]), arrays["numbers"], parents, answers)
        for table, size in ((parents, batches.dyads), (answers, batches.dyads**2)):
            keys, most = table.keys, len(batches.numbers) * size
            if len(keys) != len(table.values) or (len(keys) and not 0 <= keys.max() < most):
                raise ValueError("tables do not agree")
        return batches

    def only(self, numbers: Ints) -> Batches:
        """Return the batches of these numbers, in their order here."""
        chosen = np.isin(self.numbers, numbers)
        rows = np.where(chosen, np.cumsum(chosen) - 1, -1)
        parents = _renumbered(self.parents, rows, self.dyads)
        answers = _renumbered(self.answers, rows, self.dyads**2)
        return replace(self, numbers=self.numbers[chosen], parents=parents, answers=answers)

    def same(self, other: Batches) -> bool:
        """Return whether both hold the same, sum for sum, however many replications were asked for."""
        arrays = other.arrays()
        return all(
            np.array_equal(array, arrays[name]) for name, array in self.arrays().items() if name != "asked"
        )

    @property
    def R(self) -> float | None:
        """The spectral radius of answers per act; None where no act was followed."""
        return float(radius(self._matrix()[1])) if self.parents.values.sum() else None

    def radii(self) -> tuple[Array, Array] | None:
        """Return R of resamples of the batches, float64[resamples], and without each, float64[batches].

        None where too few acts were followed. As many batches of another run are resampled alike.
        """
        if self.parents.values.sum() < FEWEST_ACTS:
            return None
        inside, matrix = self._matrix()
        rows, columns = np.nonzero(matrix)
        links = inside[rows] * self.dyads + inside[columns]
        tops = self._columns(self.answers, self.dyads**2, links)
        bottoms = self._columns(self.parents, self.dyads, inside)
        return resampled_radii(tops, bottoms, rows, columns), radii_without(tops, bottoms, rows, columns)

    def _columns(self, table: SparseSums, size: int, wanted: Ints) -> Array:
        """Return the sums of each batch at some of the `size` keys of one, float64[batches, len(wanted)]."""
        column_of = np.full(size, -1)
        column_of[wanted] = np.arange(len(wanted))
        row, column = table.keys // size, column_of[table.keys % size]
        return dense(row, column, table.values[:, 0], column >= 0, (len(self.numbers), len(wanted)))

    def _matrix(self) -> tuple[Ints, Array]:
        """Return the dyads that can lie on a loop, and the answers per act among them."""
        d = self.dyads
        by_parent = binned(self.parents.keys % d, self.parents.values[:, 0], d)
        by_link = binned(self.answers.keys % d**2, self.answers.values[:, 0], d**2).reshape(d, d)
        inside = core(by_link)
        return inside, ratio(by_link[np.ix_(inside, inside)], by_parent[inside, None])

    def of_each(self, replications: Ints, last: int) -> Ints:
        """Return the batch of every replication below `last`, -1 for those that are not in `replications`."""
        batches = np.full(last, -1)
        batches[replications] = batch_of(replications, self.asked)
        return batches


def batches_of(total: Mapping[int, Sums], asked: int) -> Batches:
    """Return the batches of a run from its sums by batch, of which there is one at least."""
    numbers = sorted(total)
    sums = [total[number] for number in numbers]
    d = sums[0].dyads
    row, parent, followed = concatenated([batch.parents for batch in sums])
    parent = parent % (d + 1)  # whatever the stretch of time, and not a shock, which is dyad d
    acts = parent < d
    parents = gathered((row * d + parent)[acts], followed[acts, :1])
    row, answer, shares = concatenated([batch.answers for batch in sums])
    answered, child = answer // d % (d + 1), answer % d
    acts = answered < d
    answers = gathered(((row * d + answered) * d + child)[acts], shares[acts, :1])
    return Batches(asked, sums[0].actors, np.array(numbers, np.int64), parents, answers)


def stored_batches(run: Run) -> Batches | None:
    """Return the batches that were stored with a run; None for a run in which nothing was finished.

    Raises InputError when the file is damaged.
    """
    if FILE not in run.manifest.files:
        return None
    path = run.file(FILE)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return Batches.from_arrays(dict(stored))
    except (OSError, EOFError, KeyError, TypeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise InputError(f"{path}: damaged: {type(error).__name__}: {error}") from error


def _renumbered(table: SparseSums, rows: Ints, size: int) -> SparseSums:
    """Return the cells of a table whose row has a new number in `rows`, -1 for none, under that number."""
    row = rows[table.keys // size]
    return SparseSums((row * size + table.keys % size)[row >= 0], table.values[row >= 0])


@dataclass(frozen=True)
class FlywheelReducer:
    """Sums up who answers whom in `asked` replications of a world, for `run_ensemble`.

    The total is the sums by batch, of whichever replications have been finished.
    """

    asked: int
    plan: Plan

    def __call__(self, world: World, first: int, replications: Sequence[Replication]) -> Total:
        """Return the sums by batch over consecutive replications; failed ones are left out."""
        return sums_by_batch(world, first, replications, self.asked, self.plan)

    def add(self, total: Total | None, part: Total) -> Total:
        """Return the total with the sums of one more chunk."""
        if total is None:
            return part
        total.add(part)
        return total

    def flywheel(self, world: World, total: Total | None) -> Flywheel:
        """Return the flywheel of a total; None stands for no replication at all."""
        return estimate(total or nothing(world, self.plan), world)

    def packed(self, total: Total) -> Columns:
        """Return a total as arrays; `unpacked` reads them back."""
        return pack(total)

    def stored(self, total: Total | None) -> dict[str, Columns]:
        """Return what a run's folder keeps of a total, by the name of the file."""
        return {FILE: batches_of(total, self.asked).arrays()} if total else {}

    def unpacked(self, arrays: Columns) -> Total:
        """Return the total that `packed` gave; KeyError, TypeError or ValueError when it did not."""
        return unpack(arrays, self.plan)


def reducer_for(world: World, asked: int) -> FlywheelReducer:
    """Return the reducer of a run of so many replications, its plan fixed by the world alone."""
    return FlywheelReducer(asked, plan_for(world))


def stored_flywheel(run: Run) -> Flywheel | None:
    """Return the flywheel that was stored with a run; None for a run of a version that stored none.

    Raises InputError when the stored summary is missing or damaged.
    """
    if "schema_version" not in run.summary:
        raise InputError(f"{run.folder / 'summary.json'}: damaged: it has no schema_version")
    plain = run.summary.get("flywheel")
    try:
        return None if plain is None else Flywheel.model_validate_json(json.dumps(plain))
    except ValidationError as error:
        first = error.errors()[0]
        where, at = run.folder / "summary.json", ".".join(map(str, first["loc"]))
        raise InputError(f"{where}: damaged: flywheel: {at}: {first['msg'].lower()}") from error
