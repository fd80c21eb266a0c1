"""Weather and interference: models of what comes in spells, and when each spell rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field

from sim.clock import month_starts_s, months, up
from sim.dice import Dice, number_of
from sim.kinds import Bools, Floats
from sim.model import Model, Probability, Spread
from sim.units import HOUR, MetresPerSecond, PositiveMetres, PositiveSeconds

WEIBULL_MEAN = 0.8862269254527580
"""Mean of the Weibull law of shape 2 and scale 1: Gamma(1.5)."""

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


def draw_region(weather: Weather, index: int, horizon_s: float, dice: Dice) -> Region:
    """Throw the spells of one region.

    The length of a spell has no memory, so the first one, begun at 0, leaves the run in its stationary state from the start.
    """
    spells_s = renewals_s(dice, index, weather.spell_s, horizon_s)
    number = np.arange(len(spells_s))
    return Region(spells_s, dice("severity", index).uniform(number), dice("gust", index).uniform(number))


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


def stopped(weather: Weather, region: Region, limits: Limits, start: datetime, horizon_s: float) -> tuple[Floats, Bools, float]:
    """Return instants at which weather may turn, whether it is beyond the limits from each on, and the horizon."""
    shares = np.maximum(limits.grounded, 0.0 if limits.in_icing else weather.icing)
    turns_s, stops, horizon_s = ruled(region, tuple(shares), start, horizon_s)
    return turns_s, stops | (spell_wind_mps(weather, region, start, turns_s) > limits.wind_mps), horizon_s


def spell_wind_mps(weather: Weather, region: Region, start: datetime, seconds: Floats) -> Floats:
    """Return the wind at flight height in a region: of each spell by the Weibull law of the month. Shape as given."""
    gust = region.gust[np.searchsorted(region.spells_s, seconds, side="right") - 1]
    mean_mps = np.asarray(weather.wind_mps)[months(start, seconds)]
    return np.asarray(mean_mps * np.sqrt(-np.log1p(-gust)) / WEIBULL_MEAN)


def spans(turns_s: Floats, rules: Bools, horizon_s: float) -> tuple[Floats, Floats]:
    """Return the begins and ends of the spans in which something rules. Shapes (G,)."""
    edge = np.flatnonzero(np.diff(np.concatenate([[False], rules, [False]]).astype(np.int8)))
    ends_s = np.append(turns_s, horizon_s)
    return turns_s[edge[::2]], ends_s[edge[1::2]]


def jam_windows(
    jamming: Mapping[str, JammingField], sectors: Mapping[str, tuple[float, float]], horizon_s: float, dice: Dice
) -> list[JamWindow]:
    """Throw when each jamming field is on: spells in turn with quiet gaps without memory, in the stationary state from the start."""
    windows = []
    for name, field in jamming.items():
        if field.share_of_time == 0.0:
            continue
        gap_s = field.spell.mean_s * (1.0 / field.share_of_time - 1.0)
        count = int(2 * horizon_s / (field.spell.mean_s + gap_s)) + 16
        on_s, off_s = jam_spells_s(name, field, gap_s, count, dice)
        while off_s[-1] < horizon_s:
            count *= 2
            on_s, off_s = jam_spells_s(name, field, gap_s, count, dice)
        for sector in field.sectors:
            from_m, to_m = sectors[sector]
            windows += [JamWindow(from_m, to_m, float(a), float(b)) for a, b in zip(on_s, off_s, strict=True) if a < min(b, horizon_s)]
    return windows


def jam_spells_s(name: str, field: JammingField, gap_s: float, count: int, dice: Dice) -> tuple[Floats, Floats]:
    """Return when the first spells of a jamming field begin and end; more spells begin with the same ones. Shapes (count,)."""
    step = np.arange(count)
    on_for_s = field.spell.quantile_s(dice("jam on", name).uniform(step))
    off_for_s = gap_s * dice("jam off", name).exponential(step)
    if dice("jam first", name).uniform(number_of(name)) < field.share_of_time:
        off_for_s[0] = 0.0
        on_for_s[0] = rest_s(field.spell, *dice("jam rest", name).uniform(np.arange(2)))
    on_s, off_s = up(np.cumsum(np.stack([off_for_s, on_for_s], axis=1))).reshape(-1, 2).T
    return on_s, off_s


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
