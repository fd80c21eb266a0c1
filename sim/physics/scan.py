"""Windows of any orbit, however eccentric, high or slow: right, not fast.

SGP4 runs every half minute of the search and cubics join its nodes. Each limit alone is a smooth function of time; its crossings are sought
between the nodes, and where it turns around on the wrong side between two nodes its extremum is solved for first, so a crossing and its
return between two nodes are found as well. A window is where all limits hold at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from sim.kinds import Bools, Floats, Ints
from sim.physics.looks import Limits, Places, deciding, dot, plumb, sunward
from sim.physics.orbit import earth_fixed

if TYPE_CHECKING:
    from sgp4.api import Satrec

NODE_S = 30.0
"""Step of the nodes: cubics err by 0.03 m at most near the Earth, by less above (a minute would give 0.5 m, and 0.05 s at some edges)."""
BLOCK = 400_000
"""Places times nodes in one block."""
HALVINGS = 26
"""30 s / 2^26 = 1e-6 s."""
GOLDEN = 0.5 * (np.sqrt(5.0) - 1.0)
SAMPLES = 65
"""Instants at which a window is looked at for its best one."""

Columns: TypeAlias = tuple[Ints, Ints, Floats, Floats, Floats, Floats, Floats, Floats, Ints, Floats]
"""The columns of `windows.Windows`, in order."""


class Path(NamedTuple):
    """A satellite over the turning Earth: nodes `NODE_S` apart from `begin_s`, and cubics (4, 3, K) from each to the next."""

    begin_s: float
    cubic: Floats

    def state(self, time_s: Floats) -> tuple[Floats, Floats]:
        """Return positions and velocities (3, ...) at times of any shape."""
        part = (time_s - self.begin_s) / NODE_S
        piece = np.clip(part.astype(np.int64), 0, self.cubic.shape[2] - 1)
        part = part - piece
        c0, c1, c2, c3 = self.cubic.take(piece, axis=2)
        return ((c3 * part + c2) * part + c1) * part + c0, ((3.0 * c3 * part + 2.0 * c2) * part + c1) / NODE_S


class Crossings(NamedTuple):
    """Where a limit begins (+1) or ceases (-1) to hold: place, time and which of the two (N,), and whether it held at first (P,)."""

    place: Ints
    time_s: Floats
    change: Ints
    at_first: Bools


class Found(NamedTuple):
    """Windows of some places: place, begin, end and best instant, each (N,), by place and time."""

    place: Ints
    start_s: Floats
    end_s: Floats
    best_s: Floats


def flown(record: Satrec, number: int, start_utc_s: float, length_s: float) -> Path:
    """Return the path of a satellite through a search and a minute either side.

    Raises:
        ValueError: It has decayed, or its elements fail, within that.
    """
    nodes = np.arange(-2.0, np.ceil(length_s / NODE_S) + 3.0) * NODE_S
    at, move = (state[0].T for state in earth_fixed([record], start_utc_s + nodes, number))
    move = move * NODE_S
    leap = np.diff(at, axis=1)
    before, after = move[:, :-1], move[:, 1:]
    return Path(float(nodes[0]), np.stack([at[:, :-1], before, 3.0 * leap - 2.0 * before - after, before + after - 2.0 * leap]))


def scanned(record: Satrec, number: int, places: Places, start_utc_s: float, length_s: float, limits: Limits) -> Iterator[Columns]:
    """Return the windows of one satellite as columns, block of places by block.

    Raises:
        ValueError: It decays, or its elements fail, within the search or a minute of it.
    """
    path = flown(record, number, start_utc_s, length_s)
    size = max(1, BLOCK // path.cubic.shape[2])
    for begin in range(0, places.lon_deg.size, size):
        which = np.arange(begin, min(begin + size, places.lon_deg.size), dtype=np.int64)
        sight = Sight(path, places.take(which), start_utc_s, limits.geodetic)
        found = sight.radar(limits, length_s) if limits.abeam else sight.windows(limits, length_s)
        yield sight.table(number, begin, found)


class Sight:
    """How one satellite and some places see each other, at any time."""

    def __init__(self, path: Path, places: Places, start_utc_s: float, geodetic: bool) -> None:
        self.path, self.places, self.start_utc_s, self.geodetic = path, places, start_utc_s, geodetic
        self.node_s = path.begin_s + NODE_S * np.arange(path.cubic.shape[2] + 1)

    def value(self, name: str, place: Ints, time_s: Floats) -> Floats:
        """Return what a limit is about, for places and times whose shapes fit together.

        `fall` is the cosine of the angle off the nadir, `rise` the sine of the height above the horizon, `ahead` the sine of the angle by
        which the place lies before abeam, `squint` minus its square, `sun` the sine of the sun's height.
        """
        if name == "sun":
            return dot(self.places.up[:, place], sunward(self.start_utc_s + time_s))
        at, velocity = self.path.state(time_s)
        sight = at - self.places.at[:, place]
        if name == "rise":
            along = dot(sight, self.places.up[:, place])
        elif name == "fall":
            along = dot(sight, plumb(at, self.geodetic))
        else:
            along = -dot(sight, velocity) / np.sqrt(dot(velocity, velocity))
        cosine: Floats = along / np.sqrt(dot(sight, sight))
        return -cosine * cosine if name == "squint" else cosine

    def crossings(self, name: str, limit: float, sign: float) -> Crossings:
        """Return where a value begins and ceases to be above a limit (sign +1) or below it (-1), for every place."""

        def slack(place: Ints, time_s: Floats) -> Floats:
            return sign * (self.value(name, place, time_s) - limit)

        node_s, every = self.node_s, np.arange(self.places.lon_deg.size)
        grid = slack(every[:, None], node_s[None, :])
        holds = grid > 0.0
        place, at = np.nonzero(holds[:, 1:] != holds[:, :-1])
        before, middle, after = grid[:, :-2], grid[:, 1:-1], grid[:, 2:]
        peak = ~holds[:, 1:-1] & (middle >= before) & (middle > after)
        dip = holds[:, 1:-1] & (middle <= before) & (middle < after)
        turning, turn = np.nonzero(peak | dip)
        toward = np.where(peak[turning, turn], 1.0, -1.0)
        top = golden(lambda time_s: toward * slack(turning, time_s), node_s[turn], node_s[turn + 2])
        seen = toward * slack(turning, top) > 0.0
        turning, turn, top = turning[seen], turn[seen], top[seen]
        place = np.concatenate([place, turning, turning])
        low, high = np.concatenate([node_s[at], node_s[turn], top]), np.concatenate([node_s[at + 1], top, node_s[turn + 2]])
        begins = slack(place, high) > 0.0
        for _ in range(HALVINGS):
            half = 0.5 * (low + high)
            beyond = (slack(place, half) > 0.0) == begins
            low, high = np.where(beyond, low, half), np.where(beyond, half, high)
        return Crossings(place, 0.5 * (low + high), np.where(begins, 1, -1).astype(np.int64), holds[:, 0])

    def windows(self, limits: Limits, length_s: float) -> Found:
        """Return when every limit holds that is to hold all the time."""
        cosine, sine = np.cos(np.radians(limits.off_nadir_deg)).tolist(), np.sin(np.radians(limits.elevation_deg)).tolist()
        asked = [
            ("rise", sine[0], 1.0, True),
            ("fall", cosine[1], 1.0, limits.off_nadir_deg[1] < 90.0),
            ("rise", sine[1], -1.0, limits.elevation_deg[1] < 90.0),
            ("fall", cosine[0], -1.0, limits.off_nadir_deg[0] > 0.0),
            ("squint", -float(np.sin(np.radians(limits.squint_deg)) ** 2), 1.0, limits.squint_deg < 90.0),
        ]
        found = self.together([self.crossings(*limit) for *limit, needed in asked if needed] + self.daylight(limits), length_s)
        radius = np.sqrt(dot(self.path.cubic[0], self.path.cubic[0]))
        return self.best("fall" if deciding(limits, radius.min(), radius.max())[0] else "rise", found)

    def radar(self, limits: Limits, length_s: float) -> Found:
        """Return when places lie within the squint, half a second before and after abeam at least."""
        if limits.squint_deg > 0.0:
            reached = self.crossings("squint", -float(np.sin(np.radians(limits.squint_deg)) ** 2), 1.0)
            around = self.best("squint", self.together([reached], self.node_s[-1]))
        else:
            abeam = self.crossings("ahead", 0.0, 1.0)
            around = Found(abeam.place, abeam.time_s, abeam.time_s, abeam.time_s)
        start, end = np.minimum(around.start_s, around.best_s - 0.5), np.maximum(around.end_s, around.best_s + 0.5)
        change = np.repeat(np.array([1, -1]), start.size)
        never = np.zeros(self.places.lon_deg.size, dtype=np.bool_)
        spans = Crossings(np.tile(around.place, 2), np.concatenate([start, end]), change, never)
        return self.best("squint", self.together([spans, *self.daylight(limits)], length_s))

    def daylight(self, limits: Limits) -> list[Crossings]:
        """Return where the sun rises above its limit and sinks below it, if there is one."""
        return [self.crossings("sun", float(np.sin(np.radians(limits.sun_deg))), 1.0)] if limits.sun_deg > -90.0 else []

    def together(self, limits: list[Crossings], length_s: float) -> Found:
        """Return when all limits hold within the search, by place and time."""
        count = self.places.lon_deg.size
        held = np.sum([limit.at_first for limit in limits], axis=0)
        place = np.concatenate([np.arange(count), *(limit.place for limit in limits)])
        time_s = np.concatenate([np.full(count, -np.inf), *(limit.time_s for limit in limits)])
        change = np.concatenate([held, *(limit.change for limit in limits)])
        order = np.lexsort((time_s, place))
        place, time_s, change = place[order], time_s[order], change[order]
        total = change.cumsum()
        first = np.searchsorted(place, np.arange(count))
        total -= (total[first] - change[first])[place]
        until = np.append(np.where(place[1:] == place[:-1], time_s[1:], np.inf), np.inf)
        start, end = np.maximum(time_s, 0.0), np.minimum(until, length_s)
        kept = (total == len(limits)) & (end > start)
        return Found(place[kept], start[kept], end[kept], start[kept])

    def best(self, name: str, found: Found) -> Found:
        """Return windows with the instant at which a value is largest: the best of some samples, and then of what lies between them."""
        step = (found.end_s - found.start_s) / (SAMPLES - 1)
        times = found.start_s[:, None] + step[:, None] * np.arange(SAMPLES)
        largest = times[np.arange(step.size), self.value(name, found.place[:, None], times).argmax(axis=1)] if step.size else found.start_s
        low, high = np.maximum(largest - step, found.start_s), np.minimum(largest + step, found.end_s)
        return found._replace(best_s=golden(lambda time_s: self.value(name, found.place, time_s), low, high))

    def table(self, number: int, begin: int, found: Found) -> Columns:
        """Return windows as the columns of a table, with what is seen at their best instants; `begin` numbers the first place."""
        place, best = found.place, found.best_s
        at, velocity = self.path.state(best)
        sight = at - self.places.at[:, place]
        left = -dot(sight, np.cross(at, velocity, axis=0))
        angles = [np.clip(self.value(name, place, best), -1.0, 1.0) for name in ("fall", "rise", "sun")]
        return (
            np.full(place.size, number, dtype=np.int64),
            place + begin,
            found.start_s,
            found.end_s,
            best,
            np.degrees(np.arccos(angles[0])),
            np.degrees(np.arcsin(angles[1])),
            np.sqrt(dot(sight, sight)),
            np.where(left >= 0.0, 1, -1).astype(np.int64),
            np.degrees(np.arcsin(angles[2])),
        )


def golden(value: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    """Return where functions with one maximum between two times (N,) are largest, to a millisecond or the thousandth part of it."""
    ends = [low, high]
    inner = [high - GOLDEN * (high - low), low + GOLDEN * (high - low)]
    at_inner = [value(inner[0]), value(inner[1])]
    longest = float(np.max(high - low, initial=1e-3))
    for _ in range(int(np.log(longest / 1e-3) / -np.log(GOLDEN)) + 1):
        right = at_inner[1] > at_inner[0]
        ends = [np.where(right, inner[0], ends[0]), np.where(right, ends[1], inner[1])]
        new = np.where(right, ends[0] + GOLDEN * (ends[1] - ends[0]), ends[1] - GOLDEN * (ends[1] - ends[0]))
        at_new = value(new)
        inner = [np.where(right, inner[1], new), np.where(right, new, inner[0])]
        at_inner = [np.where(right, at_inner[1], at_new), np.where(right, at_new, at_inner[0])]
    return 0.5 * (ends[0] + ends[1])
