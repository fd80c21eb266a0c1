"""Two replications of a few violations; times in hours, the run ends at 312."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import pytest
from matplotlib.figure import Figure

from sim.measures.base import apart
from sim.measures.detection import Detection
from sim.story import Estimate, Results

Told: TypeAlias = Callable[..., Results]


def rows(results: Results) -> dict[tuple[str, str], Estimate]:
    return {(row.measure, row.slice): row for row in Detection().table(results)}


def test_what_was_missed_counts_in_the_whole(told: Told) -> None:
    table = rows(
        told(
            {"detected": 0.5},
            {"detected": 5.0},
            {"replication": 1},
            {"replication": 1, "kind": "incursion", "start": 10.0, "detected": 60.0},
        )
    )
    assert [table[f"detection.{name}", ""].estimate for name in ("within_1h", "within_6h", "within_24h", "within_72h", "detected")] == [
        0.25,
        0.5,
        0.5,
        0.75,
        0.75,
    ]
    assert table["detection.detected", "shelling"].estimate == pytest.approx(2 / 3)
    assert table["detection.detected", "shelling"].n_events == 3
    assert table["detection.within_72h", "incursion"].estimate == 1.0
    assert [row.measure for row in table.values() if row.headline] == ["detection.detected", "detection.within_1h", "detection.within_24h"]


def test_something_harmless_that_is_seen_is_no_success(told: Told) -> None:
    table = rows(told({"detected": 1.0, "benign": True}, {}))
    assert table["detection.detected", ""].estimate == 0.0
    assert table["detection.detected", ""].n_events == 1


def test_a_share_within_a_day_is_taken_of_those_that_were_followed_for_a_day(told: Told) -> None:
    table = rows(told({"start": 290.0}, {"start": 280.0, "detected": 281.0}))
    assert (table["detection.within_24h", ""].estimate, table["detection.within_24h", ""].n_events) == (1.0, 1)
    assert table["detection.within_6h", ""].estimate == 0.5


def test_what_is_still_there_at_the_end_is_told_apart(told: Told) -> None:
    table = rows(told({"last": 400.0}, {"last": 300.0}))
    assert table["detection.open", ""].estimate == 0.5


def test_the_picture_names_every_kind_and_the_number(told: Told) -> None:
    figure = Figure()
    Detection().draw(told({"detected": 0.5}, {"replication": 1, "kind": "incursion"}, {"replication": 1}), figure)
    texts = [text.get_text() for text in (*figure.texts, *figure.axes[0].texts)]
    assert {"shelling", "incursion", "How soon is a violation seen?"} <= set(texts)
    assert any("Mix B: 33 % within 24 h" in text.replace("\n", " ") for text in texts)


def test_a_band_is_drawn_for_thirty_violations_in_two_replications_and_not_for_fewer(told: Told) -> None:
    for number, replications, bands in ((30, 2, 1), (29, 2, 0), (30, 1, 0)):
        stories = [{"replication": index % replications, "detected": 0.5 + index} for index in range(number)]
        Detection().draw(told(*stories, replications=replications), figure := Figure())
        assert len(figure.axes[0].collections) == bands
        assert any("95 %" in text.get_text() for text in figure.texts) == (replications == 2)


def test_a_run_without_violations_says_so(told: Told) -> None:
    Detection().draw(told(replications=1), figure := Figure())
    assert any("Mix B: no violations." in text.get_text() for text in figure.texts)


def test_labels_keep_their_distance_and_their_order() -> None:
    placed = apart(np.array([0.99, 1.0, 0.98, 0.2]), 0.05)
    assert np.diff(np.sort(placed)).min() > 0.045
    assert np.argsort(placed).tolist() == [3, 2, 0, 1]
    assert placed.max() <= 1.03
