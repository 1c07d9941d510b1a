"""Who came back: the nearest thing to first-contact resolution that recordings can tell."""

from __future__ import annotations

import numpy as np
import pandas as pd

#: A second contact on the same topic within 7 days is a repeat (dossier §4.2).
REPEAT_DAYS = 7


def repeated(contacts: pd.DataFrame, known_until: pd.Timestamp) -> pd.Series:
    """Whether each contact's customer came back on the same topic within 7 days.

    Args:
        contacts: Columns call_id, customer_ref, topic, happened_at; of everybody, because a
            customer may reach somebody else the second time.
        known_until: Newest moment the data reaches; younger contacts cannot be judged yet.

    Returns:
        Booleans by call_id; NA for unknown customers and contacts younger than 7 days.
    """
    ordered = contacts.sort_values("happened_at", kind="stable")
    within = pd.Timedelta(days=REPEAT_DAYS)
    following = ordered.groupby(["customer_ref", "topic"], sort=False)["happened_at"].shift(-1)
    came_back = (following - ordered["happened_at"]) <= within
    judged = came_back | (ordered["happened_at"] + within <= known_until)
    judged &= ordered["customer_ref"].fillna("") != ""
    values = came_back.astype("boolean").mask(~judged.astype(bool), pd.NA)
    return pd.Series(values.to_numpy(), index=ordered["call_id"].to_numpy(), dtype="boolean")


def team_at(rows: pd.DataFrame, roster: pd.DataFrame) -> pd.Series:
    """The team of every row's agent on that day, `""` where the roster does not say.

    Args:
        rows: Columns agent_id and day (dates, or ISO text); any index.
        roster: Columns agent_id, valid_from, valid_to (None while open), team; half-open.
    """
    left = rows[["agent_id"]].assign(at=pd.to_datetime(rows["day"]), place=np.arange(len(rows)))
    right = roster.assign(
        start=pd.to_datetime(roster["valid_from"]), end=pd.to_datetime(roster["valid_to"])
    )[["agent_id", "start", "end", "team"]]
    both = left.merge(right, on="agent_id")
    inside = (both["start"] <= both["at"]) & (both["end"].isna() | (both["at"] < both["end"]))
    found = both[inside].drop_duplicates("place").set_index("place")["team"]
    teams = found.reindex(np.arange(len(rows))).fillna("")
    return pd.Series(teams.to_numpy(), index=rows.index, dtype="object")
