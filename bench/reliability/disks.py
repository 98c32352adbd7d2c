"""File systems of one file, which can be copied as a power cut would leave it, or be too small. Needs root."""

from __future__ import annotations

import filecmp
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEGABYTES = 256


class Disk:
    """A mounted ext4 file system in one file. What is not synced is in memory alone, and in no copy of the file."""

    def __init__(self, folder: Path, name: str, megabytes: int = MEGABYTES) -> None:
        self.image = folder / f"{name}.img"
        self.mounted_at = folder / name
        self.mounted_at.mkdir()
        if not self.image.exists():
            with self.image.open("wb") as file:
                file.truncate(megabytes * 1024 * 1024)
            # Only what an application syncs is to get there: the journal is not written of itself for five minutes.
            _run("mkfs.ext4", "-q", "-F", "-m", "0", str(self.image))

    def mount(self) -> None:
        _run("mount", "-o", "loop,commit=300", str(self.image), str(self.mounted_at))

    def unmount(self) -> None:
        subprocess.run(["umount", str(self.mounted_at)], check=False, stderr=subprocess.DEVNULL)  # noqa: S603, S607

    def copy_as_cut(self, to: Path) -> None:
        """Copy what is on the disk at this moment, once more if it changed meanwhile."""
        for _ in range(5):
            shutil.copyfile(self.image, to)
            if filecmp.cmp(self.image, to, shallow=False):
                return
        raise AssertionError("the disk is written to although all its writers are stopped")


@contextmanager
def mounted(folder: Path, name: str, megabytes: int = MEGABYTES) -> Iterator[Disk]:
    disk = Disk(folder, name, megabytes)
    disk.mount()
    try:
        yield disk
    finally:
        disk.unmount()


def _run(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - written above
