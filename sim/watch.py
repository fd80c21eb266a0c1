"""The join of space and time: sight (what can be seen from where) with stints (who is where when)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import starmap
from typing import Any, NamedTuple

import numpy as np

from sim.clock import up
from sim.dice import Die
from sim.kinds import Bools, Floats, Ints, Keys
from sim.model import Spread
from sim.physics.exposure import reached_m, seen_m
from sim.scene import Targets
from sim.sky import CLOSED, STATES, Air


class Stint(NamedTuple):
    """One unit on one track for a while."""

    unit: int
    track: int
    on_s: float
    off_s: float
    arc_m: float = 0.0
    """Place on the track's lap when it comes on."""
    speed_mps: float = 0.0
    """Along the lap; 0 holds."""


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Where a unit can be: a path, or a point that it looks from."""

    xy_m: Floats
    """Vertices in the line's projection, shape (W, 2)."""
    chainage_m: float
    """Of its middle: false alarms of the track are placed around it."""
    patch: int
    """Patch of the sky over its middle, whose weather grounds and whose interference endangers those who fly there."""
    steps_m: Floats = field(init=False)
    """Way along the path to each vertex, shape (W,)."""

    def __post_init__(self) -> None:
        step = np.diff(self.xy_m, axis=0)
        object.__setattr__(self, "steps_m", np.concatenate([[0.0], np.cumsum(np.hypot(step[:, 0], step[:, 1]))]))

    @property
    def length_m(self) -> float:
        """Length of the path, 0 for a point."""
        return float(self.steps_m[-1])

    def at(self, arc_m: float) -> tuple[float, float]:
        """Return the place of a unit on its out-and-back lap."""
        lap_m = arc_m % (2 * self.length_m)
        along_m = min(lap_m, 2 * self.length_m - lap_m)
        return float(np.interp(along_m, self.steps_m, self.xy_m[:, 0])), float(np.interp(along_m, self.steps_m, self.xy_m[:, 1]))


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """Which stretches of which track see which target, and how well: geometry and physics, no time, no dice."""

    target: Ints
    """Row of the target. Shape (R,)."""
    track: Ints
    lap_m: Floats
    arcs_m: Floats
    """Stretches of the lap in view, sorted and disjoint, padded by stretches of no length. Shape (R, K, 2)."""
    rate_per_s: Floats
    """Exposure a second in view, by state of the sky over the target; infinite for a sensor that cannot miss. Shape (R, STATES)."""
    delay_s: Floats
    """From seen to known. Shape (R,)."""
    p_classify: Floats
    """Chance that a contact shows what it was. Shape (R,)."""
    p_attribute: Floats
    """Chance that a contact shows who did it. Shape (R,)."""
    sense: Ints = field(default_factory=lambda: np.zeros(1, dtype=np.int64))
    """Which of the unit's senses it is, shape (R,), or one for all: each has a throw of its own, so that eyes and ears do not wait for
    one another. Rows of one target, track and sense must not be in view at once."""
    spread_m: Floats = field(default_factory=lambda: np.zeros((1, 2, 2)))
    """How well a contact tells the place, shape (R, 2, 2) or one for all: lower-triangular, turns two standard normal throws into the
    error east and north; its product with its transpose is the covariance of the error ellipse."""

    def __len__(self) -> int:
        return len(self.target)

    @property
    def senses(self) -> Ints:
        """The sense of each row. Shape (R,)."""
        return np.broadcast_to(self.sense, self.target.shape)

    @property
    def spreads_m(self) -> Floats:
        """The error ellipse of each row. Shape (R, 2, 2)."""
        return np.broadcast_to(self.spread_m, (len(self.target), 2, 2))

    def take(self, rows: Ints | Bools) -> "Sight":
        """Return some of the rows."""
        names = ("target", "track", "lap_m", "arcs_m", "rate_per_s", "delay_s", "p_classify", "p_attribute", "senses", "spreads_m")
        return Sight(*(getattr(self, name)[rows] for name in names))

    @staticmethod
    def join(parts: Sequence["Sight"]) -> "Sight":
        """Return several sights as one; of none, one without rows."""
        if not parts:
            rows, ones = np.zeros(0, dtype=np.int64), np.zeros(0)
            return Sight(rows, rows, ones, np.zeros((0, 1, 2)), np.zeros((0, STATES)), ones, ones, ones)
        width = max(part.arcs_m.shape[1] for part in parts)
        padded = [np.pad(part.arcs_m, ((0, 0), (0, width - part.arcs_m.shape[1]), (0, 0)), mode="edge") for part in parts]
        for part, arcs_m in zip(parts, padded, strict=True):
            arcs_m[:, part.arcs_m.shape[1] :, 0] = arcs_m[:, part.arcs_m.shape[1] :, 1]
        columns = {
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in ("target", "track", "lap_m", "rate_per_s", "delay_s", "p_classify", "p_attribute")
        }
        sense, spread_m = (np.concatenate([getattr(part, name) for part in parts]) for name in ("senses", "spreads_m"))
        return Sight(arcs_m=np.concatenate(padded), sense=sense, spread_m=spread_m, **columns)


SENSE = 1 << 32
"""An eye is a unit and one of its senses; it is numbered unit + sense x this."""


NO_DELAY = np.zeros(())


class Link(NamedTuple):
    """How long it takes from a unit to the desk: a throw a contact."""

    deliver: Spread | None
    die: Die

    def delay_s(self, key: Keys | int, unit: Ints | int) -> Floats:
        """Return the delay of contacts with targets of these keys. Shape as broadcast."""
        if self.deliver is None:
            return NO_DELAY if isinstance(key, int) else np.zeros(np.broadcast_shapes(np.shape(key), np.shape(unit)))
        return self.deliver.quantile_s(self.die.uniform(key, unit))


class Contact(NamedTuple):
    """A window that succeeded: a unit saw a target for the first time."""

    seen_s: float
    known_s: float
    """When it can be on the desk: seen, and through the link."""
    target: int
    unit: int
    p_classify: float
    p_attribute: float
    east_m: float = 0.0
    """How far the place that is reported lies from the true one."""
    north_m: float = 0.0


class Contacts(NamedTuple):
    """Many contacts in columns, each of shape (H,); the fields of `Contact`."""

    seen_s: Floats
    known_s: Floats
    target: Ints
    unit: Ints
    p_classify: Floats
    p_attribute: Floats
    east_m: Floats
    north_m: Floats


class Throws(NamedTuple):
    """The dice of one sensor."""

    detect: Die
    """The exposure at which an eye sees a target: exponential, by target and eye."""
    place: Die
    """Where it takes it to be: by target, eye and axis."""
    link: Link

    def astray_m(self, key: Keys | int, eye: Ints | int, spread_m: Floats) -> Floats:
        """Return the errors of places, east and north, from ellipses (..., 2, 2). Shape (..., 2)."""
        if not spread_m.any():
            return np.zeros(spread_m.shape[:-1])
        normal = np.stack([self.place.normal(key, eye, axis) for axis in (0, 1)], axis=-1)
        return np.asarray((spread_m * normal[..., None, :]).sum(axis=-1))


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """When units see targets under one state of the sky: rows (sight row, stint, part), by target, eye and time. No dice."""

    row: Ints
    """Row of the sight. Shape (P,)."""
    stint: Ints
    from_s: Floats
    to_s: Floats
    start_m: Floats
    """Place on the unrolled lap at `from_s`."""
    speed_mps: Floats
    lap_m: Floats
    arcs_m: Floats
    rate_per_s: Floats
    seen_s: Floats
    """Time in view."""
    target: Ints
    unit: Ints
    eye: Ints
    """The unit and the sense with which it sees."""


def windows(sight: Sight, stints: Sequence[Stint], targets: Targets, air: Air | None = None) -> Windows:
    """Join sight with stints: each stint that passes while a target lasts, cut at the turns of the sky over the target.

    Args:
        sight: Rows (target, track).
        stints: Of all units.
        targets: Columns; `start_s` and `end_s` bound each target.
        air: States of the sky as the sensor meets them; without it the sky is clear by day, for ever.

    Returns:
        Windows with some time in view, sorted by (target, eye, time).
    """
    unit, track = (np.array([stint[field] for stint in stints], dtype=np.int64) for field in (0, 1))
    on_s, off_s, arc_m, speed_mps = (np.array([stint[field] for stint in stints], dtype=np.float64) for field in (2, 3, 4, 5))
    row, stint = pairs(sight, targets, track, on_s, off_s)
    place_m, held = np.mod(arc_m[stint], sight.lap_m[row]), speed_mps[stint] == 0.0
    if held.any():
        arcs_m = sight.arcs_m[row]
        inside = (arcs_m[:, :, 0] <= place_m[:, None]) & (place_m[:, None] <= arcs_m[:, :, 1]) & (arcs_m[:, :, 1] > arcs_m[:, :, 0])
        keep = ~held | inside.any(axis=1)
        row, stint, held = row[keep], stint[keep], held[keep]
    target = sight.target[row]
    from_s = np.maximum(np.maximum(on_s[stint], targets.start_s[target]), 0.0)
    to_s = np.minimum(off_s[stint], targets.end_s[target])
    state = np.zeros(len(row), dtype=np.int64)
    if air is not None:
        lane = air.lane(targets.chainage_m, targets.offset_m)
        part, from_s, to_s, state = air.during(lane[target], from_s, to_s)
        row, stint, held = row[part], stint[part], held[part]
    rate_per_s = np.where(state < CLOSED, sight.rate_per_s[row, state & (STATES - 1)], 0.0)
    keep = rate_per_s > 0.0
    row, stint, held, from_s, to_s, rate_per_s = row[keep], stint[keep], held[keep], from_s[keep], to_s[keep], rate_per_s[keep]
    lap_m, speed = np.where(held, 1.0, sight.lap_m[row]), np.where(held, 1.0, speed_mps[stint])
    arcs_m = held_as_lap(sight.arcs_m[row], held) if held.any() else sight.arcs_m[row]
    start_m = np.where(held, 0.0, arc_m[stint] + speed * (from_s - on_s[stint]))
    seen_s = seen_m(start_m, start_m + speed * (to_s - from_s), lap_m, arcs_m) / speed
    some = np.flatnonzero(seen_s > 0.0)
    target, eye = sight.target[row], unit[stint] + SENSE * sight.senses[row]
    some = some[np.lexsort((from_s[some], eye[some], target[some]))]
    return Windows(
        row[some], stint[some], from_s[some], to_s[some], start_m[some], speed[some], lap_m[some], arcs_m[some],
        rate_per_s[some], seen_s[some], target[some], unit[stint[some]], eye[some],
    )  # fmt: skip


def held_as_lap(arcs_m: Floats, held: Bools) -> Floats:
    """Return the arcs with those of units that hold in view replaced by a lap of 1 m that is all look. Shape (P, K, 2)."""
    whole = np.zeros_like(arcs_m)
    whole[:, 0, 1] = 1.0
    whole[:, 1:, :] = 1.0
    return np.where(held[:, None, None], whole, arcs_m)


def pairs(sight: Sight, targets: Targets, track: Ints, on_s: Floats, off_s: Floats) -> tuple[Ints, Ints]:
    """Return the pairs (sight row, stint) on one track that overlap in time. Shapes (P,)."""
    if len(sight) == 0 or len(track) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    span_s = float(max(off_s.max(), targets.end_s.max(), -on_s.min())) + 1.0
    longest_s = float((off_s - on_s).max())
    order = np.lexsort((on_s, track))
    keys = track[order] * (2.0 * span_s) + on_s[order]
    base = sight.track * (2.0 * span_s)
    start_s, end_s = targets.start_s[sight.target], targets.end_s[sight.target]
    first = np.searchsorted(keys, base + np.maximum(start_s - longest_s, -span_s))
    last = np.searchsorted(keys, base + np.minimum(end_s, span_s))
    count = np.maximum(last - first, 0)
    row = np.repeat(np.arange(len(sight)), count)
    stint = order[np.repeat(first - np.cumsum(count) + count, count) + np.arange(count.sum())]
    meet = off_s[stint] > start_s[row]
    return row[meet], stint[meet]


def given_before(seen: Windows, exposure: Floats) -> Floats:
    """Return the exposure that the same eye gave the same target in earlier windows, summed in order of time. Shape (P,)."""
    before = np.zeros(len(exposure))
    fresh = np.ones(len(exposure), dtype=bool)
    fresh[1:] = (seen.target[1:] != seen.target[:-1]) | (seen.eye[1:] != seen.eye[:-1])
    rank = np.arange(len(exposure)) - np.maximum.accumulate(np.where(fresh, np.arange(len(exposure)), 0))
    order = np.argsort(rank, kind="stable")
    starts = np.searchsorted(rank[order], np.arange(1, rank.max(initial=0) + 2))
    for step, begin in enumerate(starts[:-1]):
        rows = order[begin : starts[step + 1]]
        before[rows] = before[rows - 1] + exposure[rows - 1]
    return before


def hits(sight: Sight, seen: Windows, targets: Targets, throws: Throws, horizon_s: float) -> Contacts:
    """Throw the dice: the first sight that an eye has of a target is when its exposure reaches an exponential threshold.

    Args:
        sight: The rows behind the windows.
        seen: Windows of all pairs.
        targets: Columns; `key` names their dice.
        throws: The sensor's dice; a throw is named by target and eye, so that it does not depend on what else is drawn.
        horizon_s: What would be known later is not a contact of this run.

    Returns:
        Contacts in order of the time at which they are known, then by target and unit.
    """
    exposure = seen.rate_per_s * seen.seen_s
    before = given_before(seen, exposure)
    throw = throws.detect.exponential(targets.key[seen.target], seen.eye)
    hit = np.flatnonzero((before < throw) & (throw <= before + exposure))
    need_m = (throw[hit] - before[hit]) / seen.rate_per_s[hit] * seen.speed_mps[hit]
    place_m = reached_m(seen.start_m[hit], need_m, seen.lap_m[hit], seen.arcs_m[hit])
    seen_s = up(np.minimum(seen.from_s[hit] + (place_m - seen.start_m[hit]) / seen.speed_mps[hit], seen.to_s[hit]))
    row, unit, key = seen.row[hit], seen.unit[hit], targets.key[seen.target[hit]]
    known_s = up(seen_s + sight.delay_s[row] + throws.link.delay_s(key, unit))
    east_m, north_m = throws.astray_m(key, seen.eye[hit], sight.spreads_m[row]).T
    target, p_classify, p_attribute = sight.target[row], sight.p_classify[row], sight.p_attribute[row]
    order = np.lexsort((unit, target, known_s))
    order = order[known_s[order] <= horizon_s]
    columns: list[Any] = [seen_s, known_s, target, unit, p_classify, p_attribute, east_m, north_m]
    return Contacts(*(column[order] for column in columns))


def contacts(sight: Sight, seen: Windows, targets: Targets, throws: Throws, horizon_s: float) -> list[Contact]:
    """Return what `hits` finds, one by one."""
    columns = hits(sight, seen, targets, throws, horizon_s)
    return list(starmap(Contact, zip(*(column.tolist() for column in columns), strict=True)))


def passing(
    number: int,
    track: Track,
    targets: Targets,
    reach_m: Floats,
    rate_per_s: Floats,
    p_classify: Floats,
    p_attribute: Floats,
    sense: int = 0,
) -> Sight:
    """Return the sight from a path that is patrolled out and back: each target while the unit is within reach of it.

    Args:
        number: Of the track.
        track: A path.
        targets: All of them.
        reach_m: How near each must be, 0 for what cannot be seen. Shape (N,).
        rate_per_s: Exposure a second within reach, by state of the sky. Shape (N, STATES).
        p_classify: Shape (N,).
        p_attribute: Shape (N,).
        sense: Which of the unit's senses it is.
    """
    low, high = track.xy_m.min(axis=0), track.xy_m.max(axis=0)
    near = np.flatnonzero(
        (reach_m > 0.0)
        & (targets.x_m > low[0] - reach_m) & (targets.x_m < high[0] + reach_m)
        & (targets.y_m > low[1] - reach_m) & (targets.y_m < high[1] + reach_m)
    )  # fmt: skip
    place, entry_m, exit_m = stretches(track, targets.x_m[near], targets.y_m[near], reach_m[near])
    found, row = np.unique(place, return_inverse=True)
    lap_m, arcs_m = along(row, entry_m, exit_m, track.length_m)
    target = near[found]
    return Sight(
        target, np.full(len(target), number), lap_m, arcs_m, rate_per_s[target], np.zeros(len(target)),
        p_classify[target], p_attribute[target], np.full(len(target), sense),
    )  # fmt: skip


def stare(
    rows: Ints,
    rate_per_s: Floats,
    track: Ints,
    p_classify: Floats,
    p_attribute: Floats,
    delay_s: Floats,
    sense: Ints | None = None,
    spread_m: Floats | None = None,
) -> Sight:
    """Return the sight of sensors that look all the time: a lap that is all look.

    Args:
        rows: Targets. Shape (R,).
        rate_per_s: Exposure a second, by state of the sky. Shape (R, STATES).
        track: From which each is seen. Shape (R,).
        p_classify: Shape (R,).
        p_attribute: Shape (R,).
        delay_s: From seen to known. Shape (R,).
        sense: Which of the unit's senses, shape (R,) or (1,); the first without it.
        spread_m: Error ellipses, shape (R, 2, 2) or (1, 2, 2); exact without them.
    """
    arcs_m = np.zeros((len(rows), 1, 2))
    arcs_m[:, 0, 1] = 1.0
    sense = np.zeros(1, dtype=np.int64) if sense is None else sense
    spread_m = np.zeros((1, 2, 2)) if spread_m is None else spread_m
    return Sight(rows, track, np.ones(len(rows)), arcs_m, rate_per_s, delay_s, p_classify, p_attribute, sense, spread_m)


def along(near: Ints, entry_m: Floats, exit_m: Floats, length_m: float) -> tuple[Floats, Floats]:
    """Return an out-and-back lap and its arcs from stretches of a track.

    Args:
        near: Row in the result of each stretch, sorted. Shape (S,).
        entry_m: Where each stretch begins along the track, sorted within a row. Shape (S,).
        exit_m: Where it ends. Shape (S,).
        length_m: Length of the track.

    Returns:
        Laps, shape (R,), and arcs, shape (R, 2 K, 2): the stretches on the way out, then on the way back.
    """
    rows = int(near.max(initial=-1)) + 1
    count = np.bincount(near, minlength=rows)
    place = np.arange(len(near)) - np.repeat(np.cumsum(count) - count, count)
    most = int(count.max(initial=1))
    out_m = np.full((rows, most, 2), length_m)
    out_m[near, place, 0], out_m[near, place, 1] = entry_m, exit_m
    back_m = np.full((rows, most, 2), 2 * length_m)
    place_back = np.repeat(count, count) - 1 - place
    back_m[near, place_back, 0], back_m[near, place_back, 1] = 2 * length_m - exit_m, 2 * length_m - entry_m
    return np.full(rows, 2 * length_m), np.concatenate([out_m, back_m], axis=1)


def stretches(track: Track, x_m: Floats, y_m: Floats, reach_m: Floats) -> tuple[Ints, Floats, Floats]:
    """Return the stretches of a track that lie within reach of places: a chord of each segment, joined where they touch.

    Args:
        track: A path of at least two vertices.
        x_m: Places. Shape (N,).
        y_m: Shape (N,).
        reach_m: How near the path must come. Shape (N,).

    Returns:
        Place, entry and exit along the track of each stretch, sorted by place and entry. Shapes (S,).
    """
    begin, step = track.xy_m[:-1], np.diff(track.xy_m, axis=0)
    length_m, before_m = np.diff(track.steps_m), track.steps_m[:-1]
    unit = step / length_m[:, None]
    to_x, to_y = x_m[:, None] - begin[None, :, 0], y_m[:, None] - begin[None, :, 1]
    middle_m = to_x * unit[:, 0] + to_y * unit[:, 1]
    aside_m = to_x * unit[:, 1] - to_y * unit[:, 0]
    half_m = np.sqrt(np.maximum(reach_m[:, None] ** 2 - aside_m**2, 0.0))
    entry_m, exit_m = np.clip(middle_m - half_m, 0.0, length_m), np.clip(middle_m + half_m, 0.0, length_m)
    place, segment = np.nonzero((exit_m > entry_m) & (np.abs(aside_m) < reach_m[:, None]))
    entry_m, exit_m = before_m[segment] + entry_m[place, segment], before_m[segment] + exit_m[place, segment]
    fresh = np.ones(len(place), dtype=bool)
    fresh[1:] = (place[1:] != place[:-1]) | (entry_m[1:] > exit_m[:-1] + 1e-6)
    last = np.concatenate([fresh[1:], [True]])[: len(place)]
    return place[fresh], entry_m[fresh], exit_m[last]
