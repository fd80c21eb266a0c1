"""How often places are looked at, by how many, and how old what is known is: the figures of merit, by type of asset."""

from typing import TYPE_CHECKING, Annotated, ClassVar

import numpy as np
from pydantic import Field

from sim.kinds import Floats, Ints
from sim.measures.assets import asset_type
from sim.measures.base import Measure, Reading, heading, mix_of, percent, remark, runs
from sim.measures.coverage import Coverage
from sim.measures.figures import FIGURES, PLACES, STATES, named, split, types
from sim.measures.ground import Ground, Take, air_over, take_of
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
    lasting,
    longer_than,
    longest_s,
    met,
    most,
    responses,
    sums,
    weighted_quantile,
    within_s,
)
from sim.story import Play, Results
from sim.units import DAY, HOUR, MINUTE, Seconds
from sim.waits import WAITS_S

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
            take = take_of(name, sensor, play, ground, self.pause_s)
            number = list(by_type).index(kind)
            by_type[kind].append(take._replace(asset=take.asset + assets, kind=np.full(len(take.asset), number)))
            assets += int(take.asset.max(initial=-1)) + 1
        if not by_type:
            return {}
        alone = {kind: Take.join(takes) for kind, takes in by_type.items()}
        return {"": Take.join(list(alone.values()))} | (alone if len(alone) > 1 else {})

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
            values = np.where(told, column, NONE)
            where = " (all but the worst tenth of the corridor)" if figure.endswith("_worst") else ""
            method = "mean" if asked.is_mean and not where else "quantile"
            method += " over the places in view" if part.partition(", ")[0] in kinds and not asked.good else " over the corridor"
            if np.isnan(values).all():
                continue
            found.append(Reading(f"merit.{figure}", asked.label + where, part, values, asked.unit, places, False, method))
        return found

    def draw(self, results: Results, figure: "Figure") -> None:
        """Draw how soon somebody looks again, by type of asset, and how much is in view by hour of the day and state of the air."""
        figure.set_size_inches(13.4, 6.9)
        table = {reading.key: reading.interval() for reading in self.readings(results)}
        watched = "nothing is in view"
        if table:
            one, two = (percent(table[f"merit.watched_{least}"].estimate) for least in (1, 2))
            watched = f"{one} of time and place is in view, {two} of two assets at once"
        heading(figure, self.title, f"Time from any instant to the next look, and what is in view when. {mix_of(results)}: {watched}.")
        if table:
            from sim.measures.drawing.merits import draw_hours, draw_responses, draw_states

            draw_responses(figure, (0.055, 0.165, 0.61, 0.61), results)
            draw_hours(figure.add_axes((0.775, 0.48, 0.20, 0.295)), results)
            draw_states(figure.add_axes((0.775, 0.165, 0.20, 0.19)), table)
        count = int((results.tallies[PLACES] > 0.0).sum()) if table else 0
        several = " Shaded: lowest and highest replication. Strokes: 95 % interval over replications." if count > 1 else ""
        remark(
            figure,
            f"{runs(count)}, places spread evenly over the corridor, a silent vehicle that stands in the open.{several} "
            "Left: share of instants and places; an instant counts for a time if the run goes on for so long after it, so that no gap is "
            "cut. Right: share of time and place that so many different assets have in view at once (areas), that each type of asset has "
            "(lines as on the left), and in each state of the air.",
        )


def kept(value: float) -> float:
    """Return a figure as tables keep it: to nine digits, for machines differ in the last ones of a logarithm; `nan` for none.

    >>> kept(1 / 3), kept(float("inf")), kept(float("nan"))
    (0.333333333, inf, nan)
    """
    return float(f"{value:.9g}")


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
