from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sim.dice import Dice
from sim.kinds import Floats
from sim.line import Line, bundled
from sim.measures.base import all_measures
from sim.measures.corridor import GRADES, Corridor
from sim.measures.coverage import Coverage
from sim.measures.drawing.chart import Chart, Gap, said
from sim.measures.drawing.strips import name_sectors, wrapped
from sim.measures.drawing.wait_map import ONE_LINE, subtitle
from sim.ops import rehearse
from sim.scene import Scene, Sector, Stage, Targets
from sim.sensors.base import Sensor
from sim.sky import Environment, draw_sky
from sim.story import Results
from sim.units import DAY, HOUR
from sim.waits import NAMES, WAITS_S
from sim.watch import Sight, Stint, Track, stare

START = datetime(2026, 6, 1, tzinfo=UTC)


class Mast(Sensor):
    """Sees everything within 25 km of km 20, for one hour in ten; cannot miss."""

    def tracks(self, scene: Scene) -> tuple[Track, ...]:
        return (Track(scene.line.on_line(np.array([20_000.0])), 20_000.0, 0),)

    def sight(self, targets: Targets, scene: Scene) -> Sight:
        near = np.flatnonzero(targets.distance_m(*self.tracks(scene)[0].xy_m[0]) <= 25_000.0)
        ones = np.ones(len(near))
        return stare(near, np.full((len(near), 8), np.inf), 0 * near, ones, ones, 0 * ones)

    def operate(self, unit: int, ops: Any) -> Any:
        for number in range(80):
            ops.post(Stint(unit, 0, number * 10 * HOUR, number * 10 * HOUR + HOUR))
        return
        yield


def stage_of(line: Line, sectors: dict[str, Sector] | None = None) -> Stage:
    return Stage(line, sectors or {}, {}, START, 30 * DAY, 33 * DAY, 30_000.0, Path("."))


STAGE = stage_of(Line.from_lonlat(np.array([[30.0, 50.0], [31.4, 50.0]])), {"west": Sector("west", 0.0, 50_000.0, 2.0, False)})


def play_of(sensors: list[Sensor], replication: int = 0) -> Any:
    dice = Dice(1, replication)
    scene = Scene(STAGE, draw_sky(Environment(), STAGE.line, START, STAGE.horizon_s, [], dice))
    entries = {sensor.name: sensor for sensor in sensors}
    world = SimpleNamespace(scene=scene, dice=dice, scenario=SimpleNamespace(sensors=entries))
    plans = {name: rehearse(sensor, scene, dice) for name, sensor in entries.items()}
    return SimpleNamespace(replication=replication, world=world, plans=plans)


def results_of(cells: list[dict[str, Any]], stage: Stage = STAGE, sensors: Any = None, replications: int = 4) -> Results:
    joined = {name: np.concatenate([table[name] for table in cells]) for name in cells[0]} if cells else {}
    scenario: Any = SimpleNamespace(sensors=sensors or {})
    return Results(scenario, stage, "base", {"replication": np.arange(float(replications))}, {}, joined)


def invented(coverage: Coverage, stage: Stage, replication: int, wait_s: Floats, kinds: Any) -> dict[str, Any]:
    """Cells whose waits are exponential with these means."""
    grid = coverage.grid(stage)
    longer = np.exp(-WAITS_S / wait_s[:, None])
    longer[np.isinf(wait_s)] = 1.0
    table: dict[str, Any] = {name: getattr(grid, name) for name in ("chainage_m", "offset_m", "x_m", "y_m")}
    table |= {"replication": np.full(len(wait_s), replication), "share": coverage.shares(grid), "kinds": kinds}
    return table | {f"{letter}{name}": longer[:, number] for letter in "wd" for number, name in enumerate(NAMES)}


def gaps_of(coverage: Coverage, results: Results) -> list[Gap]:
    return Chart(Corridor.of(results), results, coverage.depths_m, coverage.near_m).gaps()


def test_a_line_of_1219_km_has_about_a_thousand_cells() -> None:
    coverage = Coverage()
    grid = coverage.grid(stage_of(bundled("line_of_contact_2025")))
    assert len(grid.x_m) == 976
    assert coverage.shares(grid).sum() == pytest.approx(1.0)


def test_a_mast_that_looks_for_one_hour_in_ten_leaves_nine() -> None:
    cells = Coverage(starts=2000).cells(play_of([Mast.model_construct(name="mast")]))
    near, far = np.argmin(np.hypot(cells["chainage_m"] - 20e3, cells["offset_m"])), np.argmax(cells["chainage_m"])
    curve = dict(zip((WAITS_S / HOUR).tolist(), (cells[f"w{name}"][near] for name in NAMES), strict=True))
    assert curve[0.0] == pytest.approx(0.9, abs=0.01)
    assert curve[5.0] == pytest.approx(0.4, abs=0.01)
    assert curve[10.0] == 0.0
    assert cells["d12"][near] == cells["w12"][near]
    assert cells["w23"][far] == 1.0
    assert cells["kinds"][far] == ""


def test_a_second_mast_never_lengthens_a_wait() -> None:
    one, two = Mast.model_construct(name="one"), Mast.model_construct(name="two")
    alone, both = Coverage().cells(play_of([one])), Coverage().cells(play_of([one, two]))
    assert all((both[f"{letter}{name}"] <= alone[f"{letter}{name}"]).all() for letter in "wd" for name in NAMES)


def test_coverage_is_worked_out_in_the_first_replications_only() -> None:
    assert Coverage(replications=2).cells(play_of([], replication=2)) == {}
    assert len(Coverage(replications=2).cells(play_of([], replication=1))["share"]) > 0


def test_nobody_on_watch_means_never() -> None:
    coverage = Coverage()
    rows = {estimate.measure: estimate for estimate in coverage.table(results_of([coverage.cells(play_of([]))])) if not estimate.slice}
    assert rows["coverage.wait_p90"].estimate == np.inf
    assert rows["coverage.never"].estimate == 1.0
    assert rows["coverage.within_24h"].estimate == 0.0


def test_the_table_gives_the_quantiles_of_the_law_and_no_interval_for_one_replication() -> None:
    coverage = Coverage()
    count = len(coverage.grid(STAGE).x_m)
    one = invented(coverage, STAGE, 0, np.full(count, 6 * HOUR), np.full(count, "mast", dtype=object))
    rows = {(estimate.measure, estimate.slice): estimate for estimate in coverage.table(results_of([one]))}
    whole = rows["coverage.wait_p50", ""]
    assert whole.estimate / HOUR == pytest.approx(6 * np.log(2), rel=0.01)
    assert np.isnan(whole.low)
    assert rows["coverage.within_24h", "west"].estimate == 1.0
    assert {name for (name, _), estimate in rows.items() if estimate.headline} == {
        "coverage.wait_p50",
        "coverage.wait_p90",
        "coverage.within_24h",
    }


def test_the_interval_lies_around_the_estimate_from_all_replications_together() -> None:
    coverage = Coverage()
    count = len(coverage.grid(STAGE).x_m)
    tables = [
        invented(coverage, STAGE, r, np.full(count, hours * HOUR), np.full(count, "mast", dtype=object))
        for r, hours in enumerate((5, 6, 7))
    ]
    found = next(row for row in coverage.table(results_of(tables)) if row.measure == "coverage.wait_p50")
    together = Corridor.of(results_of(tables)).longer["w"].mean(axis=(0, 1))
    assert np.interp(found.estimate, WAITS_S, together) == pytest.approx(0.5)
    assert found.low < found.estimate < found.high
    assert found.high - found.low == pytest.approx(2 * 4.303 * np.log(2) * HOUR / 3**0.5, rel=0.1)  # t(2) = 4.303, spread of 1 h


def test_without_cells_the_table_is_empty() -> None:
    assert Coverage().table(results_of([])) == []


def test_the_colours_of_the_classes_fall_in_lightness() -> None:
    def lightness(colour: str) -> float:
        light = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
        linear = np.where(light <= 0.04045, light / 12.92, ((light + 0.055) / 1.055) ** 2.4)
        return float(116 * (linear @ [0.2126, 0.7152, 0.0722]) ** (1 / 3) - 16)  # CIE 1976

    assert max(np.diff([lightness(colour) for _, _, colour in GRADES])) < -9.0


def test_a_gap_is_named_by_its_kilometres_and_by_who_still_looks() -> None:
    coverage = Coverage(step_m=STAGE.line.length_m / 10)
    grid = coverage.grid(STAGE)
    inside = (grid.chainage_m > 30e3) & (grid.chainage_m < 60e3)
    kinds = np.where(inside, "satellite", "satellite,tower").astype(object)
    results = results_of([invented(coverage, STAGE, 0, np.where(inside, 40 * HOUR, HOUR), kinds)])
    gaps = gaps_of(coverage, results)
    assert {gap.where for gap in gaps} == {"km 30 – 60"}
    assert [gap.who for gap in gaps] == ["side A: satellites only", "side B: satellites only"]
    assert said(set(), {"tower"}) == "nobody looks"
    assert wrapped("a very long name", 4) == ""


def test_a_side_that_is_unseen_does_not_blacken_the_other() -> None:
    coverage = Coverage()
    grid = coverage.grid(STAGE)
    wait_s = np.where(grid.offset_m > -5_000.0, HOUR, np.inf)
    kinds = np.where(grid.offset_m > -5_000.0, "tower", "").astype(object)

    def told(reach_m: tuple[float, float]) -> list[Gap]:
        mast = SimpleNamespace(reach_m=lambda stage: [reach_m])
        results = results_of([invented(coverage, STAGE, 0, wait_s, kinds)], sensors={"mast": mast})
        return gaps_of(coverage, results)

    (gap,) = told((0.0, 100e3))
    assert (gap.side, gap.where, gap.who) == (-1, "km 0 – 100", "side B beyond 5 km: no vehicle in the open is seen")
    assert [gap.who for gap in told((200e3, 300e3))] == ["side B beyond 5 km: nobody looks"]


def test_a_name_may_be_wider_than_its_sector_where_its_neighbours_leave_room() -> None:
    sectors = {
        name: Sector(name, *ends, 2.0, False) for name, ends in {"North-A": (0.0, 4e4), "Kent": (4e4, 44e3), "m": (44e3, 1e5)}.items()
    }
    figure = Figure(figsize=(3.2, 3.0))
    axes = figure.add_axes((0.0, 0.5, 1.0, 0.2))
    name_sectors(axes, [], results_of([], stage_of(STAGE.line, sectors)))
    assert {text.get_text() for text in axes.texts} == {"North A", "Kent", "m"}


def test_waits_have_no_negative_end_and_shares_none_beyond_one() -> None:
    coverage = Coverage()
    count = len(coverage.grid(STAGE).x_m)
    kinds = np.full(count, "mast", dtype=object)
    tables = [invented(coverage, STAGE, r, np.full(count, hours * HOUR), kinds) for r, hours in enumerate((0.2, 2, 60))]
    for row in coverage.table(results_of(tables)):
        assert not row.low < 0.0
        assert row.unit != "share" or not row.high > 1.0


def test_the_map_can_be_drawn_and_its_legend_is_the_table() -> None:
    coverage = Coverage(depths_m=(10_000.0, 30_000.0))
    count = len(coverage.grid(STAGE).x_m)
    wait_s = np.where(np.arange(count) < count / 2, HOUR / 4, np.inf)
    results = results_of([invented(coverage, STAGE, 0, wait_s, np.full(count, "tower", dtype=object))])
    figure = Figure()
    FigureCanvasAgg(figure)
    coverage.draw(results, figure)
    figure.canvas.draw()
    words = [text.get_text() for axes in figure.axes for text in axes.texts] + [text.get_text() for text in figure.texts]
    assert "How long can a violation go unseen?" in words
    assert "50 %" in words
    assert "24-h response clock" in words
    assert not any("$" in text for text in words)


def test_the_subtitle_of_the_map_stays_on_one_line_whatever_the_mix_is_called() -> None:
    coverage = Coverage(depths_m=(10_000.0, 30_000.0))
    count = len(coverage.grid(STAGE).x_m)
    results = results_of([invented(coverage, STAGE, 0, np.full(count, HOUR / 4), np.full(count, "tower", dtype=object))])
    told = {}
    for mix in ("base", "without ground radars, cameras, microphones and balloons", "word " * 40):
        named = replace(results, mix=mix)
        told[mix] = subtitle(Chart(Corridor.of(named), named, coverage.depths_m, 10_000.0))
    assert all(len(text) <= ONE_LINE and text.endswith("100 % of the corridor is seen within 24 h.") for text in told.values())
    assert "no sensors" in told["base"]
    assert "balloons. 100" in told["without ground radars, cameras, microphones and balloons"]


def test_probes_differ_between_replications_but_stay_in_their_cells() -> None:
    coverage = Coverage()
    grid = coverage.grid(STAGE)
    first, second = (coverage.probes(grid, STAGE, Dice(1, replication)) for replication in (0, 1))
    assert (first.chainage_m != second.chainage_m).all()
    for probes in (first, second):
        assert np.abs(probes.chainage_m - grid.chainage_m).max() <= 0.5 * STAGE.line.length_m / grid.along + 1.0
        assert np.abs(probes.offset_m - grid.offset_m).max() <= 5_001.0
        assert (np.sign(probes.offset_m) == np.sign(grid.offset_m)).all()


def test_probes_are_hidden_as_incidents_are_and_not_at_all_outside_of_sectors() -> None:
    """The west, behind a mean of 2 degrees, is half of a line of 100 km."""
    coverage = Coverage(step_m=500.0)
    grid = coverage.grid(STAGE)
    first, second = (coverage.probes(grid, STAGE, Dice(1, replication)) for replication in (0, 1))
    west = STAGE.sector_of(first.chainage_m) == 0
    assert first.mask_deg[west].mean() == pytest.approx(2.0, abs=0.2)
    assert first.mask_deg[west].std() == pytest.approx(2.0, abs=0.3)
    assert (first.mask_deg[~west] == 0.0).all()
    assert np.corrcoef(first.mask_deg[west], second.mask_deg[west])[0, 1] == pytest.approx(0.0, abs=0.1)


def test_what_is_never_looked_at_does_not_depend_on_the_number_of_replications() -> None:
    """A half of the cells is missed in each replication, never the same: the first two would leave a quarter, the first three an eighth."""
    coverage = Coverage()
    count = len(coverage.grid(STAGE).x_m)
    kinds = np.full(count, "mast", dtype=object)
    tables = [invented(coverage, STAGE, r, np.where(np.arange(count) >> r & 1, np.inf, HOUR), kinds) for r in range(3)]
    share = [
        next(row for row in coverage.table(results_of(tables[:runs])) if row.measure == "coverage.never").estimate for runs in (1, 2, 3)
    ]
    assert share == pytest.approx([0.5, 0.5, 0.5])
    grade = Corridor.of(results_of(tables)).grade()
    assert [grade[cell] == -1 for cell in (0b000, 0b001, 0b011, 0b111)] == [False, False, True, True]


def test_coverage_is_one_of_the_measures() -> None:
    assert any(isinstance(measure, Coverage) for measure in all_measures())
