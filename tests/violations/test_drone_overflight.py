"""A drone flies in, up and down, and out."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from sim.dice import Dice
from sim.line import bundled
from sim.scene import Incidents, Stage, Targets
from sim.units import DAY
from sim.violations.drone_overflight import DroneOverflight

Tell = Callable[..., tuple[Incidents, Targets]]


def test_an_hour_beyond_the_line(tell: Tell) -> None:
    _, rows = tell("drone_overflight", "-4 km", "60 min")
    assert len(rows) == 2 + 24 + 2  # 4 km in, 72 km up and down, 4 km out
    assert rows.start_s[0] == DAY
    assert rows.end_s[-1] == DAY + 3600.0
    assert np.array_equal(rows.start_s[1:], rows.end_s[:-1])
    assert rows.end_s[1] - DAY == pytest.approx(180.0, abs=0.01)  # 4 km at 80 km/h
    assert rows.speed_mps == pytest.approx([80 / 3.6] * 28, rel=0.001)
    assert rows.offset_m[[0, 1, -2, -1]] == pytest.approx([-1000, -3000, -3000, -1000], abs=2.0)
    assert rows.offset_m[2:-2] == pytest.approx([-4000] * 24, abs=2.0)
    away_m = np.abs(rows.chainage_m[2:-2] - 60_000.0)
    assert away_m == pytest.approx([1500, 4500, 7500, 7500, 4500, 1500] * 4, abs=2.0)  # 72 km are four laps of 18 km in legs of 3 km
    assert (rows.height_m == 500.0).all()
    assert not rows.mask_deg.any()
    assert np.isnan(rows.emitter_w).all()


def test_a_link_can_be_heard_where_it_has_one(tell: Tell) -> None:
    _, rows = tell("drone_overflight", "-4 km", "60 min", emitter="1 W")
    assert (rows.emitter_w == 1.0).all()


def test_it_never_flies_faster_than_it_can(stage: Stage) -> None:
    for line in (stage.line, bundled("line_of_contact_2025")):
        bent = replace(stage, line=line, sectors={})
        incidents, rows = DroneOverflight(name="it", rate_per_s=20 / DAY).draw(bent, Dice(1, 0))
        assert rows.speed_mps.max() < 80.1 / 3.6
        assert np.bincount(rows.incident).max() <= 3 * 24
        assert (np.abs(incidents.offset_m) < 15_001.0).all()
