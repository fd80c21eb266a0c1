"""A desk with four analysts from 6 to 18 h UTC and two at night; the run begins at midnight and lasts ten days."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeAlias

import numpy as np
import pytest

from sim.log import Entry, EventLog
from sim.measures.desk_load import DeskLoad, duty_s, triage_waits_s
from sim.scenario import Scenario, Shift
from sim.scene import Stage
from sim.story import Play, Results
from sim.units import DAY, HOUR
from sim.world import build

Told: TypeAlias = Callable[..., Results]


def test_alarms_waits_and_work_are_counted_while_violations_begin(scenario: Scenario, stage: Stage) -> None:
    log = EventLog(
        [
            Entry(HOUR, "alarm", 0),
            Entry(2 * HOUR, "alarm", -1),
            Entry(11 * DAY, "alarm", -1),
            *(Entry(3 * HOUR, "triaged", 0, value=float(wait_s)) for wait_s in (0, 10, 20, 30, 40)),
            Entry(3 * HOUR, "worked", 0, detail="triage", value=300.0),
            Entry(4 * HOUR, "worked", 0, detail="verify", value=1800.0),
            Entry(11 * DAY, "worked", 0, detail="verify", value=1800.0),
        ]
    )
    assert DeskLoad().tally(Play(0, build(scenario, stage, 0), log, {})) == {
        "desk_load.alarms": 2.0,
        "desk_load.false": 1.0,
        "desk_load.wait_median_s": 20.0,
        "desk_load.wait_p90_s": 40.0,
        "desk_load.triage_s": 300.0,
        "desk_load.verify_s": 1800.0,
        "desk_load.attribute_s": 0.0,
    }


def test_an_alarm_that_nobody_reached_waits_for_ever() -> None:
    log = EventLog(
        [
            Entry(1 * HOUR, "queued", 0, actor="masts"),
            Entry(1 * HOUR, "queued", -1, actor="masts"),
            Entry(2 * HOUR, "triaged", -1, actor="masts", value=10.0),
            Entry(3 * HOUR, "triaged", 0, actor="masts", value=20.0),
            Entry(9 * DAY, "queued", 0, actor="masts"),
            Entry(9 * DAY, "queued", 7, actor="masts"),
            Entry(11 * DAY, "triaged", 0, actor="masts", value=2 * DAY),
            Entry(11 * DAY, "queued", 8, actor="masts"),
        ]
    )
    assert triage_waits_s(log, 10 * DAY) == [20.0, 10.0, 2 * DAY, np.inf]


def test_a_desk_that_leaves_one_alarm_in_four_has_a_median_but_no_slowest_tenth(scenario: Scenario, stage: Stage) -> None:
    queued = [Entry(HOUR, "queued", incident, actor="masts") for incident in range(4)]
    triaged = [Entry(2 * HOUR, "triaged", incident, actor="masts", value=60.0) for incident in range(3)]
    numbers = DeskLoad().tally(Play(0, build(scenario, stage, 0), EventLog([*queued, *triaged]), {}))
    assert (numbers["desk_load.wait_median_s"], numbers["desk_load.wait_p90_s"]) == (60.0, np.inf)


def test_a_desk_without_alarms_has_no_waits(scenario: Scenario, stage: Stage) -> None:
    assert np.isnan(DeskLoad().tally(Play(0, build(scenario, stage, 0), EventLog(), {}))["desk_load.wait_median_s"])


def test_work_is_set_against_the_hours_on_duty(told: Told) -> None:
    """Four for 12 h and two for 12 h are 72 h a day; 180 h of work in ten days keep them busy for a quarter."""
    results = told(desk_load__triage_s=[180 * HOUR, 180 * HOUR], desk_load__alarms=[300.0, 500.0], desk_load__false=[100.0, 100.0])
    table = {(row.measure, row.slice): row for row in DeskLoad().table(results)}
    assert table["desk_load.busy", ""].estimate == pytest.approx(0.25)
    assert table["desk_load.busy", "verify"].estimate == 0.0
    assert table["desk_load.alarms", ""].estimate == pytest.approx(40.0)
    assert table["desk_load.false_share", ""].estimate == pytest.approx(0.25)


def test_waits_of_a_run_are_averaged_over_those_that_had_any(told: Told) -> None:
    results = told(desk_load__wait_median_s=[60.0, np.nan, 120.0], replications=3)
    table = {row.measure: row for row in DeskLoad().table(results)}
    assert table["desk_load.wait_median"].estimate == 90.0


@pytest.mark.parametrize(
    ("hour", "length_h", "analyst_hours"), [(0, 24, 72), (0, 12, 36), (6, 12, 48), (18, 12, 24), (17, 2, 6), (23, 240, 720)]
)
def test_hours_on_duty_follow_the_clock(hour: int, length_h: int, analyst_hours: int) -> None:
    shift = Shift(day=4, night=2)
    assert duty_s(shift, datetime(2026, 6, 1, hour, tzinfo=UTC), length_h * HOUR) == pytest.approx(analyst_hours * HOUR)
