from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from escalation.ensemble import result
from tests.cli.conftest import Escalation

RUN = "run minimal -n 160 --seed 3 --acts all --workers 1"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for some files of a run."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if (
        os.name != "posix"
        or os.geteuid() != 0
        or mount("-t", "tmpfs", "-o", "size=224k", "tmpfs", str(folder))
    ):
        pytest.skip("only root can mount a small disk, and not everywhere")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def mount(*words: str) -> int:
    return subprocess.run(["mount", *words], check=False, capture_output=True).returncode


def files(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*.parquet")
    }


def test_a_full_disk_stops_the_run_and_with_more_room_it_goes_on(
    escalation: Escalation, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(result, "SHARD", 32)
    assert escalation(f"{RUN} -o whole").exit_code == 0
    done = escalation(f"{RUN} -o disk/run")
    assert done.exit_code == 1
    assert done.stdout.startswith("A small flywheel")
    assert done.stderr.startswith("disk/run: cannot be written: ")
    assert "space" in done.stderr.splitlines()[0]
    assert "`escalation resume disk/run` resumes them" in done.stderr
    kept = int(done.stderr.splitlines()[1].split()[0])
    assert 0 < kept < 160
    assert kept % 32 == 0
    assert not list(disk.rglob("*.part"))

    again = escalation("resume disk/run --workers 1")
    assert again.exit_code == 1, "the disk is still full"
    assert mount("-o", "remount,size=4m", str(disk)) == 0
    assert escalation("resume disk/run --workers 1").exit_code == 0
    assert files(disk / "run") == files(Path("whole"))
    assert (disk / "run" / "summary.json").read_bytes() == Path("whole/summary.json").read_bytes()


def test_a_disk_that_is_full_from_the_start_shows_before_anything_is_simulated(
    escalation: Escalation, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(OSError, match="space"), (disk / "filler").open("wb") as filler:
        filler.write(bytes(1 << 20))
    monkeypatch.setattr("escalation.study.run.run_ensemble", None)
    done = escalation(f"{RUN} -o disk/run")
    assert done.exit_code == 1
    assert "cannot be written" in done.stderr
    assert done.stdout == ""


def test_a_place_that_only_can_be_read_is_said_to_be(escalation: Escalation, disk: Path) -> None:
    assert mount("-o", "remount,ro", str(disk)) == 0
    done = escalation(f"{RUN} -o disk/run")
    assert done.exit_code == 1
    assert (
        done.stderr == "disk/run: cannot be written: Read-only file system; choose another place with --out\n"
    )


@pytest.mark.parametrize("what", ["outcomes", "acts", "causes"])
@pytest.mark.parametrize("form", ["csv", "json", "parquet"])
def test_an_export_to_a_full_disk_says_so_and_leaves_nothing(
    escalation: Escalation, disk: Path, what: str, form: str
) -> None:
    assert escalation(f"{RUN} -o run").exit_code == 0
    with pytest.raises(OSError, match="space"), (disk / "filler").open("wb") as filler:
        filler.write(bytes(1 << 20))
    done = escalation(f"export run --what {what} -o disk/table.{form}")
    assert done.exit_code == 1, done.stderr
    assert done.stderr.startswith(f"disk/table.{form}: cannot be written: ")
    assert "space" in done.stderr.lower()
    assert [path.name for path in disk.iterdir()] == ["filler"]
