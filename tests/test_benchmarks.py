"""What the benchmarks compare is the same thing; nothing here is timed."""

from collections.abc import Callable
from inspect import currentframe
from pathlib import Path
from types import FunctionType

import numpy as np
import pytest
from simpy import Environment

from benchmarks import tick, ukraine
from benchmarks.opponents import InSimPy, contacts_of, given_to_opponents, in_numpy
from benchmarks.peers import Peers, absent, peers
from benchmarks.reference import SEGMENTS, VARIANTS, Case, contacts_in, variant_of, watched
from benchmarks.satellites import compared
from benchmarks.timing import at_least, at_most, counted
from benchmarks.where import placed
from sim.physics.windows import Windows
from sim.scenario import load
from sim.sensors.drone_fleet import DroneFleet
from sim.units import DAY, HOUR
from sim.world import build, set_stage

NONE = np.zeros(0)


def one_drone(throw: float) -> dict[str, np.ndarray]:
    """A drone on a segment of 10 km at 10 m/s for an hour and a half, and one target at its middle that it passes every 1,000 s."""
    return {
        "tick_s": np.array(5.0), "ticks": np.array(1440),
        "on_s": np.array([0.0]), "off_s": np.array([5400.0]), "arc_m": np.array([0.0]), "speed_mps": np.array([10.0]),
        "stint": np.array([0, 1]), "track": np.array([0]), "length_m": np.array([10_000.0]), "near": np.array([0, 1]),
        "target": np.array([0]), "start_s": np.array([0.0]), "end_s": np.array([7200.0]),
        "along_m": np.array([5_000.0]), "aside_m": np.array([3_000.0]),
        "throw": np.array([[throw]]), "gap_s": np.array([[1800.0, 1800.0, 1e9]]), "rate_per_s": np.array(0.01),
        "reach_m": np.array(5_000.0),
        "luck": np.full((2, 10), 0.5), "ladder": np.array([[0.0], [0.5], [0.1], [0.9]]),
    }  # fmt: skip


def test_a_tick_sees_a_target_when_its_exposure_is_used_up() -> None:
    # In view from 1 to 9 km of the way: from 100 s on, so an exposure of 2 at 0.01 a second is reached after 200 s, at 300 s.
    flight = tick.flown(one_drone(2.0))
    assert flight.seen_s[0, 0] == pytest.approx(300.0, abs=5.0)
    assert flight.watched_s.tolist() == [5400.0]
    assert flight.false_s == pytest.approx([1800.0, 3600.0], abs=5.0)
    # Of the next passes 200 s each lie between: an exposure of 10 falls into the second lap, 200 s after it begins to be in view.
    assert tick.flown(one_drone(10.0)).seen_s[0, 0] == pytest.approx(1100.0 + 200.0, abs=10.0)


def test_desk_and_ladder_take_their_time() -> None:
    _, told = tick.play(one_drone(2.0))
    triaged_s = told.detected_s + tick.TRIAGE_S * np.log(2.0)
    assert told.confirmed_s == pytest.approx(triaged_s)
    assert told.verified_s.tolist() == pytest.approx([told.confirmed_s[0] + HOUR])
    assert np.isinf(told.warned_s).all()  # the run is over by then
    assert told.wait_s.tolist() == [0.0, 0.0, 0.0]


def test_an_alarm_of_an_open_violation_takes_no_analyst() -> None:
    t_s, violation = np.array([0.0, 10.0, 5000.0]), np.array([0, 0, 0])
    confirmed_s, wait_s = tick.triage(t_s, violation, np.full(3, 60.0), np.array([0.95, 0.0, 0.5]), 1, 1, 0.9, 0.05)
    assert confirmed_s.tolist() == [5060.0]  # dismissed once, its second alarm came meanwhile, its third opened it
    assert wait_s.tolist() == [0.0, -1.0, 0.0]


def test_three_ways_to_tick_agree_with_each_other_and_with_us() -> None:
    case = Case.of(variant_of("day"))
    played = case.play()
    given = given_to_opponents(played.world, played.plans["drones"], DAY / 4)
    ours = contacts_in(played, DAY / 4 - 10.0)
    flight = tick.flown(given)
    by_loops = contacts_of(flight.seen_s, DAY / 4 - 10.0)
    by_arrays = contacts_of(in_numpy(given).seen_s, DAY / 4 - 10.0)
    by_processes = {pair: t_s for pair, t_s in InSimPy(given).play().contacts.items() if t_s < DAY / 4 - 10.0}
    assert len(ours) > 5
    assert by_loops == by_arrays == by_processes
    assert by_loops.keys() == ours.keys()
    assert [by_loops[pair] for pair in ours] == pytest.approx(list(ours.values()), abs=10.0)


@pytest.mark.parametrize("name", [name for name in VARIANTS if name != "R1"])
def test_every_variant_of_the_reference_is_a_scenario(name: str) -> None:
    scenario = variant_of(name).scenario
    (fleet,) = scenario.sensors.values()
    assert isinstance(fleet, DroneFleet)
    assert len(fleet.orbits) == SEGMENTS
    times = 10 if "x10-drones" in name or "x10-x10" in name else 1
    assert {orbit.drones for orbit in fleet.orbits.values()} == {2 * times}
    assert scenario.length_s == {"day": 1, "year": 365, "year-x10-x10": 365}.get(name, 30) * DAY
    assert fleet.cued_by == (("drones",) if name == "feedback" else ())


def test_the_reference_has_its_two_thousand_violations_and_its_transits() -> None:
    case = Case.of(variant_of("R1"))
    world = case.world()
    assert len(world.incidents) == pytest.approx(2_000, abs=4 * 2_000**0.5)
    lasts_min = np.sort(world.incidents.end_s - world.incidents.start_s) / 60.0
    assert np.quantile(lasts_min, [0.05, 0.95]) == pytest.approx([10.0, 360.0], rel=0.2)
    stints = case.play().plans["drones"].stints
    assert max(stint.off_s - stint.on_s for stint in stints) / HOUR == pytest.approx(20.0 - 2 * 0.4, rel=0.001)
    assert {round(stint.arc_m / 1000.0) for stint in stints} == {30, 90}  # from the middle, to the right or to the left


def test_hours_on_station_are_held_against_each_other() -> None:
    played = Case.of(variant_of("day")).play()
    hours = sum(min(stint.off_s, DAY) - max(stint.on_s, 0.0) for stint in played.plans["drones"].stints)
    assert watched(played, tick.Flown(NONE, NONE, np.array([hours]))).held
    assert not watched(played, tick.Flown(NONE, NONE, np.array([hours * 1.01]))).held


def test_a_lost_window_is_noticed() -> None:
    whole = np.zeros(2, dtype=np.int64)
    start_s, end_s, none = np.array([100.0, 900.0]), np.array([200.0, 950.0]), np.zeros(2)
    ours = Windows(whole, whole, start_s, end_s, none, none, none, none, whole, none)
    same = {"satellite": whole, "place": whole, "start_s": start_s + 0.01, "end_s": end_s}
    lost, apart_s = compared(ours, same)
    assert lost == 0
    assert sorted(apart_s) == pytest.approx([0.0, 0.0, 0.01, 0.01])
    other = {"satellite": whole, "place": np.array([0, 1]), "start_s": start_s, "end_s": end_s}
    assert compared(ours, other)[0] == 1
    brief = {"satellite": whole, "place": whole, "start_s": np.array([300.0, 500.0]), "end_s": np.array([300.9, 501.1])}
    assert compared(ours, brief)[0] == 1


def test_the_large_scenario_has_a_hundred_of_each_and_ten_thousand_incidents() -> None:
    shipped = load(ukraine.FILE)
    large = load(ukraine.FILE, ukraine.larger(shipped))
    stage = set_stage(large.scenario, large.folder)
    drones, satellites, _ = ukraine.counts(large.scenario, stage)
    assert (drones, satellites) == (100, 100)
    assert len(build(large.scenario, stage, 1).incidents) == pytest.approx(10_000, rel=0.05)


def test_events_of_the_kernel_are_counted() -> None:
    env = Environment()
    for t_s in range(7):
        env.timeout(t_s)
    with counted() as kernel:
        env.run()
    env.timeout(1.0)
    env.run()
    assert kernel.count == 7


def in_module(function: Callable[..., object], module: str) -> Callable[..., tuple[str, str]]:
    """Return a function as if a module of the simulator had it."""
    return FunctionType(function.__code__, globals() | {"__name__": module})


def test_time_is_told_by_the_innermost_part_that_is_known() -> None:
    def look() -> tuple[str, str]:
        return placed(currentframe())

    def sight(inner: Callable[[], tuple[str, str]]) -> tuple[str, str]:
        return inner()

    def play(inner: Callable[[], tuple[str, str]]) -> tuple[str, str]:
        return inner()

    kernel, eye = in_module(look, "sim.physics.exposure"), in_module(sight, "sim.sensors.tower")
    run = in_module(play, "sim.engine.run")
    assert run(lambda: eye(kernel)) == ("sight", "physics.exposure")
    assert run(kernel) == ("live", "physics.exposure")
    assert eye(kernel) == ("rows", "physics.exposure")  # coverage asks too, after the play
    assert placed(None) == ("rows", "")


def test_without_an_environment_of_their_own_opponents_are_told_as_not_measured(tmp_path: Path) -> None:
    with peers(tmp_path / "bin" / "python") as found:
        assert found == Peers(None, {}, found.folder)
        assert not found.has("numba")
    row = absent("R1-numba", "the tick", "at least 6", "numba")
    assert row.figure.startswith("not measured: numba is not installed")
    assert row.held is None


def test_bars_are_held_or_not() -> None:
    assert at_most("a", "", 0.0399, 0.040).held
    assert not at_most("a", "", 0.0401, 0.040).held
    assert at_least("a", "", 6.0, 6.0).held
    assert not at_least("a", "", 5.9, 6.0).held
