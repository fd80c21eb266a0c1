"""A group walks in, lies still, and walks out."""

from collections.abc import Callable

import numpy as np
import pytest

from sim.scene import Incidents, Targets
from sim.units import DAY

Tell = Callable[..., tuple[Incidents, Targets]]


def test_a_group_walks_in_lies_and_walks_out(tell: Tell) -> None:
    _, rows = tell("foot_incursion", "-1500 m", "3 h", p_hidden=1.0, trace={"law": "fixed", "value": "1 d"})
    way = [0, 6, 12, 18, 24]  # 1.5 km at 3 km/h are 30 min, in five legs of 300 m
    assert (rows.start_s - DAY) / 60 == pytest.approx([*way, 30, *(150 + minute for minute in way), 180], abs=0.02)
    assert (rows.end_s - DAY) / 60 == pytest.approx(
        [*(6 + minute for minute in way), 150, *(156 + minute for minute in way), 1620], abs=0.02
    )
    legs_m = [-150, -450, -750, -1050, -1350]
    assert rows.offset_m == pytest.approx([*legs_m, -1500, *legs_m[::-1], -1500], abs=1.0)
    assert rows.speed_mps == pytest.approx([3 / 3.6] * 5 + [0] + [3 / 3.6] * 5 + [0], rel=0.002)
    assert np.flatnonzero(rows.hidden).tolist() == [5]
    assert 4 <= rows.pieces[0] <= 6
    assert len(set(rows.pieces[:11])) == 1
    assert rows.size_m[:11].tolist() == [0.75] * 11
    assert np.isnan(rows.sound_db).all()
