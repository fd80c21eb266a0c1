"""The shipped scenario: as it is, with 100 drones, 100 satellites and 10,000 incidents, from cold, and where the time goes."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import where
from benchmarks.timing import alone, at_most, counted, interleaved_s
from sim.engine.run import play
from sim.scenario import Loaded, Scenario, load, resolved
from sim.scene import Stage
from sim.sensors.drone_fleet import DroneFleet
from sim.sensors.satellite_constellation import SatelliteConstellation
from sim.units import DAY
from sim.world import build, set_stage
from verification.board import ROOT, Row

FILE = ROOT / "scenarios" / "ukraine.yaml"
BAR_S, LARGE_BAR_S, COLD_BAR_S = 0.2, 1.0, 10.0
DRONES, SATELLITES, INCIDENTS = 100, 100, 10_000


def rows() -> Iterator[Row]:
    """Measure the shipped scenario, the large one, both cold, and tell the parts of a replication."""
    with TemporaryDirectory() as folder:
        shipped = load(FILE)
        large = load(FILE, larger(shipped))
        stage, grown = (set_stage(loaded.scenario, loaded.folder, Path(folder)) for loaded in (shipped, large))
        once, more = (lambda: play(build(shipped.scenario, stage, 1))), (lambda: play(build(large.scenario, grown, 1)))
        yield at_most("UA", f"ukraine.yaml: {words(shipped.scenario, stage)}", interleaved_s(once, repeats=3)[0], BAR_S)
        yield at_most("UA-large", f"the same with {words(large.scenario, grown)}", interleaved_s(more, repeats=2)[0], LARGE_BAR_S)
        figure = f"{events_of(once):,} and {events_of(more):,}"
        yield Row("UA-events", "events of the kernel in such a replication, as shipped and large", figure, "", None)
        yield from cold(shipped, large, Path(folder))
        yield from where.parts("UA", shipped, Path(folder), times=3)
        yield from where.parts("UA-large", large, Path(folder), times=1)


def events_of(work: Callable[[], object]) -> int:
    """Return how many events the kernel has in some work."""
    with counted() as kernel:
        work()
    return kernel.count


def words(scenario: Scenario, stage: Stage) -> str:
    """Say how large a scenario is."""
    drones, satellites, others = counts(scenario, stage)
    incidents = len(build(scenario, stage, 1).incidents)
    return f"{drones} drones, {satellites} satellites, {others} towers, {incidents:,} incidents, one replication, satellite windows cached"


def counts(scenario: Scenario, stage: Stage) -> tuple[int, int, int]:
    """Return the numbers of drones, satellites and other units."""
    number = {sensor.name: len(sensor.units(stage)) for sensor in scenario.sensors.values()}
    drones = sum(number[name] for name, sensor in scenario.sensors.items() if isinstance(sensor, DroneFleet))
    satellites = sum(number[name] for name, sensor in scenario.sensors.items() if isinstance(sensor, SatelliteConstellation))
    return drones, satellites, sum(number.values()) - drones - satellites


# The large one


def larger(shipped: Loaded) -> dict[str, str]:
    """Return the changes that make 100 drones, 100 satellites and some 10,000 incidents of the shipped scenario."""
    scenario = shipped.scenario
    stage = set_stage(scenario, shipped.folder)
    drones, satellites, _ = counts(scenario, stage)
    return more_drones(scenario, DRONES - drones) | more_satellites(scenario, SATELLITES - satellites) | more_incidents(scenario, stage)


def more_drones(scenario: Scenario, missing: int) -> dict[str, str]:
    """Add a drone to each orbit in turn until there are enough."""
    number = {
        f"sensors.{name}.orbits.{orbit}.drones": record.drones
        for name, sensor in scenario.sensors.items()
        if isinstance(sensor, DroneFleet)
        for orbit, record in sensor.orbits.items()
    }
    places = sorted(number)
    for step in range(missing):
        number[places[step % len(places)]] += 1
    return {place: str(drones) for place, drones in number.items()}


def more_satellites(scenario: Scenario, missing: int) -> dict[str, str]:
    """Add a satellite to each plane of a constellation while there is room, the constellations in turn, again and again."""
    planes: dict[str, tuple[int, int]] = {}
    for name, sensor in resolved(scenario)["sensors"].items():
        orbit = sensor.get("orbit", {})
        if "per_plane" in orbit:
            planes[name] = orbit.get("planes") or len(orbit["local_times"]), orbit["per_plane"]
    made = {}
    while any(number <= missing for number, _ in planes.values()):
        for name, (number, each) in planes.items():
            if number <= missing:
                planes[name] = number, each + 1
                made[f"sensors.{name}.orbit.per_plane"] = str(each + 1)
                missing -= number
    return made


def more_incidents(scenario: Scenario, stage: Stage) -> dict[str, str]:
    """Raise every rate by one factor."""
    factor = INCIDENTS / len(build(scenario, stage, 1).incidents)
    return {f"violations.{name}.rate": f"{violation.rate_per_s * DAY * factor:.6f} /day" for name, violation in scenario.violations.items()}


# From cold


def cold(shipped: Loaded, large: Loaded, folder: Path) -> Iterator[Row]:
    """Read, find the satellites' windows and play a replication, in new processes without a cache."""
    path = folder / "large.yaml"
    path.write_text(json.dumps(large.document.values), encoding="utf-8")
    first, second = alone("ukraine", str(FILE)), alone("ukraine", str(path))
    yield at_most(
        "UA-cold",
        "ukraine.yaml from the birth of the process: imports, file, satellite windows, one replication",
        first.whole_s,
        COLD_BAR_S,
    )
    yield at_most("UA-large-cold", "the same with 100 drones, 100 satellites, 10,000 incidents", second.whole_s, COLD_BAR_S)
    yield Row("UA-memory", "peak memory, imports too, as shipped and large", f"{first.peak_mb:,.0f} and {second.peak_mb:,.0f} MB", "", None)
