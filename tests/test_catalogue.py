"""The catalogue: every figure has a basis and a source or a range, and a scenario can borrow it by the word `like`."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from sim import api, authoring, catalogue
from sim.catalogue import BASES, GROUPS, Entry, Lent, entries, figure, likes, limits, platform, platforms, said
from sim.cli import cli
from sim.document import filled, parse_text
from sim.errors import Problem, ScenarioError, TrucelineError
from sim.provenance import assumptions, borrowed, gathered
from sim.scenario import Scenario, load, loads, mixed
from sim.sensors.drone_fleet import DroneFleet
from sim.sensors.satellite_constellation import SatelliteConstellation
from sim.units import DAY, HOUR, KM, MINUTE
from tests.standin import SMALL

TOWERS = "towers: {kind: camera_tower, from: 0 km, to: 36 km, every: 6 km, false_alarms: 1 /day}"
ORBITS = "orbits: {all: {base: field, from: 0 km, to: 36 km, drones: 2}}"
TB2 = "birds: {like: tb2, " + ORBITS + "}"
ROW = ", from: 0 km, to: 36 km, every: 6 km"
WHERE = {"drone_fleet": ", " + ORBITS} | dict.fromkeys(
    ("camera_tower", "patrol", "aerostat", "ground_radar", "acoustic_array", "seismic_net"), ROW
)
"""What the catalogue cannot know: where a sensor of each kind stands or flies."""
COUNTED = "share,satellites,aircraft,persons,kg,factor,sensors,MHz,cases,crews,Celsius,pixels,ms,months,sites,stations,USD,NIIRS"
FREE_UNITS = set(COUNTED.split(",")) | {"million USD", "million EUR", "/100,000 h", "USD/h", "/km2", "/km2/h", "vehicles/km2", "m, km"}
"""Units that no scenario writes."""


def text_with(sensor: str, mix: str = "sensors.towers.every: 3 km") -> str:
    return SMALL.replace(TOWERS, f"{TOWERS}\n  {sensor}").replace("sensors.towers.every: 3 km", mix)


def with_sensor(sensor: str) -> Scenario:
    return loads(text_with(sensor)).scenario


def birds(written: str) -> DroneFleet:
    found = with_sensor(TB2.replace("like: tb2", written)).sensors["birds"]
    assert isinstance(found, DroneFleet)
    return found


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    return caught.value.problems


def loans() -> list[tuple[Entry, str, Lent]]:
    return [(entry, like, lent) for entry in entries() for like, section in entry.sections.items() for lent in section.lent]


def test_the_numbers_of_entries_and_figures_are_those_of_the_study() -> None:
    assert Counter(entry.group for entry in entries()) == dict(zip(GROUPS, (13, 7, 23, 3, 3, 5, 10), strict=True))
    studied = [entry for entry in entries() if entry.group != "model"]
    assert {basis: sum(entry.count(basis) for entry in studied) for basis in BASES} == {
        "published": 208,
        "derived": 7,
        "assumption": 110,
    }
    assert len(catalogue.sources()) == 114 + 14  # those of the study, and of the second table of orbits
    assert Counter(each.basis for entry in studied for each in entry.orbits.values()) == {"published": 61, "derived": 10, "assumption": 15}


def test_every_figure_has_a_basis_and_what_its_basis_asks_for() -> None:
    for entry in entries():
        for each in (*entry.figures.values(), *entry.orbits.values()):
            assert each.basis in BASES
            assert each.unit in FREE_UNITS or each.unit == "" or each.dimension, (entry.name, each.name)
            if each.basis == "published":
                assert all(source.title and source.address.startswith("http") for source in each.sources)
                assert each.sources or entry.group == "model", (entry.name, each.name)
            elif each.basis == "assumption":
                words = isinstance(each.value, (str, bool)) or all(isinstance(part, str) for part in parts(each.value))
                assert words or (each.low is not None and each.high is not None), (entry.name, each.name)
        assert set(entry.shows) <= set(entry.figures)


def parts(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def test_an_assumption_lies_within_its_range() -> None:
    plain = [
        each for entry in entries() for each in entry.figures.values() if each.low is not None and isinstance(each.value, (int, float))
    ]
    assert len(plain) > 80
    for each in plain:
        assert isinstance(each.low, (int, float))
        assert isinstance(each.high, (int, float))
        assert isinstance(each.value, (int, float))
        assert each.low <= each.value <= each.high


def test_a_range_that_nobody_knows_is_half_to_double_and_a_share_stays_a_share() -> None:
    assert limits(4, "x0.5 to x2", False) == (2.0, 8.0)
    assert limits(0.75, "x0.5 to x2", True) == (0.375, 1.0)
    low, high = limits((0.25, 0.75), "x0.5 to x1.5", True)
    assert (said(low), said(high)) == ("0.125 to 0.375", "0.375 to 1.0")
    assert limits(0.5, "+-0.1", True) == (0.4, 0.6)
    assert platform("ptds").figures["endurance"].span == "x0.5 to x2"


def test_figures_are_in_the_units_of_the_source_and_of_the_program() -> None:
    tb2 = platform("tb2").figures
    assert tb2["cruise_speed"].words == "70 kt"
    assert tb2["cruise_speed"].inside == pytest.approx(70 * 1852 / 3600)
    assert tb2["endurance"].inside == (24 * HOUR, 27 * HOUR)
    assert tb2["payload"].inside == 150
    assert platform("ift").figures["range_item"].inside == pytest.approx(12_070, abs=1)


def test_nobody_can_change_the_catalogue() -> None:
    figures: Any = platform("tb2").figures
    with pytest.raises(TypeError):
        figures["endurance"] = figures["cruise_speed"]


def test_an_unknown_platform_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(TrucelineError, match="no 'tb3'; did you mean 'tb2'"):
        platform("tb3")
    with pytest.raises(TrucelineError, match="has no 'sources'"):
        platform("sources")


@pytest.mark.parametrize("like", likes())
def test_every_name_behind_like_makes_a_sensor(like: str) -> None:
    kind = catalogue.kind_of(like)
    sensor = with_sensor(f"one: {{like: {like}{WHERE.get(kind, '')}}}").sensors["one"]
    assert sensor.kind_name == kind


def test_drones_imaging_satellites_and_towers_can_be_borrowed() -> None:
    missing = {entry.name for entry in platforms() if not entry.sections}
    later = {"skyfortress", "halo", "sinai", "hawkeye", "unseenlabs", "sbirs", "viirs"}
    assert missing <= later


def test_what_is_lent_names_figures_that_exist_and_is_no_better_founded_than_they_are() -> None:
    for entry, like, lent in loans():
        weakest = max((BASES.index(figure(name, entry).basis) for name in lent.figures), default=0)
        assert BASES.index(lent.basis) >= weakest, (like, lent.path)
        if lent.basis == "derived":
            assert lent.figures or lent.note or lent.path[-1] == "pattern", (like, lent.path)


def test_a_sensor_is_like_its_platform() -> None:
    found = birds("like: tb2")
    assert found.endurance_s == 24 * HOUR
    assert found.speed_mps == pytest.approx(36.0, abs=0.02)
    assert found.altitude_m == pytest.approx(18_000 * 0.3048)
    assert found.grounded[0] == 0.35
    assert found.orbits["all"].drones == 2


def test_what_the_scenario_writes_wins() -> None:
    assert birds("like: tb2, endurance: 10 h").endurance_s == 10 * HOUR
    assert birds("like: tb2, endurance_s: 36000").endurance_s == 10 * HOUR
    assert birds("like: tb2, kind: drone_fleet").endurance_s == 24 * HOUR
    closer = birds("like: tb2, detection: {range: 5 km}")
    assert closer.detection == birds("like: tb2").detection.model_copy(update={"range_m": 5 * KM})


def test_a_block_of_another_form_borrows_nothing() -> None:
    sure = birds("like: tb2, detection: {law: definite_range, range: 5 km}")
    assert sure.detection.law == "definite_range"
    steady = birds("like: tb2, deliver: {law: fixed, value: 2 h}").deliver
    assert steady is not None
    assert steady.law == "fixed"
    eye = with_sensor("eye: {like: pneo, orbit: {pattern: walker, altitude: 500 km, inclination: 53 deg, planes: 2, per_plane: 1}}")
    found = eye.sensors["eye"]
    assert isinstance(found, SatelliteConstellation)
    assert found.orbit.pattern == "walker"
    assert found.instrument.instrument == "optical"


def test_a_variant_of_a_platform_has_a_name_behind_a_dot() -> None:
    sun, aslant = (with_sensor(f"eye: {{like: {like}}}").sensors["eye"] for like in ("legion", "legion.mid"))
    assert isinstance(sun, SatelliteConstellation)
    assert isinstance(aslant, SatelliteConstellation)
    assert (sun.orbit.pattern, aslant.orbit.pattern) == ("sun_synchronous", "walker")


@pytest.mark.parametrize(
    ("written", "message", "remedy"),
    [
        ("like: tb3", "the catalogue has no 'tb3'", "did you mean 'tb2'?"),
        ("like: 7", "the catalogue has no 7", "'truceline catalogue' lists them"),
        ("like: [tb2]", "the catalogue has no ['tb2']", "did you mean 'tb2'?"),
        (
            "like: fa_sar",
            "the catalogue has figures of fa_sar, but no kind of sensor is made of them yet",
            "its figures: truceline catalogue fa_sar",
        ),
    ],
)
def test_a_wrong_name_is_one_problem_at_its_line(written: str, message: str, remedy: str) -> None:
    (problem,) = problems(text_with(TB2.replace("like: tb2", written)))
    assert (problem.message, problem.remedy) == (message, remedy)
    assert problem.place.startswith("<text>:14:17")
    assert problem.path == ("sensors", "birds", "like")


def test_a_platform_of_another_kind_is_refused() -> None:
    (problem,) = problems(text_with(TB2.replace("like: tb2", "kind: patrol, like: tb2")))
    assert problem.message == "tb2 is a drone_fleet, not a 'patrol'"
    assert problem.path == ("sensors", "birds", "kind")


def test_other_faults_are_told_beside_a_wrong_name() -> None:
    told = problems(text_with(TB2.replace("tb2", "tb3")).replace("rate: 6 /day", "rate: 6"))
    assert [problem.path for problem in told] == [("sensors", "birds", "like"), ("violations", "shelling", "rate")]


def test_a_fault_beside_what_is_borrowed_is_shown_where_it_is() -> None:
    (problem,) = problems(text_with("birds:\n    like: tb2\n    orbits: {}\n    detection: {rnage: 9 km}").replace("orbits: {}", ORBITS))
    assert problem.message == "unknown key 'rnage'"
    assert problem.place == "<text>:17:17"
    (missing,) = problems(text_with("birds: {like: tb2}"))
    assert missing.message == "'orbits' is missing"


def test_a_fault_of_a_borrowed_value_is_shown_at_the_word_like() -> None:
    (problem,) = problems(text_with(TB2.replace("like: tb2", "like: tb2, deliver: {median: 9 min}")))
    assert problem.path[-1] == "p90"
    document, _ = filled(parse_text(text_with(TB2)))
    assert document.values["sensors"]["birds"]["speed"] == "70 kt"
    assert document.problem("too slow", ("sensors", "birds", "speed")).place == "<text>:14:17"
    assert document.problem("too near", ("sensors", "birds", "detection", "range")).place == "<text>:14:17"


def test_a_mix_changes_what_is_borrowed_and_from_whom() -> None:
    loaded = loads(text_with(TB2, "sensors.birds.like: heron1, sensors.birds.detection.range: 9 km"))
    sensor = mixed(loaded, "many").scenario.sensors["birds"]
    assert isinstance(sensor, DroneFleet)
    assert sensor.endurance_s == 27 * HOUR
    assert sensor.detection.range_m == 9 * KM


def test_a_setting_changes_what_is_borrowed(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(text_with(TB2), encoding="utf-8")
    for loader in (load, authoring.load):
        sensor = loader(path, {"sensors.birds.endurance": "9 h"}).scenario.sensors["birds"]
        assert isinstance(sensor, DroneFleet)
        assert sensor.endurance_s == 9 * HOUR
    sensor = authoring.load(path, {"sensors.birds.detection.range": "9 km"}).scenario.sensors["birds"]
    assert isinstance(sensor, DroneFleet)
    assert sensor.detection.range_m == 9 * KM


def test_the_resolved_scenario_holds_what_was_borrowed_and_loads_again_to_the_same() -> None:
    loaded = loads(text_with(TB2))
    values, _ = gathered(loaded)
    assert values["sensors"]["birds"]["endurance_s"] == 24 * HOUR
    assert "like" not in values["sensors"]["birds"]
    assert loads(json.dumps(values)).scenario.sensors == loaded.scenario.sensors


def test_a_run_plays_what_was_borrowed(tmp_path: Path) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(text_with(TB2, "sensors.birds.detection.range: 9 km"), encoding="utf-8")
    run = api.run(load(path), mix="many", replications=1, out=tmp_path / "results")
    assert run.complete
    resolved = load(run.path / "resolved.yaml").scenario.sensors["birds"]
    assert isinstance(resolved, DroneFleet)
    assert (resolved.endurance_s, resolved.detection.range_m) == (24 * HOUR, 9 * KM)


def test_the_manifest_says_what_was_borrowed_and_on_what_basis() -> None:
    loaded = loads(text_with(TB2.replace("like: tb2", "like: tb2, repair: 9 h")))
    found = {each["path"]: each for each in assumptions(loaded) if each["path"].startswith("sensors.birds.")}
    assert found["sensors.birds.speed"]["value"] == "70 kt"
    assert found["sensors.birds.speed"]["basis"].startswith("published: catalogue tb2 (cruise_speed); Webtekno: ")
    assert found["sensors.birds.turnaround"]["basis"] == "assumption: catalogue tb2; 2 h to 8 h"
    assert "sensors.birds.repair" not in found
    assert "sensors.birds.replace_s" not in found
    assert found["sensors.birds.repair_s"]["basis"] == "How long a repair takes. Assumption."
    assert borrowed(loads(SMALL)) == []
    assert assumptions(loads(SMALL)) == assumptions(loads(SMALL).scenario)


def test_the_schema_takes_a_sensor_that_is_like_a_platform() -> None:
    checker = jsonschema.Draft202012Validator(authoring.schema())
    assert list(checker.iter_errors(parse_text(text_with(TB2)).values)) == []
    assert list(checker.iter_errors(parse_text(text_with(TB2.replace("tb2", "tb3"))).values)) != []
    assert list(checker.iter_errors(parse_text(text_with(TB2.replace("like: tb2, ", ""))).values)) != []


def test_the_command_lists_shows_and_writes_json() -> None:
    listing = CliRunner().invoke(cli, ["catalogue"])
    assert listing.exit_code == 0
    assert "  tb2 " in listing.stdout
    assert max(map(len, listing.stdout.splitlines())) <= 200
    page = CliRunner().invoke(cli, ["catalogue", "mq9b"]).stdout
    assert "3.17 /100,000 h" in page
    assert "in full after audit" in page
    assert "https://" in page
    document = json.loads(CliRunner().invoke(cli, ["catalogue", "mq9b", "--json"]).stdout)
    assert document["figures"]["endurance"]["inside"] == 40 * HOUR
    whole = json.loads(CliRunner().invoke(cli, ["catalogue", "--json"]).stdout)
    assert len(whole["entries"]) == len(entries())
    assert CliRunner().invoke(cli, ["catalogue", "mq9c"]).exit_code != 0


def test_live_pictures_take_minutes_and_losses_follow_the_published_rate() -> None:
    drone = birds("like: mq9b")
    assert drone.loss_per_s * 100_000 * HOUR == pytest.approx(3.17)
    assert drone.deliver is not None
    assert float(drone.deliver.quantile_s(0.5)) == pytest.approx(2 * MINUTE)
    assert drone.replace_s == 14 * DAY
