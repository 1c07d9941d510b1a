"""Model packs as a person sees them: progress bars, and the assembly that needs torch."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn

from qa import modelpacks

#: Packs whose files must be turned into a model folder by a package that `qa` may not import.
ASSEMBLERS = {"e5-small": "scoring.encoder_pack:assemble"}


class PullBars:
    """One progress bar per pack on stderr; a pack that is there already draws nothing."""

    def __init__(self) -> None:
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            console=Console(stderr=True),
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def __call__(self, news: modelpacks.PullProgress) -> None:
        """Show where the pull of one pack stands."""
        if news.step == "present":
            return
        if news.pack not in self._tasks:
            self._tasks[news.pack] = self._bars.add_task(news.pack, total=None)
        self._bars.update(
            self._tasks[news.pack],
            description=f"{news.pack}: {news.step}",
            completed=news.done_bytes,
            total=news.total_bytes or None,
        )


def pull_packs(names: Sequence[str]) -> list[tuple[str, Path]]:
    """Fetch packs (default: what the night needs), then assemble those that need it."""
    wanted = list(names) or [*modelpacks.DEFAULT_PACKS]
    with PullBars() as bars:
        folders = modelpacks.pull(wanted, progress=bars)
    return [(name, _assembled(name, folder)) for name, folder in folders.items()]


def verify_packs(names: Sequence[str]) -> Iterator[str]:
    """Hash packs again (default: those that are here), naming each that is whole."""
    here = [row.name for row in modelpacks.status() if row.state == "ready"]
    for name in names or here:
        modelpacks.verify(name)
        yield name


def _assembled(name: str, folder: Path) -> Path:
    if name not in ASSEMBLERS:
        return folder
    module, _, function = ASSEMBLERS[name].partition(":")
    return getattr(importlib.import_module(module), function)(folder)
