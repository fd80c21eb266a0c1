"""A column drives in, stands, and leaves tracks."""

from collections.abc import Callable

import numpy as np
import pytest

from sim.scene import Incidents, Stage, Targets
from sim.units import DAY, HOUR

Tell = Callable[..., tuple[Incidents, Targets]]


def test_a_column_drives_five_km_and_stands(tell: Tell) -> None:
    written = {"vehicles": {"least": 6, "most": 6}, "p_hidden": 1.0, "trace": {"law": "fixed", "value": "1 d"}}
    incidents, rows = tell("armoured_incursion", "-5 km", "2 h", **written)
    assert incidents.side.tolist() == [1]
    assert (rows.start_s - DAY) / 60 == pytest.approx([0, 20 / 3, 40 / 3, 20, 120], abs=0.02)  # 5 km at 15 km/h are 20 min, in three legs
    assert (rows.end_s - DAY) / 60 == pytest.approx([20 / 3, 40 / 3, 20, 120, 120 + 1440], abs=0.02)
    assert rows.offset_m == pytest.approx([-5000 / 6, -2500, -25000 / 6, -5000, -5000], abs=1.0)
    assert rows.speed_mps == pytest.approx([15 / 3.6] * 3 + [0, 0], rel=0.002)
    assert rows.hidden.tolist() == [False, False, False, True, False]
    assert rows.pieces.tolist() == [6.0] * 4 + [1.0]
    assert np.isnan(rows.size_m).tolist() == [False] * 4 + [True]
    assert rows.trace_m[4] == 3.0


def test_a_short_scripted_act_drives_faster(tell: Tell) -> None:
    _, rows = tell("armoured_incursion", "-5 km", "20 min", trace=None)
    assert rows.speed_mps.max() == pytest.approx(30 / 3.6, rel=0.002)  # there within half of the act
    assert rows.end_s.max() == DAY + 1200.0


def test_a_short_act_does_not_get_far(stage: Stage) -> None:
    from sim.dice import Dice
    from sim.violations.armoured_incursion import ArmouredIncursion

    column = ArmouredIncursion(name="it", rate_per_s=50 / DAY)
    incidents, rows = column.draw(stage, Dice(1, 0))
    assert (np.abs(incidents.offset_m) <= 15 / 3.6 * (incidents.end_s - incidents.start_s) / 2 + 1).all()
    assert rows.speed_mps.max() < 15.01 / 3.6
    lasts_h = (incidents.end_s - incidents.start_s) / HOUR
    assert np.quantile(lasts_h, [0.05, 0.95]) == pytest.approx([0.5, 6.0], rel=0.15)
