"""What a replication is before time starts."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sim.errors import TrucelineError
from sim.scenario import LineRecord
from sim.units import DAY
from sim.world import World, jams_of, read_line

Told = Callable[..., World]

CAMPAIGN = """
length: LENGTH
line: {sectors: {west: {from: 0 km, to: 40 km, terrain: woodland}, east: {from: 40 km, to: 900 km, terrain: water}}}
violations:
  guns: {kind: heavy_weapons, rate: 8 /day}
  jam: {kind: jamming, rate: 4 /day}
"""


def campaign(length: str = "6 days", extra: str = "") -> str:
    return CAMPAIGN.replace("LENGTH", length) + extra


def test_a_longer_world_begins_with_the_shorter(told: Told) -> None:
    short, long = told(campaign("4 days")), told(campaign("9 days"))
    for entry in (0, 1):
        few, many = (world.incidents.key[world.incidents.kind == entry].tolist() for world in (short, long))
        assert many[: len(few)] == few
        assert len(many) > len(few) > 0


def test_the_world_does_not_read_the_mix(told: Told) -> None:
    masts = "sensors: {masts: {kind: camera_tower, from: 0 km, to: 100 km, every: 10 km}}\ndesk: {sources: 3}\n"
    bare, watched = told(campaign()), told(campaign(extra=masts))
    assert watched.incidents.start_s.tolist() == bare.incidents.start_s.tolist()
    assert watched.targets.key.tolist() == bare.targets.key.tolist()
    assert [patch.turns_s for patch in watched.scene.sky.patches] == [patch.turns_s for patch in bare.scene.sky.patches]


def test_one_entry_more_changes_nothing_about_the_others(told: Told) -> None:
    one, two = told(campaign()), told(campaign(extra="  more: {kind: shelling, rate: 9 /day}\n"))
    assert two.incidents.start_s[two.incidents.kind == 0].tolist() == one.incidents.start_s[one.incidents.kind == 0].tolist()


def test_targets_belong_to_their_incidents(told: Told) -> None:
    world = told(campaign())
    rows = world.targets.incident
    assert set(rows.tolist()) == set(range(len(world.incidents)))
    assert (world.targets.start_s >= world.incidents.start_s[rows]).all()
    emitters = set(rows[world.targets.emitter_w > 0.0].tolist())
    assert {world.incidents.kinds[kind] for kind in world.incidents.kind[sorted(emitters)]} == {"jam"}


def test_other_replications_are_other_worlds(told: Told) -> None:
    first, second = told(campaign()), told(campaign(), 1)
    assert first.incidents.start_s.tolist() != second.incidents.start_s.tolist()


def test_jammers_among_the_incidents_jam_the_sky_around_them(told: Told) -> None:
    world = told(campaign())
    windows = jams_of(world.targets)
    assert windows
    one = windows[0]
    sky, middle_m = world.scene.sky, (one.from_m + one.to_m) / 2
    assert sky.state(sky.patch_of(middle_m), (one.on_s + min(one.off_s, 7 * DAY)) / 2) & 4


def test_sectors_end_with_the_line(told: Told) -> None:
    sectors = told(campaign()).stage.sectors
    assert sectors["east"].to_m == pytest.approx(100_000.0, rel=0.001)
    assert (sectors["east"].water, sectors["west"].masking_deg) == (True, 8.0)


def test_an_empty_world_has_no_targets(told: Told) -> None:
    world = told("length: 1 day")
    assert (len(world.incidents), len(world.targets)) == (0, 0)


def test_a_line_is_read_from_a_file_beside_the_scenario(tmp_path: Path) -> None:
    points = [[30.0, 0.0], [30.9, 0.0]]
    (tmp_path / "line.geojson").write_text(json.dumps({"type": "LineString", "coordinates": points}))
    line = read_line(LineRecord(file="line.geojson", official_length_m=99_000.0), tmp_path)
    assert line.length_m == pytest.approx(100_188.0, rel=0.001)
    assert line.official_length_m == 99_000.0
    with pytest.raises(TrucelineError, match="relative to the scenario"):
        read_line(LineRecord(file="missing.geojson"), tmp_path)


def test_bundled_lines_are_as_long_as_is_said() -> None:
    assert 1_100_000 < read_line(LineRecord(bundled="line_of_contact_2025"), Path()).length_m < 1_400_000
    assert np.isfinite(read_line(LineRecord(border="KR-KP"), Path()).length_m)
