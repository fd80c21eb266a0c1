"""Shared states of the air that all sensors read: daylight, weather, jamming. One spell is bad for everybody under it."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from pydantic import Field

from sim.clock import month_starts_s, months, up
from sim.dice import Dice, number_of
from sim.kinds import Bools, Floats
from sim.line import Line
from sim.model import Model, Probability, Spread
from sim.physics.imaging import cloud_free
from sim.physics.sun import CIVIL_DEG, crossings, elevation_deg
from sim.units import HOUR, PositiveMetres, PositiveSeconds

NIGHT, MURK, JAMMED = 1, 2, 4
PATCH_M = 10_000.0
"""Interference and daylight are kept for stretches of this length; a patch is jammed while its middle is. Assumption."""
GAP_M = 10_000.0
"""Ground cell within which all looks of a spell meet the same gap in the cloud, or none. Assumption."""
STATES = 8
"""States of the sky: any sum of night, murk (fog or low cloud) and jammed."""

Monthly = tuple[Probability, Probability, Probability, Probability, Probability, Probability,
                Probability, Probability, Probability, Probability, Probability, Probability]  # fmt: skip
"""Shares of time from January to December."""


class Weather(Model):
    """Persistent spells per region: each has one severity, and what a severity stops is given by monthly shares of time."""

    cloud: Monthly = (0.78, 0.74, 0.67, 0.57, 0.50, 0.46, 0.41, 0.34, 0.42, 0.56, 0.75, 0.80)
    """Share of time with overcast sky. Source: anchors and interpolation for 46.5 to 51 N, 32 to 40 E (yandex.md and meteoatlas.pl month
    pages for Donetsk, ITU-R P.840); +-0.08, an estimate between the anchors."""
    murk: Monthly = (0.10, 0.10, 0.06, 0.03, 0.02, 0.01, 0.01, 0.01, 0.02, 0.06, 0.12, 0.12)
    """Share of time with fog or cloud below flight height. Assumption, shaped by the fog climatology of EGU23-17403 (peak in November)."""
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


class Environment(Model):
    """The air over the line."""

    weather: Weather = Weather()
    jamming: dict[str, JammingField] = Field(default_factory=dict)


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


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A stretch of the line under one state of the sky."""

    region: int
    """Whose weather it has."""
    turns_s: list[float]
    """When the state turns, the first at 0."""
    states: list[int]


@dataclass(frozen=True, slots=True, eq=False)
class Sky:
    """The air of one replication: weather by region, states by patch."""

    weather: Weather
    start: datetime
    horizon_s: float
    regions: tuple[Region, ...]
    patches: tuple[Patch, ...]
    dice: Dice
    memo: dict[tuple[int, Monthly], tuple[Floats, Floats]] = field(default_factory=dict)

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

    def rules(self, patch: int, share: Monthly) -> tuple[Floats, Floats]:
        """Return when weather with these monthly shares of time begins and ends to rule over a patch. Shapes (G,)."""
        key = (self.patches[patch].region, share)
        if key not in self.memo:
            self.memo[key] = spans(*ruled(self.regions[key[0]], share, self.start, self.horizon_s))
        return self.memo[key]

    def fit_from(self, patch: int, grounded: Monthly, t_s: float) -> float:
        """Return the first instant from t_s on at which flying is possible; infinite if there is none in the run."""
        begins_s, ends_s = self.rules(patch, grounded)
        spell = int(np.searchsorted(begins_s, t_s, side="right")) - 1
        if spell >= 0 and t_s < ends_s[spell]:
            return float(ends_s[spell]) if ends_s[spell] < self.horizon_s else float("inf")
        return t_s

    def fit_until(self, patch: int, grounded: Monthly, t_s: float) -> float:
        """Return the next instant after t_s at which flying becomes impossible; infinite if there is none in the run."""
        begins_s, _ = self.rules(patch, grounded)
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


def draw_sky(environment: Environment, line: Line, start: datetime, horizon_s: float, jams: Sequence[JamWindow], dice: Dice) -> Sky:
    """Throw the weather of one replication and lay daylight and jamming over it.

    The length of a spell has no memory, so the first one, begun at 0, leaves the run in its stationary state from the start.
    """
    weather = environment.weather
    regions, dark, murk = [], [], []
    for index in range(max(1, int(np.ceil(line.length_m / weather.region_m)))):
        spells_s = renewals_s(dice, index, weather.spell_s, horizon_s)
        regions.append(Region(spells_s, dice("severity", index).uniform(np.arange(len(spells_s)))))
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
    return Sky(weather, start, horizon_s, tuple(regions), tuple(patches), dice)


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
