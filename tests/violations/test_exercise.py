"""An exercise looks like shelling and breaks nothing."""

from collections.abc import Callable

import pytest

from sim.dice import Dice
from sim.scene import Incidents, Stage, Targets
from sim.units import DAY
from sim.violations.exercise import Exercise

Tell = Callable[..., tuple[Incidents, Targets]]


def test_guns_fire_on_their_own_range(tell: Tell) -> None:
    incidents, rows = tell("exercise", "20 km", "2 h", trace={"law": "fixed", "value": "3 d"})
    assert incidents.benign.all()
    assert incidents.countable.tolist() == [0]
    assert rows.offset_m == pytest.approx([20_000, 25_000, 25_000], abs=1.0)
    assert (rows.start_s - DAY).tolist() == [0.0, 0.0, 7200.0]
    assert (rows.end_s - DAY).tolist() == [7200.0, 7200.0, 7200.0 + 3 * DAY]
    assert rows.sound_db[:2].tolist() == [180.0, 180.0]
    assert rows.size_m[:2].tolist() == [2.3, 5.0]
    assert rows.trace_m[2] == 5.0


def test_seven_in_ten_are_announced_and_none_counts(stage: Stage) -> None:
    incidents, _ = Exercise(name="it", rate_per_s=60 / DAY, p_notified=0.7).draw(stage, Dice(1, 0))
    assert incidents.notified.mean() == pytest.approx(0.7, abs=0.04)
    assert not incidents.countable.any()
    assert incidents.benign.all()
