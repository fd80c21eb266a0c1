"""One sensor in closed loop: what its units see when their stints may change while they fly."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf

import numpy as np
from simpy import Environment

from sim.clock import up_plain
from sim.dice import Die
from sim.kinds import Floats
from sim.live import until
from sim.ops import Ops
from sim.physics.exposure import PlainArcs, reached_plain_m, seen_plain_m
from sim.scene import Scene, Targets
from sim.sensors.base import Sensor
from sim.watch import SENSE, Contact, Link, Sight, Stint, cut

WHOLE_LAP: PlainArcs = ((0.0, 1.0),)


@dataclass(slots=True, eq=False)
class Watch:
    """A stint as it stands, and what it has been counted for."""

    stint: Stint
    pieces: list[Stint]
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
    detect: Die
    link: Link
    ops: Ops
    on_contact: Callable[[Contact], None]
    by_track: dict[int, Rows] = field(default_factory=dict)
    used: dict[tuple[int, int], float] = field(default_factory=dict)
    """Exposure that an eye has given a target; infinite once it has seen it."""
    throws: dict[tuple[int, int], float] = field(default_factory=dict)
    """Exposure at which an eye sees a target: kept, for the same pair meets sortie after sortie."""
    watches: dict[int, list[Watch]] = field(default_factory=dict)

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
                sight.senses[rows].tolist(), starts_s, ends_s,
            )  # fmt: skip

    def post(self, stint: Stint) -> None:
        """Predict what a unit will see on a new stint."""
        pieces = cut([stint], self.ops.patch, self.scene)
        watch = Watch(stint, pieces)
        self.watches.setdefault(stint.unit, []).append(watch)
        rows = self.by_track.get(stint.track)
        if rows is None or not pieces:
            return
        for row in np.flatnonzero((rows.starts_s < pieces[-1].off_s) & (rows.ends_s > pieces[0].on_s)).tolist():
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
        for piece in watch.pieces:
            seen = exposure(piece, rows, row)
            if used < throw <= used + seen:
                seen_s = up_plain(reached_s(piece, rows, row, throw - used))
                known_s = up_plain(seen_s + rows.delay_s[row] + float(self.link.delay_s(int(self.targets.key[target]), unit)))
                contact = Contact(seen_s, known_s, target, unit, rows.p_classify[row], rows.p_attribute[row])
                used = inf
                if known_s <= self.scene.horizon_s:
                    self.set_contact(watch, contact)
                break
            used += seen
        self.used[eye, target] = used

    def throw(self, eye: int, target: int) -> float:
        """Return the exposure at which an eye sees a target."""
        found = self.throws.get((eye, target))
        if found is None:
            found = self.throws[eye, target] = self.detect.exponential(int(self.targets.key[target]), eye)
        return found

    def set_contact(self, watch: Watch, contact: Contact) -> None:
        """Report a predicted contact when it is known, unless the plan changed before it was seen."""

        def report(_: object) -> None:
            if contact.seen_s <= watch.valid_until_s:
                self.on_contact(contact)

        until(self.env, contact.known_s).callbacks.append(report)

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
        for piece in watch.pieces:
            if piece.on_s >= now_s:
                break
            flown = piece if piece.off_s <= now_s else piece._replace(off_s=now_s)
            seen = exposure(flown, rows, row)
            if used < throw <= used + seen:
                return inf
            used += seen
        return used


def span(piece: Stint, rows: Rows, row: int) -> tuple[float, float, float, float, float, PlainArcs]:
    """Return from when to when a piece and a target meet, and the lap that the unit is on: place, speed, length, arcs."""
    from_s, to_s = max(piece.on_s, rows.start_s[row]), min(piece.off_s, rows.end_s[row])
    lap_m, arcs_m = rows.lap_m[row], rows.arcs_m[row]
    if piece.speed_mps == 0.0:
        place_m = piece.arc_m % lap_m
        inside = any(begin_m <= place_m <= end_m for begin_m, end_m in arcs_m)
        return from_s, to_s, 0.0, 1.0, 1.0, WHOLE_LAP if inside else ()
    return from_s, to_s, piece.arc_m + piece.speed_mps * (from_s - piece.on_s), piece.speed_mps, lap_m, arcs_m


def exposure(piece: Stint, rows: Rows, row: int) -> float:
    """Return the exposure of one target to one piece of a stint."""
    rate = rows.rate_per_s[row][piece.sky]
    if rate == 0.0 or piece.on_s >= rows.end_s[row] or piece.off_s <= rows.start_s[row]:
        return 0.0
    from_s, to_s, start_m, speed_mps, lap_m, arcs_m = span(piece, rows, row)
    if not arcs_m:
        return 0.0
    seen_s = seen_plain_m(start_m, start_m + speed_mps * (to_s - from_s), lap_m, arcs_m) / speed_mps
    return rate * seen_s if seen_s > 0.0 else 0.0


def reached_s(piece: Stint, rows: Rows, row: int, need: float) -> float:
    """Return when the exposure of one target to one piece reaches what is needed."""
    from_s, to_s, start_m, speed_mps, lap_m, arcs_m = span(piece, rows, row)
    need_m = need / rows.rate_per_s[row][piece.sky] * speed_mps
    place_m = reached_plain_m(start_m, need_m, lap_m, arcs_m)
    return min(from_s + (place_m - start_m) / speed_mps, to_s)
