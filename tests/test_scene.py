"""Sectors, and targets as columns."""

from dataclasses import fields, replace
from typing import Any

import numpy as np

from sim.scene import Incidents, Sector, Stage, Targets
from sim.world import no_incidents


def test_places_know_their_sector(stage: Stage) -> None:
    sectors = {"west": Sector("west", 0.0, 40_000.0, 2.0, False), "lake": Sector("lake", 40_000.0, 60_000.0, 0.0, True)}
    here = replace(stage, sectors=sectors)
    assert here.sector_of(np.array([0.0, 39_999.0, 40_000.0, 50_000.0, 60_001.0])).tolist() == [0, 0, 0, 1, -1]
    assert stage.sector_of(np.array([5.0])).tolist() == [-1]


def test_what_is_kept_once_is_made_once(stage: Stage) -> None:
    here, numbers = replace(stage, memo={}), iter(range(3))
    assert [here.once("key", lambda: next(numbers)) for _ in range(3)] == [0, 0, 0]


def test_a_blank_target_shows_nothing_for_ever() -> None:
    blank = Targets.blank(2)
    assert len(blank) == 2
    assert np.isnan([blank.size_m, blank.heat_k, blank.rcs_m2, blank.sound_db, blank.emitter_w, blank.trace_m]).all()
    assert blank.end_s.tolist() == [np.inf, np.inf]


def test_taking_and_joining_are_inverse() -> None:
    whole = replace(Targets.blank(5), x_m=np.arange(5.0))
    again = Targets.join([whole.take(np.array([0, 1])), whole.take(np.arange(5) > 1)])
    for column in fields(Targets):
        assert np.array_equal(getattr(again, column.name), getattr(whole, column.name), equal_nan=column.name not in ("key", "hidden"))


def test_distances_are_on_the_ground() -> None:
    assert replace(Targets.blank(1), x_m=np.array([3.0]), y_m=np.array([4.0])).distance_m(0.0, 0.0).tolist() == [5.0]


def test_incidents_of_two_entries_keep_their_kinds() -> None:
    none = no_incidents()
    columns: dict[str, Any] = {
        column.name: np.zeros(1, dtype=getattr(none, column.name).dtype) for column in fields(Incidents) if column.name != "kinds"
    }
    one = replace(none, **columns)
    both = Incidents.join([replace(one, kinds=("fire",)), replace(one, kinds=("guns",))])
    assert (both.kinds, both.kind.tolist(), len(both)) == (("fire", "guns"), [0, 1], 2)
