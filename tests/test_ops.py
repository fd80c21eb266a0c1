"""The roster of a sensor's crews, and their false alarms."""

import numpy as np
import pytest
from simpy import Environment

from sim.dice import Dice
from sim.ops import Ops, Slips, Suspension, refuse
from sim.scene import Scene
from sim.units import DAY, HOUR
from sim.watch import Stint, Track

TRACKS = (Track(np.array([[0.0, 0.0], [1000.0, 0.0]]), 500.0, 0), Track(np.array([[0.0, 0.0]]), 0.0, 0))


class Crew:
    """An environment, an ops room, and what it was told."""

    def __init__(self, scene: Scene) -> None:
        self.env = Environment()
        self.posted: list[Stint] = []
        self.replaced: list[tuple[int, list[Stint]]] = []
        self.lost: list[tuple[int, float]] = []
        self.ops = Ops(
            self.env, scene, Dice(1, 0), TRACKS, self.posted.append,
            lambda unit, stints: self.replaced.append((unit, stints)), lambda unit, t_s: self.lost.append((unit, t_s)),
        )  # fmt: skip


@pytest.fixture
def crew(scene: Scene) -> Crew:
    return Crew(scene)


def test_stints_are_posted_on_the_grid_and_empty_ones_not_at_all(crew: Crew) -> None:
    crew.ops.post(Stint(0, 0, 0.1, 10.0))
    crew.ops.post(Stint(0, 0, 20.0, 20.0))
    crew.ops.post(Stint(0, 0, -20.0, -10.0))
    crew.ops.post(Stint(0, 0, 31 * DAY, 32 * DAY))
    assert [(one.on_s, one.off_s) for one in crew.posted] == [(103 / 1024, 10.0)]


def test_a_unit_is_on_its_present_stint(crew: Crew) -> None:
    first, second = Stint(0, 0, 10.0, 20.0), Stint(0, 0, 30.0, 40.0)
    crew.ops.post(first)
    crew.ops.post(second)
    seen = []
    for at_s in (5.0, 10.0, 19.0, 20.0, 35.0, 45.0):
        crew.env.run(until=at_s)
        seen.append(crew.ops.current(0))
    assert seen == [None, first, first, None, second, None]
    assert crew.ops.current(7) is None


def test_who_is_diverted_flies_the_new_stints_instead_of_all_that_was_to_come(crew: Crew) -> None:
    crew.ops.post(Stint(0, 0, 10.0, 100.0))
    crew.ops.post(Stint(0, 0, 200.0, 300.0))
    crew.env.run(until=50.0)
    crew.ops.replace(0, [Stint(0, 1, 60.0, 70.0), Stint(0, 0, 80.0, 80.0)])
    assert crew.ops.roster[0] == [Stint(0, 0, 10.0, 50.0), Stint(0, 1, 60.0, 70.0)]
    assert crew.replaced == [(0, [Stint(0, 1, 60.0, 70.0)])]


def test_stands_are_numbered_on_from_the_tracks(crew: Crew) -> None:
    number = crew.ops.stand(np.array([[0.0, 0.0], [5.0, 5.0]]), 50_000.0)
    assert number == 2
    assert crew.ops.place(2).chainage_m == 50_000.0
    assert crew.ops.patch(2) == crew.ops.scene.sky.patch_of(50_000.0)


def test_losses_within_the_run_are_reported(crew: Crew) -> None:
    for t_s in (-5.0, 12.0001, 31 * DAY):
        crew.ops.lose(3, t_s)
    assert crew.lost == [(3, 12289 / 1024)]


def test_nobody_is_diverted_in_a_rehearsal() -> None:
    with pytest.raises(RuntimeError, match="unit 4 was diverted"):
        refuse(4, [])


def slips(rate_per_s: float = 1 / HOUR) -> Slips:
    dice = Dice(1, 0)
    return Slips(rate_per_s, TRACKS, dice("gap"), dice("place"), 30 * DAY)


def test_false_alarms_come_at_their_rate_and_within_the_watch() -> None:
    found = slips().during(Stint(0, 0, 5 * DAY, 25 * DAY))
    assert len(found) == pytest.approx(480, abs=90)
    assert all(5 * DAY < one.t_s <= 25 * DAY for one in found)
    assert all(0.0 <= one.chainage_m <= 1000.0 and abs(one.offset_m) <= 5000.0 for one in found)
    assert [one.number for one in found] == list(range(len(found)))


def test_false_alarms_move_with_the_plan_and_are_not_thrown_anew() -> None:
    """The same hours of watch, in one stint and in two with a pause of a day between."""
    whole, parts = slips(), slips()
    one = whole.during(Stint(0, 0, 0.0, 4 * DAY))
    two = parts.during(Stint(0, 0, 0.0, 2 * DAY)) + parts.during(Stint(0, 0, 3 * DAY, 5 * DAY))
    assert [slip.number for slip in one] == [slip.number for slip in two]
    for before, after in zip(one, two, strict=True):
        assert after.t_s - before.t_s == pytest.approx(0.0 if before.t_s < 2 * DAY else DAY, abs=0.01)


def test_a_unit_s_false_alarms_do_not_depend_on_the_others() -> None:
    alone, together = slips(), slips()
    together.during(Stint(1, 0, 0.0, 9 * DAY))
    assert alone.during(Stint(0, 0, 0.0, 3 * DAY)) == together.during(Stint(0, 0, 0.0, 3 * DAY))


def test_who_makes_no_mistakes_gives_no_false_alarm() -> None:
    assert not slips(0.0).during(Stint(0, 0, 0.0, 3 * DAY))


def test_a_pool_serves_who_comes_first_and_says_at_once_until_when(crew: Crew) -> None:
    """Two mechanics, three aircraft: the third waits for the first to be done."""
    pool = crew.ops.pool("mechanics", 2)
    assert crew.ops.pool("mechanics", 2) is pool
    assert [pool.serve(from_s, 100.0) for from_s in (0.0, 10.0, 20.0, 500.0)] == [100.0, 110.0, 200.0, 600.0]
    assert pool.next_s == 200.0


def test_losses_stop_a_programme_once_they_have_happened(crew: Crew) -> None:
    """Two within a day stop it for a week from the second on; that they will happen is not known before."""
    rules = (Suspension(losses=2, within_s=DAY, for_s=7 * DAY),)
    for t_s in (5 * DAY, 2 * DAY, 5.5 * DAY):
        crew.ops.lose(1, t_s)
    stopped = []
    for at_s in (1 * DAY, 5 * DAY, 5.5 * DAY, 12 * DAY):
        crew.env.run(until=at_s)
        stopped.append(crew.ops.suspended_until_s(rules))
    assert stopped == [-np.inf, -np.inf, 12.5 * DAY, 12.5 * DAY]
    assert crew.ops.suspended_until_s(()) == -np.inf


def test_each_rule_counts_losses_in_its_own_time(crew: Crew) -> None:
    for t_s in (1 * DAY, 4 * DAY, 7 * DAY):
        crew.ops.lose(1, t_s)
    crew.env.run(until=8 * DAY)
    two, three = Suspension(losses=2, within_s=DAY, for_s=DAY), Suspension(losses=3, within_s=6 * DAY, for_s=30 * DAY)
    assert crew.ops.suspended_until_s((two,)) == -np.inf
    assert crew.ops.suspended_until_s((two, three)) == 37 * DAY


def test_false_alarms_of_a_winding_track_lie_along_its_stretch_of_line() -> None:
    dice = Dice(1, 0)
    some = Slips(1 / HOUR, TRACKS, dice("gap"), dice("place"), 30 * DAY, lengths_m=(100.0, 0.0)).during(Stint(0, 0, 0.0, 30 * DAY))
    assert some
    assert all(450.0 <= one.chainage_m <= 550.0 for one in some)
