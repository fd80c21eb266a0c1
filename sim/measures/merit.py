"""How often places are looked at, by how many, and how old what is known is: the figures of merit, by type of asset."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

import numpy as np
from pydantic import Field

from sim.intervals import Interval
from sim.kinds import Floats, Ints
from sim.measures.base import (
    DASHES,
    GREY,
    INK,
    OKABE_ITO,
    Measure,
    Reading,
    calm,
    heading,
    key_of,
    mix_of,
    percent,
    plain,
    remark,
    runs,
    spoken,
    time_axis,
)
from sim.measures.coverage import UNITS, Coverage
from sim.measures.detection import apart
from sim.merits import (
    NEVER,
    NONE,
    Spans,
    ages,
    at_least,
    by_hour_s,
    edges_of,
    gap_fallen_into_s,
    gaps,
    last_s,
    lasting,
    longer_than,
    longest_s,
    looks,
    met,
    most,
    next_s,
    responses,
    sums,
    weighted_quantile,
    within_s,
)
from sim.scene import Scene, Targets
from sim.sensors.base import Sensor
from sim.sky import JAMMED, MURK, NIGHT, ruled, spans
from sim.story import Play, Results
from sim.units import DAY, HOUR, MINUTE, Seconds
from sim.waits import WAITS_S, by_arcs
from sim.watch import Sight, Track, windows

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ARC_POINTS = 9
"""Places of each stretch of a track at which the range to the target is taken."""
ABSENT = -1.0
"""A tally that has no value, such as the length of looks where there are none: tables keep no `nan`, and no figure is negative."""
PLACES = "merit.places"
"""Tally of the places that were asked about: above 0 in the replications that have figures of merit."""


class Asked(NamedTuple):
    """A figure of merit: what the table calls it, and how cells are brought together."""

    label: str
    unit: str
    good: bool = False
    """Whether more is better: then its worst tenth is the one that has least."""

    @property
    def is_mean(self) -> bool:
        """Whether the mean over cells stands for it: not for times, of which some may be infinite; these have their median."""
        return self.good and self.unit != "s"


FIGURES: dict[str, Asked] = {
    "ever": Asked("places ever in view in a run", "share", True),
    "watched_1": Asked("time with somebody in view", "share", True),
    "watched_2": Asked("time with two assets and more in view", "share", True),
    "watched_3": Asked("time with three assets and more in view", "share", True),
    "assets_mean": Asked("assets in view at once, mean", "assets", True),
    "assets_most": Asked("assets in view at once, most", "assets", True),
    "accesses": Asked("looks", "per day", True),
    "gaps": Asked("gaps without a look", "per day", True),
    "access_mean": Asked("length of a look, mean", "s", True),
    "access_p50": Asked("length of a look, median", "s", True),
    "access_p90": Asked("length of a look, nine in ten", "s", True),
    "met_asset": Asked("looks met by one of another asset within the offset", "share", True),
    "met_type": Asked("looks met by one of another type of asset within the offset", "share", True),
    "revisit_mean": Asked("gap between looks, mean", "s"),
    "revisit_p50": Asked("gap between looks, median", "s"),
    "revisit_p90": Asked("gap between looks, nine in ten", "s"),
    "revisit_max": Asked("longest gap known, cut by the run or not", "s"),
    "response_mean": Asked("from an instant to the next look, mean of those known", "s"),
    "response_p50": Asked("from an instant to the next look, median", "s"),
    "response_p90": Asked("from an instant to the next look, nine in ten", "s"),
    "response_in_gap_mean": Asked("from an instant in a gap to the next look, mean of those known", "s"),
    "response_in_gap_p90": Asked("from an instant in a gap to the next look, nine in ten", "s"),
    "response_unknown": Asked("instants after which no look is known", "share"),
    "time_average_gap": Asked("expected length of the gap that one falls into", "s"),
    "age_mean": Asked("since the last look, mean of those known", "s"),
    "age_p50": Asked("since the last look, median", "s"),
    "age_p90": Asked("since the last look, nine in ten", "s"),
    "age_unknown": Asked("instants before which no look is known", "share"),
    "system_response_p50": Asked("from an instant until a look is on the desk, median", "s"),
    "system_response_p90": Asked("from an instant until a look is on the desk, nine in ten", "s"),
    "system_age_p50": Asked("age of the newest look on the desk, median", "s"),
    "system_age_p90": Asked("age of the newest look on the desk, nine in ten", "s"),
    "range_least": Asked("nearest that an asset has the place in view", "m"),
    "range_most": Asked("furthest that an asset has the place in view", "m"),
}
STATES: dict[str, tuple[str, bool]] = {
    "by day": ("night", False),
    "at night": ("night", True),
    "under clear sky": ("overcast", False),
    "under overcast": ("overcast", True),
    "in fog or low cloud": ("murk", True),
    "under jamming": ("jammed", True),
}
"""States of the air over a place: which one, and whether it holds."""


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """The places that are asked about, and when."""

    probes: Targets
    """One in each cell, there for the whole run."""
    share: Floats
    """Of the cell in the area. Shape (C,)."""
    clock_s: Floats
    """Mean solar time of day at each when the run begins. Shape (C,)."""
    instants_s: Floats
    """When it is asked for the next look on the desk; for the newest one it is asked so long before the end. Shape (C, T)."""
    asked_s: float
    """Instants lie before this, for violations begin before it; those that ask how old a look is lie so long before the end."""
    horizon_s: float
    air: Mapping[str, Spans]
    """When states of the air hold at each."""
    hours_s: Floats
    """How long each hour of the day lasts in the run, over all cells by share. Shape (24,)."""

    @property
    def cells(self) -> int:
        """How many places there are."""
        return len(self.share)


class Take(NamedTuple):
    """What one sensor, or several, take of the ground."""

    looked: Spans
    asset: Ints
    """Number of the unit of each look, across all sensors. Shape (S,)."""
    kind: Ints
    """Number of the type of asset of each. Shape (S,)."""
    response_s: Floats
    """From each instant until the next look is on the desk. Shape (C, T)."""
    age_s: Floats
    """Age of the newest look on the desk, at so long before the end as each instant is after the begin. Shape (C, T)."""
    nearest_m: Floats
    """Range on the ground, `nan` for none. Shape (C,)."""
    furthest_m: Floats

    @staticmethod
    def join(takes: "list[Take]") -> "Take":
        """Return what several take together."""
        asset, kind = (np.concatenate([getattr(take, name) for take in takes]) for name in ("asset", "kind"))
        response_s, age_s = (np.min([getattr(take, name) for take in takes], axis=0) for name in ("response_s", "age_s"))
        nearest_m, furthest_m = (extreme.reduce([getattr(take, name) for take in takes]) for name, extreme in RANGES)
        return Take(Spans.join([take.looked for take in takes]), asset, kind, response_s, age_s, nearest_m, furthest_m)


RANGES = (("nearest_m", np.fmin), ("furthest_m", np.fmax))


class Merit(Measure, kind="merit"):
    """Figures of merit of coverage for each type of asset and for all together, through the same windows as the simulation.

    Half of the figures is what the corridor has as a whole, or at its median; the other half, under names that end in `_worst`, is what
    its worst tenth does not reach.
    """

    along: Annotated[int, Field(ge=1)] = 10
    """Cells along the line, one place in each; the bands across are those of the coverage map. Places differ between replications, so
    five of them ask about 400 places."""
    replications: Annotated[int, Field(ge=1)] = 5
    """Figures of merit are worked out in the first replications only, as coverage is."""
    instants: Annotated[int, Field(ge=8)] = 48
    """Instants a cell, one in each equal part of the run, at which it is asked what the desk has; all else is exact."""
    pause_s: Seconds = MINUTE
    """A place that is back in view of the same unit within this time was never out of it. Assumption: a scan of a camera."""
    offset_s: Seconds = HOUR
    """Looks of two assets that are no further apart corroborate one another. Assumption, range 15 min to 1 day."""

    title: ClassVar[str] = "Who looks how often, and how soon again?"
    order: ClassVar[int] = 25
    figure_name: ClassVar[str] = "merits"

    def tally(self, play: Play) -> dict[str, float]:
        """Return the figures of merit of one replication, by figure and type of asset."""
        if play.replication >= self.replications:
            return {}
        ground = self.ground(play)
        takes = self.takes(play, ground)
        found = {PLACES: float(ground.cells)}
        for part, take in takes.items():
            merits = self.merits(take, ground, whole=not part)
            found |= {named(name, part): kept(value) for name, value in merits.items()}
        return found

    def ground(self, play: Play) -> Ground:
        """Return the places: those of the coverage map, on longer cells."""
        scene = play.world.scene
        stage = scene.stage
        coverage = Coverage(step_m=stage.line.length_m / self.along, starts=self.instants).fitted(stage)
        grid = stage.once(("merit", self), lambda: coverage.grid(stage))
        share, cells = coverage.shares(grid), len(grid.x_m)
        probes = coverage.probes(grid, stage, play.world.dice)
        lon_deg, _ = stage.line.to_lonlat(probes.x_m, probes.y_m)
        clock_s = np.mod(stage.start.timestamp() + lon_deg / 360.0 * DAY, DAY)
        instants_s = coverage.starts_s(cells, stage.length_s, play.replication)
        hours_s = by_hour_s(Spans(np.arange(cells), np.zeros(cells), np.full(cells, scene.horizon_s)), share, clock_s)
        return Ground(probes, share, clock_s, instants_s, stage.length_s, scene.horizon_s, air_over(probes, scene), hours_s)

    def takes(self, play: Play, ground: Ground) -> dict[str, Take]:
        """Return what each type of asset takes, after what all take together, under no name."""
        by_type: dict[str, list[Take]] = {}
        assets = 0
        for name, sensor in play.world.scenario.sensors.items():
            kind = asset_type(sensor)
            by_type.setdefault(kind, [])
            take = self.take(name, sensor, play, ground)
            number = list(by_type).index(kind)
            by_type[kind].append(take._replace(asset=take.asset + assets, kind=np.full(len(take.asset), number)))
            assets += int(take.asset.max(initial=-1)) + 1
        if not by_type:
            return {}
        alone = {kind: Take.join(takes) for kind, takes in by_type.items()}
        return {"": Take.join(list(alone.values()))} | (alone if len(alone) > 1 else {})

    def take(self, name: str, sensor: Sensor, play: Play, ground: Ground) -> Take:
        """Return what one sensor takes of the ground."""
        scene = play.world.scene
        tracks, air, stints = sensor.tracks(scene), scene.sky.air(name, sensor.kind_name), play.plans[name].stints
        nearest_m, furthest_m = np.full((2, ground.cells), NONE)
        found = []
        for sight in by_arcs(sensor.sight(ground.probes, scene)):
            seen = windows(sight, stints, ground.probes, air)
            found.append(looks(seen, self.pause_s))
            if on_the_ground(sensor):
                ranges(sight.take(np.unique(seen.row)), tracks, ground.probes, nearest_m, furthest_m)
        looked = Spans.join([part for part, _ in found])
        unit = np.concatenate([np.zeros(0, np.int64), *(units for _, units in found)])
        once = at_least(edges_of(looked))
        die = play.world.dice("merit", name)
        cell, instant = np.arange(ground.cells)[:, None], np.arange(self.instants)
        delay_s = sensor.deliver.quantile_s(die.uniform(cell, instant)) if sensor.deliver else np.zeros(ground.instants_s.shape)
        response_s = next_s(once, ground.instants_s) + delay_s
        age_s = last_s(once, scene.horizon_s - ground.instants_s - delay_s) + delay_s
        return Take(looked, unit, np.zeros(len(unit), np.int64), response_s, age_s, nearest_m, furthest_m)

    def merits(self, take: Take, ground: Ground, whole: bool = True) -> dict[str, float]:
        """Return the figures of what is taken together: over cells, by hour of the day, by state of the air, and as a curve.

        Args:
            take: Of all sensors, or of one type.
            ground: Places and instants.
            whole: Whether places that are never in view count for waits: they do for all sensors together, and for no type of asset, of
                which `ever` says how far it reaches.
        """
        edges = edges_of(take.looked)
        layers = [at_least(edges, least) for least in (1, 2, 3)]
        blind = gaps(layers[0], ground.cells, ground.horizon_s)
        values = self.by_cell(take, layers, most(edges, ground.cells), blind, ground, whole)
        reached = np.where(whole | (values["ever"] > 0.0), ground.share, 0.0)
        found: dict[str, float] = {}
        for name, asked in FIGURES.items():
            weight, worst = (ground.share, 0.1) if asked.good else (reached, 0.9)
            found[name] = mean_of(values[name], weight) if asked.is_mean else weighted_quantile(values[name], weight, 0.5)
            found[f"{name}_worst"] = weighted_quantile(values[name], weight, worst)
        for least, layer in enumerate(layers if whole else layers[:1], 1):
            found |= by_hour(layer, f"watched_{least}", ground)
        found |= by_state(layers[0], ground) | (waits_by_hour(take.response_s, ground) if whole else {})
        curve = longer_than(blind, ground.share, WAITS_S, ground.asked_s, ground.horizon_s)
        return found | {f"longer_{wait:02d}": float(share) for wait, share in enumerate(curve)}

    def by_cell(self, take: Take, layers: list[Spans], together: Ints, blind: Spans, ground: Ground, whole: bool) -> dict[str, Floats]:
        """Return each figure of each cell. Shapes (C,)."""
        cells, horizon_s, days = ground.cells, ground.horizon_s, ground.horizon_s / DAY
        seconds = take.looked.seconds(cells)
        count = np.bincount(take.looked.cell, minlength=cells)
        access, revisit = lasting(take.looked, cells, horizon_s), lasting(blind, cells, horizon_s)
        response, age = responses(blind, cells, ground.asked_s, horizon_s), ages(blind, cells, ground.asked_s, horizon_s)
        never = count == 0
        values = {f"watched_{least}": layer.seconds(cells) / horizon_s for least, layer in enumerate(layers, 1)}
        values |= {"assets_mean": seconds / horizon_s, "assets_most": together.astype(np.float64)}
        values |= {"accesses": count / days, "gaps": np.bincount(blind.cell, minlength=cells) / days}
        values |= {"access_mean": access.mean_s(), "access_p50": access.quantile_s(0.5), "access_p90": access.quantile_s(0.9)}
        values["met_type"] = np.full(cells, NONE)
        for name, asset in (("met_asset", take.asset), ("met_type", take.kind))[: 1 + whole]:
            hits = met(take.looked, asset, self.offset_s).astype(np.float64)
            values[name] = np.where(never, NONE, sums(take.looked.cell, hits, cells) / np.maximum(count, 1))
        values["ever"] = 1.0 - never
        between = {"mean": revisit.mean_s(), "p50": revisit.quantile_s(0.5), "p90": revisit.quantile_s(0.9)}
        values |= {f"revisit_{name}": np.where(never, NEVER, value) for name, value in between.items()}
        values["revisit_max"] = longest_s(blind, cells)
        for name, waits in (("response", response), ("age", age)):
            values |= {f"{name}_mean": waits.mean_s(), f"{name}_p50": waits.quantile_s(0.5), f"{name}_p90": waits.quantile_s(0.9)}
            values[f"{name}_unknown"] = waits.unknown
        values |= {"response_in_gap_mean": response.mean_s(in_gap=True), "response_in_gap_p90": response.quantile_s(0.9, in_gap=True)}
        values["time_average_gap"] = np.where(never, NEVER, gap_fallen_into_s(blind, cells, horizon_s))
        for name, waits_s in (("system_response", take.response_s), ("system_age", take.age_s)):
            in_order = np.sort(waits_s, axis=1)
            values |= {f"{name}_p{level}": in_order[:, -(-level * in_order.shape[1] // 100) - 1] for level in (50, 90)}
        return values | {"range_least": take.nearest_m, "range_most": take.furthest_m}

    def readings(self, results: Results) -> list[Reading]:
        """Return every figure of every type of asset, by hour and by state of the air where it has them."""
        if PLACES not in results.tallies:
            return []
        told, kinds = results.tallies[PLACES] > 0.0, types(results)
        places = int(results.tallies[PLACES].sum())
        found: list[Reading] = []
        for name, column in results.tallies.items():
            figure, part = split(name)
            asked = FIGURES.get(figure.removesuffix("_worst"))
            if asked is None or not name.startswith("merit."):
                continue
            values = np.where(told & (column != ABSENT), column, NONE)
            where = " (all but the worst tenth of the corridor)" if figure.endswith("_worst") else ""
            method = "mean" if asked.is_mean and not where else "quantile"
            method += " over the places in view" if part.partition(", ")[0] in kinds and not asked.good else " over the corridor"
            if np.isnan(values).all():
                continue
            found.append(Reading(f"merit.{figure}", asked.label + where, part, values, asked.unit, places, False, method))
        return found

    def draw(self, results: Results, figure: "Figure") -> None:
        """Draw how soon somebody looks again, by type of asset, and how much is in view by hour of the day and state of the air."""
        figure.set_size_inches(12.6, 6.9)
        table = {reading.key: reading.interval() for reading in self.readings(results)}
        watched = "nothing is in view"
        if table:
            one, two = (percent(table[f"merit.watched_{least}"].estimate) for least in (1, 2))
            watched = f"{one} of time and place is in view, {two} of two assets at once"
        heading(figure, self.title, f"Time from any instant to the next look, and what is in view when. {mix_of(results)}: {watched}.")
        if table:
            draw_responses(figure.add_axes((0.055, 0.165, 0.36, 0.61)), results)
            draw_hours(figure.add_axes((0.775, 0.48, 0.20, 0.295)), results)
            draw_states(figure.add_axes((0.775, 0.165, 0.20, 0.19)), table)
        count = int((results.tallies[PLACES] > 0.0).sum()) if table else 0
        several = " Shaded: lowest and highest replication. Strokes: 95 % interval over replications." if count > 1 else ""
        remark(
            figure,
            f"{runs(count)}, places spread evenly over the corridor, vehicle in the open.{several} Left: share of instants and places; an "
            "instant counts for a time if the run goes on for so long after it, so that no gap is cut. Right: share of time and place that "
            "so many different assets have in view at once (areas), that each type of asset has (lines as on the left), and in each "
            "state of the air.",
        )


def named(figure: str, part: str) -> str:
    """Return how a tally is named by a figure, which may bring a part of its own, and a type of asset.

    >>> named("watched_1|07 h", "drone"), named("watched_1|07 h", ""), named("gaps", "")
    ('merit.watched_1[drone, 07 h]', 'merit.watched_1[07 h]', 'merit.gaps')
    """
    figure, _, own = figure.partition("|")
    whole = ", ".join(filter(None, (part, own)))
    return f"merit.{figure}[{whole}]" if whole else f"merit.{figure}"


def kept(value: float) -> float:
    """Return a figure as tables keep it: none as `ABSENT`, others to nine digits, for machines differ in the last ones of a logarithm.

    >>> kept(float("nan")), kept(1 / 3), kept(float("inf"))
    (-1.0, 0.333333333, inf)
    """
    return ABSENT if np.isnan(value) else float(f"{value:.9g}")


def split(name: str) -> tuple[str, str]:
    """Return the figure and the part that a tally is named by.

    >>> split("merit.watched_1[drone, 07 h]"), split("merit.watched_1")
    (('watched_1', 'drone, 07 h'), ('watched_1', ''))
    """
    figure, _, part = name.removeprefix("merit.").removesuffix("]").partition("[")
    return figure, part


def asset_type(sensor: Sensor) -> str:
    """Return the type of a sensor's units in words: its kind, and its instrument where the kind has several."""
    instrument = getattr(getattr(sensor, "instrument", None), "instrument", "")
    return f"{instrument} {UNITS.get(sensor.kind_name, spoken(sensor.kind_name))}".strip()


def on_the_ground(sensor: Sensor) -> bool:
    """Return whether tracks say where units are; those of satellites say which ground they image."""
    return not hasattr(sensor, "orbit")


def ranges(sight: Sight, tracks: tuple[Track, ...], probes: Targets, nearest_m: Floats, furthest_m: Floats) -> None:
    """Lower and raise the ranges on the ground, shapes (C,), at which probes are in view, by those of a sight."""
    for number in np.unique(sight.track[sight.track < len(tracks)]):
        rows = np.flatnonzero(sight.track == number)
        track, target = tracks[number], sight.target[rows]
        enter_m, leave_m = sight.arcs_m[rows, :, :1], sight.arcs_m[rows, :, 1:]
        place_m = enter_m + (leave_m - enter_m) * np.linspace(0.0, 1.0, ARC_POINTS)
        along_m = track.length_m - np.abs(np.mod(place_m, max(2.0 * track.length_m, 1.0)) - track.length_m)
        x_m, y_m = (np.interp(along_m, track.steps_m, track.xy_m[:, axis]) for axis in (0, 1))
        range_m = np.hypot(x_m - probes.x_m[target, None, None], y_m - probes.y_m[target, None, None])
        range_m = np.where(leave_m > enter_m, range_m, NONE).reshape(len(rows), -1)
        np.fmin.at(nearest_m, target, np.fmin.reduce(range_m, axis=1))
        np.fmax.at(furthest_m, target, np.fmax.reduce(range_m, axis=1))


def air_over(probes: Targets, scene: Scene) -> dict[str, Spans]:
    """Return when states of the air hold over each probe."""
    sky, cells = scene.sky, len(probes)
    air = sky.air()
    cell, from_s, to_s, state = air.during(air.lane(probes.chainage_m, probes.offset_m), np.zeros(cells), np.full(cells, scene.horizon_s))
    held = {"night": NIGHT, "murk": MURK, "jammed": JAMMED}
    found = {name: Spans(cell, from_s, to_s).take((state & bit) > 0) for name, bit in held.items()}
    region = np.clip((probes.chainage_m // sky.weather.region_m).astype(np.int64), 0, len(sky.regions) - 1)
    parts = []
    for number in np.unique(region):
        begin_s, end_s = spans(*ruled(sky.regions[number], sky.weather.cloud, sky.start, sky.horizon_s))
        here = np.flatnonzero(region == number)
        parts.append(Spans(np.repeat(here, len(begin_s)), np.tile(begin_s, len(here)), np.tile(end_s, len(here))))
    return found | {"overcast": Spans.join(parts)}


def mean_of(values: Floats, share: Floats) -> float:
    """Return the mean over the cells that have a value, by their share of the area."""
    told = ~np.isnan(values)
    return float((values[told] * share[told]).sum() / share[told].sum()) if told.any() else NONE


def by_hour(layer: Spans, name: str, ground: Ground) -> dict[str, float]:
    """Return the share of each hour of the day, in mean solar time, that stretches hold."""
    shares = ratios(by_hour_s(layer, ground.share, ground.clock_s), ground.hours_s)
    return {f"{name}|{hour:02d} h": float(share) for hour, share in enumerate(shares)}


def by_state(layer: Spans, ground: Ground) -> dict[str, float]:
    """Return the share of time in view while each state of the air holds, and while it does not."""
    names = list(ground.air)
    held = Spans.join([ground.air[name] for name in names])
    number = np.repeat(np.arange(len(names)), [len(ground.air[name].cell) for name in names])
    share = ground.share[held.cell]
    state_s = np.stack([sums(number, share * time_s, len(names)) for time_s in (within_s(layer, *held), held.end_s - held.start_s)])
    whole_s = np.array([(layer.seconds(ground.cells) * ground.share).sum(), ground.horizon_s * ground.share.sum()])
    found = {}
    for part, (name, holds) in STATES.items():
        seen_s, time_s = state_s[:, names.index(name)] if holds else whole_s - state_s[:, names.index(name)]
        found[f"watched_1|{part}"] = float(ratios(seen_s, time_s))
    return found


def waits_by_hour(waits_s: Floats, ground: Ground) -> dict[str, float]:
    """Return what nine waits in ten do not exceed, by the hour of the day at which they begin."""
    hour = np.mod(ground.instants_s + ground.clock_s[:, None], DAY) // HOUR
    share = np.broadcast_to(ground.share[:, None], hour.shape)
    found = {}
    for number in range(24):
        here = hour == number
        found[f"system_response_p90|{number:02d} h"] = weighted_quantile(waits_s[here], share[here], 0.9)
    return found


def ratios(part: Floats, whole: Floats) -> Floats:
    """Return shares, `nan` of nothing, and no share above 1 by rounding."""
    return np.where(whole > 0.0, np.clip(part / np.maximum(whole, 1e-9), 0.0, 1.0), NONE)


def types(results: Results) -> list[str]:
    """Return the types of assets that have figures of their own, in the order of the scenario."""
    found = (split(name) for name in results.tallies if name.startswith("merit."))
    return [part for figure, part in found if figure == "accesses" and part]


def series(results: Results, names: list[str]) -> Floats:
    """Return tallies of the replications that have figures of merit. Shape (R, N)."""
    told = results.tallies[PLACES] > 0.0
    values = np.stack([results.tallies[name][told] for name in names], axis=1)
    return np.where(values == ABSENT, NONE, values)


def draw_responses(axes: "Axes", results: Results) -> None:
    """Draw for each type of asset the share of instants from which somebody looks within each time."""
    calm(axes)
    last_s = min(7 * DAY, results.stage.horizon_s / 2)
    time_axis(axes, WAITS_S[1], last_s)
    axes.set_ylim(0.0, 1.0)
    axes.set_yticks(np.linspace(0.0, 1.0, 6), [f"{tick} %" for tick in range(0, 101, 20)])
    axes.set_xlabel("time from an instant to the next look", color=GREY, size=10)
    drawn = np.arange(1, np.searchsorted(WAITS_S, last_s, side="right"))
    rows = []
    for number, part in enumerate(["", *types(results)]):
        reached = 1.0 - series(results, [named(f"longer_{wait:02d}", part) for wait in range(len(WAITS_S))])
        colour, dash = (OKABE_ITO[(number - 1) % len(OKABE_ITO)], DASHES[(number - 1) % len(DASHES)]) if part else (INK, DASHES[0])
        style: dict[str, Any] = {"color": colour, "ls": dash, "lw": 2.6 if not part else 1.8}
        axes.fill_between(WAITS_S[drawn], reached[:, drawn].min(axis=0), reached[:, drawn].max(axis=0), color=colour, alpha=0.13, lw=0)
        curve = reached.mean(axis=0)
        axes.plot(WAITS_S[drawn], curve[drawn], **style, zorder=4 if not part else 3)
        at = [curve[0], *np.interp([HOUR, DAY], WAITS_S, curve)]
        rows.append(
            (part or "all together", [percent(float(share)).replace("under ", "< ") for share in at], float(curve[drawn][-1]), style)
        )
    label_rows(axes, rows)


def label_rows(axes: "Axes", rows: list[tuple[str, list[str], float, dict[str, Any]]]) -> None:
    """Write beside the curves what they stand for, and their shares in view, within 1 h and within 24 h."""
    heights = apart(np.array([end for _, _, end, _ in rows]), LABEL_GAP)
    for (name, shares, end, style), height in zip(rows, heights, strict=True):
        axes.plot([1.0, 1.018], [end, height], color=style["color"], lw=0.7, transform=axes.transAxes, clip_on=False)
        axes.plot([1.02, 1.06], [height, height], **style, transform=axes.transAxes, clip_on=False)
        weight = "bold" if style["color"] == INK else "normal"
        axes.text(1.07, height, plain(name), color=INK, size=9.5, va="center", weight=weight, transform=axes.transAxes)
        for place, text in zip(COLUMNS, shares, strict=True):
            axes.text(place, height, text, color=INK, size=9.5, va="center", ha="right", transform=axes.transAxes)
    for word, place in zip(("at once", "1 h", "24 h"), COLUMNS, strict=True):
        axes.text(place, 1.06, word, color=GREY, size=9, va="center", ha="right", transform=axes.transAxes)


COLUMNS = (1.43, 1.55, 1.66)
LABEL_GAP = 0.05
"""Where numbers stand beside the axes, and the least distance of two of them, as shares of the axes."""
LAYERS = ((1, "#bcd7ec"), (2, "#6fa5d0"), (3, "#23639d"))
"""Assets at once, and the colour of the time with so many; lightness falls evenly (CIE L* 84, 65, 41)."""


def draw_hours(axes: "Axes", results: Results) -> None:
    """Draw the share of the corridor that one asset, two, three have in view at each hour, and that each type of asset has."""
    calm(axes)
    hours = [f"{hour:02d} h" for hour in range(24)]
    edges = np.arange(25)
    top = 0.0
    for least, colour in LAYERS:
        share = series(results, [named(f"watched_{least}|{hour}", "") for hour in hours]).mean(axis=0)
        axes.stairs(share, edges, fill=True, color=colour, zorder=1.5)
        axes.plot((0.36 * least - 0.33,), (1.075,), "s", ms=7, color=colour, transform=axes.transAxes, clip_on=False)
        axes.text(0.36 * least - 0.29, 1.075, ASSETS[least - 1], color=INK, size=9, va="center", transform=axes.transAxes)
        top = max(top, float(np.nanmax(share)))
    for number, part in enumerate(types(results)):
        share = series(results, [named(f"watched_1|{hour}", part) for hour in hours]).mean(axis=0)
        colour, dash = OKABE_ITO[number % len(OKABE_ITO)], DASHES[number % len(DASHES)]
        axes.plot(edges, np.append(share, share[-1]), drawstyle="steps-post", color=colour, ls=dash, lw=1.6, zorder=3)
    axes.set_xlim(0, 24)
    axes.set_xticks(range(0, 25, 6), [f"{hour} h" for hour in range(0, 25, 6)])
    share_axis(axes, "y", 1.12 * top)
    axes.set_xlabel("mean solar time of the place", color=GREY, size=9.5)


ASSETS = ("1 or more", "2 or more", "3 or more")


def draw_states(axes: "Axes", table: Mapping[str, Interval]) -> None:
    """Draw the share of time and place that is in view in each state of the air, those left out that never come."""
    calm(axes)
    told = {part: table[key] for part in STATES if (key := key_of("merit.watched_1", part)) in table}
    for row, found in enumerate(told.values()):
        axes.barh(row, found.estimate, height=0.62, color=LAYERS[0][1], zorder=2)
        axes.plot([found.low, found.high], [row, row], color=INK, lw=1.0, zorder=3)
    axes.set_yticks(range(len(told)), list(told))
    axes.set_ylim(len(told) - 0.4, -0.6)
    share_axis(
        axes,
        "x",
        1.05 * max([found.estimate for found in told.values()] + [found.high for found in told.values() if found.high == found.high]),
    )
    axes.set_xlabel("in view", color=GREY, size=9.5)


def share_axis(axes: "Axes", which: str, top: float) -> None:
    """Give an axis a few ticks in per cent, from 0 to a top."""
    top = min(1.0, max(top, 0.001))
    step = next(step for step in STEPS if top / step <= 5.0)
    ticks = np.arange(0.0, top + 1e-9, step)
    ticked = axes.set_xticks if which == "x" else axes.set_yticks
    ticked(ticks, [f"{100 * tick:g} %" for tick in ticks.round(6).tolist()])
    axes.tick_params(pad=5)
    axes.set(**{f"{which}lim": (0.0, top)})


STEPS = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)
