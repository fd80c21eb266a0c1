"""The daily bulletin: the calendar of 2021, as the monitors in Ukraine had it; times in hours."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError
from simpy import Environment

from sim.desk import Desk, Finding
from sim.dice import Dice
from sim.log import EventLog
from sim.responses.bulletin import Bulletin, issue_s
from sim.units import DAY, HOUR

MONDAY = datetime(2021, 6, 7, tzinfo=UTC)


def issued(day: int, hour: float, start: datetime = MONDAY) -> datetime:
    """Return when a case of a day, 0 for Monday, is published."""
    found_s = (MONDAY + timedelta(days=day, hours=hour) - start).total_seconds()
    return start.astimezone(UTC) + timedelta(seconds=issue_s(found_s, start, 16.5 * HOUR, 20 * HOUR))


def test_what_is_found_before_the_cut_off_is_published_the_next_day() -> None:
    assert issued(0, 16.5) == MONDAY + timedelta(days=1, hours=12.5)
    assert issued(0, 16.6) == MONDAY + timedelta(days=2, hours=12.5)


def test_the_weekend_is_pooled_into_the_report_of_monday() -> None:
    friday, saturday, sunday, monday = 4, 5, 6, 7
    assert issued(friday, 16) == MONDAY + timedelta(days=saturday, hours=12.5)
    assert {issued(friday, 17), issued(saturday, 12), issued(saturday, 17), issued(sunday, 16)} == {
        MONDAY + timedelta(days=monday, hours=12.5)
    }
    assert issued(sunday, 17) == MONDAY + timedelta(days=monday + 1, hours=12.5)


def test_the_calendar_does_not_depend_on_when_the_run_starts() -> None:
    in_kyiv = datetime(2021, 6, 3, 18, 45, tzinfo=timezone(timedelta(hours=3)))
    for day, hour in ((0, 3), (2, 16), (4, 20), (6, 23)):
        assert issued(day, hour, in_kyiv) == issued(day, hour)


def test_five_in_six_of_a_weekday_become_public_after_24_hours() -> None:
    """With 20 h from cut-off to issue the delay is uniform from 20 to 44 h, so 83 % miss 24 h."""
    quarters = [15 * 60.0 * (index + 0.5) for index in range(2 * 96)]
    delays_h = [(issue_s(t, MONDAY, 16.5 * HOUR, 20 * HOUR) - t) / HOUR for t in quarters]
    assert (min(delays_h), max(delays_h)) == pytest.approx((20.125, 43.875))
    assert sum(delay > 24 for delay in delays_h) / len(delays_h) == pytest.approx(20 / 24)


def test_over_weekends_the_longest_delay_is_near_70_hours() -> None:
    minutes = [60.0 * index for index in range(7 * 1440)]
    assert max(issue_s(t, MONDAY, 16.5 * HOUR, 20 * HOUR) - t for t in minutes) / HOUR == pytest.approx(68, abs=0.05)


def test_each_case_is_published_by_itself_whoever_did_it() -> None:
    desk = Desk(Environment(), EventLog(), Dice(1, 0), Bulletin(), lambda hub, chainage_m: 0.0, MONDAY)
    for hour, side in ((10.0, 1), (11.0, 1), (17.0, 0)):
        desk.env.run(until=hour * HOUR)
        at_s = desk.now_s
        desk.add(Finding(0, 0, 0, side, at_s, at_s, at_s, at_s, 0.0, 0.0))
    desk.env.run(until=7 * DAY)
    told = [(entry.t_s / HOUR, entry.verb, entry.episode, entry.detail) for entry in desk.log.of("rung", "arrived")]
    assert told == [
        (36.5, "rung", 0, "published"),
        (36.5, "arrived", 0, "published"),
        (36.5, "rung", 1, "published"),
        (36.5, "arrived", 1, "published"),
        (60.5, "rung", 2, "published"),
        (60.5, "arrived", 2, "published"),
    ]


def test_publication_is_compared_with_a_deadline() -> None:
    bulletin = Bulletin.model_validate({"within": "24 h", "clock": "verification"})
    assert bulletin.rungs_named() == ("published",)
    assert bulletin.deadlines() == {"published": ("verification", 86_400.0)}


@pytest.mark.parametrize(
    ("written", "text"), [({"linking": {"gap": "24 h"}}, "each case by itself"), ({"cutoff": "25 h"}, "write less than 24 h")]
)
def test_a_bulletin_that_cannot_be_is_refused(written: dict[str, Any], text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        Bulletin.model_validate(written)
