"""The simulator against theory: what has a closed form must come out of the simulator's own code, and intervals must cover.

Run with `python -m verification.theory`, which takes in the cases with known answers, search, sensors and satellites, each in a module of
its own. The seeds are fixed, so the table is the same on every machine.
"""

import math
import sys
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import numpy as np

from sim.council import KOfN, State
from sim.dice import Dice
from sim.experiment import Chunk, Job, job_of, play_chunk, replications
from sim.intervals import Interval, ratio, ratio_mean, restricted_mean, woodruff
from sim.kinds import Bools, Floats, Ints
from sim.model import Exponential
from sim.ops import rehearse
from sim.provenance import results_digest
from sim.scenario import Loaded, load, loads
from sim.scene import Targets
from sim.units import DAY, HOUR, MINUTE
from sim.waits import after
from sim.watch import Sight, Stint, windows
from sim.weather import Limits
from sim.world import build, set_stage
from tests import standin
from verification import cases, satellites, searching, suite
from verification.board import Row, publish
from verification.ground import DEGREE_KM, close
from verification.queues import waits_at_desk


def main() -> int:
    """Print and keep the table; 1 if a bar is not held."""
    parts = (part.rows() for part in (cases, searching, suite, satellites))
    return 0 if publish("verify", "The simulator against theory", chain(rows(), *parts)) else 1


def rows() -> Iterator[Row]:
    """Check everything in turn."""
    yield from coverage()
    yield many_analysts()
    yield one_analyst()
    yield council()
    yield from weather()
    yield from line_patrol()
    yield from revisits()
    yield from arrivals()
    yield from same_answers()


# Intervals on a toy whose truth is known

REPEATS, OF_EACH, TRUTH = 400, 20, 20_000
PER_DAY, OBSERVABLE_S = 10.0, 30 * HOUR
LENGTH_S, TAU_S = 10 * DAY, 24 * HOUR


class Toy(NamedTuple):
    """Incidents of one replication. Shapes (N,)."""

    report_s: Floats
    """From the incident to its report, infinite for never."""
    left_s: Floats
    """From the incident to the end of the run."""


def toy(number: int) -> Toy:
    """Throw one replication of a truce that two satellites and two drones watch under shared cloud and jamming.

    Satellites look every 12 h if it is clear and detect half of what they look at; drones look every 24 h if nobody jams and detect
    0.6. Weather strikes all incidents alike, so those of one replication hang together.
    """
    dice = np.random.default_rng((20260106, number))
    start_s = np.sort(dice.uniform(0.0, LENGTH_S, dice.poisson(PER_DAY * LENGTH_S / DAY)))
    best_s = np.full(len(start_s), np.inf)
    for every_s, p_look, bad_s, good_s in ((12 * HOUR, 0.5, 24 * HOUR, 24 * HOUR), (24 * HOUR, 0.6, 8 * HOUR, 32 * HOUR)):
        turns_s = spells(dice, bad_s, good_s)
        for phase_s in dice.uniform(0.0, every_s, 2):
            first = np.ceil((start_s - phase_s) / every_s)
            look_s = phase_s + (first[:, None] + np.arange(3)) * every_s
            good = np.searchsorted(turns_s, look_s) % 2 == 0
            seen = good & (dice.uniform(size=look_s.shape) < p_look) & (look_s < start_s[:, None] + OBSERVABLE_S)
            best_s = np.minimum(best_s, np.where(seen, look_s, np.inf).min(axis=1))
    return Toy(best_s - start_s + dice.exponential(2 * HOUR, len(start_s)), LENGTH_S - start_s)


def spells(dice: np.random.Generator, bad_s: float, good_s: float) -> Floats:
    """Return when good spells end and bad ones end, in turn, in the stationary state. Shape (W,)."""
    count = int(4 * LENGTH_S / (bad_s + good_s)) + 40
    lasts_s = dice.exponential(np.where(np.arange(count) % 2, bad_s, good_s))
    starts_bad = dice.uniform() < bad_s / (bad_s + good_s)
    turns_s = np.cumsum(np.concatenate([[0.0], lasts_s[1:]]) if starts_bad else lasts_s)
    return np.asarray(turns_s - (1e-9 if starts_bad else 0.0))


class Sample(NamedTuple):
    """Incidents of several replications. Shapes (N,)."""

    report_s: Floats
    left_s: Floats
    replication: Ints


def sample(numbers: range) -> Sample:
    """Return the toy's incidents of some replications, numbered from 0."""
    toys = [toy(number) for number in numbers]
    which = np.repeat(np.arange(len(toys)), [len(one.report_s) for one in toys])
    return Sample(np.concatenate([one.report_s for one in toys]), np.concatenate([one.left_s for one in toys]), which)


def share(found: Sample) -> Interval:
    """Return the share that is reported within 24 h."""
    hits = np.bincount(found.replication, found.report_s <= TAU_S, OF_EACH).astype(float)
    return ratio(hits, np.bincount(found.replication, minlength=OF_EACH).astype(float))


def pooled(found: Sample) -> Interval:
    """Return the same share as if incidents were independent: what must not be done."""
    n, p = len(found.report_s), float((found.report_s <= TAU_S).mean())
    half = 1.96 * math.sqrt(p * (1 - p) / n)
    return Interval(p, p - half, p + half, "pooled")


def latency(found: Sample) -> Interval:
    """Return the mean time of those that are reported."""
    reported = np.isfinite(found.report_s)
    total = np.bincount(found.replication[reported], found.report_s[reported], OF_EACH).astype(float)
    return ratio_mean(total, np.bincount(found.replication[reported], minlength=OF_EACH).astype(float))


def median(found: Sample) -> Interval:
    """Return the time by which half are reported, those that never are among the others."""
    return woodruff(found.report_s, found.replication, 0.5)


def restricted(found: Sample) -> Interval:
    """Return the mean time up to 24 h, from incidents that are cut off by the end of the run."""
    event = found.report_s <= found.left_s
    time_s = np.where(event, found.report_s, np.minimum(found.left_s, TAU_S))
    return restricted_mean(time_s, event, found.replication, TAU_S)


def coverage() -> Iterator[Row]:
    """Count how often each interval covers the truth."""
    every = sample(range(1_000_000, 1_000_000 + TRUTH)).report_s
    reported = np.isfinite(every)
    truth = {
        share: float((every <= TAU_S).mean()),
        latency: float(every[reported].mean()),
        median: float(np.quantile(every, 0.5, method="inverted_cdf")),
        restricted: float(np.minimum(every, TAU_S).mean()),
        pooled: float((every <= TAU_S).mean()),
    }
    hits: dict[Callable[[Sample], Interval], int] = dict.fromkeys(truth, 0)
    for repeat in range(REPEATS):
        found = sample(range(repeat * OF_EACH, (repeat + 1) * OF_EACH))
        for estimate in truth:
            low, high = estimate(found)[1:3]
            hits[estimate] += low <= truth[estimate] <= high
    what = f"intervals of {OF_EACH} replications that cover the truth, of {REPEATS}: "
    names = {share: "share", latency: "mean", median: "quantile (Woodruff)", restricted: "mean of Kaplan-Meier up to 24 h"}
    for number, (estimate, name) in enumerate(names.items(), 1):
        covers = hits[estimate] / REPEATS
        yield Row(f"S{number}", what + name, f"{covers:.4f}", "0.925 to 0.975", 0.925 <= covers <= 0.975)
    covers = hits[pooled] / REPEATS
    yield Row("S5", what + "a pooled share, which must not: the toy has teeth", f"{covers:.4f}", "below 0.7", covers < 0.7)


# Queues, councils, spells


def many_analysts() -> Row:
    """Compare three analysts with the formula of Erlang C."""
    count, gap_s, work_s = 3, 10 * MINUTE, 24 * MINUTE
    load_ = work_s / gap_s
    terms = [load_**k / math.factorial(k) for k in range(count)]
    last = load_**count / math.factorial(count) / (1 - load_ / count)
    expected_s = last / (sum(terms) + last) * work_s / (count - load_)
    waits = np.array([waits_at_desk(count, gap_s, lambda dice: float(dice.exponential(work_s)), number).mean() for number in range(40)])
    return close("A8", "wait at a desk of 3 analysts, 80 % busy, M/M/3 (Erlang C)", waits / MINUTE, expected_s / MINUTE, "min")


def one_analyst() -> Row:
    """Compare one analyst with equal tasks with the formula of Pollaczek and Khinchine."""
    gap_s, work_s = 20 * MINUTE, 14 * MINUTE
    busy = work_s / gap_s
    waits = np.array([waits_at_desk(1, gap_s, lambda dice: work_s, number).mean() for number in range(40)])
    expected_s = busy * work_s / (2 * (1 - busy))
    return close("A10", "wait for 1 analyst, equal tasks, 70 % busy, M/D/1", waits / MINUTE, expected_s / MINUTE, "min")


def council() -> Row:
    """Compare the 22nd of 33 exponential consents with its closed form."""
    names = tuple(f"s{number}" for number in range(33))
    states = {name: State(decides=Exponential(law="exponential", mean_s=10 * HOUR)) for name in names}
    body, die = KOfN(members=names, k=22), Dice(1, 0)("consent")
    took = np.array([body.decide_s(states, die, question) for question in range(4_000)])
    expected = 10.0 * sum(1.0 / number for number in range(33 - 22 + 1, 34))
    return close("A7", "22 of 33 states consent, 10 h each on average", took / HOUR, expected, "h")


STRAIGHT = """\
truceline: 1
name: straight
start: 2026-03-01T00:00:00Z
length: 30 d
follow_up: 0 d
line: {{points: [[30.0, 0.0], [{east:.9f}, 0.0]]}}
environment:
  weather: {{cloud: {never}, murk: {murk}}}
bases: {{field: {{at: [{middle:.9f}, 0.0]}}}}
sensors:{sensors}
violations:
  guns: {{kind: heavy_weapons, rate: 3 /day}}
  more_guns: {{kind: heavy_weapons, rate: 5 /day}}
desk:
  analysts: {{day: 1, night: 1}}
  triage: {{law: fixed, value: 1 min}}
  verify: {{law: fixed, value: 1 min}}
  attribute: {{law: fixed, value: 1 min}}
response: {{kind: bulletin}}
"""


def straight(length_km: float, sensors: str = " {}", murk: float = 0.0) -> Loaded:
    """Return a scenario on a stretch of the equator."""
    east = 30.0 + length_km / DEGREE_KM
    text = STRAIGHT.format(east=east, middle=(30.0 + east) / 2, never=[0.0] * 12, murk=[murk] * 12, sensors=sensors)
    return loads(text)


def weather() -> Iterator[Row]:
    """Compare the share of fog, and its correlation from day to day, with what the file says."""
    loaded = straight(1_200.0, murk=0.2)
    stage = set_stage(loaded.scenario, Path())
    share_, number = loaded.scenario.environment.weather.murk, 200
    shares, pairs = np.zeros(number), list[tuple[Bools, Bools]]()
    at_s = np.arange(0.0, 29 * DAY, 3 * HOUR)
    for replication in range(number):
        sky = build(loaded.scenario, stage, replication).scene.sky
        spans = [sky.rules(patch, Limits(share_)) for patch in range(0, len(sky.patches), 6)]
        shares[replication] = np.mean([(end_s - begin_s).sum() for begin_s, end_s in spans]) / stage.horizon_s
        pairs += [(under(begin_s, end_s, at_s), under(begin_s, end_s, at_s + DAY)) for begin_s, end_s in spans]
    yield close("A12a", "share of time in fog over 1,200 km and 30 days", shares, 0.2)
    today, tomorrow = (np.array([pair[side] for pair in pairs]) for side in (0, 1))
    expected = math.exp(-DAY / loaded.scenario.environment.weather.spell_s)
    each = (today - 0.2) * (tomorrow - 0.2) / 0.16
    yield close("A12b", "its correlation from one day to the next", each.mean(axis=1).reshape(number, -1).mean(axis=1), expected)


def under(begin_s: Floats, end_s: Floats, at_s: Floats) -> Bools:
    """Return whether instants lie in one of some spans. Shape as `at_s`."""
    span = np.searchsorted(begin_s, at_s, side="right") - 1
    inside = np.zeros(len(at_s), dtype=bool)
    inside[span >= 0] = at_s[span >= 0] < end_s[span[span >= 0]]
    return inside


# Looks

FLEET = """
  drones:
    kind: drone_fleet
    speed: 100 km/h
    endurance: 60 d
    turnaround: 0 h
    phase: synchronised
    stand_off: 0 km
    detection: {{law: definite_range, range: 10 m}}
    orbits: {{{orbits}}}"""


def line_patrol() -> Iterator[Row]:
    """Compare the wait for a drone that flies up and down 100 km with 2 L / (3 v), and for five that share it with a fifth of it."""
    for number, drones in enumerate((1, 5), 1):
        step = 100 / drones
        orbits = [f"o{k}: {{base: field, from: {k * step} km, to: {(k + 1) * step} km, drones: 1}}" for k in range(drones)]
        loaded = straight(100.02, FLEET.format(orbits=", ".join(orbits)))
        world = build(loaded.scenario, set_stage(loaded.scenario, Path()), 0)
        dice = np.random.default_rng(3)
        cells = 400
        chainage_m = (np.arange(cells) + dice.uniform(size=cells)) * 100_000.0 / cells
        x_m, y_m = world.scene.line.at(chainage_m)
        targets = Targets.blank(cells)
        for column, values in ((targets.x_m, x_m), (targets.y_m, y_m), (targets.chainage_m, chainage_m), (targets.size_m, 2.3)):
            column[:] = values
        targets.end_s[:] = world.scene.horizon_s
        sensor = loaded.scenario.sensors["drones"]
        plan = rehearse(sensor, world.scene, world.dice)
        seen = windows(sensor.sight(targets, world.scene), plan.stints, targets, world.scene.sky.air())
        starts_s = np.sort(dice.uniform(2 * DAY, 25 * DAY, (cells, 20)))
        waits_s = after(seen, starts_s, world.dice("probe")).looked_s - starts_s
        expected = 2.0 / 3.0 / drones
        yield close(
            f"L{number}", f"wait on 100 km for {drones} drone(s) at 100 km/h, up and down", waits_s.mean(axis=1) / HOUR, expected, "h"
        )


def revisits() -> Iterator[Row]:
    """Compare the wait for looks every 12 h by several eyes with tau / (k + 1) for random phases and tau / (2 k) for even ones."""
    every_s, dice = 12 * HOUR, np.random.default_rng(5)
    for name, eyes, even in (("A1", 1, False), ("A2", 4, False), ("A3", 4, True)):
        means = np.zeros(600)
        for number in range(len(means)):
            phases_s = dice.uniform(0.0, every_s, eyes)
            if even:
                phases_s = phases_s[0] + np.arange(eyes) * every_s / eyes
            means[number] = wait_for_looks(phases_s, every_s, dice)
        expected = every_s / (2 * eyes) if even else every_s / (eyes + 1)
        how = "evenly spread" if even else "at random"
        yield close(name, f"wait for the next of {eyes} eyes that look every 12 h, {how}", means / HOUR, expected / HOUR, "h")


def wait_for_looks(phases_s: Floats, every_s: float, dice: np.random.Generator) -> float:
    """Return the mean wait at one place for looks of a tick of the clock."""
    looks_s = (phases_s[:, None] + np.arange(-1, 8) * every_s) % (9 * every_s)
    stints = [Stint(unit, 0, t_s, t_s + 1 / 1024) for unit, row in enumerate(looks_s) for t_s in np.sort(row).tolist()]
    one = np.ones(1)
    sight = Sight(np.zeros(1, np.int64), np.zeros(1, np.int64), one, np.array([[[0.0, 1.0]]]), np.full((1, 8), np.inf), 0 * one, one, one)
    targets = Targets.blank(1)
    targets.end_s[:] = 20 * every_s
    starts_s = np.sort(dice.uniform(every_s, 6 * every_s, (1, 20)))
    return float((after(windows(sight, stints, targets), starts_s, Dice(1, 0)("look")).looked_s - starts_s).mean())


def arrivals() -> Iterator[Row]:
    """Compare two streams of incidents together with one Poisson stream of the summed rate."""
    from scipy.stats import chi2, kstest

    loaded = straight(300.0)
    stage, number, mean = set_stage(loaded.scenario, Path()), 400, 8.0 * 30
    starts_s = []
    for replication in range(number):
        drawn = [entry.draw(stage, Dice(1, replication))[0].start_s for entry in loaded.scenario.violations.values()]
        starts_s.append(np.sort(np.concatenate(drawn)))
    counts = np.array([len(one) for one in starts_s], dtype=float)
    yield close("A15a", "incidents of two entries with 3 and 5 a day, in 30 days", counts, mean)
    index = float(counts.var(ddof=1) / counts.mean())
    low, high = (float(chi2.ppf(level, number - 1)) / (number - 1) for level in (0.0005, 0.9995))
    yield Row(
        "A15b", "variance of their number over its mean", f"{index:.3f}", f"{low:.3f} to {high:.3f} (chi-squared)", low <= index <= high
    )
    gaps = np.concatenate([np.diff(one) for one in starts_s]) * 8.0 / DAY
    p = float(kstest(gaps, "expon").pvalue)
    yield Row("A15c", "their gaps against the exponential law, Kolmogorov-Smirnov", f"p = {p:.3f}", "p above 0.001", p > 0.001)


# One answer


def same_answers() -> Iterator[Row]:
    """Compare digests over workers, chunks and order."""
    with TemporaryDirectory() as folder:
        job = job_of(load(standin.small(Path(folder))))
        numbers = range(12)
        digests = {
            "1 worker": digest_of(job, list(numbers), 1),
            "2 workers": digest_of(job, list(numbers), 2),
            "backwards": digest_of(job, list(reversed(numbers)), 1),
        }
        for size in (1, 5, 12):
            chunks = [play_chunk(job, tuple(numbers[first : first + size])) for first in range(0, 12, size)]
            digests[f"chunks of {size}"] = results_digest({number: mark for chunk in chunks for number, mark in chunk.fingerprints.items()})
    figure = f"{len(set(digests.values()))} digest"
    yield Row("D1", "12 replications: " + ", ".join(digests), figure, "1 digest", len(set(digests.values())) == 1)


def digest_of(job: Job, numbers: list[int], workers: int) -> str:
    """Return the digest of some replications."""
    marks: dict[int, str] = {}
    for outcome in replications(job, numbers, workers):
        if isinstance(outcome, Chunk):
            marks |= outcome.fingerprints
    return results_digest(marks)


if __name__ == "__main__":
    sys.exit(main())
