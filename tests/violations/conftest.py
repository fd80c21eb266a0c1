"""One incident on a straight line, told by any kind."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.dice import Dice
from sim.line import Line
from sim.scene import Incidents, Sector, Stage, Targets
from sim.units import DAY
from sim.violations.base import Violation

Story = tuple[Incidents, Targets]


@pytest.fixture
def stage() -> Stage:
    """Thirty days on 100 km of the equator, west to east: side A is north. Land to km 50, water beyond."""
    line = Line.from_lonlat(np.array([[30.0, 0.0], [30.0 + 100_000.0 / 111_319.4908, 0.0]]))
    sectors = {"land": Sector("land", 0.0, 50_000.0, 5.0, False), "lake": Sector("lake", 50_000.0, line.length_m, 0.0, True)}
    return Stage(line, sectors, {}, datetime(2026, 3, 1, tzinfo=UTC), 30 * DAY, 33 * DAY, 30_000.0, Path())


@pytest.fixture
def tell(stage: Stage) -> Callable[..., Story]:
    """Tell one incident that side A begins after a day, at km 60; offset and duration in words."""

    def one(kind: str, offset: str, lasts: str, **written: Any) -> Story:
        scripted = [{"at": "1 d", "chainage": "60 km", "offset": offset, "lasts": lasts, "side": "A"}]
        violation = Violation.choose({"kind": kind, "name": "it", "scripted": scripted, **written})
        assert isinstance(violation, Violation)
        return violation.draw(stage, Dice(1, 0))

    return one
