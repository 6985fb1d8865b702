"""The matching solver: a `wishapp-problem/1` goes in, a `wishapp-plan/1` with a bound anyone can check comes out.

Pure: numbers in, numbers out; standard library, numpy, scipy and OR-Tools only. `check` and everything it needs load without OR-Tools,
which is why the names below are found on first use.
"""

import importlib

from wishapp.solver.reading import ProblemError

_HOME = {"parse_problem": "problem", "solve": "engine", "check": "referee", "why": "reasons", "runner_ups": "reasons", "unserved": "reasons", "Explanation": "reasons",
         "rematch": "repair", "Office": "repair", "what_if": "whatif", "suggestions": "whatif", "Question": "whatif", "Problem": "problem"}

__all__ = ["ProblemError", *_HOME]


def __getattr__(name: str):
    if name in _HOME:
        return getattr(importlib.import_module(f"wishapp.solver.{_HOME[name]}"), name)
    raise AttributeError(f"module 'wishapp.solver' has no attribute {name!r}")
