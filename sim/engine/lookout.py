"""One sensor in closed loop: what its units see when their stints may change while they fly."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise, starmap
from math import inf
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from simpy import Environment

from sim.clock import up, up_plain
from sim.kinds import Bools, Floats, Ints
from sim.live import Call
from sim.ops import Ops
from sim.physics.exposure import PlainArcs, reached_m, reached_plain_m, seen_m, seen_plain_m
from sim.scene import Scene, Targets
from sim.sensors.base import Sensor
from sim.sky import CLOSED, STATES, Air
from sim.watch import SENSE, Contact, Sight, Stint, Throws, held_as_lap

WHOLE_LAP: PlainArcs = ((0.0, 1.0),)
FEW = 24
"""So many targets are sooner counted one by one than all together (measured)."""


@dataclass(slots=True, eq=False)
class Watch:
    """A stint as it stands, and what it has been counted for."""

    stint: Stint
    near: Ints
    """Rows of the sight from its track whose targets it meets and has not seen. Shape (P,)."""
    used_before: list[float]
    """Exposure that the unit had given the target of each when the stint began."""
    valid_until_s: float = inf
    """Contacts after this do not happen: the plan changed."""


class Rows(NamedTuple):
    """The sight from one track, with when its targets are there, and the lane of the sky over each. Shapes (R,)."""

    sight: Sight
    starts_s: Floats
    ends_s: Floats
    lane: Ints
    eye: Ints
    """The sense of each, as it is added to the number of a unit."""
    plain: list["Row"]
    """The same, one by one."""


class Row(NamedTuple):
    """A row of a sight in plain numbers."""

    start_s: float
    end_s: float
    lane: int
    rate_per_s: list[float]
    lap_m: float
    arcs_m: PlainArcs
    eye: int
    """Its sense, as it is added to the number of a unit."""
    key: int
    """Of the target."""
    target: int
    delay_s: float
    p_classify: float
    p_attribute: float
    astray: bool
    """Whether its place is told with an error."""


Hits: TypeAlias = list[tuple[int, float]]
"""What a stint will see: of each, which of its rows (an index into `near`), and when."""


@dataclass(slots=True, eq=False)
class Lookout:
    """Predicts each unit's first sight of each target, and predicts again when its plan changes.

    The formulas are those of `sim.watch`, for one stint and all targets that it meets; with no change of plan both give the same
    contacts.
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
    watches: dict[int, list[Watch]] = field(default_factory=dict)
    air: Air = field(init=False)
    """States of the sky as the sensor meets them."""
    lane: Ints = field(init=False)
    """Of the sky over each target. Shape (N,)."""

    def __post_init__(self) -> None:
        self.air = self.scene.sky.air(self.sensor.name, self.sensor.kind_name)
        self.lane = self.air.lane(self.targets.chainage_m, self.targets.offset_m)

    def learn(self, sight: Sight) -> None:
        """Take in what can be seen from some tracks."""
        order = np.argsort(sight.track, kind="stable")
        edges = np.flatnonzero(np.diff(sight.track[order], prepend=-1, append=-1))
        for begin, end in pairwise(edges):
            part = sight.take(order[begin:end])
            target = part.target
            starts_s, ends_s = self.targets.start_s[target], self.targets.end_s[target]
            lane, eye = self.lane[target], SENSE * part.senses
            columns = (starts_s, ends_s, lane, part.rate_per_s, part.lap_m)
            arcs_m = [tuple((begin_m, end_m) for begin_m, end_m in arcs if end_m > begin_m) for arcs in part.arcs_m.tolist()]
            astray = part.spreads_m.any(axis=(1, 2))
            told: list[Any] = [
                SENSE * part.senses,
                self.targets.key[target],
                target,
                part.delay_s,
                part.p_classify,
                part.p_attribute,
                astray,
            ]
            lists = [*(each.tolist() for each in columns), arcs_m, *(each.tolist() for each in told)]
            plain = list(starmap(Row, zip(*lists, strict=True)))
            self.by_track[int(part.track[0])] = Rows(part, starts_s, ends_s, lane, eye, plain)

    def post(self, stint: Stint) -> None:
        """Predict what a unit will see on a new stint."""
        rows = self.by_track.get(stint.track)
        if rows is None:
            return
        near = np.flatnonzero((rows.starts_s < stint.off_s) & (rows.ends_s > stint.on_s))
        if not len(near):
            return
        pairs = self.pairs(stint, rows, near)
        used = [self.used.get(pair, 0.0) for pair in pairs]
        unseen = [index for index, exposure in enumerate(used) if exposure < inf]
        if len(unseen) < len(used):
            near, pairs, used = near[unseen], [pairs[index] for index in unseen], [used[index] for index in unseen]
        watch = Watch(stint, near, used)
        now_s = self.env.now
        self.watches[stint.unit] = [kept for kept in self.watches.get(stint.unit, ()) if kept.stint.off_s > now_s] + [watch]
        used, hits = self.exposed(watch, rows, inf)
        self.used.update(zip(pairs, used, strict=True))
        for index, seen_s in hits:
            self.expect(watch, self.contact(stint.unit, rows, int(near[index]), seen_s))

    def pairs(self, stint: Stint, rows: Rows, near: Ints) -> list[tuple[int, int]]:
        """Return eye and target of some rows."""
        return list(zip((stint.unit + rows.eye[near]).tolist(), rows.sight.target[near].tolist(), strict=True))

    def exposed(self, watch: Watch, rows: Rows, until_s: float) -> tuple[list[float], Hits]:
        """Count the exposure that a stint gives its targets until an instant: one by one, or all together where they are many.

        Returns:
            The exposure given to each by then, infinite where it met the threshold; and when that was.
        """
        return (self.one_by_one if len(watch.near) <= FEW else self.together)(watch, rows, until_s)

    def one_by_one(self, watch: Watch, rows: Rows, until_s: float) -> tuple[list[float], Hits]:
        """Count for one target after the other, in plain numbers; as `together`."""
        stint, used = watch.stint, watch.used_before.copy()
        hits: Hits = []
        for index, number in enumerate(watch.near.tolist()):
            row = rows.plain[number]
            from_s, to_s = max(stint.on_s, row.start_s, 0.0), min(stint.off_s, row.end_s, until_s)
            throw = 0.0
            for begin_s, end_s, state in self.air.parts(row.lane, from_s, to_s):
                rate = row.rate_per_s[state] if state < CLOSED else 0.0
                if rate == 0.0:
                    continue
                start_m, speed_mps, lap_m, arcs_m = plain_lap_of(stint, row, begin_s)
                seen_s = seen_plain_m(start_m, start_m + speed_mps * (end_s - begin_s), lap_m, arcs_m) / speed_mps if arcs_m else 0.0
                if seen_s <= 0.0:
                    continue
                throw = throw or self.throws_of.detect.exponential(row.key, stint.unit + row.eye)
                if used[index] < throw <= used[index] + rate * seen_s:
                    place_m = reached_plain_m(start_m, (throw - used[index]) / rate * speed_mps, lap_m, arcs_m)
                    hits.append((index, up_plain(min(begin_s + (place_m - start_m) / speed_mps, end_s))))
                    used[index] = inf
                    break
                used[index] += rate * seen_s
        return used, hits

    def together(self, watch: Watch, rows: Rows, until_s: float) -> tuple[list[float], Hits]:
        """Count for all targets at once, in arrays."""
        stint, used = watch.stint, watch.used_before.copy()
        near = watch.near
        from_s = np.maximum(np.maximum(stint.on_s, rows.starts_s[near]), 0.0)
        to_s = np.minimum(np.minimum(stint.off_s, rows.ends_s[near]), until_s)
        part, from_s, to_s, state = self.air.during(rows.lane[near], from_s, to_s)
        rate = np.where(state < CLOSED, rows.sight.rate_per_s[near[part], state & (STATES - 1)], 0.0)
        some = np.flatnonzero(rate > 0.0)
        part, from_s, to_s, rate = part[some], from_s[some], to_s[some], rate[some]
        start_m, speed_mps, lap_m, arcs_m = lap_of(stint, rows.sight, near[part], from_s)
        seen_s = seen_m(start_m, start_m + speed_mps * (to_s - from_s), lap_m, arcs_m) / speed_mps
        some = np.flatnonzero(seen_s > 0.0)
        row = near[part[some]]
        throw = self.throws_of.detect.exponential(self.targets.key[rows.sight.target[row]], stint.unit + rows.eye[row])
        given = rate[some] * seen_s[some]
        found, need = [], []
        for place, (index, exposure, threshold) in enumerate(zip(part[some].tolist(), given.tolist(), throw.tolist(), strict=True)):
            before = used[index]
            if before < threshold <= before + exposure:
                found.append(place)
                need.append(threshold - before)
                used[index] = inf
            else:
                used[index] = before + exposure
        hit = some[found]
        place_m = reached_m(start_m[hit], np.array(need) / rate[hit] * speed_mps, lap_m[hit], arcs_m[hit])
        seen_s = up(np.minimum(from_s[hit] + (place_m - start_m[hit]) / speed_mps, to_s[hit]))
        return used, list(zip(part[hit].tolist(), seen_s.tolist(), strict=True))

    def contact(self, unit: int, rows: Rows, number: int, seen_s: float) -> Contact:
        """Return the contact that a unit has with a target at an instant; the formulas of `sim.watch.contacts`."""
        row, throws = rows.plain[number], self.throws_of
        known_s = up_plain(seen_s + row.delay_s + float(throws.link.delay_s(row.key, unit)))
        east_m, north_m = throws.astray_m(row.key, unit + row.eye, rows.sight.spreads_m[number]).tolist() if row.astray else (0.0, 0.0)
        return Contact(seen_s, known_s, row.target, unit, row.p_classify, row.p_attribute, east_m, north_m)

    def expect(self, watch: Watch, contact: Contact) -> None:
        """Report a predicted contact when it is known, unless that is after the run, or the plan changed before it was seen."""
        if contact.known_s <= self.scene.horizon_s:
            Call(self.env, contact.known_s - self.env.now, report, (watch, contact, self.on_contact))

    def replace(self, unit: int, stints: list[Stint]) -> None:
        """Settle what a unit has seen so far, forget what it would have seen, and predict along its new stints."""
        now_s = float(self.env.now)
        for watch in reversed(self.watches.pop(unit, [])):
            if watch.stint.off_s > now_s:
                watch.valid_until_s = now_s
                rows = self.by_track[watch.stint.track]
                used, _ = self.exposed(watch, rows, now_s)
                self.used.update(zip(self.pairs(watch.stint, rows, watch.near), used, strict=True))
        for stint in stints:
            if stint.track >= len(self.ops.tracks) and stint.track not in self.by_track:
                self.learn(self.sensor.look_at(self.targets, stint.track, self.ops.place(stint.track), self.scene))
            self.post(stint)


def report(call: Call) -> None:
    """Do what is to be done about a contact, if it has happened."""
    watch, contact, on_contact = call.words
    if contact.seen_s <= watch.valid_until_s:
        on_contact(contact)


def plain_lap_of(stint: Stint, row: Row, at_s: float) -> tuple[float, float, float, PlainArcs]:
    """Return how a stint passes one target; as `lap_of`, no arcs where it holds out of view."""
    if stint.speed_mps != 0.0:
        return stint.arc_m + stint.speed_mps * (at_s - stint.on_s), stint.speed_mps, row.lap_m, row.arcs_m
    place_m = stint.arc_m % row.lap_m
    inside = any(begin_m <= place_m <= end_m for begin_m, end_m in row.arcs_m)
    return 0.0, 1.0, 1.0, WHOLE_LAP if inside else ()


def lap_of(stint: Stint, sight: Sight, row: Ints, at_s: Floats) -> tuple[Floats, float, Floats, Floats]:
    """Return how a stint passes targets: its place on the unrolled lap at some instants, speed, lap and arcs. Shapes (P,), (P, K, 2).

    Who holds where a target is in view moves on a lap of its own that is all look, a metre a second.
    """
    lap_m, arcs_m = sight.lap_m[row], sight.arcs_m[row]
    if stint.speed_mps != 0.0:
        return stint.arc_m + stint.speed_mps * (at_s - stint.on_s), stint.speed_mps, lap_m, arcs_m
    place_m = np.mod(stint.arc_m, lap_m)[:, None]
    within: Bools = (arcs_m[:, :, 0] <= place_m) & (place_m <= arcs_m[:, :, 1]) & (arcs_m[:, :, 1] > arcs_m[:, :, 0])
    inside = np.any(within, axis=1, keepdims=True)[:, :, None]
    arcs_m = np.where(inside, held_as_lap(arcs_m, np.ones(len(row), dtype=bool)), 1.0)
    return 0.0 * at_s, 1.0, np.ones(len(row)), arcs_m
