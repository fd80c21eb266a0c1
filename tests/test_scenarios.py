"""The scenarios that come with the program: they load, their mixes are sound, they play, and they say what they are not for."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from sim.dice import Dice
from sim.engine.run import play
from sim.scenario import Scenario, check_mixes, load, loads, mixed, resolved
from sim.story import outcomes
from sim.units import DAY
from sim.world import build, read_line, set_stage

ROOT = Path(__file__).parent.parent
FILES = sorted((ROOT / "scenarios").glob("*.yaml"))
SCHEMA_LINE = "# yaml-language-server: $schema=../sim/data/scenario.schema.json"
US_SHARE = {"male_us", "skysat", "legion_sun", "legion_mid", "capella", "umbra"}


@pytest.fixture(scope="session")
def passes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for satellite passes, computed once for all tests."""
    return tmp_path_factory.mktemp("passes")


def ukraine(mix: str | None = None) -> Scenario:
    """Return the main scenario under one of its mixes."""
    return mixed(load(ROOT / "scenarios" / "ukraine.yaml"), mix).scenario


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_loads_and_every_mix_of_it_is_sound(path: Path) -> None:
    loaded = load(path)
    check_mixes(loaded)
    baseline = loaded.scenario.experiment.baseline
    assert baseline is None or baseline in loaded.scenario.experiment.mixes


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_file_names_its_schema_and_says_what_it_must_not_be_used_for(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    head = " ".join(line.lstrip("# ") for line in lines[: lines.index("truceline: 1")])
    assert lines[0] == SCHEMA_LINE
    assert "must not be used" in head or "says nothing about any real line" in " ".join(head.split())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_line_is_too_long_to_read_and_names_fit(path: Path) -> None:
    assert max(map(len, path.read_text(encoding="utf-8").splitlines())) <= 140
    scenario = load(path).scenario
    assert max(map(len, [*scenario.sensors, *scenario.violations, *scenario.experiment.mixes, *scenario.rungs()])) <= 45


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_resolved_scenario_loads_again_to_the_same(path: Path) -> None:
    scenario = load(path).scenario
    assert loads(json.dumps(resolved(scenario))).scenario == scenario


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_in_a_shipped_file_looks_like_a_slip(path: Path) -> None:
    loaded = load(path)
    for mix in (None, *loaded.scenario.experiment.mixes):
        scenario = mixed(loaded, mix).scenario
        stage = set_stage(scenario, loaded.folder)
        assert [said for sensor in scenario.sensors.values() for said in sensor.concerns(stage)] == []
        assert [said for violation in scenario.violations.values() for said in violation.concerns(stage)] == []
        assert all(0.0 <= sector.from_m < sector.to_m for sector in stage.sectors.values())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_day_of_every_file_plays(path: Path, passes: Path) -> None:
    loaded = load(path, {"length": "1 day", "follow_up": "1 day"})
    world = build(loaded.scenario, set_stage(loaded.scenario, loaded.folder, passes), 0)
    found = outcomes(play(world))
    assert len(found["kind"]) == len(world.incidents)
    assert np.isfinite(found["detected_s"]).sum() <= len(world.incidents)


def test_the_first_scenario_that_init_writes_is_the_shipped_one() -> None:
    shipped = (ROOT / "scenarios" / "tutorial.yaml").read_text(encoding="utf-8")
    assert (ROOT / "sim" / "data" / "tutorial.yaml").read_text(encoding="utf-8") == shipped
    assert len(shipped.splitlines()) <= 30


def test_ukraine_has_the_size_of_the_question() -> None:
    scenario = ukraine()
    stage = set_stage(scenario, ROOT / "scenarios")
    units = Counter[str]()
    for sensor in scenario.sensors.values():
        units[sensor.kind_name] += len(sensor.units(stage))
    assert stage.line.length_m == pytest.approx(1_219e3, rel=0.001)
    assert units["drone_fleet"] == 69
    assert units["satellite_constellation"] == 69
    assert 25 <= units["camera_tower"] <= 30


def test_ukraine_is_at_the_level_of_the_middle_years_of_donbas() -> None:
    """40 to 58 incidents a day: 0.033 to 0.048 a km and day, from the daily counts of the OSCE mission in 2021."""
    scenario = ukraine()
    per_day = sum(violation.rate_per_s * DAY for violation in scenario.violations.values() if not violation.benign)
    assert 40.0 <= per_day <= 58.0
    world = build(scenario, set_stage(scenario, ROOT / "scenarios"), 0)
    assert np.count_nonzero(~world.incidents.benign) >= 1000


def test_three_quarters_of_the_shelling_fall_on_an_eighth_of_the_line() -> None:
    shelling = ukraine().violations["shelling"]
    assert sum(hotspot.share for hotspot in shelling.hotspots) == pytest.approx(0.76)
    assert sum(hotspot.width_m for hotspot in shelling.hotspots) / 1_219e3 == pytest.approx(0.123, abs=0.01)


def test_three_in_four_long_flights_meet_interference() -> None:
    """A flight of 6 h meets a spell that is on a quarter of the time: 1 - 0.75 exp(-6 h / gap); OSCE: 75 % in March to May 2021."""
    field = ukraine().environment.jamming["donetsk"]
    gap_s = field.spell.mean_s * (1.0 / field.share_of_time - 1.0)
    assert 1.0 - (1.0 - field.share_of_time) * np.exp(-6 * 3600.0 / gap_s) == pytest.approx(0.75, abs=0.02)


def test_the_mixes_of_ukraine_differ_by_what_they_name() -> None:
    names = {mix: set(ukraine(mix).sensors) for mix in ukraine().experiment.mixes}
    both = names["both"]
    towers = {name for name in both if name.startswith("towers")}
    fleets = {name for name in both if name.startswith("male") or name in ("tactical", "mini")}
    assert names["drones only"] == fleets | towers
    assert names["satellites only"] == both - fleets
    assert names["satellites without towers"] == both - fleets - towers
    assert names["observers on the ground instead"] == towers | {"patrols_a", "patrols_b"}
    assert both - names["without the US share"] == US_SHARE


def test_without_the_us_nobody_asks_washington() -> None:
    response = ukraine("without the US share").response
    assert "us" not in response.states
    assert response.rungs_named() == ("warning", "ukrainian_action", "coalition_force")


def test_the_ladder_of_ukraine_has_the_reported_deadlines() -> None:
    """Financial Times, 3 February 2026: 24 h for the first two steps, 72 h after the first breach for the last."""
    deadlines = ukraine().response.deadlines()
    assert [(clock, within_s / 3600.0) for clock, within_s in deadlines.values()] == [("act", 24), ("act", 24), ("act", 72), ("act", 72)]


def test_the_days_of_the_collapse_carry_the_published_counts() -> None:
    """15 to 18 February 2022: 153, 591, 870 and 1,566 violations (OSCE SMM daily reports 37 to 39/2022)."""
    scenario = load(ROOT / "scenarios" / "collapse_2022.yaml").scenario
    fire = scenario.violations["fire"]
    assert (fire.expected(7) * fire.counts.mean)[3:].tolist() == pytest.approx([153, 591, 870, 1566])


def test_donbas_counts_257_violations_a_day() -> None:
    """93,902 in 2021 (The Guardian on the OSCE's figures); 60 throws of 60 days, standard error 2.3."""
    scenario = load(ROOT / "scenarios" / "donbas_2021.yaml").scenario
    stage = set_stage(scenario, ROOT / "scenarios")
    fire = scenario.violations["fire"]
    counted = [fire.draw(stage, Dice(1, replication))[0].countable.sum() for replication in range(60)]
    assert np.mean(counted) / 60 == pytest.approx(257, abs=7)


def test_donbas_is_as_long_as_everybody_says() -> None:
    scenario = load(ROOT / "scenarios" / "donbas_2021.yaml").scenario
    assert read_line(scenario.line, ROOT / "scenarios").length_m == pytest.approx(420e3, rel=0.01)


def test_korea_expects_sixteen_crossings_in_nine_months() -> None:
    scenario = load(ROOT / "scenarios" / "korea_dmz.yaml").scenario
    assert scenario.violations["crossing_on_foot"].rate_per_s * scenario.length_s == pytest.approx(16, abs=0.1)
