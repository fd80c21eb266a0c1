"""Stories of single cases, minute by minute: what arrives, what the desk makes of it, and what it says."""

from collections.abc import Callable

import pytest

from sim.engine.inbox import Alarm
from sim.engine.run import Run
from sim.log import Entry
from sim.story import Play, outcomes
from sim.units import DAY, HOUR, MINUTE
from sim.world import World

Told = Callable[..., World]
Played = Callable[..., Play]

STORY = """
desk:
  triage: {law: fixed, value: 5 min}
  verify: {law: fixed, value: 40 min}
  attribute: {law: fixed, value: 3 h}
  p_open_false: 1.0
  p_wrong_side: 0.0
  RULES
violations:
  guns:
    kind: heavy_weapons
    scripted: [{at: 1 d, chainage: 50 km, offset: 2 km, lasts: 2 d, side: A}]
  drill:
    kind: exercise
    p_notified: NOTIFIED
    scripted: [{at: 1 d, chainage: 70 km, offset: 2 km, lasts: 2 d, side: A}]
"""


def story(rules: str = "cue: false", notified: float = 0.0) -> str:
    return STORY.replace("RULES", f"{rules}\n  p_verify_benign: 1.0").replace("NOTIFIED", str(notified))


def contact(world: World, minute: float, unit: int = 0, kind: str = "guns", classified: bool = False, attributed: bool = False) -> Alarm:
    """A unit sees the incident of a kind some minutes after it began."""
    incidents, targets = world.incidents, world.targets
    (incident,) = [row for row in range(len(incidents)) if incidents.kinds[incidents.kind[row]] == kind]
    row = targets.incident.tolist().index(incident)
    at_s, key = DAY + minute * MINUTE, int(targets.key[row])
    place = float(targets.x_m[row]), float(targets.y_m[row]), float(targets.chainage_m[row]), float(targets.offset_m[row])
    return Alarm(at_s, at_s, "eye", unit, row, key, *place, classified, attributed)


def mistake(minute: float, unit: int = 0, km: float = 20.0, offset_m: float = 100.0) -> Alarm:
    """A unit reports something where nothing is."""
    at_s = DAY + minute * MINUTE
    return Alarm(at_s, at_s, "eye", unit, -1, 1000 + round(minute), 0.0, 0.0, 1000 * km, offset_m, False, False)


def log_of(world: World, *alarms: Alarm) -> list[Entry]:
    run = Run(world)
    for alarm in alarms:
        run.hand_over_at(alarm)
    return run.play().log.entries


def told_as(entries: list[Entry], *leave_out: str) -> list[tuple[str, float]]:
    """What happened, and how many minutes after the incident began."""
    silent = {"alarm", "contact", "queued", "worked", "opened", "joined", "rung", "arrived", *leave_out}
    return [(entry.verb, (entry.t_s - DAY) / MINUTE) for entry in entries if entry.verb not in silent]


def test_one_contact_waits_for_a_second_source_and_expires(told: Told) -> None:
    world = told(story("cue: false\n  expires: 10 h"))
    assert told_as(log_of(world, contact(world, 60.0))) == [("triaged", 65.0), ("reported", 65.0), ("expired", 665.0)]


def test_a_second_unit_corroborates_and_the_case_is_verified_and_attributed(told: Told) -> None:
    world = told(story())
    entries = log_of(world, contact(world, 60.0), contact(world, 100.0, unit=1, attributed=True))
    assert told_as(entries) == [
        ("triaged", 65.0), ("reported", 65.0), ("corroborated", 100.0), ("verified", 140.0), ("attributed", 320.0), ("accused", 320.0),
    ]  # fmt: skip
    assert [entry.value for entry in entries if entry.verb in ("attributed", "accused")] == [1.0, 1.0]


def test_the_same_unit_is_no_second_source(told: Told) -> None:
    world = told(story())
    verbs = {entry.verb for entry in log_of(world, contact(world, 60.0), contact(world, 100.0))}
    assert "corroborated" not in verbs
    assert "verified" not in verbs


def test_who_saw_what_it_was_needs_no_second_source(told: Told) -> None:
    world = told(story())
    entries = log_of(world, contact(world, 60.0, classified=True))
    assert told_as(entries) == [("triaged", 65.0), ("reported", 65.0), ("verified", 105.0), ("attributed", 285.0)]
    assert [entry.value for entry in entries if entry.verb == "attributed"] == [0.0]  # nobody saw who did it: undetermined


def test_two_sources_before_triage_are_corroboration_at_triage(told: Told) -> None:
    world = told(story())
    assert told_as(log_of(world, contact(world, 60.0), contact(world, 62.0, unit=1)))[:3] == [
        ("triaged", 65.0), ("reported", 65.0), ("corroborated", 65.0),
    ]  # fmt: skip


def test_the_wrong_side_is_accused_after_release(told: Told) -> None:
    text = story("cue: false\n  release: {law: fixed, value: 2 h}")
    world = told(text.replace("p_wrong_side: 0.0", "p_wrong_side: 1.0"))
    entries = log_of(world, contact(world, 0.0, classified=True, attributed=True))
    (accused,) = [entry for entry in entries if entry.verb == "accused"]
    assert (accused.value, (accused.t_s - DAY) / MINUTE) == (-1.0, 5 + 40 + 180 + 120)


def test_an_exercise_seen_for_what_it_is_is_rejected(told: Told) -> None:
    world = told(story())
    entries = log_of(world, contact(world, 60.0, kind="drill", classified=True))
    assert told_as(entries) == [("triaged", 65.0), ("reported", 65.0), ("rejected", 105.0)]


def test_an_exercise_that_nobody_recognised_is_taken_for_a_violation(told: Told) -> None:
    world = told(story())
    entries = log_of(world, contact(world, 60.0, kind="drill"), contact(world, 61.0, unit=1, kind="drill", attributed=True))
    assert ("verified", 105.0) in told_as(entries)
    assert [entry.value for entry in entries if entry.verb == "accused"] == [1.0]


def test_a_notified_exercise_is_dismissed(told: Told) -> None:
    world = told(story("cue: false\n  p_reject_notified: 1.0", notified=1.0))
    assert told_as(log_of(world, contact(world, 60.0, kind="drill"))) == [("triaged", 65.0), ("dismissed", 65.0)]


def test_what_was_dismissed_can_be_seen_again(told: Told) -> None:
    world = told(story("cue: false").replace("p_wrong_side", "p_open_true: 0.0\n  p_wrong_side"))
    entries = log_of(world, contact(world, 60.0), contact(world, 90.0, unit=1))
    assert told_as(entries) == [("triaged", 65.0), ("dismissed", 65.0), ("triaged", 95.0), ("dismissed", 95.0)]


@pytest.mark.parametrize(("offset_m", "side"), [(100.0, 1.0), (-100.0, -1.0)])
def test_two_false_alarms_at_one_place_can_end_in_a_false_accusation(told: Told, offset_m: float, side: float) -> None:
    world = told(story("cue: false\n  p_verify_false: 1.0\n  p_blame_false: 1.0"))
    entries = log_of(world, mistake(0.0, offset_m=offset_m), mistake(20.0, unit=1, km=24.0, offset_m=offset_m))
    assert told_as(entries) == [
        ("triaged", 5.0), ("reported", 5.0), ("corroborated", 20.0), ("verified", 60.0), ("attributed", 240.0), ("accused", 240.0),
    ]  # fmt: skip
    assert {entry.incident for entry in entries} == {-1}
    assert [entry.value for entry in entries if entry.verb == "accused"] == [side]


@pytest.mark.parametrize(("minute", "km"), [(31.0, 20.0), (20.0, 26.0)])
def test_false_alarms_far_apart_in_time_or_place_are_two_events(told: Told, minute: float, km: float) -> None:
    world = told(story("cue: false\n  p_verify_false: 1.0"))
    entries = log_of(world, mistake(0.0), mistake(minute, unit=1, km=km))
    assert [entry.verb for entry in entries].count("reported") == 2
    assert not any(entry.verb == "corroborated" for entry in entries)


def test_verification_comes_before_triage_and_attribution_before_both(told: Told) -> None:
    """One analyst. While the first case is verified, a new alarm waits, and goes on waiting while the case is attributed."""
    world = told(story())
    entries = log_of(world, contact(world, 0.0, classified=True), mistake(10.0))
    assert told_as(entries, "expired") == [
        ("triaged", 5.0), ("reported", 5.0), ("verified", 45.0), ("attributed", 225.0), ("triaged", 230.0), ("reported", 230.0),
    ]  # fmt: skip
    assert [entry.value for entry in entries if entry.verb == "triaged"] == [0.0, 215 * MINUTE]


CUED = """
desk: {triage: {law: fixed, value: 5 min}, cue: CUE}
violations:
  guns:
    kind: heavy_weapons
    p_hidden: 0.0
    scripted: [{at: 1 d, chainage: 30 km, offset: 2 km, lasts: 3 d, side: A}]
sensors:
  masts: {kind: camera_tower, from: 30 km, to: 31 km, every: 1 km, offset: 2 km, p_classify: 0.0, availability: 1.0}
  drone:
    kind: drone_fleet
    cued_by: [desk]
    speed: 120 km/h
    endurance: 400 d
    turnaround: 1 h
    phase: synchronised
    detection: {law: definite_range, range: 5 km}
    orbits: {east: {base: base, from: 60 km, to: 60.1 km, drones: 1}}
"""


def test_a_cue_sends_a_drone_and_the_case_gets_its_second_source(played: Played) -> None:
    """The drone patrols at km 60, out of reach; from there it is 30 km, a quarter of an hour, to the place."""
    found = outcomes(played(CUED.replace("CUE", "true")))
    assert found["sources"].tolist() == [2]
    assert found["seen_by"].tolist() == ["masts"]
    assert found["corroborated_s"] - found["reported_s"] == pytest.approx(15 * MINUTE, abs=10.0)
    alone = outcomes(played(CUED.replace("CUE", "false")))
    assert alone["sources"].tolist() == [1]
    assert alone["corroborated_s"].tolist() == [float("inf")]
    assert alone["reported_s"].tolist() == found["reported_s"].tolist()


def test_the_cue_is_written_down_with_the_end_of_the_look(played: Played) -> None:
    (cued,) = list(played(CUED.replace("CUE", "true")).log.of("cued"))
    assert cued.value - cued.t_s == pytest.approx(0.25 * HOUR + 0.5 * HOUR, abs=10.0)  # the way there, and the search
