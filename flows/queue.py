"""The operator's hands on the queue: urgent calls, again, pause."""

from __future__ import annotations

import getpass
from collections.abc import Sequence

from flows.batch import carry_out
from flows.night import Counts, Occasion, Progress, open_night, plan
from flows.site import Site, SiteRef, open_site
from flows.stages import Stage
from qa.errors import NotFoundError
from qa.operations.status import PAUSED
from qa.store import CallFilter


def urge(site: Site, call_ids: Sequence[str], reason: str) -> int:
    """Put calls before all others, also in a run that is under way.

    Raises:
        NotFoundError: A call is not in the store.
    """
    for call_id in call_ids:
        site.store.calls.get(call_id)
    return site.store.operations.urge(call_ids, asked_by=getpass.getuser(), reason=reason)


def pause(site: Site, reason: str) -> None:
    """Let the running night finish what it has in hand, and no other begin."""
    now = site.store.database.now().isoformat(timespec="seconds")
    site.store.settings.set(PAUSED, {"by": getpass.getuser(), "at": now, "why": reason})


def resume(site: Site) -> None:
    """End the pause."""
    site.store.settings.set(PAUSED, None)


def rerun(ref: SiteRef, call_ids: Sequence[str], stage: Stage, progress: Progress) -> Counts:
    """Do a stage of these calls again, and the stages after it; also what was quarantined.

    Raises:
        NotFoundError: A call is not in the store.
    """
    site = open_site(ref)
    listed = {}
    for call_id in call_ids:
        recording = site.store.recordings.get(site.store.calls.get(call_id).recording_id)
        listed[recording.sha256] = call_id
    for later in list(Stage)[list(Stage).index(stage) :]:
        site.store.stages.retry(later.value, listed, done=True)
    night, _ = open_night(site, "rerun", Occasion(kind="rerun"))
    plan(site, night, listed)
    return carry_out(ref, night, progress)


def retry_problems(site: Site, stage: str = "") -> int:
    """Let everything that failed or is quarantined be tried anew with the next run; how many."""
    return site.store.stages.retry(stage)


def backfill(ref: SiteRef, wanted: CallFilter, progress: Progress) -> Counts:
    """Bring the stored calls of a range up to date: new scorecards, models or what was left.

    Raises:
        NotFoundError: No call lies in the range.
    """
    site = open_site(ref)
    rows = site.store.calls.find(wanted, limit=10_000_000)
    if not rows:
        raise NotFoundError("no call lies in this range", "backfill", "widen --since and --until")
    night, _ = open_night(site, "backfill", Occasion(kind="backfill"))
    plan(site, night, {row.sha256: row.call_id for row in rows})
    return carry_out(ref, night, progress)
