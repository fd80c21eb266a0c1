"""Float seconds since the scenario's start, on a grid of 1/1024 s; UTC only here."""

import math
from datetime import UTC, datetime

import numpy as np

from sim.kinds import Floats, Ints

TICKS_PER_S = 1024.0
"""Every time that enters the engine or the log is a whole number of these ticks, so that sums are exact on every machine."""


def up(seconds: Floats) -> Floats:
    """Return the times moved up to the grid; infinity stays. Shape as given.

    >>> up(np.array([0.1])).tolist()
    [0.1005859375]
    """
    return np.asarray(np.ceil(np.asarray(seconds) * TICKS_PER_S) / TICKS_PER_S)


def up_plain(seconds: float) -> float:
    """Return one time moved up to the grid, the same number as `up` gives."""
    return math.ceil(seconds * TICKS_PER_S) / TICKS_PER_S if seconds < math.inf else seconds


def months(start: datetime, seconds: Floats) -> Ints:
    """Return the month, 0 for January, at each time since the start. Shape as given."""
    stamps = np.datetime64(start.astimezone(UTC).replace(tzinfo=None), "s") + np.asarray(seconds).astype("timedelta64[s]")
    return np.asarray(stamps.astype("datetime64[M]").astype(np.int64) % 12)


def month_starts_s(start: datetime, horizon_s: float) -> list[float]:
    """Return the seconds at which months begin within the horizon."""
    first = start.astimezone(UTC)
    year, month = first.year, first.month
    starts: list[float] = []
    while True:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
        seconds = (datetime(year, month, 1, tzinfo=UTC) - first).total_seconds()
        if seconds >= horizon_s:
            return starts
        starts.append(seconds)
