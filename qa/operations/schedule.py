"""When nights begin and end, in the site's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from qa.errors import SettingsError
from qa.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A schedule as the settings say it."""

    cron: str
    timezone: str
    finish_by: str

    @classmethod
    def of(cls, settings: Settings) -> Schedule:
        """The site's schedule.

        Raises:
            SettingsError: The cron line or the time zone cannot be read.
        """
        night = settings.night
        made = cls(cron=night.cron, timezone=settings.timezone, finish_by=night.finish_by)
        try:
            CronSim(made.cron, datetime.now(ZoneInfo(made.timezone)))
        except CronSimError as error:
            raise SettingsError(
                f"{made.cron!r} is not a schedule ({error})", "night.cron", "write '0 1 * * *'"
            ) from error
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise SettingsError(
                f"no time zone {made.timezone!r}", "timezone", "write 'Asia/Shanghai'"
            ) from error
        return made


def next_start(schedule: Schedule, now: datetime) -> datetime:
    """The next moment at which a night begins, after `now`."""
    return next(CronSim(schedule.cron, now.astimezone(ZoneInfo(schedule.timezone))))


def due_since(schedule: Schedule, last: datetime | None, now: datetime) -> datetime | None:
    """The latest scheduled moment that no night has answered, or None.

    Args:
        schedule: The schedule.
        last: When the last night began, or the moment it answered; None when there never was one.
        now: The clock. Many missed nights are caught up by one: a night takes all that waits.
    """
    latest = next(CronSim(schedule.cron, now.astimezone(ZoneInfo(schedule.timezone)), reverse=True))
    return latest if last is not None and last < latest else None


def next_finish(schedule: Schedule, start: datetime) -> datetime:
    """When a night that begins at `start` has to be done."""
    local = start.astimezone(ZoneInfo(schedule.timezone))
    hour, minute = map(int, schedule.finish_by.split(":"))
    wanted = datetime.combine(local.date(), time(hour, minute), tzinfo=local.tzinfo)
    return wanted if wanted > local else wanted + timedelta(days=1)
