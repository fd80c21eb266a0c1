"""Search by simulation: sweep widths of the laws, search at random and by lanes, and a patrol along a barrier.

A drone flies past targets, and its own windows and contacts tell what is found. Run alone with `python -m verification.searching`.
"""

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from sim.dice import Dice
from sim.engine.run import throws_of
from sim.kinds import Bools, Floats
from sim.law import GlimpseRate, Video
from sim.physics.search import barrier_share, p_back_and_forth, p_exhaustive, p_inverse_cube, p_parallel, p_random, sweep_width_m
from sim.scene import Scene, Targets
from sim.sensors.drone_fleet import DroneFleet
from sim.units import HOUR, KM
from sim.violations.base import LEG_M
from sim.watch import Link, Sight, Stint, Throws, Track, hits, passing, windows
from sim.world import World
from verification.board import Row, publish
from verification.formulas import Given
from verification.ground import BEFORE_THE_END_S, close, fleet, kilometres, standing, told

BATCHES, OF_EACH = 40, 5_000
FINE_M = 20.0
"""Legs of targets that cross a barrier; their length widens the sweep by half of it at most."""
SPEED_KMH = 100.0
SPEED_MPS = SPEED_KMH * KM / HOUR


def rows() -> Iterator[Row]:
    """Check each way to search."""
    yield from sweep_widths()
    yield from thrown_lines()
    yield from lanes()
    yield from barrier()


# Past targets


class Flight(NamedTuple):
    """A drone that flies the whole of its track once."""

    world: World
    sensor: DroneFleet

    @property
    def scene(self) -> Scene:
        return self.world.scene

    def finds(self, targets: Targets) -> Bools:
        """Return which targets it finds, each by a throw of its own. Shape (N,)."""
        track = self.sensor.tracks(self.scene)[0]
        sight = self.sensor.sight(targets, self.scene)
        stints = [Stint(self.sensor.units(self.world.stage)[0], 0, 0.0, track.length_m / self.sensor.speed_mps, 0.0, self.sensor.speed_mps)]
        return found(sight, stints, targets, throws_of(self.sensor, self.world))


def found(sight: Sight, stints: list[Stint], targets: Targets, throws: Throws) -> Bools:
    """Return which targets are contacts of some stints. Shape (N,)."""
    hit = np.zeros(len(targets), dtype=bool)
    hit[hits(sight, windows(sight, stints, targets), targets, throws, BEFORE_THE_END_S).target] = True
    return hit


def flight(law: dict[str, Any], length_km: float, **other: Any) -> Flight:
    """Return a drone over the line, with a law."""
    world = told({"eye": fleet(law, length_km, speed=f"{SPEED_KMH} km/h", **other)}, length_km)
    sensor = world.scenario.sensors["eye"]
    assert isinstance(sensor, DroneFleet)
    return Flight(world, sensor)


def thrown(flown: Flight, reach_m: float, batch: int) -> Targets:
    """Return vehicles that stand about the middle of the line, as far aside of it as is thrown."""
    dice, middle_m = np.random.default_rng((17, batch)), flown.scene.line.length_m / 2.0
    places = middle_m + dice.uniform(-10e3, 10e3, OF_EACH), dice.uniform(-reach_m, reach_m, OF_EACH)
    return standing(flown.scene, *places, key=np.arange(OF_EACH) + OF_EACH * batch)


def sweep_widths() -> Iterator[Row]:
    """Take the area under the lateral range curve of each law as the share found of targets evenly spread beside the way."""
    cube = {"law": "inverse_cube", "range": "30 km", "sweep_width": "5.013256549 km", "speed": "100 km/h"}
    lateral_m = np.linspace(-30e3, 30e3, 240_001)
    cut_m = float(sweep_width_m(lateral_m, p_inverse_cube(lateral_m, 1e6)))
    video = Video(range_m=10e3)
    eyes = GlimpseRate(law="glimpse_rate", range_m=10e3, rate_per_s=video.search_m2ps / video.area_m2(0.0))
    cases: list[tuple[str, dict[str, Any], float, float | None, str]] = [
        ("definite range of 3 km", {"law": "definite_range", "range": "3 km"}, 3e3, None, "twice the range"),
        ("20 glimpses an hour within 2 km", {"law": "glimpse_rate", "range": "2 km", "rate": "20 /h"}, 2e3, None, "integral"),
        ("inverse cube, k h / v = 1 km2, cut at 30 km", cube, 30e3, cut_m, "5.013 km less the tails"),
        ("video, 10 km and 270 km2/h", {"law": "video", "range": "10 km"}, 10e3, eyes.sweep_m(0.0, SPEED_MPS), "search at random"),
    ]
    for number, (name, law, reach_m, expected_m, how) in enumerate(cases, 1):
        flown = flight(law, 200.0)
        widths_km = np.array([flown.finds(thrown(flown, reach_m, batch)).mean() * 2.0 * reach_m for batch in range(BATCHES)]) / KM
        expected_km = (flown.sensor.sweep_m if expected_m is None else expected_m) / KM
        if law["law"] == "definite_range":
            flown = flight(law, 200.0)
            widths_km = np.array([flown.finds(thrown(flown, 2 * reach_m, batch)).mean() * 4.0 * reach_m for batch in range(BATCHES)]) / KM
        yield close(f"SW{number}", f"sweep width by simulation: {name} ({how})", widths_km, expected_km, "km")
        if law["law"] == "video":
            bound_km, mean = flown.sensor.sweep_m / KM, float(widths_km.mean())
            held = 0.8 * bound_km <= mean <= bound_km
            yield Row(
                "SW5", "the same against what its operator can look over", f"{mean:.3f} km", f"0.8 to 1 times {bound_km:.3f} km", held
            )


# At random, and by lanes


def thrown_lines() -> Iterator[Row]:
    """Throw straight flights over the ground at random, so that the coverage is 0.5, 1 or 2 on the mean, and count what they pass."""
    half_m, around_m = 1e3, 60e3
    scene = told({}).scene
    throws = Throws(Dice(1, 0)("lines"), Dice(1, 0)("place"), Link(None, Dice(1, 0)("link")))
    for number, coverage in enumerate((0.5, 1.0, 2.0), 1):
        shares = np.zeros(100)
        for draw in range(len(shares)):
            dice = np.random.default_rng((23, number, draw))
            far_m, turn = 25e3 * np.sqrt(dice.uniform(size=300)), dice.uniform(0.0, 2.0 * np.pi, 300)
            targets = standing(scene, far_m, far_m)
            targets.x_m[:], targets.y_m[:] = far_m * np.cos(turn), far_m * np.sin(turn)
            count = dice.poisson(coverage * 2.0 * around_m / (2.0 * half_m))
            shares[draw] = over_lines(targets, half_m, lines(dice, count, around_m), throws).mean()
        yield close(f"RS{number}", f"search by straight flights at random, coverage {coverage:g}", shares, float(p_random(coverage)))


def lines(dice: np.random.Generator, count: int, around_m: float) -> list[Track]:
    """Return lines that lie anyhow within a distance of the middle."""
    angle, aside_m = dice.uniform(0.0, np.pi, count), dice.uniform(-around_m, around_m, count)
    along, across = np.stack([np.cos(angle), np.sin(angle)], axis=1), np.stack([-np.sin(angle), np.cos(angle)], axis=1)
    middle_m = aside_m[:, None] * across
    return [Track(np.stack([place - around_m * way, place + around_m * way]), 0.0, 0) for place, way in zip(middle_m, along, strict=True)]


def over_lines(targets: Targets, half_m: float, tracks: list[Track], throws: Throws) -> Bools:
    """Return which targets one drone finds that flies one line after the other, and sees for sure within half a sweep."""
    reach_m, sure, whole = np.full(len(targets), half_m), np.full((len(targets), 8), np.inf), np.ones(len(targets))
    sight = Sight.join([passing(number, track, targets, reach_m, sure, whole, whole) for number, track in enumerate(tracks)])
    each_s = max((track.length_m for track in tracks), default=0.0) / SPEED_MPS
    stints = [Stint(0, number, number * each_s, (number + 1) * each_s, 0.0, SPEED_MPS) for number in range(len(tracks))]
    return found(sight, stints, targets, throws)


def lanes() -> Iterator[Row]:
    """Fly twenty lanes 5 km apart, and look for targets between the middle ones."""
    lane_km = 5.0
    deep = {"from": "0 km", "to": "200 km", "base": "base", "drones": 1, "depth_from": "-50 km", "depth_to": "50 km"}
    cases: list[tuple[str, dict[str, Any], float]] = []
    for number, ratio in enumerate((0.25, 0.5, 1.0, 2.0), 1):
        law = {"law": "inverse_cube", "range": "45 km", "sweep_width": kilometres(ratio * lane_km * KM), "speed": "100 km/h"}
        cases.append((f"PS{number}: inverse cube, W / S = {ratio:g}", law, float(p_parallel(ratio))))
    for number, ratio in enumerate((0.5, 1.0), 5):
        law = {"law": "definite_range", "range": kilometres(ratio * lane_km * KM / 2.0)}
        cases.append((f"PS{number}: definite range, W / S = {ratio:g}", law, float(p_exhaustive(ratio))))
    for name, law, expected in cases:
        flown = flight(law, 200.0, lane_spacing=f"{lane_km} km", orbits={"all": deep})
        shares = np.array([flown.finds(thrown(flown, lane_km * KM, batch)).mean() for batch in range(10)])
        mean, error = float(shares.mean()), float(shares.std(ddof=1)) / len(shares) ** 0.5
        held = abs(mean - expected) <= max(0.01, 3.5 * error)
        code, what = name.split(": ")
        yield Row(code, f"search by 20 parallel lanes, {what}", f"{mean:.4f} ± {error:.4f}", f"{expected:.4f} ± 0.01 or 3.5 errors", held)


# Barrier


def barrier() -> Iterator[Row]:
    """Compare a patrol to and fro with its bounds, and with what legs as long as those of the scenarios' moves make of it."""
    given = {"L_km": 50.0, "W_km": 4.0, "v_searcher_kmh": 100.0, "u_target_kmh": 20.0}
    words = given["W_km"], given["L_km"], given["v_searcher_kmh"], given["u_target_kmh"]
    share, exact = barrier_share(*words), float(p_back_and_forth(*words))
    fine = met_at_barrier(given, FINE_M)
    yield close("BP1", "barrier patrol to and fro, crossing targets in legs of 20 m", batches(fine), exact)
    between = float(p_random(share)) < float(fine.mean()) < float(p_exhaustive(share))
    bar = f"{float(p_random(share)):.4f} to {float(p_exhaustive(share)):.4f}"
    yield Row("BP2", "the same between a patrol at random and the bound", f"{fine.mean():.4f}", bar, between)
    for number, (length_km, sweep_km) in enumerate(((50.0, 4.0), (200.0, 20.0)), 3):
        yield in_long_legs(f"BP{number}", given | {"L_km": length_km, "W_km": sweep_km})


def in_long_legs(name: str, given: Given) -> Row:
    """Tell what the legs of moves in scenarios make of a barrier: a leg stands up to half its length off, and is met so much too soon."""
    words, leg_km = (given["v_searcher_kmh"], given["u_target_kmh"]), LEG_M / KM
    met = float(met_at_barrier(given, LEG_M).mean())
    low, exact, high = (float(p_back_and_forth(given["W_km"] + more, given["L_km"], *words)) for more in (-leg_km, 0.0, leg_km))
    what = f"barrier of {given['L_km']:g} km, sweep {given['W_km']:g} km, targets in legs of {leg_km:g} km as moves in scenarios have"
    figure = f"{met:.4f}, {100.0 * (met / exact - 1.0):.0f} % more than {exact:.4f}"
    return Row(name, what, figure, f"{low:.4f} to {high:.4f}: a sweep half a leg less or more on either side", low <= met <= high)


def batches(met: Bools) -> Floats:
    """Return the shares of forty parts."""
    return np.asarray(met.reshape(BATCHES, -1).mean(axis=1))


def met_at_barrier(given: Given, leg_m: float, crossings: int = 60_000) -> Bools:
    """Return which targets a drone meets that flies to and fro, turning half a sweep inside each end. Shape (crossings,).

    Args:
        given: Length, sweep width, and both speeds.
        leg_m: Targets cross squarely, leg by leg; each leg stands at its middle for its share of the time.
        crossings: Number of targets, anywhere along the barrier at any time.
    """
    half_m, dice = given["W_km"] * KM / 2.0, np.random.default_rng(31)
    orbit = {"base": "base", "from": kilometres(half_m), "to": kilometres(given["L_km"] * KM - half_m), "drones": 1}
    law = {"law": "definite_range", "range": kilometres(half_m)}
    world = told({"eye": fleet(law, speed=f"{given['v_searcher_kmh']} km/h", orbits={"all": orbit})}, given["L_km"])
    sensor = world.scenario.sensors["eye"]
    assert isinstance(sensor, DroneFleet)
    count = int(np.ceil(2.0 * half_m / leg_m)) + 2
    offset_m = (np.arange(count, dtype=np.float64) - (count - 1) / 2.0) * leg_m
    each_s = leg_m / (given["u_target_kmh"] * KM / HOUR)
    rounds_s = 20 * 2.0 * (given["L_km"] - given["W_km"]) / given["v_searcher_kmh"] * HOUR
    begin_s, chainage_m = (evenly(dice, crossings) * most for most in (rounds_s, given["L_km"] * KM))
    met = np.zeros(crossings, dtype=bool)
    for part in np.array_split(np.arange(crossings), max(1, crossings * count // 200_000)):
        who, leg = np.repeat(part, count), np.tile(np.arange(count), len(part))
        start_s = begin_s[who] + leg * each_s
        targets = standing(world.scene, chainage_m[who], offset_m[leg], start_s=start_s, end_s=start_s + each_s)
        stints = [Stint(sensor.units(world.stage)[0], 0, 0.0, 100.0 * HOUR, 0.0, sensor.speed_mps)]
        hit = found(sensor.sight(targets, world.scene), stints, targets, throws_of(sensor, world))
        met[who[hit]] = True
    return met


def evenly(dice: np.random.Generator, number: int) -> Floats:
    """Return so many parts of one in any order, one in each of as many equal strips."""
    return np.asarray((dice.permutation(number) + dice.uniform(size=number)) / number)


if __name__ == "__main__":
    sys.exit(0 if publish("searching", "Search by simulation", rows()) else 1)
