"""Files that leave the dashboard: made when somebody asks for them, and noted who took what."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import streamlit as st

from dashboards import data, frame
from qa.audit import AuditAction


def offer(
    label: str,
    make: Callable[[], bytes],
    file_name: str,
    *,
    kind: str,
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
    width: Literal["content", "stretch"] = "content",
) -> None:
    """A button that hands out a file: made, written down, and only then given away.

    Written down after it is made, so that the event says what is in it; what cannot be written down
    is not given away.

    Args:
        label: What stands on it.
        make: The content; called when the button is pressed, not when the page is drawn.
        file_name: What the browser calls it.
        kind: What is exported, as the audit names it.
        subject: Which one.
        detail: Further facts for the audit, never what a customer said; read after `make`.
        width: Of the button.
    """
    person = frame.viewer()

    def taken() -> bytes:
        content = make()
        data.writer().audit.record(
            person.user_id, AuditAction.EXPORT, kind=kind, subject=subject, detail=detail
        )
        return content

    st.download_button(
        label,
        taken,
        file_name=file_name,
        icon=":material/download:",
        on_click="ignore",
        width=width,
    )
