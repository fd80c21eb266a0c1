"""A jammer transmits."""

from collections.abc import Callable

import numpy as np
import pytest

from sim.scene import Incidents, Targets
from sim.units import DAY

Tell = Callable[..., tuple[Incidents, Targets]]


def test_a_jammer_transmits_from_a_concealed_truck_for_70_minutes(tell: Tell) -> None:
    incidents, rows = tell("jamming", "6 km", "70 min", p_hidden=1.0, emitter="400 W")
    assert incidents.countable.tolist() == [1]
    assert len(rows) == 1
    assert (rows.start_s[0], rows.end_s[0]) == (DAY, DAY + 4200.0)
    assert rows.offset_m == pytest.approx([6000.0])
    assert (rows.emitter_w[0], rows.size_m[0]) == (400.0, 2.3)
    assert rows.hidden.all()
    assert np.isnan(rows.sound_db).all()
    assert np.isnan(rows.trace_m).all()
