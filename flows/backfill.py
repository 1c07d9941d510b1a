"""A range of days, from a source or from the store."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flows.batch import run_batch
from flows.night import Counts, Occasion
from flows.progress import progress_bars
from flows.queue import backfill
from flows.site import open_site, site_ref
from qa.store import CallFilter


def backfill_range(
    source: str, *, since: datetime, until: datetime, store: str = "", workers: int | None = None
) -> Counts:
    """Bring the calls that began in [since, until) to a score; naive moments are site time."""
    ref = site_ref(store=store, workers=workers)
    zone = ZoneInfo(open_site(ref).settings.timezone)
    begin, end = (moment.replace(tzinfo=moment.tzinfo or zone) for moment in (since, until))
    if source:
        occasion = Occasion(kind="backfill", since=begin, until=end)
        return run_batch(source, store=store, workers=workers, occasion=occasion).counts
    with progress_bars() as progress:
        return backfill(ref, CallFilter(since=begin, until=end), progress)
