"""How the night stands and what it can carry: for the command line, the night page and alerts."""

from qa.operations.capacity import Option, Speed, measured_speed, options, seconds_for
from qa.operations.schedule import Schedule, due_since, next_finish, next_start
from qa.operations.status import Forecast, Status, read_status

__all__ = [
    "Forecast",
    "Option",
    "Schedule",
    "Speed",
    "Status",
    "due_since",
    "measured_speed",
    "next_finish",
    "next_start",
    "options",
    "read_status",
    "seconds_for",
]
