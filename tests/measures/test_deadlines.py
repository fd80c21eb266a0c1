"""The rung `warning` is due 24 h after the act, `force` 72 h after detection, `summit` at no time; hours, the run ends at 312."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from matplotlib.figure import Figure

from sim.measures.deadlines import Deadlines, stage_times
from sim.story import NEVER, Estimate, Results
from sim.units import DAY, HOUR

Told: TypeAlias = Callable[..., Results]


def rows(results: Results) -> dict[tuple[str, str], Estimate]:
    return {(row.measure, row.slice): row for row in Deadlines().table(results)}


def test_the_clock_decides_whether_the_answer_is_in_time(told: Told) -> None:
    late = {"detected": 10.0, "verified": 20.0, "attributed": 22.0, "decided_warning": 30.0, "arrived_warning": 45.0}
    table = rows(told(late, {"replication": 1}))
    share = {
        clock: table[f"deadlines.decided.warning.{clock}", ""].estimate for clock in ("act", "detection", "verification", "attribution")
    }
    assert share == {"act": 0.0, "detection": 0.5, "verification": 0.5, "attribution": 0.5}
    assert table["deadlines.decided.warning.detection", "answered"].estimate == 1.0
    assert table["deadlines.arrived.warning.detection", "answered"].estimate == 0.0
    assert table["deadlines.arrived.warning.attribution", ""].estimate == 0.5


def test_a_step_without_a_deadline_is_only_counted(told: Told) -> None:
    table = rows(told({"decided_summit": 50.0}, {}))
    assert table["deadlines.taken.summit", ""].estimate == 0.5
    assert not any("summit" in measure and "taken" not in measure for measure, _ in table)


def test_the_clock_that_the_scenario_chose_is_the_headline_and_told_by_kind(told: Told) -> None:
    table = rows(told({"decided_warning": 5.0}, {"kind": "incursion"}))
    assert [row.measure for row in table.values() if row.headline] == ["deadlines.decided.warning.act", "deadlines.decided.force.detection"]
    assert table["deadlines.decided.warning.act", "shelling"].estimate == 1.0
    assert table["deadlines.decided.warning.act", "incursion"].estimate == 0.0
    assert table["deadlines.decided.force.detection", ""].label == "force: decided within 72 h of the detection"


def test_an_answer_that_the_end_of_the_run_hides_is_no_failure(told: Told) -> None:
    table = rows(told({"start": 230.0, "detected": 290.0}, {"detected": 1.0}))
    assert table["deadlines.decided.force.detection", ""].n_events == 1
    assert table["deadlines.decided.warning.act", ""].n_events == 2


def test_the_force_is_the_first_that_had_to_travel(told: Told) -> None:
    times_s = stage_times(
        told({"start": 2.0, "decided_warning": 5.0, "arrived_warning": 5.0, "decided_force": 40.0, "arrived_force": 90.0})
    )
    assert times_s["decided"].tolist() == [3 * HOUR]
    assert times_s["force there"].tolist() == [88 * HOUR]
    assert times_s["verified"].tolist() == [NEVER]


def test_whose_violations_are_answered_is_said_where_it_is_one_side(told: Told) -> None:
    results = told({"decided_warning": 5.0}, {"side": 1, "replication": 1})
    assert Deadlines().table(results)[0].n_events == 2
    one_side = results.scenario.model_copy(update={"response": results.scenario.response.model_copy(update={"answers": "B"})})
    results = replace(results, scenario=one_side)
    row = rows(results)["deadlines.decided.warning.act", ""]
    assert (row.label, row.n_events) == ("warning: decided within 24 h of the act, side B", 1)
    Deadlines().draw(results, figure := Figure())
    assert any("decided for 100 % of violations by side B" in text.get_text().replace("\n", " ") for text in figure.texts)


def test_what_takes_longer_than_a_month_widens_the_axis_and_beyond_two_is_an_arrow(told: Told) -> None:
    for hours, last_d, arrows in ((24.0 * 40, 60, 0), (24.0 * 70, 60, 1), (5.0, 30, 0)):
        Deadlines().draw(told({"decided_warning": hours}), figure := Figure())
        assert last_d * DAY < figure.axes[0].get_xlim()[1] < 1.2 * last_d * DAY
        assert sum(line.get_marker() == ">" for line in figure.axes[0].lines) == arrows


def test_no_violations_is_said_in_words(told: Told) -> None:
    Deadlines().draw(told(replications=1), figure := Figure())
    assert any("Mix B: no violations." in text.get_text() for text in figure.texts)


def test_the_picture_has_a_row_for_each_kind(told: Told) -> None:
    figure = Figure()
    Deadlines().draw(told({"seen": 1.0, "detected": 2.0, "decided_warning": 5.0}, {"kind": "incursion"}), figure)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["shelling", "incursion"]
    assert any("decided for 50 % of violations" in text.get_text().replace("\n", " ") for text in figure.texts)


def test_a_response_without_forces_has_no_column_for_them(told: Told) -> None:
    def words(results: Results) -> set[str]:
        Deadlines().draw(results, figure := Figure())
        return {text.get_text() for axes in figure.axes for text in axes.texts}

    assert "force\nthere" not in words(told({"decided_warning": 5.0, "arrived_warning": 5.0}))
    assert "decided" in words(told({"decided_warning": 5.0, "arrived_warning": 5.0}))
    assert "force\nthere" in words(told({"decided_force": 40.0, "arrived_force": 90.0}))
