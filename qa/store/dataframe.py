"""A query's rows as a pandas DataFrame with fixed dtypes, also when there are none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    import pandas as pd

_MOMENT = "datetime64[us, UTC]"
_DTYPES: Mapping[type[Any], str] = {
    sa.Boolean: "boolean",
    sa.Integer: "Int64",
    sa.Float: "float64",
    sa.Numeric: "float64",
    sa.DateTime: _MOMENT,
}


def _dtype(kind: sa.types.TypeEngine[Any]) -> str:
    if isinstance(kind, sa.types.TypeDecorator):
        kind = kind.impl_instance
    for known, name in _DTYPES.items():
        if isinstance(kind, known):
            return name
    return "string"


def to_frame(connection: sa.Connection, query: sa.Select[Any]) -> pd.DataFrame:
    """Run the query; every column gets the dtype of its SQL type."""
    import pandas as pd  # noqa: PLC0415 - half a second that the command line need not pay

    columns = list(query.selected_columns)
    names = [column.name for column in columns]
    types = {column.name: _dtype(column.type) for column in columns}
    rows = connection.execute(_moments_as_stored(query)).all()
    frame = pd.DataFrame.from_records([tuple(row) for row in rows], columns=names)
    for name, kind in types.items():
        if kind == _MOMENT:
            frame[name] = pd.to_datetime(frame[name], utc=True, format="ISO8601")
    return frame.astype(types)


def _moments_as_stored(query: sa.Select[Any]) -> sa.Select[Any]:
    """Moments as the database has them: pandas reads a column of them faster than we each one."""
    columns = [
        sa.type_coerce(column, sa.String()).label(column.name)
        if _dtype(column.type) == _MOMENT
        else column
        for column in query.selected_columns
    ]
    if all(new is old for new, old in zip(columns, query.selected_columns, strict=True)):
        return query
    return query.with_only_columns(*columns, maintain_column_froms=True)
