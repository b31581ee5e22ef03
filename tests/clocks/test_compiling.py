"""Compiling: what is kept on disk, for whom, and what of Numba's inside it rests on."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba.core import callconv, codegen, cpu, registry
from numba.np import arrayobj

import escalation
from escalation.clocks import choice, heap, machine_code
from escalation.errors import InputError
from escalation.model import kernel
from tests.model.worlds import duel, world


@kernel.kernel
def divided(of):
    """Divide by a number of the heap."""
    of.tally.used = 8 // of.tally.free


PACKAGE = Path(escalation.__file__).parent
PLAY = """
import sys
from escalation.clocks import compiled_clock
from escalation.model.compile import compile_scenario
from escalation.scenario.load import load
said = []
world = compile_scenario(load("shipped:minimal"))
compiled_clock.prepare(lambda: said.append("compiled"))
print(compiled_clock.simulate(world, 1, 0).outcomes.tobytes().hex()[:400], said, "numba" in sys.modules)
"""


def played(cache: Path, package: Path = PACKAGE) -> str:
    path = os.pathsep.join([str(package.parent), *filter(None, sys.path)])
    done = subprocess.run(
        [sys.executable, "-c", PLAY],
        env=os.environ | {"ESCALATION_CACHE": str(cache), "PYTHONPATH": path},
        cwd=cache.parent, capture_output=True, text=True, timeout=300, check=True,
    )  # fmt: skip
    return done.stdout


def test_compiled_code_is_shared_by_all_installations_small_and_private(tmp_path):
    cache, copy = tmp_path / "cache", tmp_path / "elsewhere" / "escalation"
    shutil.copytree(PACKAGE, copy)
    (copy.parent / "scenarios").symlink_to(PACKAGE.parent / "scenarios")
    first, second = played(cache), played(cache, copy)
    assert first.endswith(" ['compiled'] True\n")
    assert first.replace("['compiled'] True", "[] False") == second  # nor is Numba needed again
    (folder,) = (cache / "escalation").iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert sum(path.stat().st_size for path in folder.rglob("*")) < 1e6


def test_a_folder_that_others_can_write_to_is_closed_to_them(tmp_path, monkeypatch):
    monkeypatch.setenv("ESCALATION_CACHE", str(tmp_path))
    folder = machine_code.cache_folder()
    folder.chmod(0o777)
    assert stat.S_IMODE(machine_code.cache_folder().stat().st_mode) == 0o700


def test_a_folder_of_somebody_else_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setenv("ESCALATION_CACHE", str(tmp_path))
    assert machine_code.cache_folder() is not None
    monkeypatch.setattr(os, "getuid", lambda: 12345)
    assert machine_code.cache_folder() is None


def test_folders_of_other_versions_are_removed_but_for_the_last(tmp_path, monkeypatch):
    monkeypatch.setenv("ESCALATION_CACHE", str(tmp_path))
    for age in range(10):
        other = tmp_path / "escalation" / f"kernels-{age}"
        other.mkdir(parents=True)
        os.utime(other, (1e9 - age, 1e9 - age))
    folder = machine_code.cache_folder()
    left = {path.name for path in (tmp_path / "escalation").iterdir()}
    assert left == {folder.name, *(f"kernels-{age}" for age in range(machine_code.OTHER_VERSIONS))}


def test_without_a_home_there_is_no_folder(monkeypatch):
    def homeless():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("ESCALATION_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    assert machine_code.cache_folder() is None


def test_where_numba_is_switched_off_the_simpy_clock_runs_and_the_compiled_one_is_refused(monkeypatch):
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    built = world(duel())
    assert choice.clock_for(built, "auto", 10**6)[0] == "simpy"
    with pytest.raises(InputError, match="NUMBA_DISABLE_JIT"):
        choice.clock_for(built, "compiled", 10)


@pytest.mark.parametrize(("cached", "replications", "clock"), [
    (False, 99, "simpy"), (False, 1001, "compiled"), (True, 4, "simpy"), (True, 6, "compiled"),
])  # fmt: skip
def test_the_clock_is_chosen_by_the_time_that_either_would_take(cached, replications, clock, monkeypatch):
    ticks = iter([100.0, 100.01])
    monkeypatch.undo()
    monkeypatch.setattr(choice, "perf_counter", lambda: next(ticks))
    monkeypatch.setattr(choice, "is_cached", lambda: cached)
    assert choice.clock_for(world(duel()), "auto", replications)[0] == clock


def test_numba_has_what_the_compiled_clock_takes_from_its_inside():
    library = codegen.JITCodeLibrary
    assert {"_get_module_for_linking", "_ensure_finalized", "add_linking_library"} <= set(dir(library))
    assert {"enable_object_caching", "_get_compiled_object", "finalize"} <= set(dir(library))
    assert "get_pointer_to_function" in vars(library)
    made = registry.cpu_target.target_context.codegen().create_library("a_test")
    assert made._linking_libraries == []
    assert made._finalized is False
    assert made._final_module is not None
    machine = registry.cpu_target.target_context.codegen()
    assert machine._library_class is library
    assert callable(machine.set_env)
    assert callable(machine._engine.get_global_value_address)
    assert callable(arrayobj.populate_array)
    assert "_nrt" in cpu.CPUTargetOptions.__dict__ or hasattr(cpu.CPUTargetOptions, "_nrt")
    assert machine_code.RETURNED == (callconv.RETCODE_OK.constant, callconv.RETCODE_NONE.constant)


def test_damaged_code_is_compiled_again(tmp_path, monkeypatch):
    monkeypatch.setenv("ESCALATION_CACHE", str(tmp_path))
    monkeypatch.setattr(machine_code, "_loaded", {})
    said = []

    def again():
        machine_code._loaded.clear()
        machine_code.prepared(heap.clear, [heap.Heap], lambda: said.append("compiled"))

    again()
    again()
    assert said == ["compiled"]
    (file,) = machine_code.cache_folder().iterdir()
    for damage in (file.read_bytes()[:-1], b"", file.read_bytes().replace(b"ELF", b"FLE")):
        file.write_bytes(damage)
        again()
    assert said == ["compiled"] * 4


def test_an_error_in_compiled_code_is_raised(monkeypatch, tmp_path):
    monkeypatch.setenv("ESCALATION_CACHE", str(tmp_path))
    divide = machine_code.prepared(divided, [heap.Heap])
    tally = kernel.table(heap.HeapTally, 1)[0]
    block = machine_code.Pointer(
        heap.Heap(tally, *(np.zeros(4, np.int64) for _ in range(2)), kernel.table(heap.QueuedEvent, 4)),
        heap.Heap,
    )
    with pytest.raises(RuntimeError, match="compiled code"):
        divide(block)
    tally["free"] = 4
    divide(block)
    assert tally["used"] == 2


def test_threads_that_begin_at_once_compile_once_and_leave_numba_as_it_was():
    code = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from numba.core import codegen, registry\n"
        "from escalation.clocks import compiled_clock\n"
        "from tests.model.worlds import duel, world\n"
        "worlds = [world(duel()) for _ in range(4)]\n"
        "def play(one): return compiled_clock.simulate(one, 1, 0).outcomes.tobytes()\n"
        "with ThreadPoolExecutor(4) as pool:\n"
        "    done = list(pool.map(play, worlds))\n"
        "machine = registry.cpu_target.target_context.codegen()\n"
        "assert machine._library_class is codegen.JITCodeLibrary\n"
        "assert 'set_env' not in vars(machine)\n"
        "print(len(set(done)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=False
    )
    assert done.stdout == "1\n", done.stderr
