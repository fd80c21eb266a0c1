import numpy as np
import pytest

from sim.dice import Dice
from sim.kinds import Floats
from sim.physics.exposure import reached_m
from sim.scene import Targets
from sim.units import DAY, HOUR
from sim.waits import WAITS_S, Next, after, bring_forward, by_arcs, exceedance, pieces, quantile_s, reached
from sim.watch import Sight, Stint, Windows, windows

DIE = Dice(1, 0)("coverage", "test")


def seen(stints: list[Stint], lap_m: float, arcs: list[tuple[float, float]], rate_per_s: float, cells: int = 1) -> Windows:
    rows = np.arange(cells)
    ones = np.ones(cells)
    arcs_m = np.tile(np.array(arcs), (cells, 1, 1))
    sight = Sight(rows, 0 * rows, lap_m * ones, arcs_m, np.full((cells, 8), rate_per_s), 0 * ones, ones, ones)
    targets = Targets.blank(cells)
    targets.end_s[:] = 40 * DAY
    return windows(sight, stints, targets)


def evenly(length_s: float, starts: int, cells: int = 1) -> Floats:
    return np.tile((np.arange(starts) + 0.5) * length_s / starts, (cells, 1))


def curve(next_s: Floats, starts_s: Floats) -> dict[float, float]:
    longer = exceedance(next_s - starts_s, 30 * DAY, 33 * DAY).mean(axis=0)
    return dict(zip((WAITS_S / HOUR).tolist(), longer.tolist(), strict=True))


def test_a_look_of_one_hour_in_ten_leaves_waits_up_to_nine_hours() -> None:
    stints = [Stint(0, 0, k * 10 * HOUR, k * 10 * HOUR + HOUR) for k in range(80)]
    starts_s = evenly(30 * DAY, 4000)
    longer = curve(after(seen(stints, 1.0, [(0.0, 1.0)], 1.0), starts_s, DIE).looked_s, starts_s)
    assert longer[0.0] == pytest.approx(0.9, abs=0.002)
    assert longer[1.0] == pytest.approx(0.8, abs=0.002)
    assert longer[5.0] == pytest.approx(0.4, abs=0.002)
    assert longer[10.0] == 0.0


def test_an_orbit_that_passes_twice_a_lap_leaves_the_gaps_between_its_passes() -> None:
    # A lap of 4 h: in view from 0 to 0.5 h and from 1.5 h to 2 h; gaps of 1 h and 2 h.
    stints = [Stint(0, 0, 0.0, 33 * DAY, 0.0, 1.0)]
    starts_s = evenly(30 * DAY, 4001)
    found = after(seen(stints, 4 * HOUR, [(0.0, 0.5 * HOUR), (1.5 * HOUR, 2 * HOUR)], np.inf), starts_s, DIE)
    longer = curve(found.looked_s, starts_s)
    assert longer[0.0] == pytest.approx(3 / 4, abs=0.003)
    assert longer[0.5] == pytest.approx((0.5 + 1.5) / 4, abs=0.003)
    assert longer[1.0] == pytest.approx(1 / 4, abs=0.003)
    assert longer[2.0] == 0.0
    assert np.array_equal(found.looked_s, found.detected_s)  # who cannot miss detects at the first look


def test_a_steady_stare_detects_after_an_exponential_time() -> None:
    stints = [Stint(0, 0, 0.0, 33 * DAY)]
    starts_s = evenly(30 * DAY, 100, 200)
    longer = curve(after(seen(stints, 1.0, [(0.0, 1.0)], 1 / (4 * HOUR), 200), starts_s, DIE).detected_s, starts_s)
    assert longer[2.0] == pytest.approx(np.exp(-0.5), abs=0.012)
    assert longer[8.0] == pytest.approx(np.exp(-2.0), abs=0.012)


def test_two_units_add_their_rates_and_a_stare_in_pieces_is_one_stare() -> None:
    whole = [Stint(0, 0, 0.0, 33 * DAY), Stint(1, 0, 0.0, 33 * DAY)]
    pieces = [Stint(0, 0, k * HOUR, (k + 1) * HOUR) for k in range(792)]
    starts_s = evenly(30 * DAY, 100, 200)
    for stints, rate in ((whole, 1 / (8 * HOUR)), (pieces, 1 / (4 * HOUR))):
        longer = curve(after(seen(stints, 1.0, [(0.0, 1.0)], rate, 200), starts_s, DIE).detected_s, starts_s)
        assert longer[4.0] == pytest.approx(np.exp(-1.0), abs=0.015)


def test_what_is_reached_agrees_with_the_exposure_kernel() -> None:
    rng = np.random.default_rng(7)
    arcs = [(100.0, 400.0), (900.0, 900.0), (1500.0, 1700.0)]
    found = seen([Stint(0, 0, 0.0, 33 * DAY, 50.0, 2.0)], 2000.0, arcs, 0.01)
    window = np.zeros(500, dtype=np.int64)
    begin_s, throw = rng.uniform(0.0, 20 * DAY, 500), rng.exponential(1.0, 500)
    got = reached(found, window, begin_s, throw)
    place_m = found.start_m[window] + 2.0 * begin_s
    for next_s, need_m in ((got.looked_s, 0.0 * throw), (got.detected_s, throw / 0.01 * 2.0)):
        then_m = reached_m(place_m, need_m, found.lap_m[window], found.arcs_m[window])
        assert next_s == pytest.approx(begin_s + (then_m - place_m) / 2.0, abs=1e-5)


def test_nobody_looks_after_the_last_window() -> None:
    starts_s = np.array([[HOUR, 3 * HOUR]])
    found = after(seen([Stint(0, 0, 2 * HOUR, 2.5 * HOUR)], 1.0, [(0.0, 1.0)], np.inf), starts_s, DIE)
    assert found.looked_s.tolist() == [[2 * HOUR, np.inf]]


def test_starts_near_the_end_of_the_run_count_only_for_waits_that_they_have_whole() -> None:
    waits_s = np.array([[10 * HOUR, 10 * HOUR, 10 * HOUR, np.inf]])  # the last start, in day 4 of 4, sees no more looks
    longer = dict(zip((WAITS_S / DAY).tolist(), exceedance(waits_s, 4 * DAY, 4 * DAY)[0].tolist(), strict=True))
    assert longer[0.25] == 1.0
    assert longer[1.0] == 0.0


def test_waits_beyond_half_of_the_run_are_not_told_apart() -> None:
    longer = exceedance(np.full((1, 8), 30 * HOUR), 2 * DAY, 2 * DAY)[0]
    assert longer[WAITS_S == DAY] == 1.0
    assert longer[WAITS_S == 2 * DAY] == 1.0
    assert quantile_s(longer, 0.9) == np.inf


def test_quantiles_of_an_exponential_wait_are_those_of_the_law() -> None:
    longer = np.exp(-WAITS_S / (6 * HOUR))
    assert quantile_s(longer, 0.5) / HOUR == pytest.approx(6 * np.log(2), rel=0.01)
    assert quantile_s(longer, 0.9) / HOUR == pytest.approx(6 * np.log(10), rel=0.03)  # linear between 12 h and 16 h
    assert quantile_s(np.zeros(len(WAITS_S)), 0.9) == 0.0


def test_windows_that_are_found_in_pieces_are_all_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    stints = [Stint(unit, unit % 3, start_h * HOUR, (start_h + 5) * HOUR, 0.0, 1.0) for unit in range(6) for start_h in range(0, 700, 9)]
    rows, ones = np.arange(90), np.ones(90)
    arcs_m = np.tile([[[0.0, 50.0], [80.0, 90.0]]], (90, 1, 1))
    sight = Sight(rows // 3, rows % 3, 1000.0 * ones, arcs_m, np.full((90, 8), 0.001), 0 * ones, ones, ones)
    targets = Targets.blank(30)
    targets.end_s[:] = 30 * DAY
    starts_s = evenly(28 * DAY, 50, 30)
    found = []
    for piece in (10**9, 1000):
        monkeypatch.setattr("sim.waits.PIECE", piece)
        parts = list(pieces(sight, stints))
        found.append(Next.never(starts_s.shape))
        for part in parts:
            bring_forward(found[-1], windows(part, stints, targets), starts_s, DIE)
    assert len(parts) > 10
    assert np.array_equal(found[0].looked_s, found[1].looked_s)
    assert np.array_equal(found[0].detected_s, found[1].detected_s)
    assert np.isfinite(found[0].detected_s).any()


def test_parts_of_a_sight_lose_only_their_padding() -> None:
    ones, rows = np.ones(3), np.arange(3)
    arcs_m = np.zeros((3, 4, 2))
    arcs_m[0, 2] = (5.0, 6.0)
    arcs_m[1, 1], arcs_m[1, 3] = (1.0, 2.0), (7.0, 9.0)
    arcs_m[2] = [(0.0, 1.0), (2.0, 3.0), (4.0, 5.0), (6.0, 7.0)]
    parts = list(by_arcs(Sight(rows, rows, 10 * ones, arcs_m, np.ones((3, 8)), ones, ones, ones)))
    assert [part.arcs_m.shape[1] for part in parts] == [1, 2, 4]
    assert parts[0].arcs_m.tolist() == [[[5.0, 6.0]]]
    assert parts[1].arcs_m.tolist() == [[[1.0, 2.0], [7.0, 9.0]]]
    assert [part.track.tolist() for part in parts] == [[0], [1], [2]]
