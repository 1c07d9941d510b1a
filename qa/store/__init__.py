"""The system's memory: SQLite on one machine, PostgreSQL for several.

store = connect(url, upgrade=True)
if store.stages.claim(key, owner_id()):
    ...                                         # the work, outside any transaction
    store.transcripts.save(transcript, digest, done=StageDone(key=key, owner=owner_id()))
"""

from qa.store.filters import CallFilter
from qa.store.owners import owner_id, owner_is_alive
from qa.store.store import Store, connect
from qa.store.values import (
    Agent,
    CallRow,
    LeaseLostError,
    Problem,
    RoleOverride,
    Run,
    RunState,
    SeenFile,
    StageDone,
    StageKey,
    StageRun,
    StageState,
)

__all__ = [
    "Agent",
    "CallFilter",
    "CallRow",
    "LeaseLostError",
    "Problem",
    "RoleOverride",
    "Run",
    "RunState",
    "SeenFile",
    "StageDone",
    "StageKey",
    "StageRun",
    "StageState",
    "Store",
    "connect",
    "owner_id",
    "owner_is_alive",
]
