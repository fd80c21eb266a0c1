"""What the figures of these pages show, asked of the product.

The sensor is the one that the page writes, its `sight` says what it sees of which target, `sim.watch.windows` when, and the chance is
1 - exp(-exposure). No formula of a sensor stands here.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.dice import Dice
from sim.imagery import BANDS
from sim.kinds import Floats
from sim.measures.base import OKABE_ITO
from sim.ops import rehearse
from sim.physics.acoustics import SHOT_DB
from sim.scenario import MASKING_DEG, loads
from sim.scene import Scene, Stage, Targets
from sim.sensors.satellite_constellation import LOOK_S
from sim.sky import JAMMED, MURK, NIGHT, STATES, Environment, draw_sky
from sim.units import DAY, HOUR, KM, MINUTE
from sim.violations.armoured_incursion import ArmouredIncursion
from sim.violations.base import Violation
from sim.violations.drone_overflight import DroneOverflight
from sim.violations.foot_incursion import FootIncursion
from sim.violations.jamming import Jamming
from sim.violations.shelling import Shelling
from sim.watch import Sight, Stint, Track, windows
from sim.world import set_stage

if TYPE_CHECKING:
    pass

HERE = Path(__file__).parent
BLUE, ORANGE, GREEN, PINK, YELLOW, SKY, BLACK, OLIVE = OKABE_ITO
DAYLIGHT = 0
MIDDLE_M = 50 * KM
"""Where along the line the targets stand."""
BELTS, WOODS = MASKING_DEG["tree_belts"], MASKING_DEG["woodland"]
"""Mean angles that terrain and plants hide."""
SKIES = 6
"""Replications over which weather and tasking are averaged."""
MASKS = 200
"""Angles of terrain over which a chance is averaged, evenly spread over their law."""
POINTS = 161


class Thing(NamedTuple):
    """What is looked for: its columns as violations fill them by default."""

    name: str
    colour: str
    columns: dict[str, Any]


class Curve(NamedTuple):
    """A chance along the axis of a panel. Shape (X,)."""

    thing: Thing
    p: Floats


class Panel(NamedTuple):
    """One set of axes."""

    title: str
    axis: str
    x: Floats
    curves: list[Curve]
    told: tuple[float, ...] = ()
    """Places of the axis at which the table tells the chance; without them, how far half is found."""


@dataclass(frozen=True, slots=True)
class Page:
    """What the figure of one page shows."""

    name: str
    title: str
    subtitle: str
    panels: "Callable[[Site], list[Panel]]"
    source: str


def default(kind: type[Violation], *names: str) -> dict[str, Any]:
    """Return fields of a violation as they stand without being written."""
    return {name: kind.model_fields[name].default for name in names}


MOVING = default(ArmouredIncursion, "size_m", "rcs_m2", "speed_mps") | {"heat_k": default(ArmouredIncursion, "moving_k")["moving_k"]}
STILL = MOVING | {"speed_mps": 0.0, "heat_k": default(ArmouredIncursion, "standing_k")["standing_k"]}
ON_FOOT = default(FootIncursion, "size_m", "rcs_m2", "speed_mps", "heat_k")
VEHICLE, PARKED = Thing("vehicle", BLUE, MOVING), Thing("vehicle", BLUE, STILL)
COLUMN = Thing("6 vehicles", BLUE, STILL | {"pieces": 6.0})
GROUP, WALKER = Thing("5 on foot", ORANGE, ON_FOOT | {"pieces": 5.0}), Thing("walker", ORANGE, ON_FOOT)
FLASH = Thing("gun flash", GREEN, {"size_m": 2.3, "pieces": 3.0, "heat_k": default(Shelling, "flash_k")["flash_k"]})
CRATERS = Thing("8 craters", GREEN, {"trace_m": default(Shelling, "crater_m")["crater_m"], "pieces": 8.0})
HOWITZER, MORTAR, RIFLE = (
    Thing(name, colour, {"sound_db": level_db, "rcs_m2": 0.01})
    for name, colour, level_db in (
        ("howitzer", BLUE, default(Shelling, "sound_db")["sound_db"]),
        ("mortar", ORANGE, SHOT_DB["mortar"]),
        ("small arms", GREEN, SHOT_DB["small_arms"]),
    )
)
OVER = default(DroneOverflight, "rcs_m2", "speed_mps", "above_ground_m")
LOITERER = Thing("drone", GREEN, {"rcs_m2": OVER["rcs_m2"], "speed_mps": OVER["speed_mps"], "height_m": OVER["above_ground_m"]})
JAMMER = Thing("jammer of 100 W", BLUE, default(Jamming, "size_m", "rcs_m2", "heat_k", "emitter_w"))


@dataclass(frozen=True, slots=True)
class Site:
    """A sensor of a page on the straight line."""

    sensor: Any
    scene: Scene
    environment: Environment

    @property
    def unit(self) -> int:
        """The track that lies nearest to the middle of the line."""
        return int(np.argmin([abs(track.chainage_m - MIDDLE_M) for track in self.sensor.tracks(self.scene)]))

    def targets(
        self, thing: Thing, offset_m: Floats, chainage_m: float, lasts_s: float, mask_deg: float = 0.0, at_s: float = 0.0
    ) -> Targets:
        """Return things at distances from the line, each under `MASKS` angles of terrain if there is any. Shape (N,) or (N MASKS,)."""
        masks = np.zeros(1) if mask_deg == 0.0 else -mask_deg * np.log1p(-(np.arange(MASKS) + 0.5) / MASKS)
        offset_m, hides_deg = (grid.ravel() for grid in np.meshgrid(offset_m, masks, indexing="ij"))
        count = len(offset_m)
        along_m = np.full(count, chainage_m)
        x_m, y_m = self.scene.line.at(along_m, offset_m)
        columns = {name: np.full(count, value, dtype=bool if name == "hidden" else np.float64) for name, value in thing.columns.items()}
        times = {"start_s": np.full(count, at_s), "end_s": np.full(count, at_s + lasts_s)}
        places = {"x_m": x_m, "y_m": y_m, "chainage_m": along_m, "offset_m": offset_m, "mask_deg": hides_deg}
        return replace(Targets.blank(count), **places, **times, **columns)

    def stared(self, thing: Thing, away_m: Floats, lasts_s: float, state: int = DAYLIGHT, **other: Any) -> Floats:
        """Return the chance that one unit that stands sees things so far behind the line from it, while they last. Shape (X,)."""
        unit, track = self.unit, self.sensor.tracks(self.scene)[self.unit]
        offset_m = float(self.scene.line.locate(*track.xy_m.T)[1][0])
        sense, at_s = other.pop("sense", None), other.get("at_s", 0.0)
        targets = self.targets(thing, offset_m - away_m, track.chainage_m, lasts_s, **other)
        stints = [Stint(unit, unit, at_s, at_s + lasts_s)]
        return averaged(found(self.sensor.sight(targets, self.scene), stints, targets, state, sense), len(away_m))

    def passed(self, thing: Thing, away_m: Floats, state: int = DAYLIGHT, mask_deg: float = 0.0, sense: int | None = None) -> Floats:
        """Return the chance that one pass along the track sees things at these distances from it. Shape (X,)."""
        unit = self.unit
        track = self.sensor.tracks(self.scene)[unit]
        offset_m = float(self.scene.line.locate(*track.xy_m[:1].T)[1][0])
        lasts_s = track.length_m / self.sensor.speed_mps
        targets = self.targets(thing, offset_m - away_m, track.chainage_m, lasts_s, mask_deg)
        stints = [Stint(unit, unit, 0.0, lasts_s, 0.0, self.sensor.speed_mps)]
        return averaged(found(self.sensor.sight(targets, self.scene), stints, targets, state, sense), len(away_m))


def found(sight: Sight, stints: Sequence[Stint], targets: Targets, state: int = DAYLIGHT, sense: int | None = None) -> Floats:
    """Return the chance that stints see each target under one state of the sky: 1 - exp(-exposure). Shape (N,)."""
    sight = sight if sense is None else sight.take(sight.senses == sense)
    sight = replace(sight, rate_per_s=np.repeat(sight.rate_per_s[:, [state]], STATES, axis=1))
    seen = windows(sight, stints, targets)
    exposure = np.bincount(seen.target, weights=seen.rate_per_s * seen.seen_s, minlength=len(targets))
    return np.asarray(-np.expm1(-exposure))


def averaged(p: Floats, count: int) -> Floats:
    """Return the mean over the angles of terrain. Shape (count,)."""
    return np.asarray(p.reshape(count, -1).mean(axis=1))


@cache
def site(name: str, start: str = "2026-06-01") -> Site:
    """Return the sensor of a page on the straight line, from a day on, under the sky of its first replication."""
    ground = (HERE / "stage.yaml").read_text(encoding="utf-8").replace("2026-06-01", start)
    scenario = loads(ground + snippets(name)[0], HERE).scenario
    return Site(next(iter(scenario.sensors.values())), under(set_stage(scenario, HERE), scenario.environment, 0), scenario.environment)


def under(stage: Stage, environment: Environment, replication: int) -> Scene:
    """Return a stage under the sky of a replication."""
    return Scene(stage, draw_sky(environment, stage.line, stage.start, stage.horizon_s, [], Dice(1, replication)))


def text_of(name: str) -> str:
    """Return a page."""
    return (HERE / f"{name}.md").read_text(encoding="utf-8")


def snippets(name: str) -> list[str]:
    """Return what a page would have written into a scenario."""
    return re.findall(r"```yaml\n(.*?)```", text_of(name), flags=re.DOTALL)


# What each page shows


def to_m(most_m: float) -> Floats:
    """Return distances up to one."""
    return np.linspace(0.0, most_m, POINTS)


def ranges(title: str, things: Sequence[Thing], away_m: Floats, p: Callable[[Thing], Floats], axis: str = "km from the sensor") -> Panel:
    """Return a panel of chances against distance."""
    return Panel(title, axis, away_m / KM, [Curve(thing, p(thing)) for thing in things])


def camera_tower(it: Site) -> list[Panel]:
    """A mast: what stays in view for ten minutes."""
    away_m, things = to_m(13 * KM), (VEHICLE, GROUP, FLASH)
    return [
        ranges("Open ground, by day", things, away_m, lambda thing: it.stared(thing, away_m, 10 * MINUTE)),
        ranges("Open ground, at night", things, away_m, lambda thing: it.stared(thing, away_m, 10 * MINUTE, NIGHT)),
        ranges("Open ground, fog", things, away_m, lambda thing: it.stared(thing, away_m, 10 * MINUTE, MURK)),
        ranges("Tree belts, by day", things, away_m, lambda thing: it.stared(thing, away_m, 10 * MINUTE, mask_deg=BELTS)),
    ]


def ground_radar(it: Site) -> list[Panel]:
    """A radar on a mast: what moves for ten minutes, and how fast it must."""
    away_m, things = to_m(30 * KM), (VEHICLE, WALKER, LOITERER)
    speeds_mps = np.linspace(0.1, 30 / 3.6, 121)
    far = ((VEHICLE._replace(name="vehicle at 18 km"), 18 * KM), (WALKER._replace(name="walker at 9 km"), 9 * KM))
    by_speed = [Curve(thing, np.array([followed(it, thing, mps, where_m) for mps in speeds_mps])) for thing, where_m in far]
    return [
        ranges("Open ground, 10 min", things, away_m, lambda thing: it.stared(thing, away_m, 10 * MINUTE)),
        ranges("Tree belts, 10 min", things, away_m, lambda thing: it.stared(thing, away_m, 10 * MINUTE, mask_deg=BELTS)),
        Panel("By speed, 1 min", "km/h over the ground", speeds_mps * 3.6, by_speed, (1.0, 5.0, 20.0)),
    ]


def followed(it: Site, thing: Thing, speed_mps: float, away_m: float) -> float:
    """Return the chance that a thing is followed that moves so fast for a minute."""
    return float(it.stared(thing._replace(columns=thing.columns | {"speed_mps": speed_mps}), np.array([away_m]), MINUTE)[0])


def aerostat(it: Site) -> list[Panel]:
    """A balloon: what stands for an hour, and what moves for ten minutes."""
    away_m, far_m, eyes, moves = to_m(20 * KM), to_m(45 * KM), (COLUMN, GROUP, CRATERS), (VEHICLE, WALKER)
    return [
        ranges("Camera, 1 h by day", eyes, away_m, lambda thing: it.stared(thing, away_m, HOUR, sense=0)),
        ranges("Camera, 1 h at night", eyes, away_m, lambda thing: it.stared(thing, away_m, HOUR, NIGHT, sense=0)),
        ranges("Camera, woodland, by day", eyes, away_m, lambda thing: it.stared(thing, away_m, HOUR, mask_deg=WOODS, sense=0)),
        ranges("Radar, tree belts, 10 min", moves, far_m, lambda thing: it.stared(thing, far_m, 10 * MINUTE, mask_deg=BELTS, sense=1)),
    ]


def acoustic_array(it: Site) -> list[Panel]:
    """An array: whether three posts place a fire mission, by the air of the hour."""
    away_m, weapons = to_m(36 * KM), (HOWITZER, MORTAR, RIFLE)
    seconds = np.arange(0.0, 9 * DAY, HOUR)
    carries = it.scene.sky.carries(np.full(len(seconds), MIDDLE_M), seconds)
    told = {0.5: "Upwind, or turbulent day", 1.0: "Usual air", 1.6: "Downwind, or inversion at night"}
    panels = []
    for factor, title in told.items():
        at_s = float(seconds[np.flatnonzero(carries == factor)[0]])
        curves = [Curve(weapon, it.stared(weapon, away_m, 10 * MINUTE, at_s=at_s, sense=0)) for weapon in weapons]
        panels.append(Panel(title, "km from the nearest posts", away_m / KM, curves))
    return panels


def seismic_net(it: Site) -> list[Panel]:
    """A string: legs of moves that may cross it, and blasts."""
    near_m, far_m, leg_m = to_m(1500.0), to_m(6 * KM), 2 * KM
    movers = (Thing("6 vehicles", BLACK, MOVING | {"pieces": 6.0}), VEHICLE, GROUP)
    blasts = (HOWITZER._replace(name="155 mm shell"), MORTAR._replace(name="mortar shell"), RIFLE)
    legs = [Curve(thing, it.stared(thing, near_m, leg_m / thing.columns["speed_mps"], sense=0)) for thing in movers]
    return [
        Panel("Legs of 2 km, of any heading", "m from the string to the middle of the leg", near_m, legs, (0.0, 500.0, 900.0)),
        ranges("Blasts", blasts, far_m, lambda thing: it.stared(thing, far_m, 10 * MINUTE, sense=1), "km from the string"),
    ]


def patrol(it: Site) -> list[Panel]:
    """A team: what it sees on one drive, and what it hears of ten minutes of fire."""
    seen_m, heard_m, weapons = to_m(3 * KM), to_m(12 * KM), (HOWITZER, MORTAR, RIFLE)
    sights, past, off = (PARKED, GROUP, CRATERS), "km from the road", "km from the team"
    return [
        ranges("Seen on one drive past, by day", sights, seen_m, lambda thing: it.passed(thing, seen_m, sense=0), past),
        ranges("Heard, 10 min of fire by day", weapons, heard_m, lambda thing: listened(it, thing, heard_m, DAYLIGHT), off),
        ranges("Heard, 10 min of fire at night", weapons, heard_m, lambda thing: listened(it, thing, heard_m, NIGHT), off),
    ]


def listened(it: Site, thing: Thing, away_m: Floats, state: int) -> Floats:
    """Return the chance that a team at the middle of its road hears ten minutes of fire. Shape (X,)."""
    track, lasts_s = it.sensor.tracks(it.scene)[it.unit], 10 * MINUTE
    middle_m = track.length_m / 2
    place = np.array([track.at(middle_m)])
    along_m, offset_m = (float(column[0]) for column in it.scene.line.locate(*place.T))
    targets = it.targets(thing, offset_m - away_m, along_m, lasts_s)
    return found(it.sensor.sight(targets, it.scene), [Stint(it.unit, it.unit, 0.0, lasts_s, middle_m, 0.0)], targets, state)


def drone_fleet(it: Site) -> list[Panel]:
    """A drone: one pass, and half an hour over a place where it was sent."""
    away_m, things, beside = to_m(15 * KM), (COLUMN, GROUP, CRATERS), "km beside the way"
    minutes = np.linspace(0.0, 30.0, 61)
    sent = [Curve(thing, searched(it, thing, minutes * MINUTE)) for thing in (PARKED, GROUP, CRATERS)]
    return [
        ranges("One pass, by day", things, away_m, lambda thing: it.passed(thing, away_m, sense=0), beside),
        ranges("One pass, at night", things, away_m, lambda thing: it.passed(thing, away_m, NIGHT, sense=0), beside),
        ranges("One pass, woodland, by day", things, away_m, lambda thing: it.passed(thing, away_m, mask_deg=WOODS, sense=0), beside),
        Panel("Sent to look, by day", "minutes over the place", minutes, sent, (2.0, 5.0, 30.0)),
    ]


def searched(it: Site, thing: Thing, times_s: Floats) -> Floats:
    """Return the chance that a drone that was sent above a place has found a thing there after these times. Shape (T,)."""
    targets = replace(it.targets(thing, np.zeros(len(times_s)), MIDDLE_M, 1.0), end_s=times_s)
    place = np.array([targets.x_m[0], targets.y_m[0]])
    stand = Track(np.stack([place, place]), MIDDLE_M, 0)
    sight = it.sensor.look_at(targets, 0, stand, it.scene)
    return found(sight, [Stint(0, 0, 0.0, float(times_s[-1]))], targets, sense=0)


def gmti(it: Site) -> list[Panel]:
    """A radar on board: one pass beside what moves."""
    away_m, beside = to_m(34 * KM), "km beside the way"
    fast = Thing("vehicle, 50 km/h", GREEN, MOVING | {"speed_mps": 50 / 3.6})
    things = (fast, VEHICLE._replace(name="vehicle, 15 km/h"), WALKER)
    return [
        ranges("One pass, open ground", things, away_m, lambda thing: it.passed(thing, away_m, sense=2), beside),
        ranges("One pass, woodland", things, away_m, lambda thing: it.passed(thing, away_m, mask_deg=WOODS, sense=2), beside),
        ranges("One pass, under jamming", things, away_m, lambda thing: it.passed(thing, away_m, JAMMED, sense=2), beside),
    ]


def looked(it: Site, thing: Thing) -> tuple[Floats, Floats]:
    """Return the chance of one look at a thing from each band of angles, and the edges of the bands. Shapes (B,), (B + 1,).

    A radar has compared the look with an earlier one of the same geometry.
    """
    targets = it.targets(thing, np.array([-1.0 * KM]), MIDDLE_M, DAY)
    sight = it.sensor.sight(targets, it.scene)
    memory, band = sight.track // it.sensor.delays % it.sensor.memories, sight.track // (it.sensor.memories * it.sensor.delays) % BANDS
    p = np.zeros(BANDS)
    for number in range(BANDS):
        mine = sight.take((band == number) & (memory == it.sensor.memories - 1))
        p[number] = found(mine, [Stint(0, int(track), 0.0, LOOK_S) for track in mine.track[:1]], targets)[0]
    return p, it.sensor.band_edges_deg(it.scene.stage)


def with_instrument(it: Site, **changes: float) -> Site:
    """Return the same constellation with another instrument."""
    instrument = it.sensor.instrument.model_copy(update=changes)
    return replace(it, sensor=it.sensor.model_copy(update={"instrument": instrument}))


def by_angle(it: Site, things: Sequence[Thing]) -> Panel:
    """Return a panel of the chance of one look against the angle off nadir, constant within each band."""
    edges = looked(it, things[0])[1]
    curves = [Curve(thing, np.repeat(looked(it, thing)[0], 2)) for thing in things]
    middles = (edges[:-1] + edges[1:]) / 2
    return Panel("One look, by angle", "degrees off nadir", np.repeat(edges, 2)[1:-1], curves, tuple(middles.tolist()))


def by_days(curves: Sequence[tuple[Thing, Site]], title: str) -> Panel:
    """Return a panel of the chance to be found within days, by the plan as it is flown under the sky of the month."""
    days = np.linspace(0.0, 7.0, 43)
    return Panel(title, "days that it stays", days, within(curves, days * DAY), (1.0, 3.0, 7.0))


def within(curves: Sequence[tuple[Thing, Site]], times_s: Floats) -> list[Curve]:
    """Return the chances that things which stay for some time are found, each by the sensor of a site: means over places and skies."""
    plans = {id(it): [flown(it, replication) for replication in range(SKIES)] for _, it in curves}
    return [Curve(thing, mean_found(it, thing, times_s, plans[id(it)])) for thing, it in curves]


def flown(it: Site, replication: int) -> tuple[Scene, Sequence[Stint]]:
    """Return the sky of a replication, and what the units do under it."""
    scene = under(it.scene.stage, it.environment, replication)
    return scene, rehearse(it.sensor, scene, Dice(1, replication)).stints


def mean_found(it: Site, thing: Thing, times_s: Floats, plans: Sequence[tuple[Scene, Sequence[Stint]]]) -> Floats:
    """Return the chance that a thing is found within times: mean over places, beginnings and plans. Shape (T,)."""
    places_m, begins_s = np.arange(7.0, 95.0, 11.0) * KM, np.arange(0.3, 7.0, 0.9) * DAY
    along_m, begin_s, stays_s = (grid.ravel() for grid in np.meshgrid(places_m, begins_s, times_s, indexing="ij"))
    one = it.targets(thing, np.array([-1.0 * KM]), MIDDLE_M, 1.0).take(np.zeros(len(along_m), dtype=np.int64))
    x_m, y_m = it.scene.line.at(along_m, np.full(len(along_m), -1.0 * KM))
    targets = replace(one, chainage_m=along_m, x_m=x_m, y_m=y_m, start_s=begin_s, end_s=begin_s + stays_s)
    seen = [found(it.sensor.sight(targets, scene), stints, targets) for scene, stints in plans]
    return np.asarray(np.mean(seen, axis=0).reshape(-1, len(times_s)).mean(axis=0))


def optical(it: Site) -> list[Panel]:
    """A camera in orbit: by angle, by sharpness, by days."""
    things = (PARKED, CRATERS, GROUP)
    gsd_m = np.geomspace(0.15, 12.0, 60)
    sharp = [Curve(thing, np.array([looked(with_instrument(it, gsd_m=float(each)), thing)[0][0] for each in gsd_m])) for thing in things]
    winter = site("satellite_optical", "2026-12-01")
    months = ((PARKED._replace(name="vehicle, June"), it), (PARKED._replace(name="vehicle, December", colour=BLACK), winter))
    return [
        by_angle(it, things),
        Panel("One look near nadir, by pixel", "m of ground sample distance", gsd_m, sharp, (0.3, 0.5, 1.0, 3.0, 10.0)),
        by_days(months, "As tasked, under the sky"),
    ]


def radar(it: Site) -> list[Panel]:
    """A radar in orbit: by angle, by resolution, by days."""
    nets, works = Thing("vehicle under nets", ORANGE, STILL | {"hidden": True}), Thing("new gun pit, 30 m", GREEN, {"trace_m": 30.0})
    drives = Thing("vehicle that drives", BLACK, MOVING)
    things, cell_m = (PARKED, nets, works, drives), np.geomspace(0.25, 12.0, 60)
    fine = [
        Curve(thing, np.array([looked(with_instrument(it, resolution_m=float(each)), thing)[0][1] for each in cell_m])) for thing in things
    ]
    return [
        by_angle(with_instrument(it, look_min_deg=10.0, look_max_deg=55.0), things),
        Panel("One look, by resolution", "m of resolution", cell_m, fine, (0.5, 1.0, 3.0, 10.0)),
        by_days([(thing, it) for thing in (PARKED, nets, works)], "As tasked, any sky"),
    ]


def by_passages(it: Site, things: Sequence[Thing]) -> Panel:
    """Return a panel of the chance against the number of passages that nothing stands in the way of."""
    number = np.arange(0, 13)
    curves = []
    for thing in things:
        targets = it.targets(thing, np.array([-1.0 * KM]), MIDDLE_M, DAY)
        sight = it.sensor.sight(targets, it.scene)
        plans = [
            [Stint(0, int(track), hour * HOUR, hour * HOUR + LOOK_S) for track in sight.track[:1] for hour in range(n)] for n in number
        ]
        curves.append(Curve(thing, np.array([found(sight, stints, targets)[0] for stints in plans])))
    return Panel("By passages", "passages while it is there", number.astype(np.float64), curves, (1.0, 4.0, 12.0))


def by_hours(curves: Sequence[tuple[Thing, Site]], title: str, axis: str, most_h: float) -> Panel:
    """Return a panel of the chance to be found within hours, by the plan as it is flown."""
    hours = np.linspace(0.0, most_h, 49)
    told = (most_h / 8, most_h / 2, most_h)
    return Panel(title, axis, hours, within(curves, hours * HOUR), told)


def rf_satellite(it: Site) -> list[Panel]:
    """Clusters that locate emitters: by passages, and by how long a jammer is on the air under fleets of three sizes."""
    trench, silent = JAMMER._replace(name="trench set of 10 W", colour=ORANGE), Thing("silent vehicle", GREEN, STILL)
    trench = trench._replace(columns=trench.columns | {"emitter_w": 10.0})
    fleets = []
    for planes, colour in ((1, GREEN), (4, ORANGE), (10, BLUE)):
        orbit = it.sensor.orbit.model_copy(update={"planes": planes})
        fleet = replace(it, sensor=it.sensor.model_copy(update={"orbit": orbit}))
        fleets.append((JAMMER._replace(name=f"{planes} cluster{'s' if planes > 1 else ''}", colour=colour), fleet))
    return [by_passages(it, (JAMMER, trench, silent)), by_hours(fleets, "A jammer of 100 W", "hours on the air", 24.0)]


def thermal_satellite(it: Site) -> list[Panel]:
    """Satellites that map fires: by passages, and by how long a fire burns under the skies of two months."""
    fire, warm = Thing("fire", ORANGE, {"heat_k": 400.0, "size_m": 10.0}), Thing("vehicle", BLUE, STILL)
    fires = Thing("guns that fire", GREEN, FLASH.columns | {"sound_db": HOWITZER.columns["sound_db"]})
    winter = site("thermal_satellite", "2026-12-01")
    months = ((fire._replace(name="June"), it), (fire._replace(name="December", colour=BLACK), winter))
    return [by_passages(it, (fire, fires, warm)), by_hours(months, "A fire, under the sky of the month", "hours that it burns", 48.0)]


def overhead_infrared(it: Site) -> list[Panel]:
    """Sensors that stare: one event by how hot it is, and by the cloud of the month."""
    heat_k = np.linspace(0.0, 2500.0, 251)
    weather = it.environment.weather.model_copy(update={"cloud": (0.0,) * 12})
    clear = [under(it.scene.stage, it.environment.model_copy(update={"weather": weather}), 0)]
    loud, silent = Thing("shot, burst, launch", BLUE, {"sound_db": HOWITZER.columns["sound_db"]}), Thing("silent fire", ORANGE, {})
    by_heat = [Curve(thing, np.array([eventful(it, thing, float(each), clear) for each in heat_k])) for thing in (loud, silent)]
    months = np.arange(1, 13)
    tube_k = default(Shelling, "flash_k")["flash_k"]
    events = ((1500.0, "ballistic missile", BLACK), (800.0, "volley of rockets", ORANGE), (tube_k, "tube artillery", BLUE))
    sites = [site("overhead_infrared", f"2026-{month:02d}-01") for month in months]
    skies = [[under(each.scene.stage, each.environment, number) for number in range(SKIES)] for each in sites]
    by_month = [
        Curve(Thing(name, colour, {}), np.array([eventful(each, loud, hot_k, scenes) for each, scenes in zip(sites, skies, strict=True)]))
        for hot_k, name, colour in events
    ]
    return [
        Panel("One event, clear sky", "K of contrast", heat_k, by_heat, (500.0, 1000.0, 2000.0)),
        Panel("One event, by the cloud of the month", "month", months.astype(np.float64), by_month, (1.0, 4.0, 8.0)),
    ]


def eventful(it: Site, thing: Thing, heat_k: float, scenes: Sequence[Scene]) -> float:
    """Return the chance that an event of a minute is seen, in the mean over hours and skies."""
    at_s = np.arange(0.0, 9 * DAY, 7 * HOUR)
    one = it.targets(thing._replace(columns=thing.columns | {"heat_k": heat_k}), np.array([-1.0 * KM]), MIDDLE_M, MINUTE)
    targets = replace(one.take(np.zeros(len(at_s), dtype=np.int64)), start_s=at_s, end_s=at_s + MINUTE)
    stints = [Stint(0, 0, 0.0, it.scene.horizon_s)]
    return float(np.mean([found(it.sensor.sight(targets, scene), stints, targets).mean() for scene in scenes]))


PAGES = (
    Page(
        "camera_tower",
        "A mast sees flashes far, vehicles to 5 km, and through trees hardly anything",
        "Chance that one mast shows what stays in view for 10 minutes. Vehicle 2.3 m and 15 K warm, person 0.75 m and 5 K, flash 500 K.",
        camera_tower,
        "Ranges: assumptions.",
    ),
    Page(
        "ground_radar",
        "A radar follows what moves, as far as its cross-section and the trees allow",
        "Chance of a track, by day or night. Vehicle 10 m2 at 15 km/h, walker 0.5 m2 at 3 km/h, drone 0.02 m2 at 80 km/h, 500 m up.",
        ground_radar,
        "Ranges: assumptions, below what is published for Squire Block 2.",
    ),
    Page(
        "aerostat",
        "From a kilometre up terrain hides less, and the operator's search sets the limit",
        "Chance that one balloon aloft finds what stands for an hour or moves for ten minutes. Vehicle 2.3 m, person 0.75 m, crater 5 m.",
        aerostat,
        "Range of the camera: assumption.",
    ),
    Page(
        "acoustic_array",
        "The air decides how far guns are placed: by a factor of three",
        "Chance that three posts of one array hear a fire mission, and so place it. Levels at 1 m: 180, 169.5 and 155.6 dB.",
        acoustic_array,
        "Ranges, and what the air does to them: assumptions.",
    ),
    Page(
        "seismic_net",
        "A string feels what comes over it, and shells that burst some kilometres off",
        "Chance that one string of 1.6 km feels a thing. Vehicles of 2.3 m at 15 km/h, people at 3 km/h.",
        seismic_net,
        "Ranges: assumptions.",
    ),
    Page(
        "patrol",
        "A team sees a strip beside its road, and hears guns for kilometres, farther at night",
        "Chance that one team notices a thing: vehicle 2.3 m, person 0.75 m, crater 5 m; 180, 169.5 and 155.6 dB at 1 m.",
        patrol,
        "Hearing is set after reports of the OSCE mission.",
    ),
    Page(
        "drone_fleet",
        "One pass finds some of what it flies past: the operator's search sets the limit",
        "Chance that one drone sees what stands, on a pass at 100 km/h and over a place. Vehicle 2.3 m, person 0.75 m, crater 5 m.",
        drone_fleet,
        "Range: OSCE tender of 2014. Search rate: derived from footprint and dwell.",
    ),
    Page(
        "gmti",
        "A radar on board follows what drives, and not who walks",
        "Chance that one pass at 250 km/h gives a track, by day or night. Vehicle 10 m2, walker 0.5 m2 at 3 km/h.",
        gmti,
        "After Lynx (published); chances of a scan: assumptions.",
    ),
    Page(
        "satellite_optical",
        "Half a metre finds vehicles, ten metres find none of them",
        "Chance that a clear look by day finds what is not concealed, and that 14 satellites as tasked do. Vehicle 2.3 m, person 0.75 m.",
        optical,
        "NIIRS by GIQE 5 (NGA 2015); levels that tasks need: assumptions.",
    ),
    Page(
        "satellite_radar",
        "A radar in orbit finds what stands, by night and through cloud, and misses what drives",
        "Chance that one look finds a thing, after a first image of its geometry, and that 25 satellites as tasked do.",
        radar,
        "Chances by resolution: assumptions, anchored on target-to-clutter ratios.",
    ),
    Page(
        "rf_satellite",
        "Clusters locate strong jammers within a day, and nothing that is weak or silent",
        "Chance that a thing is located: by passages, and by how long it is on the air under fleets of three sizes.",
        rf_satellite,
        "Chance of a passage: assumption.",
    ),
    Page(
        "thermal_satellite",
        "Fires are found after some passages, shots next to never",
        "Chance that a thing is found: by passages under a clear sky, and by how long it burns under the sky as it is.",
        thermal_satellite,
        "Chance of a passage: assumption. Orbit and swath of VIIRS: published.",
    ),
    Page(
        "overhead_infrared",
        "What stares from high orbit sees missiles, some volleys, and hardly a shot",
        "Chance that one event is seen, however long it lasts.",
        overhead_infrared,
        "All chances: assumptions; the real capability is not public.",
    ),
)
"""All figures, by the name of the page."""


def panels_of(page: Page) -> list[Panel]:
    """Return what the figure of a page shows."""
    return page.panels(site(page.name))
