"""Puts rehearsed stages in the place of the real ones, in every process that finds this folder.

With this folder on PYTHONPATH, the stages come from `rehearsal_stages`, and the packages that load
scorecards and models are stand-ins: the claims, processes, saving and reports are the real ones.
For tests of everything around the stages: runners, kills, limits, backups.
"""

import importlib.abc
import importlib.util
import sys
from pathlib import Path

_HERE = Path(__file__).parent
_STAGES = ("flows.listening", "flows.judging")
_SCORING = tuple(
    f"scoring.{name}"
    for name in (
        *("arithmetic", "categories", "encoder", "encoder_lazy", "engine", "loader", "matching"),
        *("reasons", "scorecard", "semantics", "sentiment", "sentiment_head"),
    )
)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name in _STAGES:
            return importlib.util.spec_from_file_location(name, _HERE / "rehearsal_stages.py")
        if name in _SCORING:
            return importlib.util.spec_from_file_location(name, _HERE / "rehearsal_scoring.py")
        return None


sys.meta_path.insert(0, _Finder())
