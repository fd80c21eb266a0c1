"""Councils against closed forms; hours, and many questions to the same states."""

import math
from collections.abc import Callable

import pytest
from pydantic import TypeAdapter, ValidationError

from sim.council import NEVER, Body, Consensus, KOfN, Majority, Silence, Sole, State, swayed
from sim.dice import Dice
from sim.model import Exponential, Fixed, LogNormal
from sim.units import HOUR

TEN_HOURS = Exponential(law="exponential", mean_s=10 * HOUR)
AT_ONCE = Fixed(law="fixed", value_s=0.0)
DIE = Dice(20260106, 0)("consent")


def equals(count: int, state: State) -> dict[str, State]:
    return {f"state {number}": state for number in range(count)}


def answers(body: Body, states: dict[str, State], questions: int = 4000) -> list[float]:
    return [body.decide_s(states, DIE, question) for question in range(questions)]


def mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def share(values: list[float]) -> float:
    return sum(value < NEVER for value in values) / len(values)


def test_22_of_33_consents_of_ten_hours_take_10_69_hours() -> None:
    states = equals(33, State(decides=TEN_HOURS))
    exact_h = 10.0 * sum(1.0 / left for left in range(12, 34))
    assert exact_h == pytest.approx(10.69, abs=0.005)
    assert mean(answers(KOfN(members=tuple(states), k=22), states)) / HOUR == pytest.approx(exact_h, abs=0.12)


def test_consensus_waits_for_the_slowest_and_a_majority_for_the_middle() -> None:
    states = equals(5, State(decides=LogNormal(median_s=4 * HOUR, p90_s=20 * HOUR), political=0.3))
    for question in range(50):
        alone = sorted(Sole(members=(name,)).decide_s(states, DIE, question) for name in states)
        assert Consensus(members=tuple(states)).decide_s(states, DIE, question) == alone[-1]
        assert Majority(members=tuple(states)).decide_s(states, DIE, question) == alone[2]


def test_half_is_no_majority() -> None:
    assert [Majority(members=tuple("abcdefg"[:size])).quorum() for size in (1, 2, 3, 4, 7)] == [1, 2, 2, 3, 4]


def test_states_that_share_one_mood_decide_together() -> None:
    states = equals(7, State(decides=TEN_HOURS, political=1.0))
    first, last = KOfN(members=tuple(states), k=1), Consensus(members=tuple(states))
    assert answers(first, states, 50) == answers(last, states, 50)


def test_a_common_mood_leaves_each_state_as_quick_and_makes_consensus_quicker() -> None:
    free, swept = (equals(9, State(decides=TEN_HOURS, political=political)) for political in (0.0, 0.6))
    alone = Sole(members=("state 0",))
    assert mean(answers(alone, swept)) == pytest.approx(10 * HOUR, rel=0.05)
    together = Consensus(members=tuple(free))
    assert mean(answers(together, free)) == pytest.approx(10 * HOUR * sum(1.0 / n for n in range(1, 10)), rel=0.03)
    assert mean(answers(together, swept)) < 0.85 * mean(answers(together, free))


def test_a_common_mood_makes_a_quorum_less_certain() -> None:
    free, swept = (equals(9, State(decides=TEN_HOURS, political=political)) for political in (0.0, 0.6))
    body = KOfN(members=tuple(free), k=6)
    late = [sum(answer > 24 * HOUR for answer in answers(body, states)) for states in (free, swept)]
    assert late[1] > 5 * late[0]


def test_one_of_five_who_may_never_agree_stops_consensus() -> None:
    states = equals(5, State(decides=AT_ONCE, p_never=0.1))
    assert 1.0 - share(answers(Consensus(members=tuple(states)), states)) == pytest.approx(1.0 - 0.9**5, abs=0.02)


def test_three_of_five_decide_as_often_as_the_binomial_tail_says() -> None:
    states = equals(5, State(decides=AT_ONCE, p_never=0.4))
    tail = sum(math.comb(5, agree) * 0.6**agree * 0.4 ** (5 - agree) for agree in (3, 4, 5))
    assert share(answers(KOfN(members=tuple(states), k=3), states)) == pytest.approx(tail, abs=0.02)


def test_those_who_agree_are_as_quick_as_they_say() -> None:
    states = equals(1, State(decides=TEN_HOURS, p_never=0.5))
    agreed = [answer for answer in answers(Sole(members=("state 0",)), states) if answer < NEVER]
    assert mean(agreed) == pytest.approx(10 * HOUR, rel=0.07)


def test_who_never_agrees_never_agrees() -> None:
    states = equals(1, State(decides=TEN_HOURS, p_never=1.0))
    assert set(answers(Sole(members=("state 0",)), states, 20)) == {NEVER}


@pytest.mark.parametrize(("political", "passes"), [(0.0, 1 / 4), (0.5, 1 / 3), (1.0, 1 / 2)])
def test_silence_of_two_is_broken_as_often_as_their_mood_differs(political: float, passes: float) -> None:
    """Two standard normals with correlation r are both below the median with chance 1/4 + arcsin(r) / (2 pi)."""
    states = equals(2, State(decides=TEN_HOURS, political=political))
    given = answers(Silence(members=tuple(states), silence_s=12 * HOUR, p_objects=0.5), states)
    assert set(given) == {12 * HOUR, NEVER}
    assert share(given) == pytest.approx(passes, abs=0.02)


def test_silence_that_nobody_breaks_is_a_rule_that_acts_by_itself() -> None:
    states = equals(33, State(decides=TEN_HOURS, political=0.9))
    rule = Silence(members=tuple(states), silence_s=24 * HOUR, p_objects=0.0)
    assert set(answers(rule, states, 200)) == {24 * HOUR}


def test_a_council_that_must_be_convened_decides_later_by_that() -> None:
    states = equals(3, State(decides=TEN_HOURS))
    now = Consensus(members=tuple(states))
    later = Consensus(members=tuple(states), meets=Fixed(law="fixed", value_s=96 * HOUR))
    assert later.decide_s(states, DIE, 5) == now.decide_s(states, DIE, 5) + 96 * HOUR


def test_a_state_answers_alike_whoever_else_is_asked() -> None:
    states = equals(4, State(decides=TEN_HOURS, political=0.4))
    few, many = KOfN(members=("state 1", "state 2"), k=2), Consensus(members=tuple(states))
    alone = {name: Sole(members=(name,)).decide_s(states, DIE, 8) for name in states}
    assert few.decide_s(states, DIE, 8) == max(alone["state 1"], alone["state 2"])
    assert many.decide_s(dict(reversed(states.items())), DIE, 8) == max(alone.values())


def test_a_mood_moves_a_throw_and_keeps_it_a_chance() -> None:
    assert swayed(0.4, 9.0, 0.0) == 0.4
    assert swayed(0.4, 1.0, 1.0) == pytest.approx(0.841345, abs=1e-6)
    assert 0.0 <= swayed(1e-16, -8.0, 0.5) < 1e-16


def test_bodies_are_written_by_kind_with_their_members() -> None:
    written = {
        "kind": "silence",
        "members": ["uk", "france"],
        "silence": "12 h",
        "p_objects": 0.02,
        "meets": {"median": "8 h", "p90": "4 d"},
    }
    body = TypeAdapter(Body).validate_python(written)
    assert isinstance(body, Silence)
    assert (body.members, body.silence_s) == (("uk", "france"), 43_200.0)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: KOfN(members=("uk", "france"), k=3), "3 of 2 can never agree; write at most 2"),
        (lambda: Sole(members=("uk", "france")), "a sole body has one member"),
        (lambda: Majority(members=("uk", "france", "uk")), "'uk' is named twice"),
        (lambda: Consensus(members=()), "at least 1 item"),
    ],
)
def test_a_body_that_cannot_work_is_refused(make: Callable[[], Body], text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        make()
