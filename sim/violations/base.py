"""What every violation is: when and where incidents arise, and what each then shows of itself, phase by phase."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Annotated, ClassVar, Literal, TypeAlias

import numpy as np
from pydantic import Field, model_validator

from sim.clock import up
from sim.dice import GOLDEN, Dice, Die, mixed_all, number_of
from sim.family import Member
from sim.kinds import Bools, Floats, Ints, Keys
from sim.line import Line
from sim.model import Count, Model, NonNegative, Probability, Spread
from sim.scene import Incidents, Stage, Targets
from sim.sky import dark_spans
from sim.units import DAY, KM, Metres, PerSecond, PositiveMetres, PositiveSeconds, Seconds, fault, words

SIDES = {"A": 1, "B": -1}
OWN, OTHER = 1, -1
"""On which side of the line an act lies, seen from who does it."""

LEG_M, LEG_S, MOST_LEGS = 2_000.0, 400.0, 24
"""A move is cut into legs of at most this length and time, each standing at its middle, but not into more than so many. Assumption: a leg
that stands is met too often, by 13 % at 2 km for a sweep of 4 km, and more by who sees less far; so walkers get short ones."""

SHORTEST_S = 1.0
"""Acts, phases of a move and traces last at least this long, so that no row is empty."""

Seen: TypeAlias = dict[str, Floats | float | None]
"""Columns of `Targets` that a phase shows, one value or shape (N,); None for what it does not show."""

Spans: TypeAlias = tuple[Floats, Floats]
"""When something begins and ends, time after time. Shapes (G,)."""

WAR_PER_KM_DAY = 6.7
"""Incidents per km and day of the Easter truce of 2025, both sides' claims added: 2,935 and 4,900 in 30 h on some 1,050 to 1,200 km
(Meduza and UNN, 21 April 2025)."""


class Hotspot(Model):
    """A short stretch of line in which a share of all incidents of an entry falls."""

    at_m: Metres
    """Its middle along the line."""
    width_m: PositiveMetres
    """Its length; incidents are uniform inside."""
    share: Probability
    """Of all incidents of the entry."""


class Counts(Model):
    """How many violations a mission counts in one incident: explosions and shots, not fire missions."""

    mean: Annotated[float, Field(ge=1.0, allow_inf_nan=False)] = 1.0
    sigma: NonNegative = 0.0
    """Standard deviation of the logarithm: 0 for always the mean; 1.2 fits the daily counts of 2020-2022 in Donbas."""

    def numbers(self, u: Floats, v: Floats) -> Ints:
        """Return counts of at least 1 from uniform throws; their mean and variance are those of the log-normal with mean and sigma.

        The first violation is certain, the rest is log-normal, rounded up or down by a throw so that the mean stays.

        Args:
            u: Level of the log-normal. Shape (N,).
            v: Throw that rounds. Shape (N,).

        Returns:
            Counts, shape (N,).
        """
        from scipy.special import ndtri

        rest = self.mean - 1.0
        if rest == 0.0:
            return np.ones(len(u), dtype=np.int64)
        variance = np.log1p((self.mean / rest) ** 2 * np.expm1(self.sigma**2))
        beyond = rest * np.exp(np.sqrt(variance) * ndtri(u) - variance / 2)
        return np.asarray(1 + np.floor(beyond + v), dtype=np.int64)


class Pieces(Model):
    """How many take part: every whole number from least to most is as likely."""

    least: Annotated[int, Field(ge=1)]
    most: Annotated[int, Field(ge=1, le=1000)]

    @model_validator(mode="after")
    def ordered(self) -> "Pieces":
        """Refuse fewer at most than at least."""
        if self.most < self.least:
            raise fault("pieces", "'most' is below 'least'", at="most")
        return self

    def number(self, u: Floats) -> Floats:
        """Return how many, at the levels u. Shape as u."""
        return np.floor(self.least + (self.most + 1 - self.least) * u)


class Scripted(Model):
    """One incident at a given instant and place."""

    at_s: Seconds
    """When it begins, since the start of the run."""
    chainage_m: Metres
    offset_m: Metres
    """Distance from the line, positive on side A, wherever its kind usually lies."""
    lasts_s: PositiveSeconds
    side: Literal["A", "B"]
    """Who does it."""
    countable: Count | None = None
    """Violations that a mission would count; without it, thrown like those of other incidents."""


@dataclass(frozen=True, slots=True, eq=False)
class Acts:
    """Incidents of one entry, thrown but not yet told as phases. Columns have shape (N,)."""

    key: Keys
    """Names the dice of the incident."""
    incident: Ints
    """Row of the incident."""
    start_s: Floats
    lasts_s: Floats
    x_m: Floats
    y_m: Floats
    chainage_m: Floats
    offset_m: Floats
    side: Ints
    """Who does it: +1 side A, -1 side B."""
    countable: Ints
    mask_deg: Floats
    hidden: Bools
    """Concealed from above while it can be: a gun that fires betrays itself."""

    def __len__(self) -> int:
        return len(self.key)

    @property
    def end_s(self) -> Floats:
        """When the act is over."""
        return self.start_s + self.lasts_s

    @property
    def xy_m(self) -> tuple[Floats, Floats]:
        """Where it happens."""
        return self.x_m, self.y_m

    def uniform(self, die: Die, low: float = 0.0, high: float = 1.0) -> Floats:
        """Return one throw an act, uniform between two bounds. Shape (N,)."""
        return low + (high - low) * die.uniform(self.key)

    def take(self, rows: Ints | Bools) -> "Acts":
        """Return some of the acts, or some of them several times."""
        return Acts(**{column.name: getattr(self, column.name)[rows] for column in fields(self)})

    def at(self, line: Line, chainage_m: Floats, offset_m: Floats) -> "Acts":
        """Return the same acts at other places of the line."""
        x_m, y_m, chainage_m, offset_m = line.settle(chainage_m, offset_m)
        return replace(self, x_m=x_m, y_m=y_m, chainage_m=chainage_m, offset_m=offset_m)

    def moved(self, line: Line, x_m: Floats, y_m: Floats) -> "Acts":
        """Return the same acts at other places of the map."""
        chainage_m, offset_m = line.locate(x_m, y_m)
        return replace(self, x_m=x_m, y_m=y_m, chainage_m=chainage_m, offset_m=offset_m)


class Violation(Member, ABC):
    """Something that breaks the truce, or looks like it: how often, where, how long, and by whom."""

    benign: ClassVar[bool] = False
    """A look-alike breaks nothing."""
    ground: ClassVar[int] = OTHER
    """On whose side of the line it lies, seen from who does it."""

    rate_per_s: PerSecond = 0.0
    """Incidents, not shots, on the whole of its ground; 0 for an entry that is only scripted."""
    where: dict[str, NonNegative] = Field(default_factory=dict)
    """Sectors and their relative weights; without any, all of the line by length."""
    hotspots: tuple[Hotspot, ...] = ()
    """Stretches that draw a share of the incidents; the rest follows `where`. In 2020 four places drew 76 % (OSCE, by Kyiv Post)."""
    night_share: Probability | None = None
    """Share of incidents that begin at night; without it, they are uniform in time."""
    lasts: Spread
    """How long the act lasts."""
    depth_from_m: Metres
    depth_to_m: Metres
    """Distance from the line, uniform between the two."""
    p_side_a: Probability = 0.5
    """Share that side A commits. Assumption."""
    counts: Counts = Counts()
    """Violations that a mission counts in one incident."""
    p_hidden: Probability = 0.0
    """Share of incidents whose pieces are concealed from above while they stand. Source: none is public; 0.3 to 0.7 of parked
    vehicles is an assumption."""
    trace: Spread | None = None
    """How long a trace stays on the ground; without it, none is left."""
    daily: tuple[NonNegative, ...] | None = None
    """Countable violations to expect on each day from the start, instead of the rate; after the last, the rate goes on."""
    scripted: tuple[Scripted, ...] = ()
    """Incidents that happen for certain, besides the others."""

    @model_validator(mode="after")
    def consistent(self) -> "Violation":
        """Refuse shares above 1, weights without any, and depths the wrong way round."""
        if not 0.0 <= self.depth_from_m <= self.depth_to_m:
            raise fault("depth", "depths are distances from the line, the nearer first", at="depth_from_m")
        if sum(hotspot.share for hotspot in self.hotspots) > 1.0 + 1e-9:
            raise fault("shares", "the shares of the hotspots add up to more than 1", at="hotspots")
        if self.where and not sum(self.where.values()):
            raise fault("weights", "one sector at least needs a weight above 0", at="where")
        return self

    @abstractmethod
    def occur(self, acts: Acts, stage: Stage, dice: Dice) -> Targets:
        """Tell each act as phases: rows of what can be perceived."""

    def draw(self, stage: Stage, dice: Dice) -> tuple[Incidents, Targets]:
        """Throw all incidents that begin within the run, sorted by time, and tell them as phases.

        A throw is named by the entry, the day and the number within the day: a longer run begins with the shorter one, and no
        other entry changes anything.
        """
        acts = self.acts(stage, dice)
        targets = self.occur(acts, stage, dice) if len(acts) else Targets.blank(0)
        incidents = Incidents(
            key=acts.key, kind=np.zeros(len(acts), dtype=np.int64), start_s=acts.start_s, end_s=acts.end_s, side=acts.side,
            chainage_m=acts.chainage_m, offset_m=acts.offset_m, x_m=acts.x_m, y_m=acts.y_m, countable=acts.countable,
            benign=np.full(len(acts), self.benign), notified=self.notified(acts, dice), kinds=(self.name,),
        )  # fmt: skip
        return incidents, targets.take(np.lexsort((targets.start_s, targets.incident)))

    def acts(self, stage: Stage, dice: Dice) -> Acts:
        """Throw the incidents: day by day, and scripted ones between them."""
        key, start_s = self.arrivals(stage, dice)
        acts = join([self.begin(key, start_s, stage, dice), self.script(stage, dice)])
        acts = acts.take(acts.start_s < stage.length_s)
        acts = acts.take(np.lexsort((acts.key, acts.start_s)))
        return replace(acts, incident=np.arange(len(acts)))

    def arrivals(self, stage: Stage, dice: Dice) -> tuple[Keys, Floats]:
        """Throw how many incidents each day brings, and when they begin. Whole days, so that the run's length changes none.

        Returns:
            Keys and times, shapes (N,).
        """
        days = np.arange(int(np.ceil(stage.length_s / DAY)))
        count = dice("arrivals", self.name).poisson(self.expected(len(days)), days).astype(np.int64)
        day = np.repeat(days, count)
        key = named(number_of(self.name), day, np.arange(len(day)) - np.repeat(np.cumsum(count) - count, count))
        u = dice("when", self.name).uniform(key)
        if self.night_share is None:
            return key, up(DAY * (day + u))
        night = dice("night", self.name).uniform(key) < self.night_share
        return key, up(by_light(nights(stage, len(days)), len(days), day, u, night))

    def expected(self, days: int) -> Floats:
        """Return the incidents to expect on each day. Shape (D,)."""
        mean = np.full(days, self.rate_per_s * DAY)
        daily = np.asarray(self.daily or ())[:days] / self.counts.mean
        mean[: len(daily)] = daily
        return mean

    def begin(self, key: Keys, start_s: Floats, stage: Stage, dice: Dice) -> Acts:
        """Throw all else about incidents that are known by key and time. Shapes (N,)."""
        side = np.where(dice("side", self.name).uniform(key) < self.p_side_a, 1, -1)
        lasts_s = up(np.maximum(self.lasts.quantile_s(dice("lasts", self.name).uniform(key)), SHORTEST_S))
        offset_m = side * self.ground * self.depths_m(key, lasts_s, dice)
        x_m, y_m, chainage_m, offset_m = stage.line.settle(self.chainages_m(key, stage, dice), offset_m)
        countable = self.counts.numbers(dice("count", self.name).uniform(key), dice("round", self.name).uniform(key))
        return Acts(
            key=key, incident=np.arange(len(key)), start_s=start_s, lasts_s=lasts_s, x_m=x_m, y_m=y_m, chainage_m=chainage_m,
            offset_m=offset_m, side=side, countable=np.zeros_like(countable) if self.benign else countable,
            mask_deg=self.masks_deg(key, chainage_m, stage, dice), hidden=dice("hidden", self.name).uniform(key) < self.p_hidden,
        )  # fmt: skip

    def script(self, stage: Stage, dice: Dice) -> Acts:
        """Return the scripted incidents: place, time and doer as written; what is not written is thrown."""
        key = named(number_of(self.name, "scripted"), np.arange(len(self.scripted)))
        at_s, lasts_s, chainage_m, offset_m = (
            np.array([getattr(one, column) for one in self.scripted], dtype=np.float64)
            for column in ("at_s", "lasts_s", "chainage_m", "offset_m")
        )
        acts = self.begin(key, up(at_s), stage, dice).at(stage.line, chainage_m, offset_m)
        countable = [thrown if one.countable is None else one.countable for one, thrown in zip(self.scripted, acts.countable, strict=True)]
        return replace(
            acts,
            lasts_s=up(np.maximum(lasts_s, SHORTEST_S)),
            side=np.array([SIDES[one.side] for one in self.scripted], dtype=np.int64),
            countable=np.array(countable, dtype=np.int64) * (not self.benign),
            mask_deg=self.masks_deg(key, acts.chainage_m, stage, dice),
        )

    def masks_deg(self, key: Keys, chainage_m: Floats, stage: Stage, dice: Dice) -> Floats:
        """Throw the angle below which terrain and plants hide an incident; exponential, 0 outside of all sectors. Shape (N,)."""
        mean_deg = np.array([*[sector.masking_deg for sector in stage.sectors.values()], 0.0])  # the last one answers to number -1
        return np.asarray(mean_deg[stage.sector_of(chainage_m)] * dice("mask", self.name).exponential(key))

    def chainages_m(self, key: Keys, stage: Stage, dice: Dice) -> Floats:
        """Throw the place along the line: first the stretch, then where in it. Shape (N,)."""
        stretches = np.array(self.stretches(stage))
        chosen = np.searchsorted(np.cumsum(stretches[:-1, 2]), dice("where", self.name).uniform(key), side="right")
        from_m, to_m = stretches[chosen, 0], stretches[chosen, 1]
        return np.asarray(from_m + (to_m - from_m) * dice("along", self.name).uniform(key))

    def stretches(self, stage: Stage) -> list[tuple[float, float, float]]:
        """Return stretches of line and the share of incidents in each: the hotspots, then the sectors."""
        length_m = stage.line.length_m
        hot = [
            (max(hotspot.at_m - hotspot.width_m / 2, 0.0), min(hotspot.at_m + hotspot.width_m / 2, length_m), hotspot.share)
            for hotspot in self.hotspots
        ]
        rest = max(1.0 - sum(hotspot.share for hotspot in self.hotspots), 0.0)
        ground = self.grounds(stage)
        whole = sum(weight for _, _, weight in ground)
        return hot + [(from_m, to_m, rest * weight / whole) for from_m, to_m, weight in ground]

    def grounds(self, stage: Stage) -> list[tuple[float, float, float]]:
        """Return the stretches outside of hotspots, with relative weights."""
        if not self.where:
            return [(0.0, stage.line.length_m, 1.0)]
        return [(stage.sectors[name].from_m, stage.sectors[name].to_m, weight) for name, weight in self.where.items()]

    def depths_m(self, key: Keys, lasts_s: Floats, dice: Dice) -> Floats:
        """Throw the distance from the line, no farther than the act has time for. Shape (N,)."""
        depth_m = self.depth_from_m + (self.depth_to_m - self.depth_from_m) * dice("depth", self.name).uniform(key)
        return np.minimum(depth_m, self.farthest_m(lasts_s))

    def farthest_m(self, lasts_s: Floats) -> Floats:
        """Return how deep an act of this length can get; kinds that move say how fast. Shape (N,)."""
        return np.full(len(lasts_s), np.inf)

    def notified(self, acts: Acts, dice: Dice) -> Bools:
        """Say which acts were announced; a violation never is. Shape (N,)."""
        return np.zeros(len(acts), dtype=bool)

    def left(self, acts: Acts, dice: Dice, trace_m: float, pieces: Floats | float = 1.0) -> list[Targets]:
        """Return what stays on the ground when the acts are over, if this entry leaves a trace."""
        if self.trace is None:
            return []
        stays_s = up(np.maximum(self.trace.quantile_s(acts.uniform(dice("trace", self.name))), SHORTEST_S))
        return [phase(acts, "trace", acts.end_s, acts.end_s + stays_s, {"trace_m": trace_m, "pieces": pieces})]

    def concerns(self, stage: Stage) -> list[str]:
        """Return what a planner should look at twice, in words; for `truceline check`."""
        days = max(len(self.daily or ()), 1)
        peak = float(max(self.expected(days).max(), self.rate_per_s * DAY)) / max(ground_m(self.stretches(stage)) / KM, 1e-9)
        said = []
        if peak > 10.0 * WAR_PER_KM_DAY:
            said.append(
                f"{peak:,.0f} incidents per km and day are more than ten times what both sides claimed of the Easter truce of 2025 "
                f"({WAR_PER_KM_DAY}); a rate counts fire missions, not shots"
            )
        if peak == 0.0 and not self.scripted:
            said.append("nothing of it ever happens: it has no rate, no daily counts and nothing scripted")
        places = [("a hotspot", one.at_m) for one in self.hotspots] + [("a scripted incident", one.chainage_m) for one in self.scripted]
        said += [
            f"{what} at {words(place_m, 'length')} lies off the line, which runs from 0 to {words(stage.line.length_m, 'length')}"
            for what, place_m in places
            if not 0.0 <= place_m <= stage.line.length_m
        ]
        said += [
            f"a scripted incident at {words(one.at_s, 'time')} comes after the end of {words(stage.length_s, 'time')}"
            for one in self.scripted
            if one.at_s >= stage.length_s
        ]
        return said


def named(first: int | Keys, *numbers: int | Ints) -> Keys:
    """Return the 64-bit names that numbers make under a first one: SplitMix64 over them in turn. Shape as broadcast."""
    bits = np.asarray(first, dtype=np.uint64)
    with np.errstate(over="ignore"):
        for number in numbers:
            bits = mixed_all(bits + (np.asarray(number).astype(np.uint64) + np.uint64(1)) * np.uint64(GOLDEN))
    return np.asarray(bits)


def join(parts: list[Acts]) -> Acts:
    """Return several tables of acts as one."""
    return Acts(**{column.name: np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(Acts)})


def ground_m(stretches: list[tuple[float, float, float]]) -> float:
    """Return the length of line on which incidents can fall, overlaps counted once.

    >>> ground_m([(0.0, 10.0, 0.5), (5.0, 20.0, 0.5), (30.0, 40.0, 0.0)])
    20.0
    """
    length_m, reached_m = 0.0, -np.inf
    for from_m, to_m, share in sorted(stretches):
        if share > 0.0:
            length_m += max(to_m - max(from_m, reached_m), 0.0)
            reached_m = max(reached_m, to_m)
    return length_m


def nights(stage: Stage, days: int) -> Spans:
    """Return the nights over the middle of the line, through the last whole day."""
    return stage.once(("nights", days), lambda: dark_spans(stage.line, stage.line.length_m / 2, stage.start, days * DAY))


def between(spans: Spans, end_s: float) -> Spans:
    """Return the spans from 0 to the end that lie between the given ones."""
    edges_s = np.concatenate([[0.0], np.column_stack(spans).ravel(), [end_s]])
    begin_s, stop_s = edges_s[0::2], edges_s[1::2]
    return begin_s[stop_s > begin_s], stop_s[stop_s > begin_s]


def elapsed_s(spans: Spans, t_s: Floats) -> Floats:
    """Return how much of the spans lies before each time. Shape (N,).

    >>> elapsed_s((np.array([0.0, 20.0]), np.array([5.0, 30.0])), np.array([4.0, 10.0, 22.0, 40.0])).tolist()
    [4.0, 5.0, 7.0, 15.0]
    """
    begin_s, end_s = spans
    before_s = np.concatenate([[0.0], np.cumsum(end_s - begin_s)])
    last = np.searchsorted(begin_s, t_s, side="right") - 1
    inside_s = np.minimum(t_s, end_s[last]) - begin_s[last] if len(begin_s) else 0.0
    return np.where(last < 0, 0.0, before_s[last] + inside_s)


def moments_s(spans: Spans, day: Ints, u: Floats) -> Floats:
    """Return the time at the level u of each day's share of the spans, which is not empty. Shape (N,)."""
    begin_s, end_s = spans
    before_s = np.concatenate([[0.0], np.cumsum(end_s - begin_s)])[:-1]
    day_s = DAY * day.astype(np.float64)
    first_s = elapsed_s(spans, day_s)
    level_s = first_s + u * (elapsed_s(spans, day_s + DAY) - first_s)
    span = np.searchsorted(before_s, level_s, side="right") - 1
    return np.asarray(begin_s[span] + level_s - before_s[span])


def by_light(dark: Spans, days: int, day: Ints, u: Floats, night: Bools) -> Floats:
    """Return times in a day's dark or light hours; a day that has none of the one gives the other.

    Args:
        dark: The nights.
        days: How many days they cover.
        day: Number of the day. Shape (N,).
        u: Level within its hours. Shape (N,).
        night: Which hours are wanted. Shape (N,).

    Returns:
        Times, shape (N,).
    """
    day_s = DAY * day.astype(np.float64)
    dark_s = elapsed_s(dark, day_s + DAY) - elapsed_s(dark, day_s)
    night = (night | (dark_s >= DAY)) & (dark_s > 0.0)
    times_s = np.empty(len(day))
    for spans, rows in ((dark, night), (between(dark, days * DAY), ~night)):
        if rows.any():
            times_s[rows] = moments_s(spans, day[rows], u[rows])
    return times_s


def phase(acts: Acts, name: str, start_s: Floats, end_s: Floats, seen: Seen, leg: int | Ints = 0, hidden: Bools | None = None) -> Targets:
    """Return one row an act: what it shows of itself for a while, where the act is.

    Args:
        acts: Who, and where.
        name: Of the phase; with the act's key and the leg it names the row's dice.
        start_s: When the phase begins. Shape (N,).
        end_s: When it ends. Shape (N,).
        seen: What it shows; what is not named cannot be perceived.
        leg: Number within a move. Shape (N,).
        hidden: Which are concealed from above; without it, none. Shape (N,).

    Returns:
        Targets, shape (N,).
    """
    count = len(acts)
    columns = {
        column: np.full(count, np.nan if value is None else value, dtype=np.float64)
        for column, value in {"mask_deg": acts.mask_deg, **seen}.items()
    }
    return replace(
        Targets.blank(count),
        key=named(acts.key, number_of(name), leg), incident=acts.incident, start_s=start_s, end_s=end_s,
        x_m=acts.x_m, y_m=acts.y_m, chainage_m=acts.chainage_m, offset_m=acts.offset_m,
        hidden=np.zeros(count, dtype=bool) if hidden is None else hidden, **columns,
    )  # fmt: skip


def ride_s(way_m: Floats, speed_mps: float, most_s: Floats) -> Floats:
    """Return how long a way takes, no longer than there is time. Shape (N,)."""
    return np.minimum(np.maximum(way_m / speed_mps, SHORTEST_S), most_s)


def march(
    acts: Acts,
    line: Line,
    name: str,
    start_s: Floats,
    end_s: Floats,
    way: tuple[tuple[Floats, Floats], tuple[Floats, Floats]],
    seen: Seen,
) -> Targets:
    """Return a straight move at a steady speed as legs, each standing at its middle for its share of the time.

    Args:
        acts: Who moves.
        line: On which places are measured.
        name: Of the phase.
        start_s: When the move begins. Shape (N,).
        end_s: When it ends. Shape (N,).
        way: Places of its beginning and its end, x and y of shape (N,) each.
        seen: What the movers show; the speed follows from way and time.

    Returns:
        Targets, the legs of one act after those of another.
    """
    (from_x_m, from_y_m), (to_x_m, to_y_m) = way
    east_m, north_m = to_x_m - from_x_m, to_y_m - from_y_m

    def place(row: Ints, share: Floats) -> tuple[Floats, Floats]:
        return from_x_m[row] + share * east_m[row], from_y_m[row] + share * north_m[row]

    return legs(acts, line, name, start_s, end_s, np.hypot(east_m, north_m), place, seen)


def legs(
    acts: Acts,
    line: Line,
    name: str,
    start_s: Floats,
    end_s: Floats,
    way_m: Floats,
    place: Callable[[Ints, Floats], tuple[Floats, Floats]],
    seen: Seen,
) -> Targets:
    """Return a move along any way as legs: `march` for ways that bend.

    Args:
        acts: Who moves.
        line: On which places are measured.
        name: Of the phase.
        start_s: When the move begins. Shape (N,).
        end_s: When it ends. Shape (N,).
        way_m: Length of the way. Shape (N,).
        place: Where an act is, from its row and the share of its way that is done. Shapes (L,).
        seen: What the movers show.

    Returns:
        Targets, the legs of one act after those of another.
    """
    span_s = end_s - start_s
    most = np.clip(span_s // SHORTEST_S, 1, MOST_LEGS)
    count = np.clip(np.ceil(np.maximum(way_m / LEG_M, np.where(way_m > 0.0, span_s / LEG_S, 0.0))), 1, most).astype(np.int64)
    row = np.repeat(np.arange(len(acts)), count)
    leg = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    x_m, y_m = place(row, (leg + 0.5) / count[row])
    begin_s, stop_s = (up(start_s[row] + span_s[row] * (leg + edge) / count[row]) for edge in (0, 1))
    by_row = {column: value[row] if isinstance(value, np.ndarray) else value for column, value in seen.items()}
    return phase(acts.take(row).moved(line, x_m, y_m), name, begin_s, stop_s, {"speed_mps": (way_m / span_s)[row], **by_row}, leg)
