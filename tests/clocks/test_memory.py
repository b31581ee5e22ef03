"""The compiled clock's memory: a world that is no longer played leaves nothing behind."""

from __future__ import annotations

import gc
import weakref

from escalation.clocks.compiled_clock import Memory
from tests.model.worlds import duel, world


def test_the_arrays_of_a_world_are_given_back_however_often_it_was_played():
    memory = Memory(world(duel()))
    for replication in range(3):
        memory.run(1, replication)
    arrays = [weakref.ref(memory.w.numbers), weakref.ref(memory._whole), weakref.ref(memory.w.state.act)]
    del memory
    gc.collect()
    assert [array() for array in arrays] == [None, None, None]
