"""Other ways to play R1: by a tick of 5 s compiled by numba, in NumPy, and in SimPy with a process for each drone.

All three are given the sorties and the dice of a replication of ours, so that their contacts must be ours up to the tick. That saves
them work, which is in their favour: throwing the world, the weather and the sorties is part of our time and no part of theirs.
"""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import simpy

from benchmarks import tick
from benchmarks.tick import Answered, Arrays, Flown
from sim.kinds import Floats
from sim.ops import Plan
from sim.sensors.drone_fleet import DroneFleet
from sim.units import DAY
from sim.world import World

TICK_S = 5.0
SLOW_S = 1 * DAY
"""The slow opponents play only this part of the 30 days, and their time is scaled."""
MARGIN_ALARMS = 40
"""False alarms thrown for a drone beyond those expected."""
STREAM = 20260301
"""Of the opponents' own dice."""

Contacts: TypeAlias = dict[tuple[int, int], float]
"""When which drone first saw which target."""
Waits: TypeAlias = Generator[simpy.Event, Any, None]


def given_to_opponents(world: World, plan: Plan, length_s: float) -> dict[str, np.ndarray]:
    """Return a replication of R1 as arrays: those of `tick.fly`, and luck for desk and ladder.

    Args:
        world: What happens.
        plan: What the drones do.
        length_s: How much of it is to be played.
    """
    fleet = fleet_of(world)
    tracks = fleet.tracks(world.scene)
    units = np.array(fleet.units(world.stage))
    stints = sorted(plan.stints, key=lambda stint: (stint.unit, stint.on_s))
    owner = np.array([stint.unit for stint in stints])
    rate = fleet.slips_per_s
    own = np.random.default_rng([STREAM, world.dice.replication])
    alarms = int(2 * rate * length_s) + MARGIN_ALARMS
    columns = {name: np.array([getattr(stint, name) for stint in stints], dtype=float) for name in ("on_s", "off_s", "arc_m", "speed_mps")}
    law = fleet.detection
    if law.law != "glimpse_rate":
        raise ValueError("the opponents know glimpses only")
    return {
        **columns,
        **beside(world, [track.xy_m for track in tracks], law.range_m),
        "tick_s": np.array(TICK_S),
        "ticks": np.array(int(length_s / TICK_S)),
        "stint": np.append(np.searchsorted(owner, units), len(stints)),
        "track": np.array([stints[int(first)].track for first in np.searchsorted(owner, units)]),
        "length_m": np.array([track.length_m for track in tracks]),
        "throw": np.asarray(world.dice("detect", fleet.name).exponential(world.targets.key[None, :], units[:, None])),
        "gap_s": own.exponential(1.0 / rate, (len(units), alarms)),
        "rate_per_s": np.array(law.rate_per_s),
        "reach_m": np.array(law.range_m),
        "luck": own.random((2, len(units) * alarms + 3 * len(world.targets))),
        "ladder": np.concatenate([own.standard_normal((1, len(world.targets))), own.random((3, len(world.targets)))]),
    }


def fleet_of(world: World) -> DroneFleet:
    """Return the one sensor of R1."""
    (fleet,) = world.scenario.sensors.values()
    if not isinstance(fleet, DroneFleet):
        raise TypeError("R1 has a fleet of drones")
    return fleet


def beside(world: World, paths: list[Floats], reach_m: float) -> dict[str, np.ndarray]:
    """Return which targets lie within reach of each straight segment, by start, and where they lie along it and beside it."""
    targets = world.targets
    rows, near = [], [0]
    for xy_m in paths:
        way = xy_m[-1] - xy_m[0]
        length_m = float(np.hypot(*way))
        east_m, north_m = targets.x_m - xy_m[0, 0], targets.y_m - xy_m[0, 1]
        along_m, aside_m = (east_m * way[0] + north_m * way[1]) / length_m, (north_m * way[0] - east_m * way[1]) / length_m
        seen = np.flatnonzero((along_m >= -reach_m) & (along_m <= length_m + reach_m) & (np.abs(aside_m) <= reach_m))
        seen = seen[np.argsort(targets.start_s[seen], kind="stable")]
        rows.append((seen, targets.start_s[seen], targets.end_s[seen], along_m[seen], aside_m[seen]))
        near.append(near[-1] + len(seen))
    names = ("target", "start_s", "end_s", "along_m", "aside_m")
    return {name: np.concatenate(column) for name, column in zip(names, zip(*rows, strict=True), strict=True)} | {"near": np.array(near)}


def contacts_of(seen_s: Floats, until_s: float = np.inf) -> Contacts:
    """Return first sights from a table of them, infinite for never. Shape (U, V)."""
    return {(unit, which): float(seen_s[unit, which]) for unit, which in np.argwhere(seen_s < until_s).tolist()}


# NumPy


def in_numpy(given: Arrays) -> Flown:
    """Play the ticks with arrays of all drones; what is under way is kept up to date, and not searched at each tick."""
    track, stint = given["track"], given["stint"]
    now, throw, length_m = stint[:-1].copy(), given["throw"], given["length_m"][track]
    seen_s, exposure = np.full(throw.shape, np.inf), np.zeros(throw.shape)
    near = np.split(np.arange(len(given["target"])), given["near"][1:-1])
    rows, watch_s = [np.flatnonzero(track == place) for place in range(len(near))], np.zeros(len(track))
    edges_s = np.unique(np.concatenate([given["start_s"], given["end_s"], [np.inf]]))
    drone, row, turn_s = np.zeros(0, np.int64), np.zeros(0, np.int64), -1.0
    on_s, off_s = given["on_s"][now], given["off_s"][now]
    for step in range(int(given["ticks"])):
        t_s = step * TICK_S
        over = np.flatnonzero(off_s <= t_s)
        if len(over):
            over = over[now[over] + 1 < stint[over + 1]]
            now[over] += 1
            on_s, off_s = given["on_s"][now], given["off_s"][now]
        if t_s >= turn_s:
            active = [which[(given["start_s"][which] <= t_s) & (given["end_s"][which] > t_s)] for which in near]
            pairs = [np.meshgrid(units, which, indexing="ij") for units, which in zip(rows, active, strict=True)]
            drone, row = (np.concatenate([pair[axis].ravel() for pair in pairs]) for axis in (0, 1))
            turn_s = float(edges_s[np.searchsorted(edges_s, t_s, side="right")])
        flying = (on_s <= t_s) & (t_s < off_s)
        watch_s += TICK_S * flying
        lap_m = (given["arc_m"][now] + given["speed_mps"][now] * (t_s - on_s)) % (2 * length_m)
        at_m = np.minimum(lap_m, 2 * length_m - lap_m)
        apart_m2 = (at_m[drone] - given["along_m"][row]) ** 2 + given["aside_m"][row] ** 2
        look = np.flatnonzero((apart_m2 <= float(given["reach_m"]) ** 2) & flying[drone])
        if len(look):
            unit, which = drone[look], given["target"][row[look]]
            exposure[unit, which] += float(given["rate_per_s"]) * TICK_S
            fresh = (exposure[unit, which] >= throw[unit, which]) & np.isinf(seen_s[unit, which])
            seen_s[unit[fresh], which[fresh]] = t_s
    return Flown(seen_s, np.zeros(0), watch_s)


# SimPy


class InSimPy:
    """R1 as a textbook would have it: a process for each drone that wakes at every tick, for each violation, and for each alarm."""

    def __init__(self, given: Arrays) -> None:
        self.given, self.env = given, simpy.Environment()
        self.analysts = simpy.Resource(self.env, tick.SERVERS)
        self.under_way: list[set[int]] = [set() for _ in given["length_m"]]
        self.plain: dict[str, list[Any]] = {name: given[name].tolist() for name in tick.COLUMNS}
        self.contacts: Contacts = {}
        self.state: dict[int, str] = {}
        self.verified_s: dict[int, float] = {}
        self.warned_s: dict[int, float] = {}
        self.luck: Iterator[float] = iter(given["luck"].ravel().tolist())

    def play(self) -> "InSimPy":
        """Let everybody live until the end of the ticks."""
        for place in range(len(self.under_way)):
            self.env.process(self.arrivals(place))
        for unit in range(len(self.plain["track"])):
            self.env.process(self.drone(unit))
        self.env.run(until=float(self.given["tick_s"]) * int(self.given["ticks"]))
        return self

    def arrivals(self, place: int) -> Waits:
        """Let the violations beside a segment begin one after the other."""
        first, end = self.plain["near"][place : place + 2]
        for row in range(first, end):
            yield self.env.timeout(self.plain["start_s"][row] - self.env.now)
            self.env.process(self.violation(place, row))

    def violation(self, place: int, row: int) -> Waits:
        """Be there for a while."""
        self.under_way[place].add(row)
        yield self.env.timeout(self.plain["end_s"][row] - self.env.now)
        self.under_way[place].remove(row)

    def drone(self, unit: int) -> Waits:
        """Fly one's sorties, and look around at every tick."""
        place, first, end = self.plain["track"][unit], *self.plain["stint"][unit : unit + 2]
        on_s, off_s, arc_m, speed_mps = (self.plain[name][first:end] for name in ("on_s", "off_s", "arc_m", "speed_mps"))
        lap_m, here = 2.0 * self.plain["length_m"][place], self.under_way[place]
        exposure: dict[int, float] = {}
        gaps, sortie = iter(self.plain["gap_s"][unit]), 0
        left_s = next(gaps)
        while True:
            t_s = self.env.now
            while sortie < len(off_s) and off_s[sortie] <= t_s:
                sortie += 1
            if sortie < len(off_s) and on_s[sortie] <= t_s:
                left_s -= TICK_S
                if left_s <= 0.0:
                    left_s += next(gaps)
                    self.env.process(self.alarm(-1))
                if here:
                    at_m = (arc_m[sortie] + speed_mps[sortie] * (t_s - on_s[sortie])) % lap_m
                    self.look(unit, min(at_m, lap_m - at_m), here, exposure)
            yield self.env.timeout(TICK_S)

    def look(self, unit: int, at_m: float, here: set[int], exposure: dict[int, float]) -> None:
        """Add exposure to what is within reach, and raise an alarm when it suffices."""
        reach_m2, dose = float(self.given["reach_m"]) ** 2, float(self.given["rate_per_s"]) * TICK_S
        for row in here:
            if (at_m - self.plain["along_m"][row]) ** 2 + self.plain["aside_m"][row] ** 2 <= reach_m2:
                which = self.plain["target"][row]
                exposure[which] = exposure.get(which, 0.0) + dose
                if exposure[which] >= self.plain["throw"][unit][which] and (unit, which) not in self.contacts:
                    self.contacts[unit, which] = self.env.now
                    self.env.process(self.alarm(which))

    def alarm(self, which: int) -> Waits:
        """Wait for an analyst, and climb the ladder if he opens a case; more alarms of an open violation are evidence."""
        if which >= 0 and self.state.get(which) in ("waiting", "open"):
            return
        self.state[which] = "waiting"
        with self.analysts.request() as turn:
            yield turn
            yield self.env.timeout(-tick.TRIAGE_S * float(np.log(next(self.luck))))
        opened = next(self.luck) < (tick.P_TRUE if which >= 0 else tick.P_FALSE)
        self.state[which] = "open" if opened else "closed"
        if not opened or which < 0:
            return
        yield self.env.timeout(tick.VERIFY_S * float(np.exp(tick.VERIFY_SIGMA * self.given["ladder"][0, which])))
        self.verified_s[which] = self.env.now
        yield self.env.timeout(-tick.WARNING_S * float(np.log(self.given["ladder"][1, which])))
        self.warned_s[which] = self.env.now
        for row, wait_s in ((2, tick.NATIONAL_S), (3, tick.COALITION_S)):
            if self.given["ladder"][row, which] >= tick.P_CLIMBS:
                return
            yield self.env.timeout(wait_s)


# numba


def written(given: Arrays, folder: Path) -> Path:
    """Write a replication where the compiled opponent finds it."""
    path = folder / "given.npz"
    columns: dict[str, Any] = dict(given)
    np.savez(path, **columns)
    return path


def read_back(told: dict[str, np.ndarray]) -> tuple[Flown, Answered]:
    """Return what the compiled opponent found."""
    return Flown(*(told[name] for name in Flown._fields)), Answered(*(told[name] for name in Answered._fields))
