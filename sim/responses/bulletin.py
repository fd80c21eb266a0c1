"""The bulletin: what was found is published in a report, and nothing else is done."""

import math
from datetime import UTC, datetime

from pydantic import model_validator

from sim.desk import Clock, Desk, Episode, Linking
from sim.live import Steps
from sim.responses.base import Response
from sim.units import DAY, HOUR, PositiveSeconds, Seconds, fault

SATURDAY = 5


class Bulletin(Response, kind="bulletin"):
    """Publish findings as the OSCE's monitors in Ukraine did: a daily report with a cut-off, weekends pooled, and no action.

    Source: headers of the SMM's daily reports 2020 to 2022 (reliefweb.int): data to 19:30 local time, issued the next day, one report
    from Friday to Sunday evening. It publishes what was verified, whoever did it, each case by itself.
    """

    linking: Linking = Linking(gap_s=0.0)
    """Each case by itself; nothing else is possible."""
    cutoff_s: Seconds = 16.5 * HOUR
    """Time of day, UTC, at which the data of a report end; 19:30 in Ukraine in summer."""
    issue_after_s: Seconds = 20 * HOUR
    """From the cut-off to the issue. Assumption, range 15 to 22 h: issued the next day, at no stated hour."""
    clock: Clock = "act"
    """What starts the deadline."""
    within_s: PositiveSeconds = DAY
    """The deadline that publication is compared with: a first answer within 24 h (Financial Times, 3 February 2026)."""

    @model_validator(mode="after")
    def by_itself(self) -> "Bulletin":
        """Refuse episodes of several cases, and a cut-off on another day."""
        if self.linking.gap_s > 0.0:
            raise fault("linking", "a bulletin publishes each case by itself; leave 'linking' out", at="linking")
        if self.cutoff_s >= DAY:
            raise fault("cutoff", "the cut-off is a time of day; write less than 24 h, for example 16 h 30 min", at="cutoff_s")
        return self

    def answer(self, episode: Episode, desk: Desk) -> Steps:
        """Wait for the issue of the report that the case goes into."""
        yield desk.at(issue_s(desk.now_s, desk.start, self.cutoff_s, self.issue_after_s))
        desk.note(episode, "rung", "published", "bulletin", 1.0)
        desk.note(episode, "arrived", "published", "bulletin")

    def rungs_named(self) -> tuple[str, ...]:
        """Return the one step."""
        return ("published",)

    def deadlines(self) -> dict[str, tuple[Clock, float]]:
        """Return what publication is compared with."""
        return {"published": (self.clock, self.within_s)}


def issue_s(found_s: float, start: datetime, cutoff_s: float, issue_after_s: float) -> float:
    """Return when the report is issued that holds what is found at an instant.

    Args:
        found_s: The instant, since the start; what is found at the cut-off is still in.
        start: The calendar time of the start.
        cutoff_s: Time of day, UTC, of each evening's cut-off; there is none on Saturdays.
        issue_after_s: From the cut-off to the issue.

    >>> friday = datetime(2021, 12, 17, 16, 30, tzinfo=UTC)
    >>> [issue_s(t, friday, 16.5 * HOUR, 20 * HOUR) / HOUR for t in (0.0, 1.0)]  # at the cut-off, and a second later: on Monday
    [20.0, 68.0]
    """
    first = start.astimezone(UTC)
    midnight_s = (first.replace(hour=0, minute=0, second=0, microsecond=0) - first).total_seconds()
    day = math.ceil((found_s - midnight_s - cutoff_s) / DAY)
    if (first.weekday() + day) % 7 == SATURDAY:
        day += 1
    return midnight_s + day * DAY + cutoff_s + issue_after_s
