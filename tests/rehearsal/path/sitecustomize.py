"""Puts rehearsed stages in the place of the real ones, in every process that finds this folder.

With this folder on PYTHONPATH, the stages come from `rehearsal_stages`, and everything of `scoring`
(scorecards, matchers, models: seconds in every process) is a stand-in: commands, claims, processes,
saving and reports are the real ones. For tests of everything around the stages.
"""

import importlib.abc
import importlib.util
import sys
from pathlib import Path

_HERE = Path(__file__).parent
_STAGES = ("flows.listening", "flows.judging")


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name in _STAGES:
            return importlib.util.spec_from_file_location(name, _HERE / "rehearsal_stages.py")
        if name.split(".")[0] == "scoring":
            return importlib.util.spec_from_file_location(
                name, _HERE / "rehearsal_scoring.py", submodule_search_locations=[]
            )
        return None


sys.meta_path.insert(0, _Finder())
