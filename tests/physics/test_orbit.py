"""Orbits against published pairs, SGP4's own test case, and geometry."""

import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from pyproj import Transformer

from sim.physics.orbit import (
    EQUATOR_M,
    circular,
    earth_fixed,
    from_omm,
    from_tle,
    ground_m,
    sun_synchronous,
    sun_synchronous_inclination_deg,
    vertical,
    walker,
)
from sim.physics.sun import elevation_deg, mean_sun_deg

START = datetime(2026, 2, 1, tzinfo=UTC).timestamp()
VANGUARD = """\
VANGUARD 1
1 00005U 58002B   00179.78495062  .00000023  00000-0  28098-4 0  4753
2 00005  34.2682 348.7242 1859667 331.7664  19.3264 10.82419157413667
"""
MESSAGE: dict[str, Any] = {
    "OBJECT_NAME": "EXAMPLE 1",
    "OBJECT_ID": "2026-001A",
    "EPOCH": "2026-02-01T06:00:00.000000",
    "MEAN_MOTION": 15.2,
    "ECCENTRICITY": 0.0001,
    "INCLINATION": 97.4,
    "RA_OF_ASC_NODE": 120.0,
    "ARG_OF_PERICENTER": 90.0,
    "MEAN_ANOMALY": 270.0,
    "EPHEMERIS_TYPE": 0,
    "CLASSIFICATION_TYPE": "U",
    "NORAD_CAT_ID": 799_500_123,
    "ELEMENT_SET_NO": 999,
    "REV_AT_EPOCH": 1,
    "BSTAR": 0.0001,
    "MEAN_MOTION_DOT": 0.00001,
    "MEAN_MOTION_DDOT": 0,
}


@pytest.mark.parametrize(
    ("altitude_km", "published_deg", "within"),
    # Published: Sentinel-1, ICEYE, Pleiades Neo, COSMO-SkyMed, TerraSAR-X, Sentinel-2 (ESA's altitude is a mean over the ellipsoid).
    [(693, 98.18, 0.01), (570, 97.7, 0.01), (620, 97.9, 0.015), (619, 97.9, 0.015), (514, 97.44, 0.05), (786, 98.62, 0.06)],
)
def test_sun_synchronous_inclinations_are_the_published_ones(altitude_km: float, published_deg: float, within: float) -> None:
    assert sun_synchronous_inclination_deg(1000.0 * altitude_km) == pytest.approx(published_deg, abs=within)


@pytest.mark.parametrize(
    ("altitude_km", "inclination_deg", "minutes"), [(693.0, 98.18, 98.7429), (786.0, 98.62, 100.6993), (619.6, 97.87, 97.2152)]
)
def test_the_period_from_node_to_node_is_that_of_the_published_repeat(altitude_km: float, inclination_deg: float, minutes: float) -> None:
    record = circular(1000.0 * altitude_km, inclination_deg, 0.0, 0.0, START)
    assert 2.0 * np.pi / (record.mdot + record.argpdot) == pytest.approx(minutes, rel=1e-3)


def test_the_mean_semi_major_axis_is_the_one_asked_for() -> None:
    record = circular(570_000.0, 97.7, 0.0, 0.0, START)
    assert record.a * 6378.135 == pytest.approx(6378.137 + 570.0, abs=1e-6)
    naive_km = (398600.8 / (record.no_kozai / 60.0) ** 2) ** (1.0 / 3.0)
    assert abs(naive_km - 6948.137) > 2.0  # what the trap would cost


def test_the_mean_radius_of_a_polar_orbit_lies_4_to_5_km_above_its_axis() -> None:
    at, _ = earth_fixed([circular(570_000.0, 97.7, 0.0, 0.0, START)], START + np.arange(0.0, 86400.0, 20.0))
    assert 4_000.0 < np.linalg.norm(at[0], axis=-1).mean() - 6_948_137.0 < 5_000.0


def test_the_local_time_of_the_node_is_as_asked_and_stays_for_a_year() -> None:
    record = sun_synchronous(570_000.0, [10.5], 1, START)[0]
    times = START + np.linspace(0.0, 365.25 * 86400.0, 50)
    node_deg = np.degrees(record.nodeo + record.nodedot * (times - START) / 60.0)
    local_h = ((node_deg - mean_sun_deg(times)) / 15.0 + 12.0) % 24.0
    assert local_h == pytest.approx(10.5, abs=0.002)


def test_a_dawn_orbit_flies_along_the_shadow_line() -> None:
    day = datetime(2026, 3, 20, tzinfo=UTC).timestamp()
    at, _ = earth_fixed(sun_synchronous(570_000.0, [6.0], 1, day), day + np.arange(0.0, 6000.0, 30.0))
    lon, lat = np.degrees(np.arctan2(at[0, :, 1], at[0, :, 0])), np.degrees(np.arcsin(at[0, :, 2] / np.linalg.norm(at[0], axis=-1)))
    assert np.abs(elevation_deg(day + np.arange(0.0, 6000.0, 30.0), lon, lat)).max() < 12.0


def test_planes_follow_their_local_times_and_their_phasing() -> None:
    records = sun_synchronous(500_000.0, [10.5, 22.5, 6.0], 4, START, phasing=1.0)
    assert len(records) == 12
    nodes = np.degrees([record.nodeo for record in records]).reshape(3, 4)
    assert (nodes[1] - nodes[0]) % 360.0 == pytest.approx(180.0)
    phases = np.degrees([record.mo for record in records]).reshape(3, 4)
    assert phases[0] == pytest.approx([0.0, 90.0, 180.0, 270.0])
    assert phases[1] == pytest.approx([30.0, 120.0, 210.0, 300.0])


def test_a_walker_pattern_has_its_steps() -> None:
    records = walker(550_000.0, 53.0, 6, 2, 5.0, START, node_deg=10.0)
    assert np.degrees([record.nodeo for record in records[::2]]) == pytest.approx([10.0, 70.0, 130.0, 190.0, 250.0, 310.0])
    assert np.degrees(records[2].mo) == pytest.approx(360.0 * 5 / 12)
    star = walker(550_000.0, 87.0, 6, 2, 0.0, START, star=True)
    assert np.degrees(star[2].nodeo) == pytest.approx(30.0)


def test_vanguard_flies_as_in_the_report_of_2006() -> None:
    # Vallado et al., AIAA 2006-6753, verification case 00005 at epoch: x = 7022.46529266, y = -1400.08296755, z = 0.03995155 km.
    record = from_tle(VANGUARD)["VANGUARD 1"]
    at, _ = earth_fixed([record], np.array([(record.jdsatepoch + record.jdsatepochF - 2440587.5) * 86400.0]))
    assert np.linalg.norm(at[0, 0]) == pytest.approx(1000.0 * np.linalg.norm([7022.46529266, -1400.08296755, 0.03995155]), abs=0.5)
    assert at[0, 0, 2] == pytest.approx(39.95, abs=0.5)


def test_velocity_is_the_change_of_position_over_the_turning_earth() -> None:
    records = walker(550_000.0, 53.0, 2, 1, 0.0, START)
    times = START + np.array([1000.0, 1001.0, 1002.0])
    at, velocity = earth_fixed(records, times)
    assert at.shape == velocity.shape == (2, 3, 3)
    assert velocity[:, 1] == pytest.approx((at[:, 2] - at[:, 0]) / 2.0, abs=0.01)


def test_places_agree_with_proj() -> None:
    lon, lat, height = np.array([36.0, -70.0, 0.0]), np.array([48.0, -33.0, 90.0]), np.array([0.0, 5000.0, 10.0])
    proj = Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    assert ground_m(lon, lat, height) == pytest.approx(np.stack(proj.transform(lon, lat, height), axis=-1), abs=1e-3)
    assert vertical(0.0, 90.0) == pytest.approx([0.0, 0.0, 1.0], abs=1e-12)
    assert ground_m(0.0, 0.0) == pytest.approx([EQUATOR_M, 0.0, 0.0])


def test_messages_are_read_in_json_csv_and_xml() -> None:
    elements = list(MESSAGE)[2:]
    line = "".join(f"<{name}>{MESSAGE[name]}</{name}>" for name in elements[:7])
    rest = "".join(f"<{name}>{MESSAGE[name]}</{name}>" for name in elements[7:])
    names = "<OBJECT_NAME>EXAMPLE 1</OBJECT_NAME><OBJECT_ID>2026-001A</OBJECT_ID>"
    xml = (
        f"<ndm><omm><body><segment><metadata>{names}</metadata><data><meanElements>{line}</meanElements>"
        f"<tleParameters>{rest}</tleParameters></data></segment></body></omm></ndm>"
    )
    csv = ",".join(MESSAGE) + "\n" + ",".join(str(value) for value in MESSAGE.values()) + "\n"
    times = START + np.arange(3.0) * 3600.0
    tracks = [earth_fixed(list(from_omm(text).values()), times)[0] for text in (json.dumps([MESSAGE]), json.dumps(MESSAGE), csv, xml)]
    assert tracks[0].shape == (1, 3, 3)
    for track in tracks[1:]:
        assert np.array_equal(track, tracks[0])


def test_a_message_says_what_its_orbit_is() -> None:
    record = from_omm(json.dumps({**MESSAGE, "EPOCH": "2026-02-01T06:00:00Z"}))["EXAMPLE 1"]
    assert np.degrees(record.inclo) == pytest.approx(97.4)
    assert (record.jdsatepoch + record.jdsatepochF - 2440587.5) * 86400.0 == pytest.approx(START + 6 * 3600.0, abs=1e-3)


def test_equal_names_are_told_apart_by_number() -> None:
    twins = [{**MESSAGE, "NORAD_CAT_ID": 100_001}, {**MESSAGE, "NORAD_CAT_ID": 100_002}]
    assert list(from_omm(json.dumps(twins))) == ["EXAMPLE 1 100001", "EXAMPLE 1 100002"]
    with pytest.raises(ValueError, match="appears 2 times"):
        from_omm(json.dumps([MESSAGE, MESSAGE]))


def test_two_lines_without_a_name_go_by_their_number() -> None:
    assert list(from_tle("\n".join(VANGUARD.splitlines()[1:]))) == ["00005"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no two-line elements"),
        ("nothing of the kind", "line 1: expected a name"),
        (VANGUARD.replace("34.2682", "34.2683"), "line 2: the check sum"),
        ("\n".join(VANGUARD.splitlines()[:2]), "does not follow"),
        (VANGUARD.replace("2 00005", "2 00006"), "does not follow"),
    ],
)
def test_damaged_lines_are_named(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        from_tle(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no orbit mean-elements message"),
        ("[1, 2]", "must hold one message"),
        ("{", "no JSON"),
        ("<ndm><segment/></ndm>", "no orbit mean-elements message in XML"),
        ("<ndm", "no orbit mean-elements message in XML"),
        (json.dumps({name: value for name, value in MESSAGE.items() if name != "INCLINATION"}), "INCLINATION is missing"),
        (json.dumps({**MESSAGE, "MEAN_MOTION": "fast"}), "EXAMPLE 1.*fast"),
        (json.dumps({**MESSAGE, "EPOCH": "yesterday"}), "yesterday"),
        (json.dumps({**MESSAGE, "ECCENTRICITY": 1.5}), "of no orbit"),
    ],
)
def test_damaged_messages_are_named(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        from_omm(text)


def test_a_decayed_satellite_is_named_with_its_day() -> None:
    falling = from_omm(json.dumps({**MESSAGE, "MEAN_MOTION": 16.3, "BSTAR": 0.05}))["EXAMPLE 1"]
    with pytest.raises(ValueError, match=r"satellite 1 .* cannot be propagated to 2026-"):
        earth_fixed([falling], START + np.arange(0.0, 60 * 86400.0, 3600.0))
