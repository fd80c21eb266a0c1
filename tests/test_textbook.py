"""Cases with known answers from search theory, queueing and fleet planning, told as scenarios where one can tell them.

Sources: the laws of search are B. O. Koopman's, as in M. J. F. Braga, An introduction to search theory, Naval Postgraduate School thesis,
1974; waits for periodic looks follow from a uniform phase; queues are Erlang's. Each test names its case. Cases with many incidents
compare shares over some thousands of them, which leaves 1 to 2 %.
"""

from collections.abc import Callable

import numpy as np
import pytest

from sim.engine.run import seen_in_open_loop
from sim.kinds import Floats
from sim.ops import rehearse
from sim.story import Play, outcomes
from sim.units import DAY, HOUR
from sim.world import World

Told = Callable[..., World]
Played = Callable[..., Play]

SCENARIO = """
length: LENGTH
follow_up: 10 days
violations:
  guns:
    kind: heavy_weapons
    rate: RATE
    lasts: LASTS
    depth_from: 0 km
    depth_to: 0 km
    WHERE
sensors:
  eye:
    kind: drone_fleet
    speed: SPEED
    endurance: 5000 d
    turnaround: 1 h
    stand_off: 0 km
    detection: {LAW}
    orbits: {ORBITS}
"""
WHOLE_LINE = "all: {base: base, from: 0 km, to: 100 km, drones: 1}"
AT_THE_END = "hotspots: [{at: 1 m, width: 2 m, share: 1.0}]"
"""Seen once a lap, where an out-and-back patrol turns."""
FOR_GOOD = "{law: fixed, value: 9 d}"


def scenario(
    law: str, lasts: str = FOR_GOOD, where: str = "", speed: str = "100 km/h", orbits: str = WHOLE_LINE,
    rate: str = "600 /day", length: str = "10 days",
) -> str:  # fmt: skip
    given = {"LENGTH": length, "RATE": rate, "LASTS": lasts, "WHERE": where, "SPEED": speed, "LAW": law, "ORBITS": orbits}
    text = SCENARIO
    for word, value in given.items():
        text = text.replace(word, value)
    return text


def waits_h(world: World, from_s: float = 0.0) -> Floats:
    """Hours from the start of each incident until it is first seen; infinite where it never is."""
    sensor = world.scenario.sensors["eye"]
    first = np.full(len(world.targets), np.inf)
    found = seen_in_open_loop(sensor, world, rehearse(sensor, world.scene, world.dice))
    np.minimum.at(first, found.target, found.seen_s)
    return ((first - world.targets.start_s) / HOUR)[world.targets.start_s >= from_s]


def share(waits: Floats, within_h: float = np.inf) -> float:
    return float((waits <= within_h).mean() if within_h < np.inf else np.isfinite(waits).mean())


LAP_12_H = {"speed": "16.6666666667 km/h", "where": AT_THE_END}
"""200 km out and back in twelve hours."""
LOOK_S = 2 * 500.0 / (16.6666666667 / 3.6)
"""A look at the end of the line from 500 m before it to 500 m after it."""


def by_look(p: float) -> str:
    """A rate that finds with chance p in one look."""
    return f"law: glimpse_rate, range: 500 m, rate: {-np.log1p(-p) / LOOK_S:.9f} /s"


@pytest.mark.parametrize(("sectors", "expected_h"), [(1, 2 / 3), (5, 2 / 15)])
def test_line_01_the_wait_for_an_out_and_back_patrol_is_two_thirds_of_its_way(told: Told, sectors: int, expected_h: float) -> None:
    km = 100 // sectors
    orbits = ", ".join(f"s{n}: {{base: base, from: {n * km} km, to: {(n + 1) * km} km, drones: 1}}" for n in range(sectors))
    waits = waits_h(told(scenario("law: definite_range, range: 20 m", orbits=orbits)), DAY)
    assert waits.mean() == pytest.approx(expected_h, rel=0.03)


def test_lat_01_a_periodic_look_is_waited_for_half_a_period(told: Told) -> None:
    waits = waits_h(told(scenario("law: definite_range, range: 20 m", **LAP_12_H)), DAY)
    assert waits.mean() == pytest.approx(6.0, rel=0.02)
    assert np.quantile(waits, 0.95) == pytest.approx(11.4, rel=0.02)


def test_lat_02_looks_that_may_miss_take_longer_by_whole_periods(told: Told) -> None:
    waits = waits_h(told(scenario(by_look(0.5), **LAP_12_H)), DAY)
    assert waits[np.isfinite(waits)].mean() == pytest.approx(18.0, rel=0.03)  # 12 / 2 + 12 (1 - 0.5) / 0.5
    assert share(waits, 24.0) == pytest.approx(0.75, abs=0.02)


def test_lat_03_a_short_event_is_met_with_its_length_over_the_period(told: Told) -> None:
    waits = waits_h(told(scenario("law: definite_range, range: 20 m", "{law: fixed, value: 30 min}", **LAP_12_H)), DAY)
    assert share(waits) == pytest.approx(0.5 / 12, abs=0.01)


def test_lat_04_an_event_that_may_end_at_any_time(told: Told) -> None:
    waits = waits_h(told(scenario("law: definite_range, range: 20 m", "{law: exponential, mean: 2 h}", **LAP_12_H)), DAY)
    assert share(waits) == pytest.approx(0.16625, abs=0.015)  # (2 / 12) (1 - exp(-12 / 2))


def test_lat_05_looks_at_any_time_at_an_event_that_may_end_at_any_time(told: Told) -> None:
    law = "law: glimpse_rate, range: 200 km, rate: 0.2 /h"  # 0.25 looks an hour that see with 0.8
    waits = waits_h(told(scenario(law, "{law: exponential, mean: 2 h}")), DAY)
    assert share(waits) == pytest.approx(0.2857, abs=0.02)


def test_lat_06_the_latency_of_a_chain_is_the_sum_of_its_parts(played: Played) -> None:
    """Access 3 h on the mean, 30 min to the downlink, 30 min of processing, 20 min of queue, 30 min of analysis: 4 h 50 min."""
    text = scenario("law: glimpse_rate, range: 200 km, rate: 8 /day", rate="300 /day")
    link = "    deliver: {law: fixed, value: 80 min}\n"
    desk = "desk: {analysts: {day: 999, night: 999}, triage: {law: fixed, value: 30 min}, cue: false}\n"
    found = outcomes(played(text + link + desk))
    after_h = (found["reported_s"] - found["start_s"])[found["start_s"] > DAY] / HOUR
    assert after_h.mean() == pytest.approx(4.8333, rel=0.03)


RANDOM_SEARCH = "law: glimpse_rate, range: 200 km, rate: 0.2 /h"
"""A sweep width of 2 km at 100 km/h over 1,000 km2."""


def test_srch_01_random_search_finds_1_less_1_over_e_at_coverage_1(told: Told) -> None:
    waits = waits_h(told(scenario(RANDOM_SEARCH, "{law: fixed, value: 5 h}")), DAY)
    assert share(waits) == pytest.approx(0.6321, abs=0.02)


def test_srch_02_random_search_takes_the_area_over_what_is_swept(told: Told) -> None:
    waits = waits_h(told(scenario(RANDOM_SEARCH)), DAY)
    assert waits.mean() == pytest.approx(5.0, rel=0.04)
    assert np.median(waits) == pytest.approx(3.4657, rel=0.05)


@pytest.mark.parametrize("coverage", [0.25, 0.5, 1.0, 2.0])
def test_srch_03_exhaustive_search_finds_what_it_covers(told: Told, coverage: float) -> None:
    """Time takes the part of area: in z x 12 h a lap of 12 h sweeps the share z of all phases, once each."""
    lasts = f"{{law: fixed, value: {coverage * 12} h}}"
    waits = waits_h(told(scenario("law: definite_range, range: 20 m", lasts, **LAP_12_H)), DAY)
    assert share(waits) == pytest.approx(min(1.0, coverage), abs=0.02)


def test_srch_06_twenty_independent_glimpses(told: Told) -> None:
    waits = waits_h(told(scenario(by_look(0.1), "{law: fixed, value: 10 d}", **LAP_12_H)), DAY)
    assert share(waits) == pytest.approx(0.8784, abs=0.02)  # 1 - 0.9 ** 20


def test_srch_06_takes_ten_glimpses_on_the_mean(told: Told) -> None:
    text = scenario(by_look(0.1), "{law: fixed, value: 90 d}", **LAP_12_H).replace("follow_up: 10 days", "follow_up: 90 days")
    waits = waits_h(told(text), DAY)
    assert waits[np.isfinite(waits)].mean() == pytest.approx(12 * (10 - 0.5), rel=0.03)


def test_srch_07_the_sweep_width_of_a_cookie_cutter_is_twice_its_range(told: Told) -> None:
    text = scenario("law: definite_range, range: 3 km").replace("depth_to: 0 km", "depth_to: 10 km")
    waits = waits_h(told(text), DAY)
    assert share(waits) * 20.0 == pytest.approx(6.0, rel=0.04)  # of a band of 10 km on either side


def test_lifetime_and_revisit_make_one_look_more_or_less(told: Told) -> None:
    """30 h of life and a look every 12 h with chance 0.5: two or three looks, as likely as the rest of 30 / 12 is."""
    waits = waits_h(told(scenario(by_look(0.5), "{law: fixed, value: 30 h}", **LAP_12_H)), DAY)
    assert share(waits) == pytest.approx(1 - 0.5 * 0.25 - 0.5 * 0.125, abs=0.015)


def test_two_phases_thrown_anew_are_waited_for_a_third_of_the_period(told: Told) -> None:
    """Over 80 replications, for in one of them the two phases stay as they are."""
    text = scenario("law: definite_range, range: 20 m", rate="50 /day", orbits=WHOLE_LINE.replace("drones: 1", "drones: 2"), **LAP_12_H)
    means = [waits_h(told(text, number), DAY).mean() for number in range(80)]
    assert np.mean(means) == pytest.approx(4.0, abs=0.35)


FALSE = """
  other:
    kind: drone_fleet
    speed: 100 km/h
    endurance: 5000 d
    turnaround: 1 h
    detection: {law: glimpse_rate, range: 200 km, rate: RATE}
    orbits: {all: {base: base, from: 48 km, to: 52 km, drones: 1}}
    false_alarms: 10 /day
"""


def test_fa_01_two_in_seven_alarms_are_true(played: Played) -> None:
    """50 events a day seen with 0.8, and 100 false alarms: 40 of 140."""
    law = f"law: glimpse_rate, range: 200 km, rate: {-np.log(0.2):.9f} /h"
    text = scenario(law, "{law: fixed, value: 1 h}", rate="50 /day", length="40 days").replace("follow_up: 10 days", "follow_up: 0 s")
    alarms = list(played(text + "    false_alarms: 100 /day\ndesk: {cue: false}\n").log.of("alarm"))
    true = sum(entry.incident >= 0 for entry in alarms)
    assert len(alarms) / 40 == pytest.approx(140.0, rel=0.05)
    assert true / len(alarms) == pytest.approx(0.2857, abs=0.02)


def test_fa_02_two_sensors_see_more_than_either_and_agree_on_less(played: Played) -> None:
    first, second = (f"{-np.log1p(-p):.9f} /h" for p in (0.8, 0.6))
    text = scenario(f"law: glimpse_rate, range: 200 km, rate: {first}", "{law: fixed, value: 1 h}", rate="200 /day")
    found = outcomes(played(text + FALSE.replace("RATE", second) + "desk: {cue: false}\n"))
    sources = found["sources"][found["start_s"] > DAY]
    assert (sources >= 1).mean() == pytest.approx(0.92, abs=0.02)
    assert (sources == 2).mean() == pytest.approx(0.48, abs=0.04)


def test_fa_02_false_alarms_of_two_sensors_meet_by_accident(played: Played) -> None:
    """20 and 10 a day meet within 5 minutes 1.39 times a day: 278 times in 200 days, give or take 17."""
    text = scenario("law: definite_range, range: 1 m", rate="0 /day", length="200 days") + "    false_alarms: 20 /day\n"
    alarms = list(played(text + FALSE.replace("RATE", "0 /day") + "desk: {cue: false}\n").log.of("alarm"))
    one, two = (np.array([entry.t_s for entry in alarms if entry.actor == name and entry.t_s < 200 * DAY]) for name in ("eye", "other"))
    meet = np.searchsorted(one, two + 300.0) - np.searchsorted(one, two - 300.0)
    assert meet.sum() == pytest.approx(277.8, abs=4 * 17)
