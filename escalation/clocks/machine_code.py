"""Machine code of the rules: compiled once, kept on disk, and from then on loaded without Numba.

Importing Numba and having it read compiled code takes longer than a thousand replications. So what it
compiles is kept as an object file of the machine, and loaded by llvmlite alone.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from shutil import rmtree
from threading import Lock
from typing import Any

import llvmlite.binding as llvm

from escalation.clocks.pointer import Pointer

OTHER_VERSIONS = 4
"""Folders of compiled code of other versions that are left on disk, those used last."""
ENDING = ".o"
RETURNED = (0, -2)
"""What a compiled function without a result gives where nothing was raised in it (Numba's convention)."""

_loading = Lock()
_loaded: dict[Callable[..., Any], Callable[..., None]] = {}
_engines: list[Any] = []
"""They own the machine code."""


def prepared(
    function: Callable[..., None], arguments: Sequence[type], say: Callable[[], object] | None = None
) -> Callable[..., None]:
    """Return a kernel without a result as machine code: a function of `Pointer` to these data classes.

    It is called without the interpreter's lock, and raises RuntimeError where something is raised in it.
    `say` is called if it must be compiled first.
    """
    with _loading:
        if function not in _loaded:
            folder = cache_folder()
            file = folder / f"{function.__name__}-{machine()}{ENDING}" if folder else None
            code = _read(file)
            if code is None:
                if say:
                    say()
                code = _compiled(function, arguments)
                _write(file, code)
            _loaded[function] = _callable(code, len(arguments))
    return _loaded[function]


def _compiled(function: Callable[..., None], records: Sequence[type]) -> bytes:
    """Return machine code with the name of its function before it, on a line."""
    from escalation.clocks.compiling import object_code  # noqa: PLC0415  # Numba is slow to import

    name, code = object_code(function, records)
    return name.encode() + b"\n" + code


def _callable(code: bytes, arguments: int) -> Callable[..., None]:
    name, _, machine_code = code.partition(b"\n")
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    target = llvm.Target.from_default_triple().create_target_machine(codemodel="jitdefault", jit=True)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target)
    engine.add_object_file(llvm.ObjectFileRef.from_data(machine_code))
    engine.finalize_object()
    _engines.append(engine)
    pointers = [ctypes.c_void_p] * (2 + arguments)
    function = ctypes.CFUNCTYPE(ctypes.c_int32, *pointers)(engine.get_function_address(name.decode()))

    def call(*blocks: Pointer) -> None:
        result, fault = ctypes.c_void_p(), ctypes.c_void_p()
        status = function(ctypes.byref(result), ctypes.byref(fault), *[block.address for block in blocks])
        if status not in RETURNED:
            raise RuntimeError(f"an error in compiled code (status {status})")

    return call


# ---- on disk


def _read(file: Path | None) -> bytes | None:
    """Return what `_write` wrote; None where there is nothing, or something else."""
    if file is None:
        return None
    try:
        stored = file.read_bytes()
    except OSError:
        return None
    return stored[32:] if hashlib.sha256(stored[32:]).digest() == stored[:32] else None


def _write(file: Path | None, code: bytes) -> None:
    """Write code with its hash before it, at once; without a folder, or where it is full, it is not kept."""
    if file is None:
        return
    with suppress(OSError):
        with tempfile.NamedTemporaryFile(dir=file.parent, delete=False) as unfinished:
            unfinished.write(hashlib.sha256(code).digest() + code)
        os.replace(unfinished.name, file)


def cache_folder() -> Path | None:
    """Return the folder for compiled code, or None when there is none that only this user can write.

    It is named by a hash of this package's sources, and all installations of one version share it.
    """
    chosen = os.environ.get("ESCALATION_CACHE") or os.environ.get("XDG_CACHE_HOME")
    try:
        folder = (
            (Path(chosen) if chosen else Path.home() / ".cache") / "escalation" / f"kernels-{source_hash()}"
        )
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            remove_old(folder)
        if hasattr(os, "getuid"):
            status = folder.stat()
            if status.st_uid != os.getuid():
                return None
            if stat.S_IMODE(status.st_mode) & 0o077:
                folder.chmod(0o700)
    except (OSError, RuntimeError):  # no home directory, or none that can be written
        return None
    return folder if os.access(folder, os.W_OK) else None


def remove_old(folder: Path) -> None:
    """Remove the folders of other versions, except those that were used last."""
    others = [path for path in folder.parent.glob("kernels-*") if path != folder and path.is_dir()]
    others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for old in others[OTHER_VERSIONS:]:
        rmtree(old, ignore_errors=True)


@lru_cache(maxsize=1)
def source_hash() -> str:
    """Return a hash of the sources that are compiled, and of what compiles them."""
    versions = (version(name) for name in ("numba", "llvmlite", "numpy"))
    options = sorted(f"{name}={value}" for name, value in os.environ.items() if name.startswith("NUMBA_"))
    digest = hashlib.sha256(" ".join((sys.version, *versions, *options)).encode())
    package = Path(__file__).parent.parent
    for path in sorted([*(package / "model").glob("*.py"), *(package / "clocks").glob("*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@cache
def machine() -> str:
    """Return a hash of the processor that code is compiled for."""
    processor = f"{llvm.get_host_cpu_name()} {llvm.get_host_cpu_features().flatten()}"
    return hashlib.sha256(processor.encode()).hexdigest()[:8]


def is_cached() -> bool:
    """Return whether compiled code of this version is on disk, so that a first run need not wait for it."""
    folder = cache_folder()
    return folder is not None and any(folder.glob(f"*-{machine()}{ENDING}"))
