"""Truceline: what it takes to monitor a cease-fire, simulated.

>>> import sim
>>> callable(sim.load)
True
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.api import Run, compare, list_runs, plot, run, show
    from sim.authoring import check
    from sim.revisit import passes
    from sim.scenario import load

HOMES = {
    "load": "sim.scenario",
    "check": "sim.authoring",
    "passes": "sim.revisit",
    "platform": "sim.catalogue",
    "platforms": "sim.catalogue",
} | dict.fromkeys(("Run", "compare", "list_runs", "plot", "run", "show"), "sim.api")
"""Where each public name lives."""

__all__ = ["Run", "check", "compare", "list_runs", "load", "passes", "platform", "platforms", "plot", "run", "show"]


def __getattr__(name: str) -> Any:
    """Load the program when it is first used: `import sim` alone stays light."""
    if name not in HOMES:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__
