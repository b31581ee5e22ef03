"""The sums of batches one below the other, for what is resampled."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from escalation.study.flywheel.model import Span
from escalation.study.flywheel.sums import Sums, binned, concatenated, dense, summed

Array = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


class Stacked:
    """The sums of some batches of one plan, their dyads numbered from 0: those on which any act counted.

    `dyads` (int64[d]) are the numbers these had in the sums.
    """

    def __init__(self, batches: Sequence[Sums]):
        self.batches = batches
        self.plan, self.n = batches[0].plan, len(batches)
        self.replications = np.array([batch.replications for batch in batches], np.int64)
        self._all = batches[0].dyads
        self._tables: dict[Span | None, tuple[Array, Array]] = {}

    @cached_property
    def whole(self) -> Sums:
        """The sum of all batches."""
        return summed(self.batches)

    @cached_property
    def dyads(self) -> Ints:
        """The dyads on which any act counted, ascending."""
        return np.unique(self.whole.sources.keys % self._all)

    @cached_property
    def _places(self) -> Ints:
        """The place of each dyad among the active ones; one behind these for all that are not."""
        places = np.full(self._all + 1, len(self.dyads), np.int64)
        places[self.dyads] = np.arange(len(self.dyads))
        return places

    @cached_property
    def _parents(self) -> tuple[Ints, Ints, Ints, Array]:
        """Batch, cell of time, parent and values (float64[m, 2]) of every entry."""
        batch, keys, values = concatenated([sums.parents for sums in self.batches])
        cell, parent = np.divmod(keys, self._all + 1)
        return batch, cell, self._places[parent], values

    @cached_property
    def _answers(self) -> tuple[Ints, Ints, Ints, Array]:
        """Batch, cell of time, link (`parent * (d + 1) + child`) and values of every entry."""
        batch, keys, values = concatenated([sums.answers for sums in self.batches])
        parent, child = np.divmod(keys, self._all)
        cell, parent = np.divmod(parent, self._all + 1)
        return batch, cell, self._places[parent] * (len(self.dyads) + 1) + self._places[child], values

    def parents(self, span: Span | None, column: int) -> Array:
        """Return the parents of each batch by dyad, float64[batches, d]; of all the time without a span."""
        d = len(self.dyads)
        batch, cell, parent, values = self._parents
        return dense(batch, parent, values[:, column], self._in(cell, span), (self.n, d + 1))[:, :d]

    def answers(self, span: Span | None, column: int, links: tuple[Ints, Ints]) -> Array:
        """Return the shares of answers of each batch, float64[batches, m], of `links` (parents, children)."""
        d, m = len(self.dyads), len(links[0])
        column_of = np.full((d + 1) ** 2, m, np.int64)
        column_of[links[0] * (d + 1) + links[1]] = np.arange(m)
        batch, cell, link, values = self._answers
        columns, inside = column_of[link], self._in(cell, span)
        return dense(batch, columns, values[:, column], inside, (self.n, m + 1))[:, :m]

    def table(self, span: Span | None) -> tuple[Array, Array]:
        """Return the shares of answers, float64[d, d, 2], and the parents, float64[d, 2], of all batches."""
        if span not in self._tables:
            self._tables[span] = self._table(span)
        return self._tables[span]

    def _table(self, span: Span | None) -> tuple[Array, Array]:
        d = len(self.dyads)
        _, cell, link, values = self._answers
        inside = self._in(cell, span)
        answers = [binned(link[inside], values[inside, n], (d + 1) ** 2) for n in (0, 1)]
        parents = [self.parents(span, n).sum(axis=0) for n in (0, 1)]
        return np.stack(answers, axis=-1).reshape(d + 1, d + 1, 2)[:d, :d], np.stack(parents, axis=-1)

    def totals(self, spans: Sequence[Span], column: int) -> tuple[Array, Array]:
        """Return each batch's answers and parents over all dyads, float64[batches, spans] each."""
        d, cells = len(self.dyads), len(self.plan.bounds) + 1
        batch, cell, link, values = self._answers
        acts = (link // (d + 1) < d) & (link % (d + 1) < d)
        answers = dense(batch, cell, values[:, column], acts, (self.n, cells))
        batch, cell, parent, values = self._parents
        parents = dense(batch, cell, values[:, column], parent < d, (self.n, cells))
        return self._by_span(answers, spans), self._by_span(parents, spans)

    def _by_span(self, sums: Array, spans: Sequence[Span]) -> Array:
        parts = [sums[:, self.plan.cells(span)].sum(axis=1) for span in spans]
        return np.array(parts).reshape(len(spans), self.n).T

    def _in(self, cell: Ints, span: Span | None) -> Mask:
        if span is None:
            return np.ones(len(cell), np.bool_)
        part = self.plan.cells(span)
        return np.asarray((part.start <= cell) & (cell < part.stop), np.bool_)
