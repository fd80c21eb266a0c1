"""A group walks in, lies still, and walks out."""

from collections.abc import Callable

import numpy as np
import pytest

from sim.scene import Incidents, Targets
from sim.units import DAY

Tell = Callable[..., tuple[Incidents, Targets]]


def test_a_group_walks_in_lies_and_walks_out(tell: Tell) -> None:
    _, rows = tell("foot_incursion", "-1500 m", "3 h", p_hidden=1.0, trace={"law": "fixed", "value": "1 d"})
    assert (rows.start_s - DAY) / 60 == pytest.approx([0, 30, 150, 180], abs=0.02)  # 1.5 km at 3 km/h are 30 min
    assert (rows.end_s - DAY) / 60 == pytest.approx([30, 150, 180, 180 + 1440], abs=0.02)
    assert rows.offset_m == pytest.approx([-750, -1500, -750, -1500], abs=1.0)
    assert rows.speed_mps == pytest.approx([3 / 3.6, 0, 3 / 3.6, 0], rel=0.002)
    assert rows.hidden.tolist() == [False, True, False, False]
    assert 4 <= rows.pieces[0] <= 6
    assert len(set(rows.pieces[:3])) == 1
    assert rows.size_m[:3].tolist() == [0.75] * 3
    assert np.isnan(rows.sound_db).all()
