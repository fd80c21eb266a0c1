"""Guns stand in the zone."""

from collections.abc import Callable

import numpy as np
import pytest

from sim.dice import Dice
from sim.scene import Incidents, Stage, Targets
from sim.units import DAY
from sim.violations.heavy_weapons import HeavyWeapons

Tell = Callable[..., tuple[Incidents, Targets]]


def test_four_cold_guns_stand_for_five_days(tell: Tell) -> None:
    _, rows = tell("heavy_weapons", "9 km", "5 d", p_hidden=1.0, weapons={"least": 4, "most": 4})
    assert len(rows) == 1
    assert (rows.start_s[0], rows.end_s[0]) == (DAY, 6 * DAY)
    assert rows.offset_m == pytest.approx([9000.0])
    assert (rows.size_m[0], rows.pieces[0], rows.rcs_m2[0], rows.speed_mps[0]) == (2.3, 4.0, 10.0, 0.0)
    assert np.isnan([rows.heat_k[0], rows.sound_db[0], rows.trace_m[0]]).all()
    assert rows.hidden.all()


def test_warm_ones_leave_a_scar_where_that_is_written(tell: Tell) -> None:
    _, rows = tell("heavy_weapons", "9 km", "5 d", heat="6 K", trace={"law": "fixed", "value": "10 d"})
    assert rows.heat_k[0] == 6.0
    assert (rows.trace_m[1], rows.start_s[1], rows.end_s[1]) == (10.0, 6 * DAY, 16 * DAY)


def test_half_of_them_are_concealed_and_one_to_six_stand_together(stage: Stage) -> None:
    _, rows = HeavyWeapons(name="it", rate_per_s=60 / DAY).draw(stage, Dice(1, 0))
    assert rows.hidden.mean() == pytest.approx(0.5, abs=0.04)
    assert np.bincount(rows.pieces.astype(int))[1:] / len(rows) == pytest.approx([1 / 6] * 6, abs=0.03)
