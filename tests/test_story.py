"""One row an incident, read off a log that is written by hand."""

from collections.abc import Callable

import numpy as np
import pytest

from sim.log import Entry, EventLog
from sim.story import NEVER, Play, outcomes, stack
from sim.world import World

Told = Callable[..., World]

TWO = """
violations:
  guns:
    kind: heavy_weapons
    trace: {law: fixed, value: 5 d}
    scripted:
      - {at: 50 s, chainage: 50 km, offset: 2 km, lasts: 2 d, side: A}
      - {at: 400 s, chainage: 60 km, offset: -2 km, lasts: 1 d, side: B}
"""

HISTORY = [
    Entry(100.0, "contact", 0, actor="masts", detail="3"),
    Entry(110.0, "alarm", 0, actor="masts", detail="3"),
    Entry(120.0, "contact", 0, actor="drones", detail="0"),
    Entry(125.0, "alarm", 0, actor="drones", detail="0"),
    Entry(130.0, "contact", 0, actor="drones", detail="0"),
    Entry(140.0, "alarm", -1, actor="drones", detail="0"),
    Entry(150.0, "reported", 0, 0, actor="masts"),
    Entry(150.0, "corroborated", 0, 0, actor="masts"),
    Entry(200.0, "verified", 0, 0),
    Entry(300.0, "attributed", 0, 0, value=1.0),
    Entry(300.0, "opened", 0, 0, 0),
    Entry(310.0, "accused", 0, 0, value=1.0),
    Entry(400.0, "rung", -1, -1, 0, "bulletin", "published", 1.0),
    Entry(500.0, "arrived", -1, -1, 0, "bulletin", "published"),
]


@pytest.fixture(scope="module")
def found(told: Told) -> dict[str, np.ndarray]:
    return outcomes(Play(4, told(TWO), EventLog([*HISTORY]), {}))


def test_the_story_of_an_incident_is_its_row(found: dict[str, np.ndarray]) -> None:
    expected = {
        "replication": 4, "kind": "guns", "seen_by": "masts", "seen_s": 100.0, "detected_s": 110.0, "reported_s": 150.0,
        "corroborated_s": 150.0, "verified_s": 200.0, "attributed_s": 300.0, "finding": 1, "accused_s": 310.0, "sources": 2,
        "rejected_s": NEVER, "expired_s": NEVER, "decided.published_s": 400.0, "arrived.published_s": 500.0, "side": 1,
    }  # fmt: skip
    assert {name: found[name][0] for name in expected} == expected


def test_what_nobody_saw_never_happened_to_anybody(found: dict[str, np.ndarray]) -> None:
    times = [name for name in found if name.endswith("_s") and name not in ("start_s", "end_s", "last_s")]
    assert {found[name][1] for name in times} == {NEVER}
    assert (found["finding"][1], found["sources"][1], found["seen_by"][1]) == (9, 0, "")


def test_traces_outlast_the_act(found: dict[str, np.ndarray]) -> None:
    day = 86400.0
    assert found["end_s"].tolist() == [50.0 + 2 * day, 400.0 + day]
    assert (found["last_s"] - found["end_s"]).tolist() == pytest.approx([5 * day, 5 * day])


def test_who_joins_an_episode_late_is_answered_when_it_joined(told: Told) -> None:
    late = [Entry(450.0, "attributed", 1, 1), Entry(450.0, "joined", 1, 1, 0)]
    history = sorted([*HISTORY, *late], key=lambda entry: entry.t_s)
    rows = outcomes(Play(0, told(TWO), EventLog([*history]), {}))
    assert rows["decided.published_s"].tolist() == [400.0, 450.0]
    assert rows["arrived.published_s"].tolist() == [500.0, 500.0]


def test_no_step_that_was_decided_before_an_act_answers_it(told: Told) -> None:
    """The second act begins after 400 s; the step was decided just before, and the force came after."""
    earlier = [entry._replace(t_s=399.0) if entry.verb == "rung" else entry for entry in HISTORY]
    late = [Entry(450.0, "attributed", 1, 1), Entry(450.0, "joined", 1, 1, 0)]
    history = sorted([*earlier, *late], key=lambda entry: entry.t_s)
    rows = outcomes(Play(0, told(TWO), EventLog([*history]), {}))
    assert rows["decided.published_s"].tolist() == [399.0, NEVER]
    assert rows["arrived.published_s"].tolist() == [500.0, NEVER]


def test_tables_are_stacked_column_by_column(found: dict[str, np.ndarray]) -> None:
    both = stack([found, found])
    assert both["sources"].tolist() == [2, 0, 2, 0]
    assert stack([]) == {}
