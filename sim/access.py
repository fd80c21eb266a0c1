"""Restrictions of access: what a party does not allow to some sensors, where and when."""

from datetime import datetime
from typing import Annotated, Literal, NamedTuple, Self

import numpy as np
from pydantic import Field, model_validator

from sim.clock import up
from sim.kinds import Floats
from sim.line import SIDE_A, SIDE_B
from sim.model import Model
from sim.units import DAY, Metres, PositiveSeconds, Seconds, fault


class Restriction(Model):
    """What a party does not allow to some sensors: a closed stretch, a distance to keep, a notice to give."""

    sensors: Annotated[tuple[str, ...], Field(min_length=1)]
    """Names of sensors, or kinds: all of that kind."""
    sectors: tuple[str, ...] = ()
    """Where; the whole line without any."""
    side: Literal["A", "B", "both"] = "both"
    """On whose ground."""
    closed: bool = True
    """Whether they see nothing there, report nothing from there and are not sent there; beats are flown as ever, and a stretch closes the
    patches of 10 km whose middle it covers, one at least. Without it only distance and notice count."""
    from_s: Seconds = 0.0
    """Since the start of the run."""
    until_s: PositiveSeconds | None = None
    day_from_s: Seconds = 0.0
    """Hours of the day, UTC, in which it holds; they may run over midnight."""
    day_to_s: Seconds = DAY
    keep_off_m: Metres = 0.0
    """Aircraft fly their beats at least so far from the line, all the time."""
    notice_s: Seconds = 0.0
    """Aircraft are sent there at the earliest so long after somebody asked."""

    @model_validator(mode="after")
    def ordered(self) -> Self:
        """Refuse a restriction that ends before it begins, or holds at no hour."""
        if self.until_s is not None and self.until_s <= self.from_s:
            raise fault("span", "'until' is not after 'from'", at="until")
        if self.day_from_s == self.day_to_s or max(self.day_from_s, self.day_to_s) > DAY:
            raise fault("hours", "hours of the day lie between 0 h and 24 h and differ", at="day_to")
        return self

    def names(self, sensor: str, kind: str) -> bool:
        """Say whether a sensor of some kind is meant."""
        return sensor in self.sensors or kind in self.sensors

    def sides(self) -> tuple[int, ...]:
        """Return the sides that are meant."""
        return {"A": (SIDE_A,), "B": (SIDE_B,), "both": (SIDE_A, SIDE_B)}[self.side]

    def spans(self, start: datetime, horizon_s: float) -> tuple[Floats, Floats]:
        """Return when it begins and ends to hold. Shapes (G,)."""
        first_s, last_s = self.from_s, min(self.until_s or horizon_s, horizon_s)
        length_s = (self.day_to_s - self.day_from_s) % DAY or DAY
        if length_s == DAY:
            begins_s, ends_s = np.array([first_s]), np.array([last_s])
        else:
            midnight_s = -(start - start.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
            begins_s = midnight_s + self.day_from_s + DAY * np.arange(-1, int(horizon_s / DAY) + 2)
            begins_s, ends_s = np.maximum(begins_s, first_s), np.minimum(begins_s + length_s, last_s)
        some = ends_s > begins_s
        return up(begins_s[some]), up(ends_s[some])


class Closure(NamedTuple):
    """A restriction laid on a stretch of line."""

    rule: Restriction
    from_m: float
    to_m: float
