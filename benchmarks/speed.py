"""Speed: processor time, medians of interleaved runs, and ratios to an honest opponent in the same run.

Run with `python -m benchmarks.speed`. Ratios travel; milliseconds belong to the machine, and a shared one is slow now and then.

R1 is one specification by which engines are compared: 1,200 km in 20 segments of 60 km, two drones on each that fly up and down at
100 km/h and see 5 km around, 20 h of endurance with 0.4 h of transit, 4 h of turnaround; spells of 60 h and 6 h on average in which they
can and cannot fly, over 300 km each; a loss every 400 h on station, replaced after 48 h; 2,000 violations in 30 days within 6 km of the
line, nine in ten between 10 min and 6 h long; 20 glimpses an hour; 0.2 false alarms an hour; 6 analysts with 30 min an alarm.

What departs from R1 here: drones are in the air at the start and not on the ground; a drone sees over the end of its segment; the line is
an arc of the equator in a projection; verification needs an analyst; the ladder has one rung that waits.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from sim.engine.run import link_of, play, seen_in_open_loop
from sim.experiment import job_of, replicate
from sim.kinds import Bools, Floats
from sim.ops import Plan, pieces, rehearse, slips_of
from sim.physics.orbit import earth_fixed, ground_m, sun_synchronous, vertical, walker
from sim.physics.windows import passes
from sim.scenario import Loaded, load, loads
from sim.sensors.base import Sensor
from sim.units import DAY, HOUR
from sim.watch import Contact, contacts, windows
from sim.world import World, build, set_stage
from verification.board import ROOT, Row, publish

REPEATS = 5


def main() -> int:
    """Print and keep the table; a bar that is missed is told, and is no error, for it may be the machine."""
    publish("bench", "Speed (processor time; medians)", rows())
    return 0


def rows() -> Iterator[Row]:
    """Measure everything in turn."""
    yield from reference()
    yield from growth()
    yield from ukraine()
    yield from satellites()
    yield from commands()


def cpu_s(work: Callable[[], object]) -> float:
    """Return the processor time that some work takes."""
    started = time.process_time()
    work()
    return time.process_time() - started


def interleaved_s(*works: Callable[[], object], repeats: int = REPEATS) -> list[float]:
    """Return the median processor time of each of several works, done in turn so that all meet the same moods of the machine."""
    for work in works:
        work()
    taken = [[cpu_s(work) for work in works] for _ in range(repeats)]
    return [median(column) for column in zip(*taken, strict=True)]


def ms(seconds: float) -> str:
    """Return a time in milliseconds.

    >>> ms(0.0123)
    '12.3 ms'
    """
    return f"{seconds * 1000:.1f} ms"


def at_most(name: str, what: str, seconds: float, bar_s: float) -> Row:
    """Return a time with its bar."""
    return Row(name, what, ms(seconds), f"at most {bar_s * 1000:.0f} ms", seconds <= bar_s)


# R1

DEGREE_KM = 111.3194908
"""Of longitude on the equator, WGS 84."""
SEGMENT_KM, SEGMENTS, TRANSIT_KM = 60, 20, 40
TICK_S = 5.0
TICKED_S = 1 * DAY
"""The opponent plays only this part of the 30 days, and its time is scaled."""

R1 = """\
truceline: 1
name: R1
start: 2026-03-01T00:00:00Z
length: 30 d
follow_up: 0 d
line: {{points: {points}}}
environment: {{weather: {{cloud: {never}, murk: {never}, spell: 5.454545 h, region: 300 km}}}}
bases: {{{bases}}}
sensors:
  drones:
    kind: drone_fleet
    speed: 100 km/h
    endurance: 20 h
    turnaround: 4 h
    phase: staggered
    stand_off: 0 km
    grounded: {grounded}       # with spells of 5.4545 h on average: 60 h fit, 6 h unfit, both without memory
    loss: 0.0025 /h
    replace: 48 h
    hold: 0.25 h
    false_alarms: 0.2 /h
    detection: {{law: glimpse_rate, range: 5 km, rate: 20 /h}}
    cued_by: {cued_by}
    orbits: {{{orbits}}}
violations:
  guns: {{kind: heavy_weapons, rate: {rate} /day, lasts: {{median: 60 min, p90: 242.3 min}}, depth_from: 0 km, depth_to: 6 km, p_hidden: 0}}
desk:
  analysts: {{day: 6, night: 6}}
  triage: {{law: exponential, mean: 30 min}}
  verify: {{median: 1 h, p90: 2.788 h}}
  attribute: {{law: fixed, value: 0 s}}
  sources: 1
  p_open_true: 0.9
  cue: {cue}
response:
  kind: ladder
  states: {{one: {{decides: {{law: exponential, mean: 6 h}}}}}}
  bodies: {{one: {{kind: sole, members: [one]}}}}
  rungs:
    warning: {{trigger: any, body: one, clock: detection, within: 24 h, p_settles: 0.7}}
    national_action: {{trigger: continues, body: one, clock: detection, within: 48 h, p_settles: 0.7}}
"""


def r1(times: int = 1, feedback: bool = False) -> Loaded:
    """Return R1, with so many times the violations; with feedback the desk sends drones to hold over what needs a second look."""
    step = SEGMENT_KM / DEGREE_KM
    middles = [30.0 + (number + 0.5) * step for number in range(SEGMENTS)]
    orbits = [
        f"s{n}: {{base: b{n}, from: {n * SEGMENT_KM} km, to: {(n + 1) * SEGMENT_KM} km, drones: 2}}" for n in range(SEGMENTS)
    ]  # fmt: skip
    text = R1.format(
        points=[[round(30.0 + number * step, 9), 0.0] for number in range(SEGMENTS + 1)],
        never=[0.0] * 12,
        grounded=[round(6 / 66, 9)] * 12,
        bases=", ".join(f"b{n}: {{at: [{lon:.9f}, {TRANSIT_KM / 110.574:.9f}]}}" for n, lon in enumerate(middles)),
        orbits=", ".join(orbits),
        rate=2_000 * times / 30,
        cued_by="[desk]" if feedback else "[]",
        cue="true" if feedback else "false",
    )
    return loads(text)


class Sensing(NamedTuple):
    """What the sensing stage of a replication gives."""

    plan: Plan
    contacts: list[Contact]
    false_alarms: int


def sense(sensor: Sensor, world: World) -> Sensing:
    """Rehearse a sensor's crews, find what they see, and their false alarms."""
    plan = rehearse(sensor, world.scene, world.dice)
    slips = slips_of(sensor, world.scene, world.dice)
    false = sum(len(slips.during(stint)) for stint in sorted(plan.stints))
    return Sensing(plan, seen_in_open_loop(sensor, world, plan), false)


def ticked(sensor: Sensor, world: World, plan: Plan) -> set[tuple[int, int]]:
    """Return who sees which target in the first part of the run, by a tick of 5 s over arrays of all drones: the honest opponent.

    It is given the plan of sorties, the throws, and a straight line, so it need only move drones, measure distances and add exposure; the
    targets that are under way are kept up to date and not searched at each tick.
    """
    targets = world.targets
    units = sorted({stint.unit for stint in plan.stints})
    tables = {unit: sorted((stint for stint in plan.stints if stint.unit == unit), key=lambda stint: stint.on_s) for unit in units}
    on_s, off_s, arc_m, speed_mps = (np.array([getattr(tables[unit][0], name) for unit in units]) for name in FIELDS)
    upcoming = dict.fromkeys(units, 1)
    tracks = [sensor.tracks(world.scene)[tables[unit][0].track] for unit in units]
    begin_m, length_m = np.array([track.xy_m[0] for track in tracks]), np.array([track.length_m for track in tracks])
    way = np.array([track.xy_m[-1] - track.xy_m[0] for track in tracks]) / length_m[:, None]
    throws = world.dice("detect", sensor.name).exponential(targets.key[None, :], np.array(units)[:, None])
    exposure, found = np.zeros(throws.shape), np.zeros(throws.shape, dtype=bool)
    turn_s, active = -1.0, np.zeros(0, dtype=np.int64)
    edges_s = np.sort(np.concatenate([targets.start_s, targets.end_s, [np.inf]]))
    for tick in range(int(TICKED_S / TICK_S)):
        t_s = tick * TICK_S
        for row in np.flatnonzero(off_s <= t_s).tolist():
            unit = units[row]
            if upcoming[unit] < len(tables[unit]):
                stint = tables[unit][upcoming[unit]]
                upcoming[unit] += 1
                on_s[row], off_s[row], arc_m[row], speed_mps[row] = (getattr(stint, name) for name in FIELDS)
        if t_s >= turn_s:
            active = np.flatnonzero((targets.start_s <= t_s) & (targets.end_s > t_s))
            turn_s = float(edges_s[np.searchsorted(edges_s, t_s, side="right")])
        lap_m = (arc_m + speed_mps * (t_s - on_s)) % (2 * length_m)
        place_m = begin_m + np.minimum(lap_m, 2 * length_m - lap_m)[:, None] * way
        apart_m2 = (place_m[:, :1] - targets.x_m[active]) ** 2 + (place_m[:, 1:] - targets.y_m[active]) ** 2
        drone, target = np.nonzero((apart_m2 <= 5_000.0**2) & ((on_s <= t_s) & (t_s < off_s))[:, None])
        if len(drone):
            exposure[drone, active[target]] += 20.0 / HOUR * TICK_S
            found[drone, active[target]] |= exposure[drone, active[target]] >= throws[drone, active[target]]
    return {(units[row], target) for row, target in np.argwhere(found).tolist()}


FIELDS = ("on_s", "off_s", "arc_m", "speed_mps")


def reference() -> Iterator[Row]:
    """Measure R1: whole replications, and its sensing against the tick."""
    loaded, fed = r1(), r1(feedback=True)
    stage, fed_stage = set_stage(loaded.scenario, Path()), set_stage(fed.scenario, Path())
    world = build(loaded.scenario, stage, 1)
    sensor = loaded.scenario.sensors["drones"]
    whole_s, fed_s, sensing_s = interleaved_s(
        lambda: play(build(loaded.scenario, stage, 1)), lambda: play(build(fed.scenario, fed_stage, 1)), lambda: sense(sensor, world)
    )
    told = sense(sensor, world)
    what = f"R1, {len(world.incidents):,} violations, {len(told.contacts):,} contacts, {told.false_alarms:,} false alarms"
    yield at_most("R1", f"{what}: one replication", whole_s, 0.040)
    yield at_most("R1-feedback", "the same, the desk sends drones to hold 0.25 h", fed_s, 0.150)
    scale = loaded.scenario.length_s / TICKED_S
    ours_s, tick_s = interleaved_s(lambda: sense(sensor, world), lambda: ticked(sensor, world, told.plan), repeats=3)
    ratio = tick_s * scale / ours_s
    yield Row("R1-sensing", "sorties, windows, contacts and false alarms of R1", ms(sensing_s), "", None)
    what = f"times that a 5 s tick in NumPy takes for R1's windows and contacts ({TICKED_S / DAY:.0f} day played, scaled to 30)"
    yield Row("R1-tick", what, f"{ratio:,.0f} ({tick_s * scale:.1f} s)", "at least 600", ratio >= 600)
    by_tick = ticked(sensor, world, told.plan)
    ours = {(contact.unit, contact.target) for contact in told.contacts if contact.seen_s < TICKED_S}
    differ = len(by_tick ^ ours)
    yield Row("R1-equal", f"contacts that only one of the two has, of {len(ours)}", str(differ), "at most 2 %", differ <= 0.02 * len(ours))


def growth() -> Iterator[Row]:
    """Measure R1 with more violations."""
    cases = [r1(times) for times in (1, 2, 4)]
    stages = [set_stage(case.scenario, Path()) for case in cases]
    works = [lambda case=case, stage=stage: play(build(case.scenario, stage, 1)) for case, stage in zip(cases, stages, strict=True)]
    first, *more = interleaved_s(*works, repeats=3)
    figure = " : ".join(f"{seconds / first:.2f}" for seconds in (first, *more))
    worst = max(seconds / first / times for seconds, times in zip(more, (2, 4), strict=True))
    yield Row("growth", "R1 with 1, 2, 4 times the violations, time against the first", figure, "at most 2 x linear", worst <= 2.0)


# The shipped scenario


def ukraine() -> Iterator[Row]:
    """Measure the shipped scenario with its satellite windows cached, by part."""
    with TemporaryDirectory() as folder:
        loaded = load(ROOT / "scenarios" / "ukraine.yaml")
        scenario, stage = loaded.scenario, set_stage(loaded.scenario, loaded.folder, Path(folder))
        first_s = cpu_s(lambda: play(build(scenario, stage, 0)))
        whole_s, build_s = interleaved_s(lambda: play(build(scenario, stage, 1)), lambda: build(scenario, stage, 1), repeats=3)
        world = build(scenario, stage, 1)
        job = job_of(loaded, Path(folder))
        rows_s = interleaved_s(lambda: replicate(job, 1), repeats=1)[0]
        size = units_of(world)
        yield at_most("UA", f"ukraine.yaml: {size}, one replication", whole_s, 0.2)
        yield Row("UA-first", "the first, with the satellite windows", ms(first_s), "", None)
        yield Row("UA-build", "of it: what happens along the line, and the sky", ms(build_s), "", None)
        parts = open_parts(world)
        for name, (what, seconds) in parts.items():
            yield Row(f"UA-{name}", f"of it: {what}, sensors in open loop", ms(seconds), "", None)
        rest_s = whole_s - build_s - sum(seconds for _, seconds in parts.values())
        yield Row("UA-live", "of it: crews that are sent, desk, council", ms(rest_s), "", None)
        yield Row("UA-rows", "besides: the numbers and map cells of the replication", ms(rows_s - whole_s), "", None)


def units_of(world: World) -> str:
    """Return how large a scenario is, in words."""
    count: dict[str, int] = {}
    for sensor in world.scenario.sensors.values():
        count[sensor.kind_name] = count.get(sensor.kind_name, 0) + len(sensor.units(world.stage))
    names = {"drone_fleet": "drones", "satellite_constellation": "satellites", "camera_tower": "towers", "patrol": "patrols"}
    return ", ".join([*(f"{number} {names.get(kind, kind)}" for kind, number in count.items()), f"{len(world.incidents):,} incidents"])


def open_parts(world: World) -> dict[str, tuple[str, float]]:
    """Return what the sensors in open loop take, by part."""
    fixed = [sensor for sensor in world.scenario.sensors.values() if not sensor.cued_by]
    spent = dict.fromkeys(("sight", "rehearse", "join"), 0.0)
    for sensor in fixed:
        started = time.process_time()
        sight = sensor.sight(world.targets, world.scene)
        seen_s = time.process_time()
        plan = rehearse(sensor, world.scene, world.dice)
        flown_s = time.process_time()
        stints = pieces(plan, sensor.tracks(world.scene), world.scene)
        if stints and len(sight):
            seen = windows(sight, stints, world.targets)
            contacts(sight, seen, world.targets, world.dice("detect", sensor.name), link_of(sensor, world), world.scene.horizon_s)
        spent["sight"] += seen_s - started
        spent["rehearse"] += flown_s - seen_s
        spent["join"] += time.process_time() - flown_s
    words = {"sight": "what can be seen from where", "rehearse": "crews rehearse", "join": "windows and contacts"}
    return {name: (words[name], seconds) for name, seconds in spent.items()}


# Satellites

GRID_S, LOOK_DEG, DAYS = 10.0, 45.0, 7
EPOCH_S = datetime(2026, 2, 1, tzinfo=UTC).timestamp()


def satellites() -> Iterator[Row]:
    """Find all windows of 24 satellites over 100 places in a week, and again by a grid of 10 s."""
    records = [
        *sun_synchronous(500_000.0, [22.5, 1.5], 3, EPOCH_S),
        *sun_synchronous(600_000.0, [6.0, 10.0], 3, EPOCH_S),
        *walker(550_000.0, 53.0, 4, 3, 1.0, EPOCH_S),
    ]
    corners = np.array([[36.3, 50.3], [38.0, 49.0], [37.5, 47.8], [32.0, 46.5]])
    steps = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    lon_deg, lat_deg = (np.interp(np.linspace(0.0, steps[-1], 100), steps, corners[:, axis]) for axis in (0, 1))
    end_s = EPOCH_S + DAYS * DAY
    table = passes(records, lon_deg, lat_deg, EPOCH_S, end_s, max_off_nadir_deg=LOOK_DEG)
    ours_s = interleaved_s(lambda: passes(records, lon_deg, lat_deg, EPOCH_S, end_s, max_off_nadir_deg=LOOK_DEG))[0]
    started = time.process_time()
    counted = sum(grid_windows(record, lon_deg, lat_deg) for record in records)
    ratio = (time.process_time() - started) / ours_s
    on_grid = int((np.ceil(table.start_s / GRID_S) * GRID_S <= table.end_s).sum())
    what = f"{len(records)} satellites, 100 places, {DAYS} days, {len(table):,} windows"
    yield at_most("W2", what, ours_s, 0.12)
    yield Row("W2-grid", "times that sgp4's arrays on a grid of 10 s take for them", f"{ratio:.0f}", "at least 50", ratio >= 50)
    told = f"{counted:,} and {on_grid:,}"
    yield Row("W2-equal", "windows that hold an instant of the grid, by the grid and by us", told, "equal", counted == on_grid)


def grid_windows(record: object, lon_deg: Floats, lat_deg: Floats) -> int:
    """Return how many windows a grid of 10 s shows of one satellite: all places at all instants, by matrix products."""
    at_s = EPOCH_S + np.arange(0.0, DAYS * DAY + 1.0, GRID_S)
    position_m = earth_fixed([record], at_s)[0][0]
    lon = np.degrees(np.arctan2(position_m[:, 1], position_m[:, 0]))
    down = -vertical(lon, geodetic_lat_deg(position_m))
    place_m, up = ground_m(lon_deg, lat_deg), vertical(lon_deg, lat_deg)
    square_m2 = (place_m**2).sum(axis=1)[:, None] + (position_m**2).sum(axis=1) - 2.0 * (place_m @ position_m.T)
    ahead_m = place_m @ down.T - (position_m * down).sum(axis=1)
    seen: Bools = (ahead_m >= np.cos(np.radians(LOOK_DEG)) * np.sqrt(square_m2)) & (
        up @ position_m.T >= (up * place_m).sum(axis=1)[:, None]
    )
    return int((seen[:, 1:] & ~seen[:, :-1]).sum() + seen[:, 0].sum())


def geodetic_lat_deg(position_m: Floats) -> Floats:
    """Return the geodetic latitude under places (N, 3), by four steps of the usual iteration, WGS 84. Shape (N,)."""
    flat2, equator_m = 6.69437999014e-3, 6_378_137.0
    across_m = np.hypot(position_m[:, 0], position_m[:, 1])
    lat = np.arctan2(position_m[:, 2], across_m)
    for _ in range(4):
        bend_m = equator_m / np.sqrt(1.0 - flat2 * np.sin(lat) ** 2)
        lat = np.arctan2(position_m[:, 2] + flat2 * bend_m * np.sin(lat), across_m)
    return np.asarray(np.degrees(lat))


# The command line


def commands() -> Iterator[Row]:
    """Measure how long the smallest commands take, from the keyboard to the prompt."""
    ukraine_yaml = str(ROOT / "scenarios" / "ukraine.yaml")
    cases: list[tuple[str, Sequence[str], float]] = [
        ("help", ["--help"], 0.3),
        ("check", ["check", ukraine_yaml], 0.6),
    ]
    for name, words, bar_s in cases:
        taken = []
        for _ in range(REPEATS):
            started = time.perf_counter()
            subprocess.run([sys.executable, "-m", "sim", *words], check=True, capture_output=True)
            taken.append(time.perf_counter() - started)
        yield at_most(name, f"'truceline {words[0]}', wall time", median(taken), bar_s)


if __name__ == "__main__":
    sys.exit(main())
