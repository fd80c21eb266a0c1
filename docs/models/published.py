"""Published figures against those of the product, none of them an input of it: the rows of `published.md`.

`python -m docs.models.draw` writes the page. Sources are keys of `sim/data/catalogue/sources.yaml`, or addresses.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple

import numpy as np

from sim.dice import Dice
from sim.kinds import Floats, Ints
from sim.ops import rehearse
from sim.physics.acoustics import SHOT_DB, carries_m
from sim.physics.imaging import EARTH_RADIUS_M, INCH_M, giqe5, off_nadir_geometry
from sim.physics.orbit import circular, sun_synchronous, sun_synchronous_inclination_deg
from sim.physics.radar import scaled_range_m
from sim.physics.sun import day_length_h
from sim.physics.windows import Windows, passes, radar_passes
from sim.sensors.aircraft import Aircraft
from sim.sensors.beats import tails
from sim.sensors.thermal_satellite import edge_deg
from sim.units import DAY, HOUR, KM

START_S = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
EQUINOX_S = datetime(2026, 3, 20, tzinfo=UTC).timestamp()
SITES_DEG = np.arange(0.0, 360.0, 14.3)
"""Longitudes along a parallel; no multiple of the spacing of any tracks."""
OBLIQUITY_DEG = 23.44
NIIRS_SOURCE = "https://wikiclassic.com/wiki/NIIRS"
OSCE_SOURCE = "https://osce.org/ukraine-smm/263801"
LIGHT_SOURCE = "https://thompson.energy/a-year-in-paris/16-daylight-in-paris"
VIIRS_SOURCE = "https://earthobservatory.nasa.gov/images/76674/first-global-image-from-viirs"


class Row(NamedTuple):
    """One figure that somebody published, and ours."""

    what: str
    published: float | tuple[float, float]
    """A value, or the span within which it is said to lie."""
    unit: str
    source: str
    ours: float
    how: str
    """What gives our figure."""
    within: float
    """How far the two may differ, in the unit; as told in the table, and checked."""
    remark: str = ""

    @property
    def difference(self) -> float:
        """Ours less the published one; to the nearer end of a span, 0 within it."""
        low, high = self.published if isinstance(self.published, tuple) else (self.published, self.published)
        return self.ours - min(max(self.ours, low), high)


@cache
def rows() -> tuple[Row, ...]:
    """Return all rows."""
    return tuple(row for part in (orbits(), revisits(), swaths(), images(), ground(), aircraft(), light()) for row in part)


def orbits() -> Iterator[Row]:
    """Nodal periods from repeat cycles, revolutions a day, and sun-synchronous inclinations, all at the published altitude."""
    how = "`sim.physics.orbit.circular`, nodal rate of SGP4"
    for name, altitude_m, revolutions, days, source, within, remark in (
        ("Sentinel-1", 693e3, 175, 12, "shub", 0.01, ""),
        ("Sentinel-2", 786e3, 143, 10, "s2", 0.01, ""),
        (
            "Landsat 8",
            705e3,
            233,
            16,
            "ls8",
            0.12,
            "705 km is a height over the ellipsoid; 699.5 km over the equatorial radius fits the cycle",
        ),
        ("COSMO-SkyMed", 619.6e3, 237, 16, "csg", 0.01, ""),
        ("TerraSAR-X", 514e3, 167, 11, "tsx", 0.19, "514 km likewise; 505 km fits the cycle"),
    ):
        yield Row(f"{name}: nodal period", days * 1440.0 / revolutions, "min", source, period_min(altitude_m), how, within, remark)
    yield Row("ICEYE: revolutions a day at 570 km", 15.0, "", "ic5", 1440.0 / period_min(570e3), how, 0.05)
    for name, altitude_m, inclination_deg, source, within, remark in (
        ("Sentinel-1", 693e3, 98.18, "s1a_sheet", 0.01, ""),
        (
            "Sentinel-2",
            786e3,
            98.62,
            "s2",
            0.06,
            "the altitude is a mean over the ellipsoid; 0.05 deg shift the local time by 2 min in three months",
        ),
        ("Pleiades Neo", 620e3, 97.9, "pneo", 0.02, ""),
        ("COSMO-SkyMed", 619e3, 97.9, "csk_space", 0.02, ""),
        ("TerraSAR-X", 514e3, 97.44, "tsx", 0.05, "as its period: the altitude is too large by some 9 km for our measure"),
        ("ICEYE", 570e3, 97.7, "ic", 0.01, ""),
        ("WorldView-1", 496e3, 97.2, "wv1", 0.22, "disagrees: 97.2 deg would let the local time of a circular orbit at 496 km drift"),
    ):
        found = sun_synchronous_inclination_deg(altitude_m)
        yield Row(f"{name}: inclination", inclination_deg, "deg", source, found, "`sun_synchronous_inclination_deg`", within, remark)


def period_min(altitude_m: float) -> float:
    """Return the time from node to node of a sun-synchronous orbit by SGP4."""
    record = circular(altitude_m, sun_synchronous_inclination_deg(altitude_m), 0.0, 0.0, START_S)
    return float(2.0 * np.pi / (record.mdot + record.argpdot))


def revisits() -> Iterator[Row]:
    """How soon satellites are back."""
    how = "`sim.physics.windows.passes`"
    found = daylight(passes(sun_synchronous(786e3, [22.5], 2, START_S), *along(0.0), START_S, START_S + 40 * DAY, max_off_nadir_deg=10.4))
    yield Row("Sentinel-2, two: longest gap, equator", 5.0, "d", "s2o", longest_d(found).max(), how, 0.05)
    remark = "at the 699.5 km that fit the cycle, so it tests the windows, not the orbit"
    for satellites, days in ((1, 16.0), (2, 8.0)):
        records = sun_synchronous(699.5e3, [22.2], satellites, START_S)
        found = daylight(passes(records, *along(0.0), START_S, START_S + 50 * DAY, max_off_nadir_deg=7.5))
        yield Row(f"Landsat, {satellites}: longest gap, equator", days, "d", "usgs", longest_d(found).max(), how, 0.05, remark)
    lat_deg = np.degrees(np.arcsin((np.arange(30) + 0.5) / 30))
    lon_deg, lat_deg = (grid.ravel() for grid in np.meshgrid(np.arange(0.0, 360.0, 14.3), lat_deg[lat_deg < 82.0]))
    records = sun_synchronous(514e3, [18.0], 1, START_S)
    found = radar_passes(records, lon_deg, lat_deg, START_S, START_S + 33 * DAY, incidence_deg=(20.0, 55.0), side=0)
    longest = longest_d(found)
    how, share = "`radar_passes`, 20 to 55 deg, both sides", float(np.quantile(longest, 0.95))
    yield Row("TerraSAR-X: longest gap of all places", 4.5, "d", "tsx", longest.max(), how, 0.1, "with the 20 to 45 deg of strips 8.5 d")
    remark = "disagrees by places of equal area: 2.5 d holds from 20 deg of latitude polewards, and the equator waits for 4 d"
    yield Row("TerraSAR-X: longest gap of 95 % of places", 2.5, "d", "tsx", share, how, 1.6, remark)
    record = sun_synchronous(496e3, [1.5], 1, START_S)
    told = {1.0: (1.7, 0.1, "at 40 N; 2.2 d at the equator"), 0.51: (5.9, 0.7, "at 40 N, within 20 deg off nadir; 6.9 d at the equator")}
    for gsd_m, (days, within, remark) in told.items():
        reach_deg = sharp_deg(496e3, 0.5, gsd_m) if gsd_m == 1.0 else 20.0
        found = daylight(passes(record, *along(40.0), START_S, START_S + 60 * DAY, max_off_nadir_deg=reach_deg))
        name = f"WorldView-1: mean gap at {gsd_m:g} m"
        yield Row(name, days, "d", "wv1", mean_gap_d(found), f"`passes`, {reach_deg:.1f} deg off nadir", within, remark)
    fires = passes(
        sun_synchronous(834e3, [13.5], 1, START_S), *along(0.0), START_S, START_S + 16 * DAY, max_off_nadir_deg=edge_deg(3060e3, 834e3)
    )
    remark = "the whole Earth every day; the next day's pass comes up to 25.4 h later"
    yield Row(
        "VIIRS, one: longest gap by day, equator",
        1.0,
        "d",
        VIIRS_SOURCE,
        longest_d(daylight(fires)).max(),
        "`passes`, edge of the swath",
        0.1,
        remark,
    )


def along(lat_deg: float) -> tuple[Floats, Floats]:
    """Return places along a parallel."""
    return SITES_DEG, np.full(len(SITES_DEG), lat_deg)


def daylight(found: Windows) -> Windows:
    """Return the windows with the sun 10 deg up."""
    return found.where(found.sun_deg >= 10.0)


def gaps_d(found: Windows) -> tuple[Floats, Ints]:
    """Return the gaps between looks at the same place, and the place of each. Shapes (G,)."""
    order = np.lexsort((found.closest_s, found.point))
    same = np.diff(found.point[order]) == 0
    return np.diff(found.closest_s[order])[same] / DAY, found.point[order][1:][same]


def longest_d(found: Windows) -> Floats:
    """Return the longest gap of each place. Shape (P,)."""
    gap_d, place = gaps_d(found)
    longest = np.zeros(int(place.max()) + 1)
    np.maximum.at(longest, place, gap_d)
    return longest


def mean_gap_d(found: Windows) -> float:
    """Return the mean gap."""
    return float(gaps_d(found)[0].mean())


def sharp_deg(altitude_m: float, nadir_m: float, gsd_m: float) -> float:
    """Return the angle off nadir at which the mean of the sample distances along and across has grown to a value."""
    off_nadir_deg = np.linspace(0.0, 60.0, 6001)
    look = off_nadir_geometry(altitude_m, off_nadir_deg)
    mean_m = nadir_m * look.slant_m / altitude_m / np.sqrt(np.cos(np.radians(look.incidence_deg)))
    return float(np.interp(gsd_m, mean_m, off_nadir_deg))


def swaths() -> Iterator[Row]:
    """How wide satellites see."""
    how = "`off_nadir_geometry`"
    half_deg = np.degrees(np.arctan(7.0 / 620.0))
    wide_km = float(np.diff(off_nadir_geometry(620e3, np.array([30.0 - half_deg, 30.0 + half_deg])).reach_m)[0]) / KM
    yield Row("Pleiades Neo: swath at 30 deg off nadir", 19.68, "km", "pneo", wide_km, how, 0.05, "from 14 km at nadir")
    strip_km = 2.0 * float(off_nadir_geometry(694e3, 30.0).reach_m) / KM
    yield Row("Pleiades: strip within 30 deg off nadir", 800.0, "km", "phr", strip_km, how, 20.0)
    look_deg = np.degrees(np.arcsin(np.sin(np.radians([29.0, 46.0])) / (1.0 + 693e3 / EARTH_RADIUS_M)))
    swath_km = float(np.diff(off_nadir_geometry(693e3, look_deg).reach_m)[0]) / KM
    remark = "disagrees by a tenth: the edges of 29 and 46 deg are an assumption of our catalogue, and lie too far apart"
    yield Row("Sentinel-1: ground between its incidences", 250.0, "km", "s1", swath_km, how, 27.0, remark)
    yield Row(
        "VIIRS: angle of the scan to either side",
        56.3,
        "deg",
        "viirs",
        edge_deg(3060e3, 834e3),
        "`thermal_satellite.edge_deg`",
        0.3,
        "from the swath of 3,060 km",
    )


def images() -> Iterator[Row]:
    """What images show."""
    niirs = float(giqe5(20.8 * INCH_M, 0.35, 50.0))
    yield Row("GIQE 5: 20.8 in, edge 0.35, noise 50", 5.0, "NIIRS", "giqe", niirs, "`giqe5`", 0.02)
    gsd_m = np.geomspace(0.05, 5.0, 20_001)
    for level, low_m, high_m in ((4, 1.2, 2.5), (5, 0.75, 1.2), (6, 0.40, 0.75), (7, 0.20, 0.40)):
        found_m = 2.0 * float(np.interp(-level, -giqe5(gsd_m, 0.40, 30.0), gsd_m))
        remark = "resolved distance taken as two samples" if level == 4 else ""
        yield Row(
            f"NIIRS {level}: ground resolved distance", (low_m, high_m), "m", NIIRS_SOURCE, found_m, "`giqe5`, defaults", 0.001, remark
        )


def ground() -> Iterator[Row]:
    """How far sensors on the ground reach."""
    how = "`scaled_range_m` from the person"
    remark = "disagrees: a fourth root from a person gives half; 48 km also lies beyond the horizon of any usual mast"
    yield Row(
        "Squire: tracked vehicle, from 12 km for a person", 48.0, "km", "squire", float(scaled_range_m(12.0, 10.0, 0.5)), how, 23.0, remark
    )
    yield Row("Squire: small drone, from the same", 6.0, "km", "squire", float(scaled_range_m(12.0, 0.02, 0.5)), how, 0.7)
    remark = "half are followed; radar and camera are one system there"
    yield Row("Integrated fixed tower: person", 12.1, "km", "ift", walker_km(), "`ground_radar`, defaults", 1.3, remark)
    day, night = "`acoustics.carries_m`, by day", "`acoustics.carries_m`, at night"
    remark = "disagrees: the level is set so that explosions are heard as reported, which leaves too little for weaker shots"
    mortar_db, rifle_db = SHOT_DB["mortar"], SHOT_DB["small_arms"]
    yield Row("OSCE: mortar heard by observers", (3.0, 6.0), "km", OSCE_SOURCE, heard_km(mortar_db, 100.0), day, 0.4, remark)
    yield Row("the same at night", (3.0, 6.0), "km", OSCE_SOURCE, heard_km(mortar_db, 96.0), night, 0.001)
    yield Row("OSCE: small arms heard by observers", (1.5, 4.0), "km", OSCE_SOURCE, heard_km(rifle_db, 100.0), day, 1.0, remark)


def heard_km(source_db: float, level_db: float) -> float:
    """Return how far a sound is heard."""
    return float(carries_m(source_db, level_db)) / KM


def walker_km() -> float:
    """Return how far half of the walkers are followed by the radar of its page."""
    from docs.models.draw import reaches
    from docs.models.shown import PAGES, panels_of

    panel = panels_of(next(page for page in PAGES if page.name == "ground_radar"))[0]
    return reaches(panel, next(curve for curve in panel.curves if curve.thing.name == "walker"), 0.5)


def aircraft() -> Iterator[Row]:
    """How many aircraft it takes, and how long they stay up."""
    needed = tails(6 * HOUR, 0.5 * HOUR, 1.5 * HOUR, 0.75)
    remark = "disagrees: theirs holds spares for weather, losses and works; ours is the mean of a cycle"
    yield Row("Camcopter S-100: aircraft of one orbit round the clock", 4.0, "", "s100f", needed, "`beats.tails`", 2.1, remark)
    remark = "disagrees: the model flies the whole endurance unless weather or loss ends it; write `endurance` as it is flown"
    yield Row("Heron 1: mean flight", 11.5, "h", "heron15k", heron_flight_h(), "`like: heron1`, two weeks of June", 13.5, remark)


def heron_flight_h() -> float:
    """Return the mean length of the flights that begin and end within the run, from launch to landing."""
    from docs.models.shown import HERE, under
    from sim.scenario import loads
    from sim.world import set_stage

    fleet = "sensors:\n  heron: {like: heron1, orbits: {all: {base: field, from: 0 km, to: 99 km, drones: 6}}}\n"
    scenario = loads((HERE / "stage.yaml").read_text(encoding="utf-8") + fleet, HERE).scenario
    scene = under(set_stage(scenario, HERE), scenario.environment, 0)
    sensor = scenario.sensors["heron"]
    if not isinstance(sensor, Aircraft):
        raise TypeError("the catalogue's heron1 is no aircraft")
    stints = [stint for stint in rehearse(sensor, scene, Dice(1, 0)).stints if stint.on_s > 0.0 and stint.off_s < scene.horizon_s]
    way_s = 2.0 * sensor.beats(scene.stage)[0].away_m / sensor.speed_mps
    return float(np.mean([stint.off_s - stint.on_s for stint in stints]) + way_s) / HOUR


def light() -> Iterator[Row]:
    """How long days are."""
    for name, declination_deg, hours in (("longest", OBLIQUITY_DEG, 16 + 11 / 60), ("shortest", -OBLIQUITY_DEG, 8 + 15 / 60)):
        found_h = float(day_length_h(48.86, declination_deg, -0.833))
        yield Row(
            f"Paris: {name} day",
            hours,
            "h",
            LIGHT_SOURCE,
            found_h,
            "`sim.physics.sun.day_length_h`",
            0.03,
            "sun's edge, with refraction" if declination_deg > 0 else "",
        )


NEAR = 0.02
"""Share by which two figures may differ and still be called equal."""
HEAD = """# Published figures against ours

Figures that others published and that are no input of the models, beside what the product computes for the same thing. Nothing was tuned to
agree: EQUAL of the ALL differ by no more than 2 %, and where one differs by much, the remark begins with "disagrees". The tests hold each
difference within its bound. Sources in brackets are keys of `sim/data/catalogue/sources.yaml`. Written by `python -m docs.models.draw`.

| quantity | published | ours | difference | bound | by, and remark |
| --- | ---: | ---: | ---: | ---: | --- |
"""


def page() -> str:
    """Return the text of `published.md`."""
    equal = sum(near(row) for row in rows())
    return HEAD.replace("EQUAL", str(equal)).replace("ALL", str(len(rows()))) + "".join(f"{told(row)}\n" for row in rows())


def near(row: Row) -> bool:
    """Say whether two figures differ by next to nothing."""
    least = min(row.published) if isinstance(row.published, tuple) else row.published
    return abs(row.difference) <= NEAR * least


def told(row: Row) -> str:
    """Return one row of the table."""
    span = isinstance(row.published, tuple)
    said = f"{row.published[0]:g} to {row.published[1]:g}" if isinstance(row.published, tuple) else f"{row.published:.4g}"
    source = f"[{row.source}]" if "/" not in row.source else f"([source]({row.source}))"
    less = "within" if span and row.difference == 0.0 else "0.00" if abs(row.difference) < 0.005 else f"{row.difference:+.2f}"
    unit = f" {row.unit}" if row.unit else ""
    remark = f"; {row.remark}" if row.remark else ""
    return f"| {row.what} | {said}{unit} {source} | {row.ours:.4g}{unit} | {less} | {row.within:g} | {row.how}{remark} |"
