"""Sources with the day in their path: only the last days are listed, however many there are.

`s3://bucket/recordings/{yyyy}/{mm}/{dd}` is how recorders write; listing yesterday and today costs
the same after ten years. `{yyyymmdd}` and `{yyyy-mm-dd}` are known too.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

_FIELDS = {
    "{yyyy-mm-dd}": "%Y-%m-%d",
    "{yyyymmdd}": "%Y%m%d",
    "{yyyy}": "%Y",
    "{mm}": "%m",
    "{dd}": "%d",
    "{hh}": "%H",
}


def has_days(url: str) -> bool:
    """Whether the address names a day."""
    return any(field in url for field in _FIELDS)


def places_of(url: str, *, now: datetime, days: int, timezone: str) -> Iterator[str]:
    """The addresses of the last `days` days, oldest first, each once; with `{hh}` of each hour."""
    local = now.astimezone(ZoneInfo(timezone))
    step = timedelta(hours=1) if "{hh}" in url else timedelta(days=1)
    count = days * 24 if "{hh}" in url else days
    seen: set[str] = set()
    for back in range(count - 1, -1, -1):
        moment, place = local - back * step, url
        for field, form in _FIELDS.items():
            place = place.replace(field, moment.strftime(form))
        if place not in seen:
            seen.add(place)
            yield place
