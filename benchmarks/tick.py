"""R1 by a tick, in plain loops over numbers, to be compiled by numba: the honest opponent.

It knows nothing of the simulator and imports nothing but NumPy, for it runs in an environment of its own (see `benchmarks.peers`). It is
given what it would have to throw or work out besides: the sorties of every drone, the dice, and each target's place beside the segments
that can see it. It moves the drones, measures distances, adds exposure, counts down to false alarms, and plays the desk and the ladder.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np

Arrays: TypeAlias = Mapping[str, np.ndarray]
Array: TypeAlias = np.ndarray
Kernel: TypeAlias = Callable[..., Any]
"""One of the loops below, as it stands or compiled."""

HOUR = 3600.0
P_TRUE, P_FALSE = 0.9, 0.05
"""Chances that an analyst opens a true and a false alarm (R1)."""
P_CLIMBS = 0.3
"""Chance that a step of the ladder settles nothing (R1)."""
NATIONAL_S, COALITION_S, WARNING_S = 24.0 * HOUR, 72.0 * HOUR, 6.0 * HOUR
VERIFY_S, VERIFY_SIGMA = 1.0 * HOUR, 0.8
TRIAGE_S, SERVERS = 0.5 * HOUR, 6


class Flown(NamedTuple):
    """What drones do and see."""

    seen_s: np.ndarray
    """First sight of each target by each drone, infinite for never. Shape (U, V)."""
    false_s: np.ndarray
    """When false alarms come. Shape (F,)."""
    watched_s: np.ndarray
    """Time on station of each drone. Shape (U,)."""


class Answered(NamedTuple):
    """What became of each violation, infinite for never, shapes (V,); and the wait of each alarm that an analyst took up, shape (A,)."""

    detected_s: np.ndarray
    confirmed_s: np.ndarray
    verified_s: np.ndarray
    warned_s: np.ndarray
    national_s: np.ndarray
    coalition_s: np.ndarray
    wait_s: np.ndarray


def turn(t_s: float, near: Array, start_s: Array, end_s: Array, upcoming: Array, under_way: Array, count: Array) -> float:
    """Bring up to date which rows of each segment are under way, and return until when they are.

    They are the first `count` (T,) of `under_way` (T, N); the other columns are those of `fly`.
    """
    until_s = np.inf
    for place in range(len(count)):
        while upcoming[place] < near[place + 1] and start_s[upcoming[place]] <= t_s:
            under_way[place, count[place]] = upcoming[place]
            count[place] += 1
            upcoming[place] += 1
        for slot in range(count[place] - 1, -1, -1):
            if end_s[under_way[place, slot]] <= t_s:
                count[place] -= 1
                under_way[place, slot] = under_way[place, count[place]]
            else:
                until_s = min(until_s, end_s[under_way[place, slot]])
        if upcoming[place] < near[place + 1]:
            until_s = min(until_s, start_s[upcoming[place]])
    return until_s


def fly(
    turn: Kernel, tick_s: float, ticks: int, on_s: Array, off_s: Array, arc_m: Array, speed_mps: Array, stint: Array, track: Array,
    length_m: Array, near: Array, target: Array, start_s: Array, end_s: Array, along_m: Array, aside_m: Array, throw: Array, gap_s: Array,
    rate_per_s: float, reach_m: float,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """Move every drone tick by tick, and let it look at the targets that are under way beside its segment.

    Args:
        turn: The loop above; a compiled one takes a compiled one.
        tick_s: Step of time.
        ticks: How many.
        on_s: When stints begin; stints of one drone follow one another. Shape (S,).
        off_s: When they end.
        arc_m: Place on the lap at the begin.
        speed_mps: Along the lap.
        stint: Number of each drone's first stint, and of the end. Shape (U + 1,).
        track: Segment of each drone. Shape (U,).
        length_m: Of each segment. Shape (T,).
        near: Number of each segment's first row below, and of the end. Shape (T + 1,).
        target: Rows of what a segment can see, by start: which target. Shape (N,).
        start_s: When it begins. Shape (N,).
        end_s: When it ends.
        along_m: Where it is along the segment.
        aside_m: And beside it.
        throw: Exposure at which a drone sees a target. Shape (U, V).
        gap_s: Watches between a drone's false alarms. Shape (U, K).
        rate_per_s: Exposure a second in view.
        reach_m: How far a drone sees.

    Returns:
        First sights (U, V), instants of false alarms (U, K) with infinity for those that do not come, watches (U,).
    """
    units, tracks = len(track), len(length_m)
    seen_s, exposure = np.full(throw.shape, np.inf), np.zeros(throw.shape)
    false_s, watched_s = np.full(gap_s.shape, np.inf), np.zeros(units)
    left_s, alarm = gap_s[:, 0].copy(), np.zeros(units, np.int64)
    now, upcoming = stint[:-1].copy(), near[:-1].copy()
    under_way, count = np.zeros((tracks, len(target)), np.int64), np.zeros(tracks, np.int64)
    reach_m2, dose, until_s = reach_m * reach_m, rate_per_s * tick_s, 0.0
    for tick in range(ticks):
        t_s = tick * tick_s
        if t_s >= until_s:
            until_s = turn(t_s, near, start_s, end_s, upcoming, under_way, count)
        for unit in range(units):
            while now[unit] < stint[unit + 1] and off_s[now[unit]] <= t_s:
                now[unit] += 1
            if now[unit] == stint[unit + 1] or on_s[now[unit]] > t_s:
                continue
            watched_s[unit] += tick_s
            left_s[unit] -= tick_s
            if left_s[unit] <= 0.0:
                false_s[unit, alarm[unit]] = t_s
                alarm[unit] += 1
                left_s[unit] += gap_s[unit, alarm[unit]]
            place = track[unit]
            if count[place] == 0:
                continue
            lap_m = 2.0 * length_m[place]
            at_m = (arc_m[now[unit]] + speed_mps[now[unit]] * (t_s - on_s[now[unit]])) % lap_m
            at_m = min(at_m, lap_m - at_m)
            for slot in range(count[place]):
                row = under_way[place, slot]
                if (at_m - along_m[row]) ** 2 + aside_m[row] ** 2 <= reach_m2:
                    which = target[row]
                    exposure[unit, which] += dose
                    if exposure[unit, which] >= throw[unit, which] and seen_s[unit, which] == np.inf:
                        seen_s[unit, which] = t_s
    return seen_s, false_s, watched_s


def triage(
    t_s: Array, violation: Array, work_s: Array, luck: Array, violations: int, servers: int, p_true: float, p_false: float
) -> tuple[Array, Array]:
    """Serve alarms first come first served; a further alarm of a violation that waits or is open is evidence, and takes nobody's time.

    Args:
        t_s: When alarms come, in order. Shape (A,).
        violation: Which one, -1 for a false alarm. Shape (A,).
        work_s: How long each takes. Shape (A,).
        luck: Opened if below the chance. Shape (A,).
        violations: How many there are.
        servers: Analysts.
        p_true: Chance that a true alarm is opened.
        p_false: The same of a false one.

    Returns:
        When each violation is confirmed, shape (V,), infinite for never; the wait of each alarm, -1 for evidence, shape (A,).
    """
    confirmed_s, judged_s = np.full(violations, np.inf), np.full(violations, -1.0)
    free_s, wait_s = np.zeros(servers), np.full(len(t_s), -1.0)
    for alarm in range(len(t_s)):
        which = violation[alarm]
        if which >= 0 and (confirmed_s[which] < np.inf or t_s[alarm] < judged_s[which]):
            continue
        server = np.argmin(free_s)
        begin_s = max(t_s[alarm], free_s[server])
        free_s[server] = begin_s + work_s[alarm]
        wait_s[alarm] = begin_s - t_s[alarm]
        if which >= 0:
            judged_s[which] = free_s[server]
        if which >= 0 and luck[alarm] < p_true:
            confirmed_s[which] = free_s[server]
    return confirmed_s, wait_s


class Kernels(NamedTuple):
    """The loops, as they stand or compiled."""

    turn: Kernel = turn
    fly: Kernel = fly
    triage: Kernel = triage


PLAIN = Kernels()
COLUMNS = (
    "on_s", "off_s", "arc_m", "speed_mps", "stint", "track", "length_m", "near", "target", "start_s", "end_s", "along_m", "aside_m",
    "throw", "gap_s",
)  # fmt: skip
"""What `fly` takes, in its order."""


def flown(given: Arrays, kernels: Kernels = PLAIN) -> Flown:
    """Return what drones see within the ticks that are given."""
    columns = [given[name] for name in COLUMNS]
    rate_per_s, reach_m = float(given["rate_per_s"]), float(given["reach_m"])
    seen_s, false_s, watched_s = kernels.fly(kernels.turn, float(given["tick_s"]), int(given["ticks"]), *columns, rate_per_s, reach_m)
    return Flown(seen_s, false_s[np.isfinite(false_s)], watched_s)


def answered(given: Arrays, flight: Flown, kernels: Kernels = PLAIN) -> Answered:
    """Return what desk and ladder make of what was seen; nothing after the run counts."""
    horizon_s = float(given["tick_s"]) * int(given["ticks"])
    unit, which = np.nonzero(np.isfinite(flight.seen_s))
    t_s = np.concatenate([flight.seen_s[unit, which], flight.false_s])
    order = np.argsort(t_s, kind="stable")
    violation = np.concatenate([which, np.full(len(flight.false_s), -1)])[order]
    luck, violations = given["luck"], flight.seen_s.shape[1]
    work_s = -TRIAGE_S * np.log(luck[0, : len(t_s)])
    confirmed_s, wait_s = kernels.triage(t_s[order], violation, work_s, luck[1], violations, SERVERS, P_TRUE, P_FALSE)
    throws = given["ladder"]
    verified_s = confirmed_s + VERIFY_S * np.exp(VERIFY_SIGMA * throws[0])
    warned_s = verified_s - WARNING_S * np.log(throws[1])
    national_s = np.where(throws[2] < P_CLIMBS, warned_s + NATIONAL_S, np.inf)
    coalition_s = np.where(throws[3] < P_CLIMBS, national_s + COALITION_S, np.inf)
    columns = (flight.seen_s.min(axis=0), confirmed_s, verified_s, warned_s, national_s, coalition_s)
    done = [np.where(column <= horizon_s, column, np.inf) for column in columns]
    return Answered._make([*done, wait_s[wait_s >= 0.0]])


def play(given: Arrays, kernels: Kernels = PLAIN) -> tuple[Flown, Answered]:
    """Play one replication."""
    flight = flown(given, kernels)
    return flight, answered(given, flight, kernels)
