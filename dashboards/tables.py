"""A sheet of a report as a table on the screen."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from qa.reports.sheets import Cell, Column, Format

_FORMATS = {
    Format.COUNT: "localized",
    Format.POINTS: "%.1f",
    Format.CHANGE: "%+.1f",
    Format.PERCENT: "%.1f%%",
    Format.PERCENT_CHANGE: "%+.1f",
}
_SHARES = (Format.PERCENT, Format.PERCENT_CHANGE)


def draw(columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]]) -> None:
    """Draw it; shares, 0–1, become per cent and percentage points."""
    names = [str(at) for at in range(len(columns))]
    table = pd.DataFrame(rows, columns=names)
    for name, column in zip(names, columns, strict=True):
        if column.format in _SHARES and not column.bar:
            table[name] = 100 * table[name].astype("float64")
    config = {name: _config(column) for name, column in zip(names, columns, strict=True)}
    st.dataframe(table, hide_index=True, column_config=config, row_height=36)


def _config(column: Column) -> ColumnConfig:
    if column.bar:
        return st.column_config.ProgressColumn(column.title, format="percent", max_value=1.0)
    if column.format is Format.TEXT:
        return st.column_config.TextColumn(column.title)
    return st.column_config.NumberColumn(column.title, format=_FORMATS[column.format])
