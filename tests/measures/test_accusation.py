"""Who was accused, and who had done it: side A is +1, side B is -1."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np
import pytest

from sim.log import Entry, EventLog
from sim.measures.accusation import Accusation
from sim.scenario import Scenario
from sim.scene import Stage
from sim.story import Play, Results
from sim.units import DAY, HOUR
from sim.world import build, no_incidents

Told: TypeAlias = Callable[..., Results]


def played(scenario: Scenario, stage: Stage, *entries: Entry) -> Play:
    """Return a play with an act of side B, and an exercise of side A."""
    two = {
        name: np.zeros(2, dtype=getattr(no_incidents(), name).dtype)
        for name in ("key", "kind", "start_s", "end_s", "chainage_m", "offset_m")
    }
    incidents = replace(
        no_incidents(),
        **two,
        x_m=np.zeros(2),
        y_m=np.zeros(2),
        side=np.array([-1, 1]),
        countable=np.array([1, 0]),
        benign=np.array([False, True]),
        notified=np.array([False, False]),
        kinds=("shelling",),
    )
    return Play(0, replace(build(scenario, stage, 0), incidents=incidents), EventLog([*entries]), {})


def test_each_accusation_has_its_fault(scenario: Scenario, stage: Stage) -> None:
    play = played(
        scenario,
        stage,
        Entry(HOUR, "reported", -1, 7),
        Entry(11 * DAY, "reported", -1, 8),
        Entry(1 * DAY, "accused", 0, 1, value=-1.0),
        Entry(2 * DAY, "accused", 0, 2, value=1.0),
        Entry(3 * DAY, "accused", 0, 3, value=0.0),  # Made known, and nobody was named.
        Entry(3 * DAY, "accused", 1, 4, value=1.0),
        Entry(12 * DAY, "accused", -1, 7, value=1.0),  # Its alarm came while violations began: it counts.
        Entry(12 * DAY, "accused", -1, 8, value=1.0),  # Its alarm came in the follow-up: it does not.
    )
    assert Accusation().tally(play) == {
        "accusation.all": 4.0,
        "accusation.wrong_side": 1.0,
        "accusation.benign": 1.0,
        "accusation.nothing": 1.0,
    }


def test_false_accusations_are_counted_per_30_days(told: Told) -> None:
    results = told(
        accusation__all=[4.0, 6.0], accusation__wrong_side=[1.0, 0.0], accusation__benign=[0.0, 2.0], accusation__nothing=[0.0, 0.0]
    )
    table = {row.measure: row for row in Accusation().table(results)}
    assert table["accusation.false"].estimate == pytest.approx(4.5)  # 3 in 2 runs of 10 days.
    assert table["accusation.false_share"].estimate == pytest.approx(0.3)
    assert 0.0 < table["accusation.false"].low < 4.5 < table["accusation.false"].high


def test_no_accusation_is_no_proof_that_there_will_be_none(told: Told) -> None:
    nothing = {row.measure: row for row in Accusation().table(told())}["accusation.nothing"]
    assert (nothing.estimate, nothing.low) == (0.0, 0.0)
    assert nothing.high == pytest.approx(3.689 / (2 / 3), rel=1e-3)  # The exact limit of no count in 20 days.
