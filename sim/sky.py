"""Shared states of the air that all sensors read: daylight, weather, jamming. One spell is bad for everybody under it."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Any, Literal, NamedTuple, Self, TypeVar

import numpy as np
from pydantic import Field, model_validator

from sim.clock import month_starts_s, months, up
from sim.dice import Dice, number_of
from sim.kinds import Bools, Floats, Ints
from sim.line import SIDE_A, SIDE_B, Line
from sim.model import Model, Probability, Spread
from sim.physics.imaging import cloud_free
from sim.physics.sun import CIVIL_DEG, crossings, elevation_deg
from sim.units import DAY, HOUR, Metres, MetresPerSecond, PositiveMetres, PositiveSeconds, Seconds, fault

NIGHT, MURK, JAMMED = 1, 2, 4
CLOSED = 8
"""Added to a state where a sensor has no access: it neither goes nor looks there."""
PATCH_M = 10_000.0
"""Interference and daylight are kept for stretches of this length; a patch is jammed while its middle is. Assumption."""
GAP_M = 10_000.0
"""Ground cell within which all looks of a spell meet the same gap in the cloud, or none. Assumption."""
STATES = 8
"""States of the sky: any sum of night, murk (fog or low cloud) and jammed."""
WEIBULL_MEAN = 0.8862269254527580
"""Mean of the Weibull law of shape 2 and scale 1: Gamma(1.5)."""

Thing = TypeVar("Thing")

Monthly = tuple[Probability, Probability, Probability, Probability, Probability, Probability,
                Probability, Probability, Probability, Probability, Probability, Probability]  # fmt: skip
"""Shares of time from January to December."""
Winds = Annotated[tuple[MetresPerSecond, ...], Field(min_length=12, max_length=12)]
"""Mean speeds from January to December."""


class Weather(Model):
    """Persistent spells per region: each has one severity, and what a severity stops is given by monthly shares of time."""

    cloud: Monthly = (0.78, 0.74, 0.67, 0.57, 0.50, 0.46, 0.41, 0.34, 0.42, 0.56, 0.75, 0.80)
    """Share of time with overcast sky. Source: anchors and interpolation for 46.5 to 51 N, 32 to 40 E (yandex.md and meteoatlas.pl month
    pages for Donetsk, ITU-R P.840); +-0.08, an estimate between the anchors."""
    murk: Monthly = (0.10, 0.10, 0.06, 0.03, 0.02, 0.01, 0.01, 0.01, 0.02, 0.06, 0.12, 0.12)
    """Share of time with fog or cloud below flight height. Assumption, shaped by the fog climatology of EGU23-17403 (peak in November)."""
    icing: Monthly = (0.25, 0.22, 0.15, 0.07, 0.02, 0.0, 0.0, 0.0, 0.01, 0.07, 0.18, 0.24)
    """Share of time with icing at the heights that drones fly at. Assumption, +-0.1; shaped by the inferred European climatology of icing
    (Bernstein et al., FAA AR-05/24): mostly below 15,000 ft, in the cold half of the year."""
    wind_mps: Winds = (7.5, 7.5, 7.5, 7.0, 6.5, 6.0, 5.5, 5.5, 6.0, 6.5, 7.0, 7.5)
    """Mean wind at flight height; each spell has one, by a Weibull law of shape 2. Assumption, +-25 %."""
    spell_s: PositiveSeconds = 17.3 * HOUR
    """Mean length of a spell. Derived: gives a correlation of 0.25 from day to day."""
    region_m: PositiveMetres = 150_000.0
    """Length of line under one weather. Assumption."""


class JammingField(Model):
    """Interference with links and satellite navigation that comes and goes over a stretch of the line."""

    sectors: tuple[str, ...]
    """Sectors over which it lies."""
    share_of_time: Probability
    """Share of time that it is on."""
    spell: Spread
    """How long it stays on."""


class Restriction(Model):
    """What a party does not allow to some sensors: a closed stretch, a distance to keep, a notice to give."""

    sensors: Annotated[tuple[str, ...], Field(min_length=1)]
    """Names of sensors, or kinds: all of that kind."""
    sectors: tuple[str, ...] = ()
    """Where; the whole line without any."""
    side: Literal["A", "B", "both"] = "both"
    """On whose ground."""
    closed: bool = True
    """Whether they may neither enter nor look there; else only distance and notice count."""
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


class Environment(Model):
    """The air over the line, and who may go where."""

    weather: Weather = Weather()
    jamming: dict[str, JammingField] = Field(default_factory=dict)
    access: dict[str, Restriction] = Field(default_factory=dict)
    """Restrictions of access, by name."""


class Limits(NamedTuple):
    """What keeps an aircraft or a balloon on the ground."""

    grounded: Monthly
    """Share of time, whatever the cause; the worst weather."""
    wind_mps: float = float("inf")
    """Wind at flight height beyond this."""
    in_icing: bool = True
    """Whether it flies where ice forms."""


@dataclass(frozen=True, slots=True)
class JamWindow:
    """One stretch of the line under interference for a while."""

    from_m: float
    to_m: float
    on_s: float
    off_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """One weather: its spells."""

    spells_s: Floats
    """When spells begin, the first at 0. Shape (W,)."""
    severity: Floats
    """Of each spell, uniform on (0, 1): a state with share p rules while severity > 1 - p. Shape (W,)."""
    gust: Floats
    """Of each spell, uniform on (0, 1): the level of its wind in the month's law. Shape (W,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A stretch of the line under one state of the sky."""

    region: int
    """Whose weather it has."""
    turns_s: list[float]
    """When the state turns, the first at 0."""
    states: list[int]


class Closure(NamedTuple):
    """A restriction laid on a stretch of line."""

    rule: Restriction
    from_m: float
    to_m: float


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
        for index, patch in enumerate(self.patches):
            middle_m = (index + 0.5) * PATCH_M
            for side in (SIDE_A, SIDE_B):
                here = [closure.rule for closure in closures if closure.from_m <= middle_m <= closure.to_m and side in closure.rule.sides()]
                lanes.append(closed_during(patch, here, self.start, self.horizon_s))
        return Air.of(lanes, self.horizon_s)

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
        return self.once((region, limits), lambda: spans(*self.stopped(self.regions[region], limits)))

    def stopped(self, region: Region, limits: Limits) -> tuple[Floats, Bools, float]:
        """Return instants at which weather may turn, whether it is beyond the limits from each on, and the horizon."""
        shares = np.maximum(limits.grounded, 0.0 if limits.in_icing else self.weather.icing)
        turns_s, stops, horizon_s = ruled(region, tuple(shares), self.start, self.horizon_s)
        return turns_s, stops | (self.wind_mps(region, turns_s) > limits.wind_mps), horizon_s

    def wind_mps(self, region: Region, seconds: Floats) -> Floats:
        """Return the wind at flight height in a region: of each spell by the Weibull law of the month. Shape as given."""
        gust = region.gust[np.searchsorted(region.spells_s, seconds, side="right") - 1]
        mean_mps = np.asarray(self.weather.wind_mps)[months(self.start, seconds)]
        return np.asarray(mean_mps * np.sqrt(-np.log1p(-gust)) / WEIBULL_MEAN)

    def carries(self, chainage_m: Floats, seconds: Floats) -> Floats:
        """Return by what factor sound carries further than in still air at places and times: by turbulence, wind and inversion.

        Source: none is public for such arrays; factors 0.5, 1 and 1.6 with 0.35, 0.40 and 0.25 of the time are assumptions. Half of the
        nights have an inversion, half of the days are against the wind or turbulent, and one throw a spell and region decides.

        Args:
            chainage_m: Shape (N,).
            seconds: Shape (N,).
        """
        factor = np.ones(len(seconds))
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
            factor[here] = np.where(dark & (throw > 0.5), 1.6, np.where(throw < np.where(dark, 0.2, 0.5), 0.5, 1.0))
        return factor

    def fit_from(self, patch: int, limits: Limits, t_s: float) -> float:
        """Return the first instant from t_s on at which flying is possible; infinite if there is none in the run."""
        begins_s, ends_s = self.rules(patch, limits)
        spell = int(np.searchsorted(begins_s, t_s, side="right")) - 1
        if spell >= 0 and t_s < ends_s[spell]:
            return float(ends_s[spell]) if ends_s[spell] < self.horizon_s else float("inf")
        return t_s

    def fit_until(self, patch: int, limits: Limits, t_s: float) -> float:
        """Return the next instant after t_s at which flying becomes impossible; infinite if there is none in the run."""
        begins_s, _ = self.rules(patch, limits)
        spell = int(np.searchsorted(begins_s, t_s, side="right"))
        return float(begins_s[spell]) if spell < len(begins_s) else float("inf")

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
    """Throw the weather of one replication and lay daylight and jamming over it.

    The length of a spell has no memory, so the first one, begun at 0, leaves the run in its stationary state from the start.
    """
    weather = environment.weather
    regions, dark, murk = [], [], []
    for index in range(max(1, int(np.ceil(line.length_m / weather.region_m)))):
        spells_s = renewals_s(dice, index, weather.spell_s, horizon_s)
        number = np.arange(len(spells_s))
        regions.append(Region(spells_s, dice("severity", index).uniform(number), dice("gust", index).uniform(number)))
        dark.append(dark_spans(line, min((index + 0.5) * weather.region_m, line.length_m), start, horizon_s))
        murk.append(spans(*ruled(regions[-1], weather.murk, start, horizon_s)))
    patches = []
    for index in range(max(1, int(np.ceil(line.length_m / PATCH_M)))):
        middle_m = min((index + 0.5) * PATCH_M, line.length_m)
        region = min(int(middle_m // weather.region_m), len(regions) - 1)
        here = [(jam.on_s, jam.off_s) for jam in jams if jam.from_m <= middle_m <= jam.to_m]
        jammed = np.array(here).reshape(-1, 2).T
        layers = ((NIGHT, *dark[region]), (MURK, *murk[region]), (JAMMED, *jammed))
        patches.append(Patch(region, *merged(layers, horizon_s)))
    return Sky(weather, start, horizon_s, tuple(regions), tuple(patches), dice, closures)


def renewals_s(dice: Dice, region: int, mean_s: float, horizon_s: float) -> Floats:
    """Return when spells begin, the first at 0, until the horizon. Shape (W,)."""
    count = int(2 * horizon_s / mean_s) + 64
    while True:
        ends_s = up(np.cumsum(mean_s * dice("spell", region).exponential(np.arange(count))))
        if ends_s[-1] >= horizon_s:
            return np.concatenate([[0.0], ends_s[ends_s < horizon_s]])
        count *= 2


def ruled(region: Region, share: Monthly, start: datetime, horizon_s: float) -> tuple[Floats, Bools, float]:
    """Return instants at which a state may turn, whether it rules from each on, and the horizon."""
    turns_s = np.unique(np.concatenate([region.spells_s, month_starts_s(start, horizon_s)]))
    severity = region.severity[np.searchsorted(region.spells_s, turns_s, side="right") - 1]
    return turns_s, severity > 1.0 - np.asarray(share)[months(start, turns_s)], horizon_s


def spans(turns_s: Floats, rules: Bools, horizon_s: float) -> tuple[Floats, Floats]:
    """Return the begins and ends of the spans in which something rules. Shapes (G,)."""
    edge = np.flatnonzero(np.diff(np.concatenate([[False], rules, [False]]).astype(np.int8)))
    ends_s = np.append(turns_s, horizon_s)
    return turns_s[edge[::2]], ends_s[edge[1::2]]


def dark_spans(line: Line, chainage_m: float, start: datetime, horizon_s: float) -> tuple[Floats, Floats]:
    """Return when night begins and ends over a place of the line. Shapes (G,)."""
    x_m, y_m = line.at(np.array([chainage_m]))
    lon, lat = line.to_lonlat(x_m, y_m)
    begin_s = start.timestamp()
    times_s, _ = crossings(float(lon[0]), float(lat[0]), CIVIL_DEG, begin_s, begin_s + horizon_s)
    turns_s = np.concatenate([[0.0], up(times_s - begin_s)])
    dark_first = bool(elevation_deg(begin_s, lon[0], lat[0]) < CIVIL_DEG)
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


def jam_spells_s(name: str, jamming: JammingField, gap_s: float, count: int, dice: Dice) -> tuple[Floats, Floats]:
    """Return when the first spells of a jamming field begin and end; more spells begin with the same ones. Shapes (count,)."""
    step = np.arange(count)
    on_for_s = jamming.spell.quantile_s(dice("jam on", name).uniform(step))
    off_for_s = gap_s * dice("jam off", name).exponential(step)
    if dice("jam first", name).uniform(number_of(name)) < jamming.share_of_time:
        off_for_s[0] = 0.0
        on_for_s[0] = rest_s(jamming.spell, *dice("jam rest", name).uniform(np.arange(2)))
    on_s, off_s = up(np.cumsum(np.stack([off_for_s, on_for_s], axis=1))).reshape(-1, 2).T
    return on_s, off_s


def jam_windows(environment: Environment, sectors: dict[str, tuple[float, float]], horizon_s: float, dice: Dice) -> list[JamWindow]:
    """Throw when each jamming field is on: spells in turn with quiet gaps without memory, in the stationary state from the start."""
    windows = []
    for name, jamming in environment.jamming.items():
        if jamming.share_of_time == 0.0:
            continue
        gap_s = jamming.spell.mean_s * (1.0 / jamming.share_of_time - 1.0)
        count = int(2 * horizon_s / (jamming.spell.mean_s + gap_s)) + 16
        on_s, off_s = jam_spells_s(name, jamming, gap_s, count, dice)
        while off_s[-1] < horizon_s:
            count *= 2
            on_s, off_s = jam_spells_s(name, jamming, gap_s, count, dice)
        for sector in jamming.sectors:
            from_m, to_m = sectors[sector]
            windows += [JamWindow(from_m, to_m, float(a), float(b)) for a, b in zip(on_s, off_s, strict=True) if a < min(b, horizon_s)]
    return windows


def rest_s(spell: Spread, which: float, place: float) -> float:
    """Return what is left of the spell that an instant falls into: a long spell catches it in proportion to its length.

    Args:
        spell: How long spells last.
        which: Throw, uniform on (0, 1), that picks the spell among 4,096 quantiles.
        place: Throw that picks the instant within it.
    """
    lengths_s = spell.quantile_s((np.arange(4096) + 0.5) / 4096)
    ends_s = np.cumsum(lengths_s)
    return float(lengths_s[np.searchsorted(ends_s, which * ends_s[-1])]) * place
