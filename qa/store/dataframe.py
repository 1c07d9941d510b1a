"""A query's rows as a pandas DataFrame with fixed dtypes, also when there are none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

if TYPE_CHECKING:
    import pandas as pd

_DTYPES: Mapping[type[Any], str] = {
    sa.Boolean: "boolean",
    sa.Integer: "Int64",
    sa.Float: "float64",
    sa.Numeric: "float64",
    sa.DateTime: "datetime64[us, UTC]",
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

    rows = connection.execute(query).all()
    columns = list(query.selected_columns)
    names = [column.name for column in columns]
    types = {column.name: _dtype(column.type) for column in columns}
    frame = pd.DataFrame.from_records([tuple(row) for row in rows], columns=names)
    return frame.astype(types)
