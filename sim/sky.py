"""Shared states of the air that all sensors read: daylight, weather, jamming. One spell is bad for everybody under it."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from math import ceil, floor, inf
from typing import Any, TypeVar

import numpy as np
from pydantic import Field

from sim.access import Closure, Restriction
from sim.clock import months, up
from sim.dice import Dice
from sim.kinds import Bools, Floats, Ints
from sim.line import SIDE_A, SIDE_B, Line
from sim.model import Model
from sim.physics.acoustics import WEATHERS
from sim.physics.imaging import cloud_free
from sim.physics.sun import CIVIL_DEG, crossings, elevation_deg
from sim.weather import JammingField, JamWindow, Limits, Region, Weather, draw_region, ruled, spans, stopped

NIGHT, MURK, JAMMED = 1, 2, 4
CLOSED = 8
"""Added to a state where a sensor has no access: it sees nothing there, reports nothing from there and is not sent there."""
PATCH_M = 10_000.0
"""Interference and daylight are kept for stretches of this length; a patch is jammed while its middle is. Assumption."""
GAP_M = 10_000.0
"""Ground cell within which all looks of a spell meet the same gap in the cloud, or none. Assumption."""
STATES = 8
"""States of the sky: any sum of night, murk (fog or low cloud) and jammed."""

Thing = TypeVar("Thing")


class Environment(Model):
    """The air over the line, and who may go where."""

    weather: Weather = Weather()
    jamming: dict[str, JammingField] = Field(default_factory=dict)
    access: dict[str, Restriction] = Field(default_factory=dict)
    """Restrictions of access, by name."""


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A stretch of the line under one state of the sky."""

    region: int
    """Whose weather it has."""
    turns_s: list[float]
    """When the state turns, the first at 0."""
    states: list[int]


@dataclass(frozen=True, slots=True, eq=False)
class Air:
    """The states over all lanes, as one sensor meets them; a lane is a patch on one side of the line."""

    lanes: list[tuple[list[float], list[int]]]
    """When the state of each lane turns, the first at 0, and the states from then on."""
    horizon_s: float
    span_s: float
    """The clocks of the lanes are set apart by this, to search all of them at once."""
    keys_s: Floats
    """Turns of all lanes, lane after lane, each moved by its lane's clock. Shape (T,)."""
    turns_s: Floats
    """The same, not moved; after the last turn of a lane follows the horizon in `ends_s`. Shape (T,)."""
    ends_s: Floats
    states: Ints

    @classmethod
    def of(cls, lanes: list[tuple[list[float], list[int]]], horizon_s: float) -> "Air":
        """Set the lanes side by side."""
        span_s = 2.0 * horizon_s + 2.0
        turns_s = np.concatenate([turns_s for turns_s, _ in lanes])
        number = np.repeat(np.arange(len(lanes)), [len(turns_s) for turns_s, _ in lanes])
        ends_s = np.append(turns_s[1:], horizon_s)
        ends_s[np.append(number[1:] != number[:-1], True)] = horizon_s
        states = np.concatenate([np.asarray(states, dtype=np.int64) for _, states in lanes])
        return cls(lanes, horizon_s, span_s, turns_s + span_s * number, turns_s, ends_s, states)

    def lane(self, chainage_m: Floats, offset_m: Floats) -> Ints:
        """Return the lane over each place. Shape (N,)."""
        patch = np.clip((chainage_m // PATCH_M).astype(np.int64), 0, len(self.lanes) // 2 - 1)
        return 2 * patch + (offset_m < 0.0)

    def during(self, lane: Ints, from_s: Floats, to_s: Floats) -> tuple[Ints, Floats, Floats, Ints]:
        """Cut spans of time where the state of their lane turns, and at the horizon.

        Args:
            lane: Of each span. Shape (N,).
            from_s: 0 or later. Shape (N,).
            to_s: Shape (N,).

        Returns:
            For each part: the row of its span, when it begins and ends, and the state. Shapes (P,).
        """
        to_s = np.minimum(to_s, self.horizon_s)
        base_s = self.span_s * lane
        first = np.searchsorted(self.keys_s, base_s + from_s, side="right") - 1
        last = np.searchsorted(self.keys_s, base_s + to_s)
        count = np.where(to_s > from_s, np.maximum(last - first, 1), 0)
        row = np.repeat(np.arange(len(lane)), count)
        turn = np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())
        return row, np.maximum(from_s[row], self.turns_s[turn]), np.minimum(to_s[row], self.ends_s[turn]), self.states[turn]

    def parts(self, lane: int, from_s: float, to_s: float) -> list[tuple[float, float, int]]:
        """Return the parts of one span of time, each with its state; as `during`."""
        turns_s, states = self.lanes[lane]
        to_s = min(to_s, self.horizon_s)
        if to_s <= from_s:
            return []
        first = bisect_right(turns_s, from_s) - 1
        last = bisect_left(turns_s, to_s)
        if last - first <= 1:
            return [(from_s, to_s, states[first])]
        edges_s = [from_s, *turns_s[first + 1 : last], to_s]
        return [(begin_s, end_s, state) for (begin_s, end_s), state in zip(pairwise(edges_s), states[first:last], strict=True)]


@dataclass(frozen=True, slots=True, eq=False)
class Sky:
    """The air of one replication: weather by region, states by patch, and closed stretches."""

    weather: Weather
    start: datetime
    horizon_s: float
    regions: tuple[Region, ...]
    patches: tuple[Patch, ...]
    dice: Dice
    closures: tuple[Closure, ...] = ()
    memo: dict[Hashable, Any] = field(default_factory=dict)

    def air(self, sensor: str = "", kind: str = "") -> Air:
        """Return the states over all lanes as a sensor meets them: closed where it has no access."""
        mine = tuple(index for index, closure in enumerate(self.closures) if closure.rule.closed and closure.rule.names(sensor, kind))
        return self.once(("air", mine), lambda: self.closed_air([self.closures[index] for index in mine]))

    def closed_air(self, closures: Sequence[Closure]) -> Air:
        """Return the states over all lanes, with some stretches closed."""
        lanes = []
        covered = [self.covered(closure) for closure in closures]
        for index, patch in enumerate(self.patches):
            for side in (SIDE_A, SIDE_B):
                here = [
                    each.rule for each, patches in zip(closures, covered, strict=True) if index in patches and side in each.rule.sides()
                ]
                lanes.append(closed_during(patch, here, self.start, self.horizon_s))
        return Air.of(lanes, self.horizon_s)

    def covered(self, closure: Closure) -> range:
        """Return the patches that a closure closes: those whose middle it covers, and one at least, that in which its own middle lies."""
        first = ceil(closure.from_m / PATCH_M - 0.5)
        last = len(self.patches) if closure.to_m >= (len(self.patches) - 1) * PATCH_M else floor(closure.to_m / PATCH_M - 0.5) + 1
        middle = self.patch_of((closure.from_m + closure.to_m) / 2)
        return range(first, last) if first < last else range(middle, middle + 1)

    def closed(self, sensor: str, kind: str, chainage_m: Floats, offset_m: Floats, seconds: Floats) -> Bools:
        """Say which places are closed to a sensor at which times. Shapes (N,)."""
        if not any(closure.rule.closed and closure.rule.names(sensor, kind) for closure in self.closures):
            return np.zeros(np.shape(seconds), dtype=bool)
        air = self.air(sensor, kind)
        turn = np.searchsorted(air.keys_s, air.span_s * air.lane(chainage_m, offset_m) + seconds, side="right") - 1
        return np.asarray(air.states[turn] >= CLOSED)

    def once(self, key: Hashable, make: Callable[[], Thing]) -> Thing:
        """Return what was made under this key, made now if it was not."""
        if key not in self.memo:
            self.memo[key] = make()
        value: Thing = self.memo[key]
        return value

    def patch_of(self, chainage_m: float) -> int:
        """Return the patch over a place of the line."""
        return min(max(int(chainage_m // PATCH_M), 0), len(self.patches) - 1)

    def timeline(self, patch: int) -> tuple[list[float], list[int]]:
        """Return when the state of a patch turns, and the state from then on."""
        return self.patches[patch].turns_s, self.patches[patch].states

    def state(self, patch: int, t_s: float) -> int:
        """Return the state of a patch at an instant."""
        turns_s, states = self.timeline(patch)
        return states[bisect_right(turns_s, t_s) - 1]

    def rules(self, patch: int, limits: Limits) -> tuple[Floats, Floats]:
        """Return when weather beyond these limits begins and ends to rule over a patch. Shapes (G,)."""
        region = self.patches[patch].region
        return self.once((region, limits), lambda: spans(*stopped(self.weather, self.regions[region], limits, self.start, self.horizon_s)))

    def bans(self, patch: int, limits: Limits) -> tuple[list[float], list[float]]:
        """Return what `rules` says, in lists."""
        key = ("bans", self.patches[patch].region, limits)
        if key not in self.memo:
            begins_s, ends_s = self.rules(patch, limits)
            self.memo[key] = begins_s.tolist(), ends_s.tolist()
        found: tuple[list[float], list[float]] = self.memo[key]
        return found

    def carries(self, chainage_m: Floats, seconds: Floats) -> Floats:
        """Return by what factor sound carries further than in still air at places and times: by turbulence, wind and inversion.

        Assumption: half of the nights have an inversion, half of the days and a fifth of the nights are against the wind or turbulent, and
        one throw a spell and region decides; so each of `WEATHERS` has its share of the time.

        Args:
            chainage_m: Shape (N,).
            seconds: Shape (N,).
        """
        poor, usual, good = WEATHERS
        factor = np.full(len(seconds), usual)
        patch = np.clip((chainage_m // PATCH_M).astype(np.int64), 0, len(self.patches) - 1)
        air = self.air()
        lane = 2 * patch
        turn = np.searchsorted(air.keys_s, air.span_s * lane + np.clip(seconds, 0.0, self.horizon_s), side="right") - 1
        night = (air.states[turn] & NIGHT) > 0
        number = np.array([patch.region for patch in self.patches])[patch]
        for index in np.unique(number):
            here = np.flatnonzero(number == index)
            spell = np.searchsorted(self.regions[index].spells_s, seconds[here], side="right") - 1
            throw = np.asarray(self.dice("sound", int(index)).uniform(spell))
            dark = night[here]
            factor[here] = np.where(dark & (throw > 0.5), good, np.where(throw < np.where(dark, 0.2, 0.5), poor, usual))
        return factor

    def fit_from(self, patch: int, limits: Limits, t_s: float) -> float:
        """Return the first instant from t_s on at which flying is possible; infinite if there is none in the run."""
        begins_s, ends_s = self.bans(patch, limits)
        spell = bisect_right(begins_s, t_s) - 1
        if spell >= 0 and t_s < ends_s[spell]:
            return ends_s[spell] if ends_s[spell] < self.horizon_s else inf
        return t_s

    def fit_until(self, patch: int, limits: Limits, t_s: float) -> float:
        """Return the next instant after t_s at which flying becomes impossible; infinite if there is none in the run."""
        begins_s, _ = self.bans(patch, limits)
        spell = bisect_right(begins_s, t_s)
        return begins_s[spell] if spell < len(begins_s) else inf

    def clear(self, chainage_m: Floats, offset_m: Floats, seconds: Floats, elevation_deg: Floats) -> Bools:
        """Say for looks from above whether the sight to the ground is free of cloud; one throw a place and spell, whoever looks.

        Args:
            chainage_m: Places along the line. Shape (N,).
            offset_m: And beside it; the throw is that of the ground cell of `GAP_M` that the place lies in. Shape (N,).
            seconds: When. Shape (N,).
            elevation_deg: Of the looker, seen from the ground. Shape (N,).

        Returns:
            True where the ground is seen, shape (N,). Its chance over all spells is `cloud_free` of the month's cloud and the elevation.
        """
        fraction = np.asarray(self.weather.cloud)[months(self.start, seconds)]
        free = np.zeros(len(seconds), dtype=bool)
        along, aside = ((column // GAP_M).astype(np.int64) for column in (chainage_m, offset_m))
        number = np.clip((chainage_m // self.weather.region_m).astype(np.int64), 0, len(self.regions) - 1)
        for index in np.unique(number):
            here = np.flatnonzero(number == index)
            region = self.regions[index]
            spell = np.searchsorted(region.spells_s, seconds[here], side="right") - 1
            overcast = region.severity[spell] > 1.0 - fraction[here]
            share = cloud_free(fraction[here], elevation_deg[here]) / np.maximum(1.0 - fraction[here], 1e-12)
            free[here] = ~overcast & (self.dice("cloud").uniform(along[here], aside[here], spell) < share)
        return free


def closed_during(patch: Patch, rules: Sequence[Restriction], start: datetime, horizon_s: float) -> tuple[list[float], list[int]]:
    """Return the turns and states of a patch with `CLOSED` added where a rule holds."""
    if not rules:
        return patch.turns_s, patch.states
    edges = [rule.spans(start, horizon_s) for rule in rules]
    closed_s, opened_s = (np.concatenate([edge[which] for edge in edges]) for which in (0, 1))
    turns_s = np.unique(np.concatenate([patch.turns_s, closed_s, opened_s]))
    turns_s = turns_s[turns_s < horizon_s]
    states = np.asarray(patch.states)[np.searchsorted(patch.turns_s, turns_s, side="right") - 1]
    holds = np.searchsorted(np.sort(closed_s), turns_s, side="right") > np.searchsorted(np.sort(opened_s), turns_s, side="right")
    return turns_s.tolist(), (states + CLOSED * holds).tolist()


def draw_sky(
    environment: Environment,
    line: Line,
    start: datetime,
    horizon_s: float,
    jams: Sequence[JamWindow],
    dice: Dice,
    closures: tuple[Closure, ...] = (),
) -> Sky:
    """Throw the weather of one replication and lay daylight and jamming over it."""
    weather = environment.weather
    regions, dark, murk = [], [], []
    for index in range(max(1, int(np.ceil(line.length_m / weather.region_m)))):
        regions.append(draw_region(weather, index, horizon_s, dice))
        dark.append(dark_spans(line, min((index + 0.5) * weather.region_m, line.length_m), start, horizon_s))
        murk.append(spans(*ruled(regions[-1], weather.murk, start, horizon_s)))
    patches, known = [], dict[tuple[int, tuple[int, ...]], Patch]()
    spells_s = np.array([(jam.on_s, jam.off_s) for jam in jams]).reshape(-1, 2)
    for index in range(max(1, int(np.ceil(line.length_m / PATCH_M)))):
        middle_m = min((index + 0.5) * PATCH_M, line.length_m)
        region = min(int(middle_m // weather.region_m), len(regions) - 1)
        here = tuple(number for number, jam in enumerate(jams) if jam.from_m <= middle_m <= jam.to_m)
        if (region, here) not in known:  # neighbours under the same jammers have the same sky
            layers = ((NIGHT, *dark[region]), (MURK, *murk[region]), (JAMMED, *spells_s[list(here)].T))
            known[region, here] = Patch(region, *merged(layers, horizon_s))
        patches.append(known[region, here])
    return Sky(weather, start, horizon_s, tuple(regions), tuple(patches), dice, closures)


def dark_spans(line: Line, chainage_m: float, start: datetime, horizon_s: float) -> tuple[Floats, Floats]:
    """Return when night begins and ends over a place of the line. Shapes (G,)."""
    lon, lat = line.to_lonlat(*line.place(chainage_m, 0.0))
    return nights_s(float(lon), float(lat), start.timestamp(), horizon_s)


@lru_cache(maxsize=256)
def nights_s(lon_deg: float, lat_deg: float, begin_s: float, horizon_s: float) -> tuple[Floats, Floats]:
    """Return when night begins and ends at a place, seconds since the begin of a run (Unix time): the same in all replications."""
    times_s, _ = crossings(lon_deg, lat_deg, CIVIL_DEG, begin_s, begin_s + horizon_s)
    turns_s = np.concatenate([[0.0], up(times_s - begin_s)])
    dark_first = bool(elevation_deg(begin_s, lon_deg, lat_deg) < CIVIL_DEG)
    return spans(turns_s, (np.arange(len(turns_s)) % 2 == 0) == dark_first, horizon_s)


def merged(layers: Sequence[tuple[int, Floats, Floats]], horizon_s: float) -> tuple[list[float], list[int]]:
    """Return when states laid over one another turn, and the sum of those that rule from each turn on."""
    edges_s = np.unique(np.concatenate([[0.0], *[np.concatenate([on_s, off_s]) for _, on_s, off_s in layers]]))
    turns_s = up(edges_s[(edges_s >= 0.0) & (edges_s < horizon_s)])
    states = np.zeros(len(turns_s), dtype=np.int64)
    for bit, on_s, off_s in layers:
        began, ended = np.sort(on_s), np.sort(off_s)
        states += bit * (np.searchsorted(began, turns_s, side="right") > np.searchsorted(ended, turns_s, side="right"))
    fresh = np.concatenate([[True], states[1:] != states[:-1]])
    return turns_s[fresh].tolist(), states[fresh].tolist()
