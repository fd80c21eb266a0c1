"""Findings become episodes; hours and kilometres along the line."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from simpy import Environment

from sim.council import Body, Sole, State
from sim.desk import Desk, Episode, Finding, Linking, Trigger
from sim.dice import Dice
from sim.live import Steps, follow, until
from sim.log import EventLog
from sim.model import Exponential
from sim.units import DAY, HOUR, KM

MONDAY = datetime(2026, 6, 1, tzinfo=UTC)


@dataclass
class Watcher:
    """A policy that waits for one trigger and notes when it holds."""

    trigger: Trigger = "any"
    since_s: float = -math.inf
    linking: Linking = field(default_factory=Linking)
    states: dict[str, State] = field(default_factory=lambda: {"uk": State(decides=Exponential(law="exponential", mean_s=HOUR))})
    bodies: dict[str, Body] = field(default_factory=lambda: {"london": Sole(members=("uk",))})

    def answer(self, episode: Episode, desk: Desk) -> Steps:
        yield desk.until(episode, self.trigger, self.since_s)
        desk.note(episode, "held")


def found(hour: float, km: float, side: int = -1, act_h: float | None = None, key: int = 0) -> Finding:
    at_s = hour * HOUR
    act_s = at_s if act_h is None else act_h * HOUR
    return Finding(key, key, key, side, act_s, at_s, at_s, at_s, km * KM, 0.0)


def desk_of(policy: Watcher, replication: int = 0) -> Desk:
    return Desk(Environment(), EventLog(), Dice(1, replication), policy, lambda hub, chainage_m: 0.0, MONDAY)


def played(findings: Iterable[Finding], policy: Watcher | None = None) -> Desk:
    desk = desk_of(policy or Watcher())

    def arrive() -> Steps:
        for finding in findings:
            yield until(desk.env, finding.attributed_s)
            desk.add(finding)

    follow(arrive())
    desk.env.run(until=30 * DAY)
    return desk


def grouped(desk: Desk) -> list[list[float]]:
    return [[finding.chainage_m / KM for finding in episode.findings] for episode in desk.episodes]


def held_h(desk: Desk) -> list[float]:
    return [entry.t_s / HOUR for entry in desk.log.of("held")]


def test_cases_within_ten_kilometres_of_each_other_are_one_episode() -> None:
    desk = played([found(0, 100), found(1, 110), found(2, 120), found(3, 131)])
    assert grouped(desk) == [[100, 110, 120], [131]]


def test_an_episode_takes_nothing_after_a_day_without_a_finding() -> None:
    desk = played([found(0, 100), found(24, 100), found(48.5, 100)])
    assert grouped(desk) == [[100, 100], [100]]


def test_each_side_has_its_own_episodes_and_so_has_nobody() -> None:
    desk = played([found(0, 100, side=1), found(0, 100, side=-1), found(0, 100, side=0), found(1, 100, side=0)])
    assert [episode.side for episode in desk.episodes] == [1, -1, 0]
    assert len(desk.episodes[2].findings) == 2


def test_a_case_between_two_episodes_joins_the_older_and_they_stay_two() -> None:
    desk = played([found(0, 100), found(1, 115), found(2, 108)])
    assert grouped(desk) == [[100, 108], [115]]


def test_what_is_done_after_an_episode_was_settled_opens_a_new_one() -> None:
    desk = desk_of(Watcher())
    desk.add(found(0, 100))
    desk.env.run(until=5 * HOUR)
    desk.settle(desk.episodes[0])
    desk.add(found(5, 100, act_h=3))
    desk.add(found(5, 100, act_h=6))
    assert [len(episode.findings) for episode in desk.episodes] == [2, 1]


def test_the_log_tells_which_case_belongs_to_which_episode() -> None:
    desk = played([found(0, 100, key=7), found(2, 105, key=9)])
    told = [
        (entry.t_s, entry.verb, entry.incident, entry.case, entry.episode, entry.detail, entry.value)
        for entry in desk.log.of("opened", "joined")
    ]
    assert told == [(0.0, "opened", 7, 7, 0, "B", 1.0), (2 * HOUR, "joined", 9, 9, 0, "B", 2.0)]


def test_clocks_start_at_the_first_finding() -> None:
    first = Finding(0, 0, 0, 1, 10.0, 20.0, 30.0, 40.0, 0.0, 0.0)
    episode = Episode(0, Linking(), [first], 40.0)
    episode.join(found(1, 0), HOUR)
    assert [episode.clock_s(clock) for clock in ("act", "detection", "verification", "attribution")] == [10.0, 20.0, 30.0, 40.0]


def test_any_holds_at_once() -> None:
    assert held_h(played([found(3, 100)])) == [3.0]


def test_three_cases_are_repeated() -> None:
    assert held_h(played([found(0, 100), found(5, 101), found(7, 102), found(9, 103)], Watcher("repeated"))) == [7.0]


def test_only_what_was_done_afterwards_continues() -> None:
    findings = [found(0, 100), found(5, 101, act_h=1), found(9, 102, act_h=3)]
    assert held_h(played(findings, Watcher("continues", since_s=2 * HOUR))) == [9.0]


def test_an_expanded_episode_has_many_cases_and_is_wide() -> None:
    policy = Watcher("expanded", linking=Linking(expanded_cases=4, expanded_m=15 * KM))
    crowded = [found(hour, 100) for hour in range(6)]
    wide = [found(0, 100), found(1, 108), found(2, 115)]
    assert held_h(played(crowded, policy)) == []
    assert held_h(played(wide, policy)) == []
    assert held_h(played([*wide, found(3, 110)], policy)) == [3.0]


def test_a_trigger_that_never_holds_ends_with_the_run() -> None:
    assert held_h(played([found(0, 100)], Watcher("repeated"))) == []


def test_the_same_question_is_decided_alike_and_another_is_not() -> None:
    def delay_s(key: int, rung: str) -> float:
        desk = desk_of(Watcher())
        desk.add(found(0, 100, key=key))
        event = desk.decision(desk.episodes[0], "london", rung)
        desk.env.run(until=event)
        assert event.value is True
        return desk.now_s

    assert delay_s(5, "warning") == delay_s(5, "warning")
    assert len({delay_s(5, "warning"), delay_s(6, "warning"), delay_s(5, "force")}) == 3


def test_every_time_lies_on_the_grid() -> None:
    desk = desk_of(Watcher())
    desk.env.run(until=desk.sleep(0.1))
    assert desk.now_s == 103 / 1024
    desk.env.run(until=desk.at(0.05))
    assert desk.now_s == 103 / 1024
    desk.add(found(0, 100))
    desk.env.run(until=desk.decision(desk.episodes[0], "london", "warning"))
    assert (desk.now_s * 1024.0).is_integer()


def test_luck_belongs_to_the_episode_and_the_action() -> None:
    desk = played([found(0, 100, key=1), found(0, 500, key=2)])
    one, two = desk.episodes
    assert desk.luck(one, "warning") == desk.luck(one, "warning")
    assert len({desk.luck(one, "warning"), desk.luck(two, "warning"), desk.luck(one, "force"), desk.luck(one, "warning", "notice")}) == 4


def test_linking_is_written_with_units() -> None:
    linking = Linking.model_validate({"within": "5 km", "gap": "6 h", "expanded": "20 km"})
    assert (linking.within_m, linking.gap_s, linking.expanded_m) == pytest.approx((5_000.0, 21_600.0, 20_000.0))
