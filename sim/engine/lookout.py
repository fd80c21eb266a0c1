"""One sensor in closed loop: what its units see when their stints may change while they fly."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf
from typing import NamedTuple

import numpy as np
from simpy import Environment

from sim.clock import up_plain
from sim.kinds import Floats
from sim.live import Call
from sim.ops import Ops
from sim.physics.exposure import PlainArcs, reached_plain_m, seen_plain_m
from sim.scene import Scene, Targets
from sim.sensors.base import Sensor
from sim.sky import CLOSED, Air
from sim.watch import SENSE, Contact, Sight, Stint, Throws

WHOLE_LAP: PlainArcs = ((0.0, 1.0),)


@dataclass(slots=True, eq=False)
class Watch:
    """A stint as it stands, and what it has been counted for."""

    stint: Stint
    used_before: dict[int, float] = field(default_factory=dict)
    """Exposure that the unit had given the target of each row when the stint began."""
    valid_until_s: float = inf
    """Contacts after this do not happen: the plan changed."""


@dataclass(slots=True, eq=False)
class Rows:
    """The sight from one track, ready for one pair at a time."""

    target: list[int]
    start_s: list[float]
    end_s: list[float]
    lap_m: list[float]
    arcs_m: list[PlainArcs]
    rate_per_s: list[list[float]]
    delay_s: list[float]
    p_classify: list[float]
    p_attribute: list[float]
    sense: list[int]
    spread_m: Floats
    """Shape (R, 2, 2)."""
    lane: list[int]
    """Of the sky over the target."""
    starts_s: Floats
    """The same as `start_s`, to find the rows that a stint meets."""
    ends_s: Floats


@dataclass(slots=True, eq=False)
class Lookout:
    """Predicts each unit's first sight of each target, and predicts again when its plan changes.

    The formulas are those of `sim.watch` in plain floats; with no change of plan both give the same contacts.
    """

    env: Environment
    sensor: Sensor
    scene: Scene
    targets: Targets
    throws_of: Throws
    ops: Ops
    on_contact: Callable[[Contact], None]
    by_track: dict[int, Rows] = field(default_factory=dict)
    used: dict[tuple[int, int], float] = field(default_factory=dict)
    """Exposure that an eye has given a target; infinite once it has seen it."""
    throws: dict[tuple[int, int], float] = field(default_factory=dict)
    """Exposure at which an eye sees a target: kept, for the same pair meets sortie after sortie."""
    watches: dict[int, list[Watch]] = field(default_factory=dict)
    air: Air = field(init=False)
    """States of the sky as the sensor meets them."""

    def __post_init__(self) -> None:
        self.air = self.scene.sky.air(self.sensor.name, self.sensor.kind_name)

    def learn(self, sight: Sight) -> None:
        """Take in what can be seen from some tracks."""
        order = np.argsort(sight.track, kind="stable")
        edges = np.flatnonzero(np.diff(sight.track[order], prepend=-1, append=-1))
        for begin, end in pairwise(edges):
            rows = order[begin:end]
            target = sight.target[rows]
            starts_s, ends_s = self.targets.start_s[target], self.targets.end_s[target]
            arcs_m: list[PlainArcs] = [tuple((a, b) for a, b in arcs if b > a) for arcs in sight.arcs_m[rows].tolist()]
            self.by_track[int(sight.track[rows[0]])] = Rows(
                target.tolist(), starts_s.tolist(), ends_s.tolist(), sight.lap_m[rows].tolist(), arcs_m,
                sight.rate_per_s[rows].tolist(), sight.delay_s[rows].tolist(),
                sight.p_classify[rows].tolist(), sight.p_attribute[rows].tolist(),
                sight.senses[rows].tolist(), sight.spreads_m[rows],
                self.air.lane(self.targets.chainage_m[target], self.targets.offset_m[target]).tolist(), starts_s, ends_s,
            )  # fmt: skip

    def post(self, stint: Stint) -> None:
        """Predict what a unit will see on a new stint."""
        watch = Watch(stint)
        self.watches.setdefault(stint.unit, []).append(watch)
        rows = self.by_track.get(stint.track)
        if rows is None:
            return
        for row in np.flatnonzero((rows.starts_s < stint.off_s) & (rows.ends_s > stint.on_s)).tolist():
            self.predict(watch, rows, row)

    def predict(self, watch: Watch, rows: Rows, row: int) -> None:
        """Count the exposure of one pair over a stint, and set the contact if it reaches the pair's threshold."""
        unit, target = watch.stint.unit, rows.target[row]
        eye = unit + SENSE * rows.sense[row]
        used = self.used.get((eye, target), 0.0)
        if used == inf:
            return
        watch.used_before[row] = used
        throw = self.throw(eye, target)
        lap = Lap.of(watch.stint, rows, row)
        for from_s, to_s, rate in self.parts(watch.stint, rows, row, inf):
            seen = lap.exposure(from_s, to_s, rate)
            if used < throw <= used + seen:
                self.set_contact(watch, self.contact(rows, row, eye, up_plain(lap.reached_s(from_s, to_s, (throw - used) / rate))))
                used = inf
                break
            used += seen
        self.used[eye, target] = used

    def parts(self, stint: Stint, rows: Rows, row: int, until_s: float) -> Iterator[tuple[float, float, float]]:
        """Iterate over the parts of a stint under one state of the sky while a target lasts: begin, end, exposure a second in view."""
        from_s, to_s = max(stint.on_s, rows.start_s[row], 0.0), min(stint.off_s, rows.end_s[row], until_s)
        for begin_s, end_s, state in self.air.parts(rows.lane[row], from_s, to_s):
            rate = rows.rate_per_s[row][state] if state < CLOSED else 0.0
            if rate > 0.0:
                yield begin_s, end_s, rate

    def contact(self, rows: Rows, row: int, eye: int, seen_s: float) -> Contact:
        """Return the contact that an eye has at an instant."""
        target, unit = rows.target[row], eye % SENSE
        key = int(self.targets.key[target])
        known_s = up_plain(seen_s + rows.delay_s[row] + float(self.throws_of.link.delay_s(key, unit)))
        east_m, north_m = self.throws_of.astray_m(key, eye, rows.spread_m[row]).tolist()
        return Contact(seen_s, known_s, target, unit, rows.p_classify[row], rows.p_attribute[row], east_m, north_m)

    def throw(self, eye: int, target: int) -> float:
        """Return the exposure at which an eye sees a target."""
        found = self.throws.get((eye, target))
        if found is None:
            found = self.throws[eye, target] = self.throws_of.detect.exponential(int(self.targets.key[target]), eye)
        return found

    def set_contact(self, watch: Watch, contact: Contact) -> None:
        """Report a predicted contact when it is known, unless that is after the run, or the plan changed before it was seen."""
        if contact.known_s > self.scene.horizon_s:
            return

        def report(_: object) -> None:
            if contact.seen_s <= watch.valid_until_s:
                self.on_contact(contact)

        Call(self.env, contact.known_s - self.env.now, report)

    def replace(self, unit: int, stints: list[Stint]) -> None:
        """Settle what a unit has seen so far, forget what it would have seen, and predict along its new stints."""
        now_s = float(self.env.now)
        places = self.ops.tracks
        for watch in reversed(self.watches.pop(unit, [])):
            if watch.stint.off_s <= now_s:
                continue
            watch.valid_until_s = now_s
            rows = self.by_track.get(watch.stint.track)
            if rows is None:
                continue
            for row, used in watch.used_before.items():
                self.used[unit + SENSE * rows.sense[row], rows.target[row]] = self.settled(watch, rows, row, used, now_s)
        for stint in stints:
            if stint.track >= len(places) and stint.track not in self.by_track:
                self.learn(self.sensor.look_at(self.targets, stint.track, self.ops.place(stint.track), self.scene))
            self.post(stint)

    def settled(self, watch: Watch, rows: Rows, row: int, used: float, now_s: float) -> float:
        """Return the exposure that a pair has really had by now; infinite if it has met its threshold."""
        throw = self.throw(watch.stint.unit + SENSE * rows.sense[row], rows.target[row])
        lap = Lap.of(watch.stint, rows, row)
        for from_s, to_s, rate in self.parts(watch.stint, rows, row, now_s):
            seen = lap.exposure(from_s, to_s, rate)
            if used < throw <= used + seen:
                return inf
            used += seen
        return used


class Lap(NamedTuple):
    """How a stint passes a target: in plain floats, the formulas of `sim.watch`."""

    on_s: float
    start_m: float
    """Place on the unrolled lap at `on_s`."""
    speed_mps: float
    lap_m: float
    arcs_m: PlainArcs

    @classmethod
    def of(cls, stint: Stint, rows: Rows, row: int) -> "Lap":
        """Return the lap of a stint; a unit that holds in view is on a lap that is all look."""
        lap_m, arcs_m = rows.lap_m[row], rows.arcs_m[row]
        if stint.speed_mps != 0.0:
            return cls(stint.on_s, stint.arc_m, stint.speed_mps, lap_m, arcs_m)
        place_m = stint.arc_m % lap_m
        inside = any(begin_m <= place_m <= end_m for begin_m, end_m in arcs_m)
        return cls(stint.on_s, 0.0, 0.0, 1.0, WHOLE_LAP if inside else ())

    def exposure(self, from_s: float, to_s: float, rate: float) -> float:
        """Return the exposure that a part of a stint gives."""
        if not self.arcs_m:
            return 0.0
        start_m, speed_mps = self.at(from_s)
        seen_s = seen_plain_m(start_m, start_m + speed_mps * (to_s - from_s), self.lap_m, self.arcs_m) / speed_mps
        return rate * seen_s if seen_s > 0.0 else 0.0

    def reached_s(self, from_s: float, to_s: float, need_s: float) -> float:
        """Return when a target has been in view for a time within a part of a stint."""
        start_m, speed_mps = self.at(from_s)
        place_m = reached_plain_m(start_m, need_s * speed_mps, self.lap_m, self.arcs_m)
        return min(from_s + (place_m - start_m) / speed_mps, to_s)

    def at(self, t_s: float) -> tuple[float, float]:
        """Return place and speed at an instant; who holds moves on a lap of its own, a metre a second."""
        return (0.0, 1.0) if self.speed_mps == 0.0 else (self.start_m + self.speed_mps * (t_s - self.on_s), self.speed_mps)
