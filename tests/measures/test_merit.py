from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.dice import Dice
from sim.line import Line
from sim.measures.assets import asset_type
from sim.measures.base import all_measures
from sim.measures.drawing.merits import share_axis, stacked, style_of
from sim.measures.figures import types
from sim.measures.merit import Merit
from sim.model import Fixed
from sim.ops import rehearse
from sim.scene import Scene, Stage, Targets
from sim.sensors.base import Sensor
from sim.sky import Environment, draw_sky
from sim.story import Results
from sim.units import DAY, HOUR
from sim.watch import Sight, Stint, Track

START = datetime(2026, 6, 1, tzinfo=UTC)
STAGE = Stage(Line.from_lonlat(np.array([[30.0, 50.0], [31.4, 50.0]])), {}, {}, START, 30 * DAY, 33 * DAY, 30_000.0, Path("."))


class Eye(Sensor):
    """Stands at km 20 and sees everything within reach, for a while in each period; cannot miss."""

    kind_name: ClassVar[str] = "eye"
    reach: float = 1e9
    period: float = 10 * HOUR
    first: float = 0.0
    look: float = HOUR

    def tracks(self, scene: Scene) -> tuple[Track, ...]:
        return (Track(scene.line.on_line(np.array([20_000.0])), 20_000.0, 0),)

    def sight(self, targets: Targets, scene: Scene) -> Sight:
        near = np.flatnonzero(targets.distance_m(*self.tracks(scene)[0].xy_m[0]) <= self.reach)
        ones, arcs_m = np.ones(len(near)), np.tile([[[0.0, 1.0]]], (len(near), 1, 1))
        return Sight(near, 0 * near, ones, arcs_m, np.full((len(near), 8), np.inf), 0 * ones, ones, ones)

    def operate(self, unit: int, ops: Any) -> Any:
        for on_s in np.arange(self.first, 33 * DAY, self.period):
            ops.post(Stint(unit, 0, float(on_s), float(on_s) + self.look))
        return
        yield


class Ear(Eye):
    """The same under another name."""

    kind_name: ClassVar[str] = "ear"


def play_of(*sensors: Sensor, replication: int = 0) -> Any:
    dice = Dice(1, replication)
    scene = Scene(STAGE, draw_sky(Environment(), STAGE.line, START, STAGE.horizon_s, [], dice))
    entries = {sensor.name: sensor for sensor in sensors}
    world = SimpleNamespace(scene=scene, dice=dice, scenario=SimpleNamespace(sensors=entries))
    plans = {name: rehearse(sensor, scene, dice) for name, sensor in entries.items()}
    return SimpleNamespace(replication=replication, world=world, plans=plans)


def results_of(*tallies: dict[str, float], replications: int = 0) -> Results:
    count = max(replications, len(tallies))
    columns = {name: np.array([tally[name] for tally in tallies] + [0.0] * (count - len(tallies))) for name in tallies[0]}
    scenario: Any = SimpleNamespace(sensors={})
    return Results(scenario, STAGE, "base", columns | {"replication": np.arange(float(count))}, {}, {})


def hours(tally: dict[str, float], *names: str) -> list[float]:
    return [tally[f"merit.{name}"] / HOUR for name in names]


def test_an_eye_that_opens_for_one_hour_in_ten_has_the_figures_of_the_textbook() -> None:
    tally = Merit().tally(play_of(Eye.model_construct(name="eye")))
    assert tally["merit.watched_1"] == pytest.approx(0.1, abs=0.002)
    assert tally["merit.accesses"] == pytest.approx(2.4, abs=0.05)
    assert (tally["merit.ever"], tally["merit.assets_most"], tally["merit.response_unknown"]) == (1.0, 1.0, 0.0)
    assert hours(tally, "access_p50", "revisit_p50", "revisit_p90", "time_average_gap") == [1.0, 9.0, 9.0, 9.0]
    assert hours(tally, "response_mean", "response_in_gap_mean") == pytest.approx([0.9 * 4.5, 4.5], abs=0.02)
    assert hours(tally, "response_p50", "response_p90") == pytest.approx([4.0, 8.0], abs=0.05)
    assert hours(tally, "age_p50", "age_p90") == pytest.approx([4.0, 8.0], abs=0.1)


def test_a_slow_link_ages_what_the_desk_has_by_as_much_as_it_takes() -> None:
    """Two hours from seen to known: a picture asked for now comes two hours later than the look, and the newest is two hours older."""
    quick, slow = (
        Merit(instants=400).tally(play_of(Eye.model_construct(name="eye", deliver=link)))
        for link in (None, Fixed(law="fixed", value_s=2 * HOUR))
    )
    later = [slow[f"merit.system_{name}"] - quick[f"merit.system_{name}"] for name in ("response_p50", "response_p90")]
    assert later == pytest.approx([2 * HOUR, 2 * HOUR])
    assert hours(quick, "system_response_p50", "system_age_p50") == pytest.approx([4.0, 4.0], abs=0.2)
    assert hours(slow, "system_age_p50")[0] == pytest.approx(6.0, abs=0.2)


def test_two_types_are_told_apart_and_taken_together() -> None:
    """The ear opens as the eye has been shut for half an hour: each look is met within the hour, by one of the other type."""
    eye, ear = Eye.model_construct(name="eye"), Ear.model_construct(name="ear", first=1.5 * HOUR)
    tally = Merit().tally(play_of(eye, ear))
    assert types(results_of(tally)) == ["eye", "ear"]
    assert tally["merit.watched_1"] == pytest.approx(0.2, abs=0.003)
    assert tally["merit.watched_1[ear]"] == pytest.approx(0.1, abs=0.003)
    assert (tally["merit.watched_2"], tally["merit.met_asset"], tally["merit.met_type"]) == (0.0, 1.0, 1.0)
    assert tally["merit.met_asset[eye]"] == 0.0
    assert np.isnan(tally["merit.met_type[eye]"])
    assert Merit(offset_s=0.25 * HOUR).tally(play_of(eye, ear))["merit.met_asset"] == 0.0
    assert hours(tally, "revisit_p50[ear]", "revisit_p90") == pytest.approx([9.0, 7.5])


def test_two_eyes_at_once_are_two_assets() -> None:
    tally = Merit().tally(play_of(Eye.model_construct(name="one"), Eye.model_construct(name="two")))
    assert tally["merit.watched_2"] == tally["merit.watched_1"]
    assert (tally["merit.watched_3"], tally["merit.assets_most"]) == (0.0, 2.0)
    assert tally["merit.assets_mean"] == pytest.approx(2 * tally["merit.watched_1"])


def test_a_type_that_reaches_a_part_of_the_corridor_is_judged_where_it_reaches() -> None:
    """The far eye sees all of 100 km once in 20 h; the near ear sees within 25 km of km 20, a fifth to a half of the corridor."""
    tally = Merit().tally(play_of(Eye.model_construct(name="far", period=20 * HOUR), Ear.model_construct(name="near", reach=25_000.0)))
    assert 0.2 < tally["merit.ever[ear]"] < 0.5
    assert hours(tally, "revisit_p50[ear]", "revisit_p50_worst[ear]") == [9.0, 9.0]
    assert hours(tally, "revisit_p50_worst") == [19.0]
    assert tally["merit.range_least[ear]"] <= tally["merit.range_most_worst[ear]"] <= 25_000.0
    alone = Merit().tally(play_of(Ear.model_construct(name="near", reach=25_000.0)))
    assert alone["merit.revisit_p50_worst"] == np.inf
    assert alone["merit.response_unknown_worst"] == 1.0


def test_the_hour_of_the_day_is_that_of_the_sun_over_the_place() -> None:
    """Six to seven UTC is eight to nine at 30 E and five and a half minutes later at 31.4 E."""
    tally = Merit().tally(play_of(Eye.model_construct(name="eye", first=6 * HOUR, period=DAY)))
    by_hour = [tally[f"merit.watched_1[{hour:02d} h]"] for hour in range(24)]
    assert by_hour[8] == pytest.approx(1.0 - 0.047, abs=0.02)
    assert by_hour[8] + by_hour[9] == pytest.approx(1.0)
    assert sum(by_hour) == pytest.approx(24 * tally["merit.watched_1"])
    assert tally["merit.watched_1[by day]"] > 0.05
    assert tally["merit.watched_1[at night]"] == 0.0
    assert np.isnan(tally["merit.watched_1[under jamming]"])


def test_what_is_in_view_by_day_and_at_night_adds_up() -> None:
    tally = Merit().tally(play_of(Eye.model_construct(name="eye", period=9 * HOUR)))
    for first, second in (("by day", "at night"), ("under clear sky", "under overcast")):
        one, two = (tally[f"merit.watched_1[{part}]"] for part in (first, second))
        assert min(one, two) <= tally["merit.watched_1"] <= max(one, two)


def test_figures_are_worked_out_in_the_first_replications_only_and_the_others_do_not_count() -> None:
    merit, eye = Merit(replications=2), Eye.model_construct(name="eye")
    assert merit.tally(play_of(eye, replication=2)) == {}
    first, second = (merit.tally(play_of(eye, replication=replication)) for replication in (0, 1))
    assert list(first) == list(second)
    rows = {row.measure: row for row in merit.table(results_of(first, second, replications=5)) if not row.slice}
    watched = rows["merit.watched_1"]
    assert (watched.n_replications, watched.n_events, watched.unit) == (2, 2 * first["merit.places"], "share")
    assert watched.estimate == pytest.approx(0.1, abs=0.002)
    assert not any(row.headline for row in rows.values())
    assert merit.table(results_of({"other": 1.0})) == []


def test_what_has_no_value_is_no_row_and_counts_for_nothing() -> None:
    """No jamming field, so no share of the time under it; and no type of asset has one of another type beside it."""
    rows = Merit().table(results_of(Merit().tally(play_of(Eye.model_construct(name="eye"), Ear.model_construct(name="ear")))))
    keys = {(row.measure, row.slice) for row in rows}
    assert ("merit.watched_1", "by day") in keys
    assert ("merit.watched_1", "under jamming") not in keys
    assert ("merit.met_type", "eye") not in keys
    assert all(row.estimate >= 0.0 for row in rows)


def test_nobody_on_watch_has_no_figures_and_still_a_picture() -> None:
    tally = Merit().tally(play_of())
    assert list(tally) == ["merit.places"]
    figure = Figure()
    Merit().draw(results_of(tally), figure)
    assert any("nothing is in view" in text.get_text() for text in figure.texts)


def test_a_sensor_that_sees_nothing_takes_nothing_from_the_others() -> None:
    eye, blind = Eye.model_construct(name="eye"), Ear.model_construct(name="blind", reach=0.0)
    together, alone = Merit().tally(play_of(eye, blind)), Merit().tally(play_of(eye))
    assert all(together[name] == pytest.approx(value, abs=0.0, nan_ok=True) for name, value in alone.items() if name != "merit.met_type")
    assert together["merit.ever[ear]"] == 0.0
    assert np.isnan(together["merit.response_p50[ear]"])


def test_satellites_are_told_apart_by_their_instrument() -> None:
    radar: Any = SimpleNamespace(kind_name="satellite_constellation", instrument=SimpleNamespace(instrument="radar"))
    patrol: Any = SimpleNamespace(kind_name="patrol")
    assert (asset_type(radar), asset_type(patrol)) == ("radar satellite", "patrol")


def test_the_picture_can_be_drawn_and_shows_every_type() -> None:
    eye, ear = Eye.model_construct(name="eye"), Ear.model_construct(name="ear", reach=25_000.0)
    tallies = [Merit().tally(play_of(eye, ear, replication=replication)) for replication in (0, 1)]
    figure = Figure()
    FigureCanvasAgg(figure)
    Merit().draw(results_of(*tallies), figure)
    figure.canvas.draw()
    words = [text.get_text() for axes in figure.axes for text in axes.texts] + [text.get_text() for text in figure.texts]
    assert {"all together", "eye", "ear", "Who looks how often, and how soon again?"} <= set(words)


def test_an_axis_of_shares_has_a_few_ticks_whatever_its_top() -> None:
    axes = Figure().add_subplot()
    for top in (0.0, 0.004, 0.17, 1.3):
        share_axis(axes, "y", top)
        assert 2 <= len(axes.get_yticks()) <= 6


def test_merit_is_one_of_the_measures() -> None:
    assert any(isinstance(measure, Merit) for measure in all_measures())


def test_labels_stay_beside_the_curves_however_many_end_at_one_height() -> None:
    """Eleven at the bottom push each other up from 0; two at the top push each other down from 1."""
    heights = stacked(np.array([1.0, 0.98, *[0.0] * 11]), 0.05)
    assert heights[:2].tolist() == pytest.approx([1.0, 0.95])
    assert heights[2:].tolist() == pytest.approx([0.05 * number for number in range(11)])
    assert stacked(np.zeros(41), 0.05).max() == pytest.approx(1.0)


def test_no_two_types_of_asset_share_colour_and_dashes() -> None:
    styles = [tuple(style_of(number).values()) for number in range(20)]
    assert len(set(styles)) == 20


def test_a_long_name_has_the_room_it_needs_and_nothing_overprints() -> None:
    tally = Merit().tally(play_of(Eye.model_construct(name="eye"), Ear.model_construct(name="ear", reach=25_000.0)))
    for name in ("an infrared constellation", *(f"ear {number}" for number in range(11))):
        tally |= {key.replace("[ear", f"[{name}"): value for key, value in tally.items() if "[ear]" in key or "[ear," in key}
    figure = Figure()
    FigureCanvasAgg(figure)
    Merit().draw(results_of(tally), figure)
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in figure.axes[0].texts if text.get_text()]
    assert len(boxes) == 15 * 5 + 4
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))
    assert {"at once", "1 h", "24 h", "72 h"} <= {text.get_text() for text in figure.axes[0].texts}
