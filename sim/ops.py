"""What a crew may use: clock, sky, dice, its duty roster, requests, pools; and how crews rehearse where nothing feeds back."""

from bisect import bisect_right, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heapreplace
from itertools import groupby
from math import inf
from operator import itemgetter
from typing import Annotated, Any, NamedTuple, Protocol

import numpy as np
from pydantic import Field
from simpy import Environment
from simpy.events import Timeout

from sim.clock import up, up_plain
from sim.dice import Dice, Die
from sim.kinds import Floats
from sim.live import Steps, follow, quiet, until
from sim.model import Model
from sim.scene import Scene, Stage
from sim.units import PositiveSeconds
from sim.watch import Stint, Track


class Cue(NamedTuple):
    """A wish that somebody look at a place."""

    t_s: float
    x_m: float
    y_m: float
    chainage_m: float
    offset_m: float
    giver: str
    """Name of the sensor that saw something, or `desk`."""
    finder: str
    """Name of the sensor that saw it first."""
    unit: int
    """The unit that did: another one is wanted."""


class Errand(NamedTuple):
    """Where a unit was last sent, and what it goes back to."""

    giver: str
    """Of the cue."""
    home: Stint
    """Its place on its beat when it left (`arc_m`), and when its watch ends."""


class Suspension(Model):
    """A rule by which a programme stands still after losses."""

    losses: Annotated[int, Field(ge=1)]
    """So many of them."""
    within_s: PositiveSeconds
    """In no more than this time."""
    for_s: PositiveSeconds
    """Nobody takes off for so long after the last of them; who is in the air finishes the flight."""


@dataclass(slots=True, eq=False)
class Pool:
    """People or places that serve one at a time each; who comes first is served first, and knows at once until when."""

    free_s: list[float]
    """When each is free again, as a heap."""

    @property
    def next_s(self) -> float:
        """When the first of them is free; the past if one is free now."""
        return self.free_s[0]

    def take(self, until_s: float) -> None:
        """Take the one that is free first, until an instant."""
        heapreplace(self.free_s, until_s)

    def serve(self, from_s: float, seconds: float) -> float:
        """Return when a job is done that comes up at an instant; jobs must be brought in order of time."""
        done_s = max(from_s, self.next_s) + seconds
        self.take(done_s)
        return done_s


class Crew(Protocol):
    """What the house asks of a sensor: who its units are, where they can be, and how they live."""

    @property
    def name(self) -> str:
        """Its key in the scenario."""

    @property
    def slips_per_s(self) -> float:
        """False alarms of one unit a second of a stint."""

    def units(self, stage: Stage) -> Sequence[int]:
        """Return the numbers that name the units' dice."""

    def tracks(self, scene: Scene) -> tuple[Track, ...]:
        """Return where units can be."""

    def spans_m(self, scene: Scene) -> tuple[float, ...]:
        """Return along how much of the line the false alarms of each track lie."""

    def operate(self, unit: int, ops: "Ops") -> Steps:
        """Live: wait, and post stints."""


@dataclass(slots=True, eq=False)
class Ops:
    """The desk of one sensor's crews. Sensors are frozen; what changes is here or in a generator's local names."""

    env: Environment
    scene: Scene
    dice: Dice
    tracks: tuple[Track, ...]
    on_post: Callable[[Stint], None]
    """Takes each stint as it is posted."""
    on_replace: Callable[[int, list[Stint]], None]
    """Takes the stints that a unit flies instead of what is left of its present one."""
    on_loss: Callable[[int, float], None]
    """Takes a unit and when it is lost."""
    roster: dict[int, list[Stint]] = field(default_factory=dict)
    """Stints by unit, in order of time; a unit is on one at a time."""
    requests: list[Cue] = field(default_factory=list)
    """Places that somebody wants to be looked at; a crew takes from here before it posts the next stint."""
    stands: list[Track] = field(default_factory=list)
    """Places off the tracks to which units were sent, numbered on from the tracks."""
    errands: dict[int, Errand] = field(default_factory=dict)
    """By unit that was ever sent to a stand, the last one."""
    losses_s: list[float] = field(default_factory=list)
    """When units are lost, in order; those of flights under way lie ahead, so ask for no more than the past."""
    pools: dict[str, Pool] = field(default_factory=dict)

    @property
    def now_s(self) -> float:
        """The present."""
        return float(self.env.now)

    def until(self, t_s: float) -> Timeout:
        """Return an event at an instant, moved up to the grid."""
        return until(self.env, up_plain(t_s))

    def patch(self, track: int) -> int:
        """Return the patch of the sky that a track lies under."""
        return self.place(track).patch

    def place(self, track: int) -> Track:
        """Return a track, or a stand."""
        return self.tracks[track] if track < len(self.tracks) else self.stands[track - len(self.tracks)]

    def post(self, stint: Stint) -> None:
        """Announce what a unit will do; times are moved up to the grid."""
        stint = on_grid(stint)
        if stint.off_s <= 0.0 or stint.on_s >= self.scene.horizon_s or stint.off_s <= stint.on_s:
            return
        self.roster.setdefault(stint.unit, []).append(stint)
        self.on_post(stint)

    def lose(self, unit: int, t_s: float) -> None:
        """Report a unit that is lost at an instant."""
        if 0.0 <= t_s < self.scene.horizon_s:
            insort(self.losses_s, up_plain(t_s))
            self.on_loss(unit, up_plain(t_s))

    def suspended_until_s(self, rules: Sequence[Suspension]) -> float:
        """Return until when the losses so far keep all units on the ground; the past if they do not."""
        stopped_s = -inf
        if rules:
            past_s = self.losses_s[: bisect_right(self.losses_s, self.now_s)]
            for rule in rules:
                for first_s, last_s in zip(past_s, past_s[rule.losses - 1 :], strict=False):
                    if last_s - first_s <= rule.within_s:
                        stopped_s = max(stopped_s, last_s + rule.for_s)
        return stopped_s

    def pool(self, name: str, number: int) -> Pool:
        """Return a pool of so many that all units of the sensor share."""
        if name not in self.pools:
            self.pools[name] = Pool([-inf] * number)
        return self.pools[name]

    def current(self, unit: int) -> Stint | None:
        """Return the stint that a unit is on now."""
        now_s = self.now_s
        for stint in reversed(self.roster.get(unit, [])):
            if stint.on_s <= now_s:
                return stint if now_s < stint.off_s else None
        return None

    def stand(self, xy_m: Floats, chainage_m: float) -> int:
        """Return the number of a new place off the tracks: where the unit stands and what it looks at, shape (2, 2)."""
        self.stands.append(Track(xy_m, chainage_m, self.scene.sky.patch_of(chainage_m)))
        return len(self.tracks) + len(self.stands) - 1

    def replace(self, unit: int, stints: list[Stint]) -> None:
        """Cut what a unit had before it, now, and fly these instead, which are in order of time."""
        now_s, roster = self.now_s, self.roster.setdefault(unit, [])
        while roster and roster[-1].on_s >= now_s:
            roster.pop()
        if roster and roster[-1].off_s > now_s:
            roster[-1] = roster[-1]._replace(off_s=now_s)
        fresh = [stint for stint in map(on_grid, stints) if stint.off_s > stint.on_s]
        roster += fresh
        self.on_replace(unit, fresh)


def on_grid(stint: Stint) -> Stint:
    """Return a stint with its times on the grid."""
    unit, track, on_s, off_s, arc_m, speed_mps = stint
    return Stint(unit, track, up_plain(on_s), up_plain(off_s), arc_m, speed_mps)


class Plan(NamedTuple):
    """What a sensor's units do."""

    stints: list[Stint]
    stands: tuple[Track, ...]
    losses: list[tuple[int, float]]
    """Unit and instant."""


def by_unit(stint: Stint) -> tuple[int, float]:
    """Return the order of stints by unit, then in time."""
    return stint.unit, stint.on_s


def rehearse(sensor: Crew, scene: Scene, dice: Dice) -> Plan:
    """Let a sensor's crews live through the run where nothing that is seen can change what they do."""
    env = Environment()
    stints: list[Stint] = []
    losses: list[tuple[int, float]] = []
    ops = Ops(env, scene, dice, sensor.tracks(scene), stints.append, refuse, lambda unit, t_s: losses.append((unit, t_s)))
    for unit in sensor.units(scene.stage):
        follow(sensor.operate(unit, ops))
    env.run(until=scene.horizon_s)
    quiet(env)
    return Plan(stints, (), losses)


def refuse(unit: int, stints: list[Stint]) -> None:
    """Nobody is diverted in open loop."""
    raise RuntimeError(f"unit {unit} was diverted in a rehearsal")


class Slip(NamedTuple):
    """A false alarm: a unit on watch reports something where nothing is."""

    t_s: float
    unit: int
    number: int
    """Running number of the unit's false alarms."""
    chainage_m: float
    offset_m: float


FALSE_DEPTH_M = 5_000.0
"""False alarms lie within this distance of the line. Assumption."""


@dataclass(slots=True, eq=False)
class Slips:
    """The false alarms of a sensor: a Poisson stream over each unit's hours on watch.

    Gap k of unit u is a throw by name, so alarms move with the plan and are not drawn anew.
    """

    rate_per_s: float
    tracks: tuple[Track, ...]
    gap: Die
    place: Die
    horizon_s: float
    clocks: dict[int, tuple[float, float, int]] = field(default_factory=dict)
    """By unit: time watched, time watched at the next alarm, its number."""
    lengths_m: tuple[float, ...] = ()
    """Along how much of the line the alarms of each track lie; along all of each without them."""
    spans_m: list[tuple[float, float]] = field(init=False)
    """Chainage of the middle of each track, and that length."""

    def __post_init__(self) -> None:
        lengths_m = self.lengths_m or [track.length_m for track in self.tracks]
        self.spans_m = [(track.chainage_m, length_m) for track, length_m in zip(self.tracks, lengths_m, strict=True)]

    def during(self, stint: Stint) -> list[Slip]:
        """Return the false alarms of a unit's next stint."""
        if self.rate_per_s == 0.0:
            return []
        unit = stint.unit
        if unit not in self.clocks:
            self.clocks[unit] = 0.0, self.gap.exponential(unit, 0) / self.rate_per_s, 0
        watched_s, next_s, number = self.clocks[unit]
        on_s, off_s = max(stint.on_s, 0.0), min(stint.off_s, self.horizon_s)
        slips = []
        while next_s < watched_s + (off_s - on_s):
            slips.append(self.slip(stint, up_plain(on_s + next_s - watched_s), number))
            number += 1
            next_s += self.gap.exponential(unit, number) / self.rate_per_s
        self.clocks[unit] = watched_s + max(0.0, off_s - on_s), next_s, number
        return slips

    def slip(self, stint: Stint, t_s: float, number: int) -> Slip:
        """Place a false alarm somewhere along the unit's track, on either side of the line."""
        middle_m, length_m = self.spans_m[stint.track]
        along, aside = self.place.uniform(stint.unit, number, 0), self.place.uniform(stint.unit, number, 1)
        return Slip(t_s, stint.unit, number, middle_m + (along - 0.5) * length_m, (2.0 * aside - 1.0) * FALSE_DEPTH_M)

    def throughout(self, stints: list[Stint]) -> list[Any]:
        """Return the false alarms of all stints of all units as columns of `Slip`, in order of unit and time; the same as `during`."""
        parts = []
        for unit, mine in groupby(sorted(stints, key=by_unit) if self.rate_per_s else (), key=itemgetter(0)):
            _, track, on_s, off_s, *_ = (np.array(column) for column in zip(*mine, strict=True))
            on_s, off_s = np.maximum(on_s, 0.0), np.minimum(off_s, self.horizon_s)
            ends_s = np.cumsum(np.maximum(off_s - on_s, 0.0))
            due_s = self.due_s(unit, float(ends_s[-1]))
            which = np.searchsorted(ends_s, due_s, side="right")
            t_s = up(on_s[which] + due_s - np.concatenate([[0.0], ends_s])[which])
            number = np.arange(len(due_s))
            parts.append((t_s, np.full(len(t_s), unit), number, track[which]))
        if not parts:
            return [np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0), np.zeros(0)]
        t_s, unit, number, track = (np.concatenate(column) for column in zip(*parts, strict=True))
        along, aside = (np.asarray(self.place.uniform(unit, number, axis)) for axis in (0, 1))
        middle_m, length_m = np.array(self.spans_m)[track].T
        return [t_s, unit, number, middle_m + (along - 0.5) * length_m, (2.0 * aside - 1.0) * FALSE_DEPTH_M]

    def due_s(self, unit: int, watched_s: float) -> Floats:
        """Return after which times on watch a unit gives false alarms, within all its time on watch. Shape (K,)."""
        count = int(watched_s * self.rate_per_s * 1.5) + 16
        while True:
            due_s = np.cumsum(self.gap.exponential(unit, np.arange(count)) / self.rate_per_s)
            if due_s[-1] >= watched_s:
                return np.asarray(due_s[due_s < watched_s])
            count *= 2


def slips_of(sensor: Crew, scene: Scene, dice: Dice) -> Slips:
    """Return the false alarms that a sensor's crews would give, to be asked stint by stint in order of each unit's time."""
    throws = dice("false alarm", sensor.name), dice("false place", sensor.name)
    return Slips(sensor.slips_per_s, sensor.tracks(scene), *throws, scene.horizon_s, lengths_m=sensor.spans_m(scene))
