"""The ladder with durations that a reader can add up; hours since the act."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError
from simpy import Environment

from sim.desk import Desk, Finding
from sim.dice import Dice
from sim.live import Steps, follow, until
from sim.log import EventLog
from sim.responses.base import Force, Response
from sim.responses.ladder import Ladder
from sim.units import DAY, HOUR, KM

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)
LVIV_M, KYIV_M = 924 * KM, 494 * KM
"""Great-circle distances to the median point of the line of contact of 2025."""


def fixed(hours: float) -> dict[str, Any]:
    return {"law": "fixed", "value": f"{hours} h"}


def ladder(**rungs: dict[str, Any]) -> Ladder:
    return Ladder.model_validate(
        {
            "states": {
                "ukraine": {"decides": fixed(2)},
                "france": {"decides": fixed(6)},
                "uk": {"decides": fixed(10)},
                "nobody": {"decides": fixed(1), "p_never": 1.0},
            },
            "bodies": {
                "kyiv": {"kind": "sole", "members": ["ukraine"]},
                "coalition": {"kind": "consensus", "members": ["france", "uk"]},
                "everybody": {"kind": "consensus", "members": ["france", "nobody"]},
            },
            "hubs": {"lviv": {"at": [24.03, 49.84]}, "kyiv": {"at": [30.52, 50.45]}},
            "rungs": rungs,
        }
    )


def found(hour: float, act_h: float | None = None, side: int = -1, key: int = 0, km: float = 600) -> Finding:
    at_s = hour * HOUR
    return Finding(key, key, key, side, at_s if act_h is None else act_h * HOUR, at_s, at_s, at_s, km * KM, 0.0)


def played(response: Response, *findings: Finding, replication: int = 0) -> Desk:
    distance_m = {"lviv": LVIV_M, "kyiv": KYIV_M}
    desk = Desk(Environment(), EventLog(), Dice(1, replication), response, lambda hub, chainage_m: distance_m[hub], MONDAY)

    def arrive() -> Steps:
        for finding in findings:
            yield until(desk.env, finding.attributed_s)
            desk.add(finding)

    follow(arrive())
    desk.env.run(until=30 * DAY)
    return desk


def told(desk: Desk, *verbs: str) -> list[tuple[float, str, str]]:
    return [(round(entry.t_s / HOUR, 3), entry.verb, entry.detail) for entry in desk.log.of(*verbs)]


def test_each_rung_waits_for_its_trigger_and_its_body() -> None:
    response = ladder(
        warning={"trigger": "any", "body": "kyiv"},
        force={"trigger": "continues", "body": "coalition"},
        attack={"trigger": "expanded", "body": "coalition"},
    )
    desk = played(response, found(1, act_h=0), found(4, act_h=2), found(9, act_h=7))
    assert told(desk, "asked", "rung", "arrived") == [
        (1.0, "asked", "warning"),
        (3.0, "rung", "warning"),
        (3.0, "arrived", "warning"),
        (9.0, "asked", "force"),
        (19.0, "rung", "force"),
        (19.0, "arrived", "force"),
    ]
    assert [(entry.actor, entry.value, entry.episode) for entry in desk.log.of("rung")] == [("kyiv", 1.0, 0), ("coalition", 1.0, 0)]


def test_a_rung_for_repeated_breaches_waits_for_the_third_case() -> None:
    desk = played(ladder(force={"trigger": "repeated", "body": "kyiv"}), found(0), found(5), found(11))
    assert told(desk, "rung") == [(13.0, "rung", "force")]


def test_a_rung_that_its_body_never_agrees_to_is_passed_over() -> None:
    response = ladder(warning={"body": "everybody"}, national={"body": "kyiv"})
    assert told(played(response, found(0)), "refused", "rung", "arrived") == [
        (0.0, "refused", "warning"),
        (2.0, "rung", "national"),
        (2.0, "arrived", "national"),
    ]


def test_a_step_that_settles_ends_the_climb_and_the_next_breach_begins_anew() -> None:
    response = ladder(warning={"body": "kyiv", "p_settles": 1.0}, force={"body": "coalition"})
    desk = played(response, found(0), found(5))
    assert told(desk, "opened", "settled", "asked") == [
        (0.0, "opened", "B"),
        (0.0, "asked", "warning"),
        (2.0, "settled", ""),
        (5.0, "opened", "B"),
        (5.0, "asked", "warning"),
        (7.0, "settled", ""),
    ]


def test_wheels_from_lviv_miss_72_hours() -> None:
    """924 km x 1.3 at 300 km a day are 4.0 days, and 12 h notice."""
    response = ladder(force={"body": "kyiv", "within": "72 h", "force": {"hub": "lviv", "notice": fixed(12)}})
    [(arrived_h, _, _)] = told(played(response, found(0)), "arrived")
    assert arrived_h == pytest.approx(2 + 12 + 24 * 924 * 1.3 / 300, abs=0.001)
    assert arrived_h - 2 - 12 == pytest.approx(96, abs=0.2)
    assert response.deadlines() == {"force": ("act", 72 * HOUR)}


def test_aircraft_from_kyiv_come_within_the_hour() -> None:
    force = Force.model_validate({"hub": "kyiv", "notice": {"law": "fixed", "value": "15 min"}, "mode": "air"})
    assert force.travel_s(KYIV_M) / 60 == pytest.approx(35, abs=0.2)
    assert force.arrives_s(KYIV_M, 0.5) / 60 == pytest.approx(15 + 35, abs=0.2)


@pytest.mark.parametrize(
    ("hub", "distance_km", "days"), [("dnipro", 224, 1.0), ("kyiv", 494, 2.1), ("lviv", 924, 4.0), ("rzeszow", 1_068, 4.6)]
)
def test_columns_make_300_km_a_day(hub: str, distance_km: float, days: float) -> None:
    force = Force.model_validate({"hub": hub, "notice": fixed(0)})
    assert force.travel_s(distance_km * KM) / DAY == pytest.approx(days, abs=0.05)


def test_an_attack_that_grows_is_answered_while_a_force_is_on_the_road() -> None:
    response = ladder(
        force={"body": "kyiv", "force": {"hub": "lviv", "notice": fixed(12)}},
        attack={"trigger": "continues", "body": "coalition"},
    )
    desk = played(response, found(0), found(20))
    assert told(desk, "rung", "arrived")[:3] == [(2.0, "rung", "force"), (30.0, "rung", "attack"), (30.0, "arrived", "attack")]
    assert told(desk, "arrived")[-1][2] == "force"


def test_nobody_is_asked_about_an_undetermined_case() -> None:
    desk = played(ladder(warning={"body": "kyiv"}), found(0, side=0), found(1, side=1))
    assert told(desk, "unaddressed", "asked") == [(0.0, "unaddressed", ""), (1.0, "asked", "warning")]
    assert [entry.episode for entry in desk.log.of("unaddressed", "asked")] == [0, 1]


def test_a_ladder_may_answer_one_side_only() -> None:
    response = ladder(warning={"body": "kyiv"}).model_copy(update={"answers": "B"})
    desk = played(response, found(0, side=1), found(1, side=-1))
    assert told(desk, "unaddressed", "asked") == [(0.0, "unaddressed", ""), (1.0, "asked", "warning")]


def test_an_episode_is_answered_alike_in_two_mixes() -> None:
    lognormal = {"median": "8 h", "p90": "40 h"}
    response = Ladder.model_validate(
        {
            "states": {"uk": {"decides": lognormal}, "france": {"decides": lognormal, "political": 0.4}},
            "bodies": {"coalition": {"kind": "consensus", "members": ["uk", "france"]}},
            "hubs": {"lviv": {"at": [24.03, 49.84]}},
            "rungs": {"force": {"body": "coalition", "force": {"hub": "lviv", "notice": lognormal}, "p_settles": 0.5}},
        }
    )
    few = played(response, found(3, key=77))
    many = played(response, found(1, key=5, km=100), found(2, key=6, km=200), found(3, key=77), found(9, key=8, km=300))
    assert many.episodes[2].key == 77
    answers = [[entry[:4] + entry[5:] for entry in desk.log.entries if entry.episode == number] for desk, number in ((few, 0), (many, 2))]
    assert answers[0] == answers[1]
    assert told(few, "rung") != told(played(response, found(3, key=77), replication=1), "rung")


def test_rungs_keep_their_order() -> None:
    response = ladder(
        warning={"body": "kyiv", "within": "24 h", "clock": "detection"}, force={"body": "coalition"}, attack={"body": "kyiv"}
    )
    assert response.rungs_named() == ("warning", "force", "attack")
    assert response.deadlines() == {"warning": ("detection", 86_400.0)}


def test_a_ladder_needs_a_rung() -> None:
    with pytest.raises(ValidationError, match="at least 1 item"):
        ladder()
