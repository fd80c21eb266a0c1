"""Guns on one side, bursts on the other, then a move, then craters."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim.scene import Incidents, Targets
from sim.units import DAY

Tell = Callable[..., tuple[Incidents, Targets]]
PLACE: dict[str, Any] = {
    "guns_from": "8 km",
    "guns_to": "8 km",
    "move_off_from": "3 min",
    "move_off_to": "3 min",
    "move": "1 km",
    "speed": "15 km/h",
}
PLACE |= {"trace": {"law": "fixed", "value": "2 d"}, "p_hidden": 1.0}


def test_a_fire_mission_is_told_in_six_phases(tell: Tell) -> None:
    incidents, rows = tell("shelling", "-2 km", "10 min", **PLACE)
    assert incidents.offset_m == pytest.approx([-2000.0])  # side A fires, the bursts are on side B
    minutes = [((row[0] - DAY) / 60, (row[1] - DAY) / 60) for row in zip(rows.start_s, rows.end_s, strict=True)]
    assert sorted(minutes)[:5] == [(0.0, 10.0)] * 3 + [(10.0, 13.0), (10.0, 10.0 + 2 * 1440)]
    assert sorted(minutes)[5] == pytest.approx((13.0, 17.0), abs=0.02)  # 1 km at 15 km/h


def test_each_phase_shows_what_it_is(tell: Tell) -> None:
    _, rows = tell("shelling", "-2 km", "10 min", **PLACE)
    fire = rows.take((rows.offset_m > 7_999.0) & (rows.sound_db > 0.0))
    assert fire.sound_db.tolist() == [180.0]
    assert fire.heat_k.tolist() == [500.0]
    assert not fire.hidden.any()
    silent = rows.take(rows.hidden)
    assert silent.offset_m == pytest.approx([8000.0], abs=0.1)
    assert silent.heat_k.tolist() == [10.0]
    assert np.isnan(silent.sound_db).all()
    moving = rows.take((rows.speed_mps > 0.0) & (rows.size_m > 0.0))
    assert moving.offset_m == pytest.approx([8500.0], abs=0.1)
    assert moving.speed_mps == pytest.approx([15 / 3.6], rel=0.01)
    burst = rows.take((rows.offset_m < 0.0) & (rows.heat_k > 0.0))
    assert burst.offset_m == pytest.approx([-2000.0])


def test_craters_are_as_many_as_were_counted(tell: Tell) -> None:
    incidents, rows = tell("shelling", "-2 km", "10 min", **PLACE)
    craters = rows.take(rows.trace_m > 0.0)
    assert craters.trace_m.tolist() == [5.0]
    assert craters.pieces.tolist() == incidents.countable.tolist()
    assert np.isnan(craters.size_m).all()
    assert np.isnan(craters.heat_k).all()


def test_shells_fly_half_way_a_quarter_of_their_range_high(tell: Tell) -> None:
    _, rows = tell("shelling", "-2 km", "10 min", **PLACE)
    shell = rows.take(rows.height_m > 0.0)
    assert shell.offset_m == pytest.approx([3000.0], abs=0.1)
    assert shell.height_m == pytest.approx([2500.0], rel=0.001)
    assert shell.rcs_m2.tolist() == [0.01]
    assert np.isnan(shell.size_m).all()
