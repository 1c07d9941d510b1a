"""The flow that schedules start. Its parameters hold no secret: those stand where it runs."""

from __future__ import annotations

from typing import Any

from prefect import flow
from prefect.runtime import flow_run

from flows.deployments import nights
from qa import runtime


@flow(name="nightly", persist_result=False)
def night_of(sources: list[str]) -> list[dict[str, Any]]:
    """One night over these sources, by the settings and store of the machine that runs it."""
    runtime.prepare()
    return nights(sources, scheduled_for=flow_run.scheduled_start_time)
