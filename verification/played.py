"""Textbook cases that the simulator plays: what a scenario, its crews, its sky or its desk make of them."""

from collections.abc import Callable
from typing import Any

import numpy as np

from sim.dice import Dice
from sim.engine.run import play, seen_in_open_loop
from sim.kinds import Floats
from sim.log import NOBODY
from sim.ops import Plan, rehearse
from sim.physics.search import p_random
from sim.sensors.drone_fleet import DroneFleet
from sim.sensors.ground_radar import GroundRadar
from sim.sky import Environment as Air
from sim.sky import draw_sky
from sim.story import outcomes
from sim.units import DAY, HOUR, KM, MINUTE
from sim.weather import Weather
from sim.world import World
from verification.formulas import KNOT, Figures, Given
from verification.ground import NORTH_KM, fleet, guns, standing, told
from verification.queues import Work, waits_at_desk
from verification.searching import FINE_M, met_at_barrier

TIGHT = {"rel": 0.04}
"""Where the case names no tolerance for a simulation."""
FOR_GOOD = {"law": "fixed", "value": "9 d"}
AT_THE_END = {"hotspots": [{"at": "1 m", "width": "2 m", "share": 1.0}]}
"""Seen once a lap, where an out-and-back patrol turns."""
SURE = {"law": "definite_range", "range": "20 m"}
LAP_KMH = 200.0 / 12.0
"""On 100 km a lap takes twelve hours."""
LOOK_S = 2 * 500.0 / (LAP_KMH / 3.6)
"""A look at the end of the line from 500 m before it to 500 m after it."""


def by_look(p: float) -> dict[str, str]:
    """Return a rate that finds with chance p in one look at the end of the line."""
    return {"law": "glimpse_rate", "range": "500 m", "rate": f"{-np.log1p(-p) / LOOK_S:.12f} /s"}


def by_time(per_hour: float) -> dict[str, str]:
    """Return a rate with which the whole line is watched."""
    return {"law": "glimpse_rate", "range": "200 km", "rate": f"{per_hour:.12f} /h"}


def waits_h(world: World) -> Floats:
    """Return the hours from each incident of the second day and later until it is first seen; infinite where it never is."""
    sensor = world.scenario.sensors["eye"]
    first_s = np.full(len(world.targets), np.inf)
    found = seen_in_open_loop(sensor, world, rehearse(sensor, world.scene, world.dice))
    np.minimum.at(first_s, found.target, found.seen_s)
    return np.asarray(((first_s - world.targets.start_s) / HOUR)[world.targets.start_s >= DAY])


def waited_h(law: dict[str, str], lasts: dict[str, str] = FOR_GOOD, speed_kmh: float = 100.0, days: int = 10, **other: Any) -> Floats:
    """Return waits for a drone that flies up and down 100 km, over ten days of incidents."""
    violations = guns("3000 /day", lasts, **other)
    sensors = {"eye": fleet(law, speed=f"{speed_kmh:.12f} km/h")}
    return waits_h(told(sensors, length="10 days", follow_up=f"{days} days", violations=violations))


def lapped_h(law: dict[str, str], lasts: dict[str, str] = FOR_GOOD, days: int = 10) -> Floats:
    """Return waits at the end of the line, where a drone looks every twelve hours."""
    return waited_h(law, lasts, LAP_KMH, days, **AT_THE_END)


def fixed(hours: float) -> dict[str, str]:
    """Return a time as it is written in a scenario."""
    return {"law": "fixed", "value": f"{hours} h"}


def random_search(given: Given) -> Figures:
    rate = given["W_km"] * given["v_kmh"] / given["A_km2"]
    return {"P": np.isfinite(waited_h(by_time(rate), fixed(given["t_h"]))).mean()}


def time_of_random_search(given: Given) -> Figures:
    waits = waited_h(by_time(given["W_km"] * given["v_kmh"] / given["A_km2"]))
    return {"mean_h": waits.mean(), "median_h": np.median(waits)}


def glimpses(given: Given) -> Figures:
    """Twenty laps of twelve hours are ten days; none is missed after ninety."""
    found = np.isfinite(lapped_h(by_look(given["g"]), fixed(12.0 * given["n"]))).mean()
    waits = lapped_h(by_look(given["g"]), fixed(90 * 24.0), 90)
    return {"P": found, "mean_glimpses": waits[np.isfinite(waits)].mean() / 12.0 + 0.5}


def simple_curves(given: Given) -> Figures:
    """Weapons stand evenly over 10 km on either side."""
    waits = waited_h({"law": "definite_range", "range": f"{given['R_km']} km"}, depth_to="10 km")
    return {"cookie": np.isfinite(waits).mean() * 20.0}


def line(given: Given) -> Figures:
    found = []
    for sectors in given["K"]:
        way_km = given["L_km"] / sectors
        orbits = {
            f"s{n}": {"base": "base", "from": f"{n * way_km} km", "to": f"{(n + 1) * way_km} km", "drones": 1} for n in range(sectors)
        }
        sensors = {"eye": fleet(SURE, orbits=orbits, speed=f"{given['v_kmh']} km/h")}
        world = told(sensors, given["L_km"], length="10 days", follow_up="10 days", violations=guns("3000 /day", FOR_GOOD))
        found.append(waits_h(world).mean())
    return {"out_and_back_h": found}


def sure_looks(given: Given) -> Figures:
    waits = lapped_h(SURE)
    return {"mean_h": waits.mean(), "p95_h": np.quantile(waits, 0.95)}


def looks_that_miss(given: Given) -> Figures:
    waits = lapped_h(by_look(given["p"]), fixed(30 * 24.0), 30)
    return {"mean_h": waits[np.isfinite(waits)].mean(), "P_within_24h": (waits <= 24.0).mean()}


def short_act(given: Given) -> Figures:
    return {"P": np.isfinite(lapped_h(SURE, fixed(given["d_h"]))).mean()}


def ends_at_any_time(given: Given) -> Figures:
    return {"P": np.isfinite(lapped_h(SURE, {"law": "exponential", "mean": f"{given['tau_h']} h"})).mean()}


def looks_at_any_time(given: Given) -> Figures:
    waits = waited_h(by_time(given["looks_per_h"] * given["p"]), {"law": "exponential", "mean": f"{given['tau_h']} h"})
    return {"P": np.isfinite(waits).mean()}


def chain(given: Given) -> Figures:
    """The link holds an image for downlink, processing and queue; one of many analysts takes it at once."""
    late = given["downlink_min"] + given["processing_min"] + given["queue_min"]
    eye = fleet(by_time(given["access_rate_per_day"] / 24.0)) | {"deliver": {"law": "fixed", "value": f"{late} min"}}
    desk = {"analysts": {"day": 999, "night": 999}, "triage": {"law": "fixed", "value": f"{given['analysis_min']} min"}, "cue": False}
    world = told({"eye": eye}, length="10 days", follow_up="10 days", violations=guns("1000 /day", FOR_GOOD), desk=whole_desk(**desk))
    found = outcomes(play(world))
    return {"mean_h": ((found["reported_s"] - found["start_s"])[found["start_s"] > DAY] / HOUR).mean()}


def whole_desk(**other: Any) -> dict[str, Any]:
    """Return a desk that asks for nothing else."""
    minute = {"law": "fixed", "value": "1 min"}
    return {"analysts": {"day": 1, "night": 1}, "triage": minute, "verify": minute, "attribute": minute, "p_open_true": 1.0} | other


def cloud(given: Given) -> Figures:
    """Look down from look to look: spells of 0.72 times as long make the Markov chain of the case, short ones leave no memory."""
    clear = given["a_clear_given_cloudy"] / (given["a_clear_given_cloudy"] + given["b_cloudy_given_clear"])
    stays = 1.0 - given["a_clear_given_cloudy"] - given["b_cloudy_given_clear"]
    lasting = [looks_down(clear, -1.0 / np.log(stays), number) for number in range(3)]
    short = looks_down(clear, 0.1, 9)
    return {
        "p_clear": np.mean([looks.mean() for looks in lasting]),
        "P3_independent": within_three(short, given["n"]),
        "P3_markov": np.mean([within_three(looks, given["n"]) for looks in lasting]),
        "mean_index_independent": first_clear(short).mean(),
        "mean_index_markov": np.mean([first_clear(looks).mean() for looks in lasting]),
    }


def looks_down(clear: float, spell_h: float, replication: int, days: int = 600, regions: int = 50) -> Floats:
    """Return whether the ground is clear from straight above, region by region, hour by hour. Shape (regions, hours)."""
    world, hours = told({}, 1000.0), 24 * days
    weather = Weather(
        cloud=(1.0 - clear,) * 12, murk=(0.0,) * 12, icing=(0.0,) * 12, spell_s=spell_h * HOUR, region_m=1000.0 * KM / regions
    )
    sky = draw_sky(Air(weather=weather), world.scene.line, world.stage.start, days * DAY, [], Dice(1, replication))
    region, hour = np.indices((regions, hours), dtype=np.float64).reshape(2, -1)
    looks = sky.clear((region + 0.5) * weather.region_m, 0.0 * region, (hour + 0.5) * HOUR, np.full(len(region), 90.0))
    return np.asarray(looks.reshape(regions, hours))


def within_three(looks: Floats, number: int) -> float:
    """Return how often one of some looks in turn is clear."""
    return float(np.lib.stride_tricks.sliding_window_view(looks, number, axis=1).any(axis=2).mean())


def first_clear(looks: Floats) -> Floats:
    """Return which look is the first clear one, counted from 1, from each look but the last hundred."""
    number = np.arange(looks.shape[1])
    following = np.minimum.accumulate(np.where(looks, number, 10**9)[:, ::-1], axis=1)[:, ::-1]
    return np.asarray((following - number + 1)[:, :-100])


# Desk


def at_desk(given: Given, analysts: int, work_s: Work, runs: int = 160, tasks: int = 6_000) -> tuple[Floats, float]:
    """Return all waits of some runs at the desk, and the mean gap between alarms."""
    gap_s = HOUR / given["lambda_per_h"]
    return np.concatenate([waits_at_desk(analysts, gap_s, work_s, number, tasks, 1_000) for number in range(runs)]), gap_s


def exponential(given: Given) -> Work:
    """Return times of work by the exponential law."""
    mean_s = HOUR / given["mu_per_h"]
    return lambda dice: float(dice.exponential(mean_s))


def three_analysts(given: Given) -> Figures:
    waits_s, gap_s = at_desk(given, given["c"], exponential(given))
    mean_s = waits_s.mean()
    return {
        "P_wait": (waits_s > 0.0).mean(), "Wq_min": mean_s / MINUTE, "W_min": (mean_s + HOUR / given["mu_per_h"]) / MINUTE,
        "Lq": mean_s / gap_s,
    }  # fmt: skip


def staffing(given: Given) -> Figures:
    return {str(count): at_desk(given, count, exponential(given))[0].mean() / MINUTE for count in given["c"]}


def one_analyst(given: Given) -> Figures:
    equal, any_length = (at_desk(given, 1, work)[0].mean() / MINUTE for work in (lambda dice: HOUR / given["mu_per_h"], exponential(given)))
    return {"MD1_min": equal, "MM1_min": any_length}


# Aircraft


def flown(drones: int, **written: Any) -> tuple[DroneFleet, Plan]:
    """Return a fleet whose base lies 50 km behind its patrol track, and what it flies in thirty days."""
    orbits = {"all": {"base": "base", "from": "0 km", "to": "100 km", "drones": drones}}
    behind = {"base": {"at": [30.45, 50.0 / NORTH_KM]}}
    world = told({"eye": fleet(SURE, orbits=orbits, **written)}, bases=behind)
    sensor = world.scenario.sensors["eye"]
    assert isinstance(sensor, DroneFleet)
    return sensor, rehearse(sensor, world.scene, world.dice)


def one_station(given: Given) -> Figures:
    """How many aircraft there are for each that is on station."""
    figures = []
    for availability in (1.0, given["serviceability"]):
        hours = {"endurance": f"{given['endurance_h']} h", "turnaround": f"{given['turnaround_h']} h"}
        _, plan = flown(400, availability=availability, speed=f"{50.0 / given['transit_h']} km/h", **hours)
        watched_s = sum(min(stint.off_s, 30 * DAY) - max(stint.on_s, 0.0) for stint in plan.stints)
        figures.append(400 * 30 * DAY / watched_s)
    return {"n": figures[0], "n_with_serviceability": figures[1]}


def accidents(given: Given) -> Figures:
    """The chance of a loss is that of a life shorter than the hazard at which the crew's own rule loses a sortie."""
    hours, rate = given["sortie_h"], given["rate_per_100k_h"] / 1e5
    sensor, _ = flown(1, endurance="6 h", loss=f"{rate:.12f} /h")
    scene = told({}).scene

    def survives(life: float) -> float:
        return float(sensor.lost_s(life, 0.0, hours * HOUR, 0, scene) == np.inf) - 0.5

    from scipy.optimize import bisect

    return {"P": p_random(bisect(survives, 1.0, 1e-9, xtol=1e-16)), "mean_hours_to_loss": 1.0 / (sensor.loss_per_s * HOUR)}


def losses_by_sortie(given: Given) -> Figures:
    """Sorties of an hour, none of which waits for anything; the lost ones are replaced at once."""
    hour = {"endurance": "1 h", "turnaround": "0 s", "replace": "0 s", "speed": "1000 km/h", "stand_off": "50 km"}
    _, plan = flown(700, loss=f"{-np.log1p(-given['q']):.12f} /h", **hour)
    sorties = len(plan.stints)
    return {"mean_sorties": sorties / len(plan.losses), "losses": given["N"] * len(plan.losses) / sorties}


# Alarms


def true_alarms(given: Given) -> Figures:
    """Sixty days of events that are seen with their chance, and false alarms beside them."""
    eye = fleet(by_time(-np.log1p(-given["Pd"]))) | {"false_alarms": f"{given['FAR_per_km2_day'] * given['area_km2']} /day"}
    violations = guns(f"{given['events_per_day']} /day", fixed(1.0))
    world = told({"eye": eye}, length="60 days", violations=violations, desk=whole_desk(cue=False))
    incidents = np.array([entry.incident for entry in play(world).log.of("alarm")])
    return {"alarms_per_day": len(incidents) / 60.0, "PPV": (incidents != NOBODY).mean()}


def two_sensors(given: Given) -> Figures:
    """Events of an hour that either sees with its chance; then false alarms alone, for eight years."""
    one, two = (fleet(by_time(-np.log1p(-given[name]))) for name in ("Pd1", "Pd2"))
    world = told({"one": one, "two": two}, length="20 days", violations=guns("500 /day", fixed(1.0)), desk=whole_desk(cue=False))
    sources = outcomes(play(world))["sources"]
    blind = {"law": "definite_range", "range": "1 m"}
    rates = {"one": given["FA1_per_day"], "two": given["FA2_per_day"]}
    sensors = {name: fleet(blind) | {"false_alarms": f"{rate} /day"} for name, rate in rates.items()}
    alarms = list(play(told(sensors, length="3000 days", desk=whole_desk(cue=False))).log.of("alarm"))
    first, second = (np.array([entry.t_s for entry in alarms if entry.actor == name]) for name in sensors)
    near_s = given["window_min"] * MINUTE
    meet = np.searchsorted(first, second + near_s) - np.searchsorted(first, second - near_s)
    return {"AND": (sources == 2).mean(), "OR": (sources >= 1).mean(), "coincidences_per_day": meet.sum() / 3000.0}


def headings(given: Given) -> Figures:
    """What a ground radar hits close by, less the chance of a scan."""
    world = told({"eye": {"kind": "ground_radar", "at": {"here": "50 km"}, "least": f"{given['MDV_kt'] * KNOT:.9f} m/s", "p_scan": 1.0}})
    radar = world.scenario.sensors["eye"]
    assert isinstance(radar, GroundRadar)
    speeds = np.array(given["speed_kmh"]) * KM / HOUR
    targets = standing(world.scene, np.full(len(speeds), 50_000.0), np.full(len(speeds), 400.0), speed_mps=speeds, rcs_m2=10.0)
    return {"P": radar.p_hit(targets, np.full(len(speeds), 100.0), 20.0)}


def crossing(given: Given) -> Figures:
    return {"back_and_forth": met_at_barrier(given, FINE_M).mean()}


PLAYED: dict[str, Callable[[Given], Figures]] = {
    "SRCH-01": random_search, "SRCH-02": time_of_random_search, "SRCH-06": glimpses, "SRCH-07": simple_curves, "BARR-01": crossing,
    "LINE-01": line, "LAT-01": sure_looks, "LAT-02": looks_that_miss, "LAT-03": short_act, "LAT-04": ends_at_any_time,
    "LAT-05": looks_at_any_time, "LAT-06": chain, "CLD-01": cloud, "RAD-03": headings, "QUE-01": three_analysts, "QUE-02": staffing,
    "QUE-03": one_analyst, "FLT-01": one_station, "FLT-02": accidents, "FLT-03": losses_by_sortie, "FA-01": true_alarms,
    "FA-02": two_sensors,
}  # fmt: skip
