"""R1: one specification by which engines are compared, as a scenario file played by the product's own engine, and its variants.

The specification: 1,200 km in 20 segments of 60 km, two drones on each that fly up and down at 100 km/h and see 5 km around, 20 h of
endurance with 0.4 h of transit, 4 h of turnaround; spells of 60 h and 6 h on average in which they can and cannot fly, over 300 km each;
a loss every 400 h on station, replaced after 48 h; 2,000 violations in 30 days within 6 km of the line, nine in ten between 10 min and 6 h
long; 20 glimpses an hour; 0.2 false alarms an hour; 6 analysts with 30 min an alarm; a ladder of three steps.

Where `r1.yaml` departs from it, because the product has no other way:

* the number of violations is a throw with the mean of 2,000, not 2,000;
* drones are in the air at the start, as in the middle of their service, and not on the ground; they set out left and right in turn;
* a drone sees over the end of its segment, which adds 0.006 to P(detect);
* the line is an arc of the equator on a map whose lengths are right within 0.004 %, and all times lie on a grid of 1/1024 s;
* nights exist, though nothing in R1 depends on them;
* a contact of another drone with a violation that waits or is open is evidence and needs no analyst; one that was dismissed can come up
  again; a false alarm within 5 km and 30 min of another one is taken for the same;
* verification and attribution pass through the analysts' queue as tasks without work, ahead of new alarms: a wait of minutes at most;
* with feedback, a drone that found something holds 0.25 h where it is, also over false alarms, for nobody knows then that they are false;
  one that holds already is not held for longer.

More drones or violations get so many times the analysts, else most alarms would wait for ever and cost nothing.
"""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import fmean, stdev
from typing import NamedTuple

import numpy as np

from benchmarks import where
from benchmarks.opponents import SLOW_S, TICK_S, Contacts, InSimPy, contacts_of, given_to_opponents, in_numpy, read_back, written
from benchmarks.peers import Peers, absent
from benchmarks.tick import Answered, Flown
from benchmarks.timing import Alone, alone, at_least, at_most, counted, cpu_s, interleaved_s, medians_s, ms
from sim.engine.run import play
from sim.experiment import job_of, replicate
from sim.kinds import Floats
from sim.scenario import Loaded, load
from sim.scene import Stage
from sim.story import Columns, Play, outcomes
from sim.units import DAY, HOUR
from sim.world import World, build, set_stage
from verification.board import Row

FILE = Path(__file__).with_name("r1.yaml")
SEGMENTS, PER_DAY, ANALYSTS = 20, 2000.0 / 30.0, 6
REPLICATIONS = 8
"""By which answers are compared."""
LARGEST_Z = 3.5
"""Standard errors by which a mean may differ; one in two thousand does by chance."""

BAR_S, FEEDBACK_BAR_S, YEAR_BAR_S, YEAR_BAR_MB = 0.040, 0.150, 15.0, 1000.0
FAST_BAR_S, FAST_FEEDBACK_BAR_S, FAST_YEAR_BAR_S, FAST_YEAR_BAR_MB = 0.015, 0.040, 4.0, 400.0
EVENTS_BAR, FEEDBACK_EVENTS_BAR = 20_000, 30_000


def changes(drones: int = 1, violations: int = 1, days: int = 30, fed: bool = False) -> dict[str, str]:
    """Return what makes a variant of R1: so many times the drones and violations, for so long; with feedback drones are sent to finds."""
    analysts = str(ANALYSTS * max(drones, violations))
    made = {
        "length": f"{days} days",
        "violations.guns.rate": f"{PER_DAY * violations} /day",
        "desk.analysts": f"{{day: {analysts}, night: {analysts}}}",
    }
    if drones > 1:
        made |= {f"sensors.drones.orbits.s{segment}.drones": str(2 * drones) for segment in range(SEGMENTS)}
    return made | ({"sensors.drones.cued_by": "[drones]", "sensors.drones.finder": "holds"} if fed else {})


VARIANTS: Mapping[str, dict[str, str]] = {
    "R1": changes(),
    "day": changes(days=1),
    "feedback": changes(fed=True),
    "x10-drones": changes(drones=10),
    "x10-violations": changes(violations=10),
    "year": changes(days=365),
    "year-x10-x10": changes(drones=10, violations=10, days=365),
    "x2": changes(violations=2),
    "x4": changes(violations=4),
}


def variant_of(name: str) -> Loaded:
    """Return a variant of R1."""
    return load(FILE, VARIANTS[name])


class Case(NamedTuple):
    """A scenario with what its replications share."""

    loaded: Loaded
    stage: Stage

    @classmethod
    def of(cls, loaded: Loaded) -> "Case":
        """Set the stage of a scenario."""
        return cls(loaded, set_stage(loaded.scenario, loaded.folder))

    def world(self, replication: int = 1) -> World:
        """Throw a replication."""
        return build(self.loaded.scenario, self.stage, replication)

    def play(self, replication: int = 1) -> Play:
        """Throw a replication and play it."""
        return play(self.world(replication))

    def told(self, replication: int = 1) -> Columns:
        """Play a replication with the outputs that R1 asks for: what became of each violation; sorties and waits are in the log."""
        return outcomes(self.play(replication))


def rows(peers: Peers) -> Iterator[Row]:
    """Measure R1 and its variants, alone and against the opponents."""
    yield from replications()
    yield from events()
    yield from against(peers)
    yield from growth()


# Ours


def replications() -> Iterator[Row]:
    """Measure whole replications: to the bars of an installation as it stands, and to those of one with compiled kernels."""
    plain, fed = (Case.of(variant_of(name)) for name in ("R1", "feedback"))
    job = job_of(plain.loaded)
    plain_s, fed_s, rows_s = interleaved_s(plain.told, fed.told, lambda: replicate(job, 1))
    told = plain.told()
    seen = int(np.isfinite(told["seen_s"]).sum())
    what = f"R1, {len(told['seen_s']):,} violations, {seen:,} of them seen: one replication, NumPy, its outputs a violation"
    yield at_most("R1", what, plain_s, BAR_S)
    yield at_most("R1-feedback", "the same; who is nearest holds 0.25 h over every find, true or false", fed_s, FEEDBACK_BAR_S)
    yield at_most("R1-fast", f"R1 against the bar for compiled kernels ({kernels()})", plain_s, FAST_BAR_S)
    yield at_most("R1-feedback-fast", "R1-feedback against the bar for compiled kernels", fed_s, FAST_FEEDBACK_BAR_S)
    yield from where.parts("R1", plain.loaded, None, times=10)
    yield Row("R1-all", "R1 with all that `truceline run` keeps of a replication: every measure, coverage too", ms(rows_s), "", None)


def kernels() -> str:
    """Return by what the product computes."""
    return "numba is loaded" if "numba" in sys.modules else "nothing is compiled: the same time"


def events() -> Iterator[Row]:
    """Count the kernel's events of a replication, rehearsals too."""
    for variant, bar in (("R1", EVENTS_BAR), ("feedback", FEEDBACK_EVENTS_BAR)):
        case = Case.of(variant_of(variant))
        with counted() as kernel:
            case.play()
        name = "R1" if variant == "R1" else f"R1-{variant}"
        held = 0 < kernel.count <= bar
        yield Row(f"{name}-events", f"events of the kernel in one replication of {name}", f"{kernel.count:,}", f"at most {bar:,}", held)


# Against the opponents


def against(peers: Peers) -> Iterator[Row]:
    """Play R1 by ticks, and compare times and answers."""
    case = Case.of(variant_of("R1"))
    world = case.world()
    played = play(world)
    length_s = case.loaded.scenario.length_s
    whole = given_to_opponents(world, played.plans["drones"], length_s)
    part = given_to_opponents(world, played.plans["drones"], SLOW_S)
    yield from against_compiled(peers, case, written(whole, peers.folder))
    scale = length_s / SLOW_S
    slow = f"({SLOW_S / DAY:.0f} day played, scaled to {length_s / DAY:.0f})"
    ours_s, simpy_s, numpy_s = interleaved_s(case.told, lambda: InSimPy(part).play(), lambda: in_numpy(part), repeats=3)
    what = f"times that a tick of {TICK_S:.0f} s in SimPy takes, a process a drone {slow}, against R1"
    yield at_least("R1-simpy", what, simpy_s * scale / ours_s, 1500, f" ({simpy_s * scale:.1f} s)")
    what = f"times that such a tick in NumPy takes, its sight alone {slow}, against R1"
    yield at_least("R1-numpy", what, numpy_s * scale / ours_s, 600, f" ({numpy_s * scale:.1f} s)")
    ours = contacts_in(played, SLOW_S - 2 * TICK_S)
    yield same(
        "R1-simpy-same", "SimPy", ours, {pair: t_s for pair, t_s in InSimPy(part).play().contacts.items() if t_s < SLOW_S - 2 * TICK_S}
    )
    yield same("R1-numpy-same", "NumPy", ours, contacts_of(in_numpy(part).seen_s, SLOW_S - 2 * TICK_S))


def against_compiled(peers: Peers, case: Case, given: Path) -> Iterator[Row]:
    """Play R1 by the compiled tick: the whole of it, sight, desk and ladder."""
    what = f"times that a tick of {TICK_S:.0f} s compiled by numba takes (sight, desk and ladder, given our sorties and dice), against R1"
    if not peers.has("numba"):
        yield absent("R1-numba", what, "at least 6", "numba")
        return
    ours_s, tick_s = medians_s(lambda: cpu_s(case.told), lambda: peers.ask("ticks", given)[0])
    yield at_least("R1-numba", what, tick_s / ours_s, 6, f" ({ms(tick_s)})")
    ours, theirs, played = [], [], None
    for replication in range(1, REPLICATIONS + 1):
        world = case.world(replication)
        played = play(world)
        given = written(given_to_opponents(world, played.plans["drones"], case.loaded.scenario.length_s), peers.folder)
        flight, answers = read_back(peers.ask("ticks", given)[1])
        start_s = world.incidents.start_s
        ours.append(summary_of_ours(outcomes(played), played))
        theirs.append(summary_of_theirs(start_s, answers))
        if replication == 1:
            end_s = case.loaded.scenario.length_s - 2 * TICK_S
            yield same("R1-numba-same", "numba", contacts_in(played, end_s), contacts_of(flight.seen_s, end_s))
            yield watched(played, flight)
    yield from answers_agree(ours, theirs)


def contacts_in(played: Play, until_s: float) -> Contacts:
    """Return who saw which target first when, by rows of drones and targets, until an instant."""
    units = {unit: row for row, unit in enumerate(played.world.scenario.sensors["drones"].units(played.world.stage))}
    found = ((units[int(entry.detail)], entry.incident, entry.t_s) for entry in played.log.of("contact"))
    return {(unit, target): t_s for unit, target, t_s in found if t_s < until_s}


def same(name: str, opponent: str, ours: Contacts, theirs: Contacts) -> Row:
    """Compare contacts: the same ones, and at the same time but for the tick."""
    differ = len(ours.keys() ^ theirs.keys())
    apart_s = np.array([abs(ours[pair] - theirs[pair]) for pair in ours.keys() & theirs.keys()])
    within = float((apart_s <= 2 * TICK_S).mean()) if len(apart_s) else 0.0
    figure = f"{differ} of {len(ours):,}; {apart_s.mean():.1f} s, {100 * within:.1f} % within two ticks" if len(apart_s) else "none"
    what = f"contacts that only one of us and the tick in {opponent} has; how far apart in time the others are"
    return Row(name, what, figure, "at most 0.5 %, 95 %", differ <= max(1, 0.005 * len(ours)) and within >= 0.95)


def watched(played: Play, flight: Flown) -> Row:
    """Compare hours on station, the output that R1 asks for of each drone."""
    length_s = played.world.scene.horizon_s
    stints = played.plans["drones"].stints
    ours_h = sum(max(0.0, min(stint.off_s, length_s) - max(stint.on_s, 0.0)) for stint in stints) / HOUR
    theirs_h = float(flight.watched_s.sum()) / HOUR
    figure = f"{ours_h:,.1f} h and {theirs_h:,.1f} h"
    return Row(
        "R1-watched", "hours on station of all drones, by us and by the tick", figure, "within 0.1 %", abs(ours_h / theirs_h - 1.0) <= 0.001
    )


QUEUE = "h of an alarm in the queue"
SUMMARY = ("P(detect)", "h to detection", "P(verified)", "h to warning", "P(coalition acts)", QUEUE)


def summary_of_ours(told: Columns, played: Play) -> list[float]:
    """Return the numbers of a replication by which engines are compared."""
    wait_s = np.array([entry.value for entry in played.log.of("triaged")])
    warned_s, coalition_s = told["decided.warning_s"], told["decided.coalition_action_s"]
    return summary(told["start_s"], told["detected_s"], told["attributed_s"], warned_s, coalition_s, wait_s)


def summary_of_theirs(start_s: Floats, told: Answered) -> list[float]:
    """Return the same numbers of an opponent."""
    return summary(start_s, told.detected_s, told.verified_s, told.warned_s, told.coalition_s, told.wait_s)


def summary(start_s: Floats, detected_s: Floats, verified_s: Floats, warned_s: Floats, coalition_s: Floats, wait_s: Floats) -> list[float]:
    """Return the numbers of `SUMMARY`."""
    seen, warned = np.isfinite(detected_s), np.isfinite(warned_s)
    return [
        float(seen.mean()), float((detected_s - start_s)[seen].mean()) / HOUR, float(np.isfinite(verified_s).mean()),
        float((warned_s - start_s)[warned].mean()) / HOUR, float(np.isfinite(coalition_s).mean()), float(wait_s.mean()) / HOUR,
    ]  # fmt: skip


def answers_agree(ours: list[list[float]], theirs: list[list[float]]) -> Iterator[Row]:
    """Compare means over replications, paired, for both saw the same violations from the same sorties."""
    for index, name in enumerate(SUMMARY):
        mine, other = ([row[index] for row in rows] for rows in (ours, theirs))
        apart = [a - b for a, b in zip(mine, other, strict=True)]
        spread = stdev(apart) / len(apart) ** 0.5
        z = fmean(apart) / spread if spread else 0.0
        figure = f"{fmean(mine):.4f} and {fmean(other):.4f} ({z:+.1f} standard errors)"
        what = f"{name}: ours and the compiled tick's, {len(apart)} replications"
        bar, held = f"within {LARGEST_Z} standard errors", abs(z) <= LARGEST_Z
        if index < EXACT:
            bar, held = "within 0.001", abs(fmean(apart)) <= 0.001
        if name == QUEUE:
            what += "; we take false alarms that lie near one another for one"
        yield Row(f"R1-answer-{index + 1}", what, figure, "" if name == QUEUE else bar, None if name == QUEUE else held)


EXACT = 2
"""So many numbers of the summary hang on the same dice; of those after them the desk's dice are each engine's own."""


# Growth


def growth() -> Iterator[Row]:
    """Measure how time and memory grow with the work."""
    cases = [Case.of(variant_of(name)) for name in ("R1", "x2", "x4", "x10-violations", "x10-drones", "year")]
    first_s, *more_s = interleaved_s(*(case.told for case in cases), repeats=3)
    worst = max(seconds / first_s / times for seconds, times in zip(more_s[:2], (2, 4), strict=True))
    figure = " : ".join(f"{seconds / first_s:.2f}" for seconds in (first_s, *more_s[:2]))
    yield Row("R1-growth", "R1 with 1, 2, 4 times the violations, time against the first", figure, "at most 2 x linear", worst <= 2.0)
    grown = (("10v", "10 times the violations", 10.0), ("10d", "10 times the drones", 10.0), ("year", "a year", 365 / 30))
    for (name, words, times), seconds in zip(grown, more_s[2:], strict=True):
        figure = f"{ms(seconds)}, {seconds / first_s:.1f} x R1"
        yield Row(f"R1-{name}", f"R1 with {words}", figure, f"at most {2 * times:.0f} x R1", seconds <= 2 * times * first_s)
    yield from year(alone("r1", "R1"), alone("r1", "year-x10-x10"))


def year(first: Alone, large: Alone) -> Iterator[Row]:
    """Tell the largest variant: a year with ten times the drones and violations."""
    what = "a year with 10 times the drones and violations"
    name, times = "R1-large", 10 * 365 / 30
    yield at_most(name, f"{what}: one replication", large.cpu_s, YEAR_BAR_S)
    yield at_most(f"{name}-fast", "the same against the bar for compiled kernels", large.cpu_s, FAST_YEAR_BAR_S)
    for suffix, bar_mb in (("MB", YEAR_BAR_MB), ("fast-MB", FAST_YEAR_BAR_MB)):
        figure = f"{large.peak_mb:,.0f} MB (R1: {first.peak_mb:,.0f} MB)"
        yield Row(f"{name}-{suffix}", "its peak memory above import", figure, f"at most {bar_mb:,.0f} MB", large.peak_mb <= bar_mb)
    share = large.cpu_s / first.cpu_s / times
    what = f"its time against R1's, a unit of work ({times:.0f} x the violations and sorties)"
    yield Row(f"{name}-growth", what, f"{share:.2f} x linear", "at most 2 x linear", share <= 2.0)
