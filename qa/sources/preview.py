"""What a run would take from a source, as rows to look at before anything runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from qa.sources.listing import list_source
from qa.sources.values import SourceItem, SourceOptions

#: Columns of a preview, in order.
PREVIEW_COLUMNS = (
    "status",
    "file",
    "call_id",
    "agent_id",
    "team",
    "queue",
    "started_at",
    "direction",
    "layout",
    "language",
    "customer",
    "tags",
    "size_bytes",
    "origin",
    "problem",
    "remedy",
)


def preview(
    url: str, options: SourceOptions | None = None, *, limit: int | None = None
) -> Iterator[dict[str, Any]]:
    """One plain row per file or problem; `status` is `ready` or the kind of the problem.

    Nothing is stored or hashed, and nothing waits: files that may still be being written show as
    `waiting`. `customer` tells only whether one is given.

    Raises:
        SourceError, TransientError: As for `list_source`.
    """
    options = replace(options or SourceOptions(), patient=False)
    for number, found in enumerate(list_source(url, options)):
        if limit is not None and number >= limit:
            return
        row: dict[str, Any] = dict.fromkeys(PREVIEW_COLUMNS, "")
        if isinstance(found, SourceItem):
            yield row | _ready(found)
        else:
            message = f"{found.field}: {found.message}" if found.field else found.message
            yield row | {
                "status": found.kind.value,
                "file": found.place,
                "problem": message,
                "remedy": found.remedy,
            }


def _ready(item: SourceItem) -> dict[str, Any]:
    details = item.details
    started = details.started_at.isoformat() if details.started_at else ""
    return {
        "status": "ready",
        "file": item.uri,
        "call_id": details.call_id,
        "agent_id": details.agent_id,
        "team": details.team,
        "queue": details.queue,
        "started_at": started,
        "direction": details.direction.value,
        "layout": details.layout.value,
        "language": details.language,
        "customer": "yes" if details.customer_ref else "",
        "tags": dict(details.tags),
        "size_bytes": item.size_bytes,
        "origin": item.origin,
    }
