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
#: Longer text than this is cut on the screen, so that the figures beside it are seen.
_LONG = 24
_SHARES = (Format.PERCENT, Format.PERCENT_CHANGE)


def draw(columns: Sequence[Column], rows: Sequence[tuple[Cell, ...]]) -> None:
    """Draw it; shares, 0–1, become per cent and percentage points."""
    names = [str(at) for at in range(len(columns))]
    table = pd.DataFrame(rows, columns=names)
    for name, column in zip(names, columns, strict=True):
        if column.format in _SHARES and not column.bar:
            table[name] = 100 * table[name].astype("float64")
    config = {
        name: _config(column, table[name]) for name, column in zip(names, columns, strict=True)
    }
    st.dataframe(table, hide_index=True, column_config=config, placeholder="–", height="content")


def _config(column: Column, cells: pd.Series) -> ColumnConfig:
    if column.bar:
        return st.column_config.ProgressColumn(column.title, format="percent", max_value=1.0)
    if column.format is Format.TEXT:
        long = any(len(str(cell)) > _LONG for cell in cells if cell)
        return st.column_config.TextColumn(column.title, width="medium" if long else None)
    return st.column_config.NumberColumn(column.title, format=_FORMATS[column.format])
