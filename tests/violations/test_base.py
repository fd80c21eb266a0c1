"""When, where, how long and by whom: what all kinds of violation share."""

from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

import sim.violations
from sim.dice import Dice
from sim.kinds import Floats
from sim.line import Line, bundled
from sim.scene import Incidents, Sector, Stage, Targets
from sim.sky import dark_spans
from sim.units import DAY, HOUR, KM
from sim.violations.base import LEG_M, MOST_LEGS, Acts, Counts, Violation, by_light, elapsed_s, march

KINDS = sorted(Violation.kinds)
DAILY_2022 = (153.0, 591.0, 870.0, 1566.0)
"""Violations a day, 15 to 18 February 2022, OSCE SMM daily reports 37 to 39/2022."""


def straight(days: float = 30.0, line: Line | None = None) -> Stage:
    """A stage of 100 km on the equator, west to east: side A is north. West of km 50 land, east of it water."""
    line = line or Line.from_lonlat(np.array([[30.0, 0.0], [30.0 + 100_000.0 / 111_319.4908, 0.0]]))
    half_m = line.length_m / 2
    sectors = {"land": Sector("land", 0.0, half_m, 5.0, False), "lake": Sector("lake", half_m, line.length_m, 0.0, True)}
    return Stage(line, sectors, {}, datetime(2026, 3, 1, tzinfo=UTC), days * DAY, (days + 3) * DAY, 30_000.0, Path())


def entry(kind: str = "jamming", name: str = "it", **written: Any) -> Violation:
    """An entry as it is read from a file."""
    made = Violation.choose({"kind": kind, "name": name, **written})
    assert isinstance(made, Violation)
    return made


def drawn(violation: Violation, stage: Stage, replication: int = 0) -> tuple[Incidents, Targets]:
    return violation.draw(stage, Dice(7, replication))


def same(left: Incidents | Targets, right: Incidents | Targets, rows: int) -> bool:
    """Say whether two tables agree in all columns of their first rows."""
    names = [column.name for column in fields(left) if column.name != "kinds"]
    return all(
        np.array_equal(getattr(left, name)[:rows], getattr(right, name)[:rows], equal_nan=name.endswith(("_m", "_k", "_m2", "_db", "_w")))
        for name in names
    )


def test_all_eight_kinds_are_there() -> None:
    assert sim.violations.__doc__
    assert {
        "shelling",
        "armoured_incursion",
        "foot_incursion",
        "river_crossing",
        "heavy_weapons",
        "drone_overflight",
        "jamming",
        "exercise",
    } <= set(KINDS)


def test_the_count_of_a_day_is_poisson() -> None:
    incidents, _ = drawn(entry(rate="14 /day"), straight(days=2000))
    counts = np.bincount((incidents.start_s // DAY).astype(int), minlength=2000)
    assert counts.mean() == pytest.approx(14.0, abs=3 * np.sqrt(14 / 2000))
    assert counts.var() == pytest.approx(14.0, rel=3 * np.sqrt(2 / 2000))
    assert abs(np.corrcoef(counts[1:], counts[:-1])[0, 1]) < 3 / np.sqrt(2000)


def test_times_are_uniform_where_nothing_else_is_said() -> None:
    incidents, _ = drawn(entry(rate="14 /day"), straight(days=500))
    hour = np.floor(incidents.start_s % DAY / HOUR).astype(int)
    expected = len(incidents) / 24
    assert (((np.bincount(hour) - expected) ** 2) / expected).sum() < 49.7  # chi-square with 23 degrees, 0.1 %


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("short", [3.0, 9.7])
def test_a_longer_run_begins_with_the_shorter_one(kind: str, short: float) -> None:
    violation = entry(
        kind, rate="20 /day", night_share=0.6, scripted=[{"at": "2 d", "chainage": "60 km", "offset": "1 km", "lasts": "2 h", "side": "A"}]
    )
    few, few_rows = drawn(violation, straight(days=short))
    many, many_rows = drawn(violation, straight(days=20))
    assert 40 < len(few) < len(many)
    assert few.start_s.max() < short * DAY
    assert many.start_s[len(few)] >= short * DAY
    assert same(few, many, len(few))
    assert same(few_rows, many_rows, len(few_rows))


def test_replications_and_names_have_their_own_dice() -> None:
    stage, one, other = straight(), entry(name="one", rate="9 /day"), entry(name="other", rate="9 /day")
    first, _ = drawn(one, stage)
    assert not np.array_equal(first.start_s[:5], drawn(one, stage, 1)[0].start_s[:5])
    assert not np.isin(first.key, drawn(other, stage)[0].key).any()
    assert same(first, drawn(one, stage)[0], len(first))  # drawing another in between changed nothing


def test_a_higher_rate_keeps_the_incidents_of_the_lower() -> None:
    few, _ = drawn(entry(rate="9 /day"), straight())
    many, _ = drawn(entry(rate="12 /day"), straight())
    assert np.isin(few.key, many.key).all()
    assert len(many) > len(few)


@pytest.mark.parametrize("share", [0.0, 0.6, 1.0])
def test_the_night_has_its_share(share: float) -> None:
    stage = straight(days=300, line=bundled("line_of_contact_2025"))
    incidents, _ = drawn(entry(rate="20 /day", night_share=share), stage)
    begin_s, end_s = dark_spans(stage.line, stage.line.length_m / 2, stage.start, stage.length_s)
    span = np.maximum(np.searchsorted(begin_s, incidents.start_s, side="right") - 1, 0)
    night = (incidents.start_s >= begin_s[span]) & (incidents.start_s <= end_s[span] + 0.001)
    assert night.mean() == pytest.approx(share, abs=3 * np.sqrt(0.24 / 6000) if 0 < share < 1 else 1e-3)
    assert np.histogram(incidents.start_s, bins=10, range=(0, stage.length_s))[0].min() > 500  # every month has its 600


def test_a_night_without_end_takes_all() -> None:
    day, u = np.array([0, 0, 1]), np.array([0.25, 0.75, 0.5])
    always, never = (np.array([0.0]), np.array([2 * DAY])), (np.zeros(0), np.zeros(0))
    wanted = np.array([True, False, False])
    for dark in (always, never):
        assert by_light(dark, 2, day, u, wanted).tolist() == [0.25 * DAY, 0.75 * DAY, 1.5 * DAY]
        assert by_light(dark, 2, day, u, ~wanted).tolist() == [0.25 * DAY, 0.75 * DAY, 1.5 * DAY]


def test_hours_are_counted_within_the_night() -> None:
    dark = (np.array([0.0, 18 * HOUR]), np.array([6 * HOUR, 30 * HOUR]))
    assert elapsed_s(dark, np.array([DAY]))[0] == 12 * HOUR
    day, half = np.array([0, 0, 0, 0]), np.array([0.25, 0.75, 0.25, 0.75])
    hours = by_light(dark, 1, day, half, np.array([True, True, False, False])) / HOUR
    assert hours.tolist() == [3.0, 21.0, 9.0, 15.0]


def test_hotspots_draw_their_share_and_sectors_the_rest() -> None:
    hotspots = [{"at": "20 km", "width": "4 km", "share": 0.5}, {"at": "30 km", "width": "2 km", "share": 0.26}]
    incidents, _ = drawn(entry(rate="200 /day", hotspots=hotspots, where={"lake": 1.0}), straight())
    km, n = incidents.chainage_m / KM, len(incidents)
    for low, high, share in ((18, 22, 0.5), (29, 31, 0.26), (50, 100, 0.24)):
        inside = (km >= low) & (km <= high)
        assert inside.mean() == pytest.approx(share, abs=3 * np.sqrt(0.25 / n))
        assert km[inside].mean() == pytest.approx((low + high) / 2, abs=3 * (high - low) / np.sqrt(12 * inside.sum()))


def test_sectors_share_by_weight() -> None:
    incidents, _ = drawn(entry(rate="200 /day", where={"land": 3.0, "lake": 1.0}), straight())
    assert (incidents.chainage_m < 50 * KM).mean() == pytest.approx(0.75, abs=0.02)


def test_without_a_word_the_whole_line_is_ground() -> None:
    incidents, _ = drawn(entry(rate="200 /day"), straight())
    counts, _ = np.histogram(incidents.chainage_m, bins=10, range=(0, 100 * KM))
    assert (((counts - counts.mean()) ** 2) / counts.mean()).sum() < 27.9  # chi-square with 9 degrees, 0.1 %


def test_durations_have_the_median_and_p90_that_were_written() -> None:
    incidents, _ = drawn(entry(rate="200 /day", lasts={"median": "40 min", "p90": "4 h"}), straight(days=100))
    lasts_s = incidents.end_s - incidents.start_s
    assert np.median(lasts_s) == pytest.approx(2400.0, rel=0.03)
    assert (lasts_s < 4 * HOUR).mean() == pytest.approx(0.9, abs=0.01)


@pytest.mark.parametrize("line", [None, "line_of_contact_2025"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_act_lies_on_the_side_its_kind_says(kind: str, line: str | None) -> None:
    violation = entry(kind, rate="60 /day", p_side_a=0.3)
    incidents, _ = drawn(violation, straight(line=bundled(line) if line else None))
    assert (incidents.side == 1).mean() == pytest.approx(0.3, abs=0.04)
    assert (np.sign(incidents.offset_m) == incidents.side * violation.ground).all()
    assert (np.abs(incidents.offset_m) <= violation.depth_to_m + 1e-3).all()


def test_depth_is_uniform_between_its_bounds() -> None:
    incidents, _ = drawn(entry(rate="200 /day", depth_from="2 km", depth_to="6 km"), straight())
    depth_m = np.abs(incidents.offset_m)
    assert depth_m.min() > 1.99 * KM
    assert depth_m.max() < 6.01 * KM
    assert depth_m.mean() == pytest.approx(4 * KM, abs=3 * 4 * KM / np.sqrt(12 * len(incidents)))


def test_four_days_of_collapse_have_their_expected_counts() -> None:
    shelling = entry("shelling", daily=DAILY_2022, counts={"mean": 8.0, "sigma": 1.2})
    stage, sums = straight(days=4), np.zeros(4)
    runs = 150
    for replication in range(runs):
        acts = shelling.acts(stage, Dice(1, replication))
        sums += np.bincount((acts.start_s // DAY).astype(int), weights=acts.countable, minlength=4)
    # a compound Poisson sum has the variance mean * E[m^2] / E[m], and E[m^2] / E[m] = 8 exp(1.44) = 33.8, plus rounding
    error = np.sqrt(np.array(DAILY_2022) * 34.0 / runs)
    assert (np.abs(sums / runs - DAILY_2022) < 3 * error).all()


def test_after_the_daily_counts_the_rate_goes_on() -> None:
    incidents, _ = drawn(entry(rate="5 /day", daily=(0.0, 500.0)), straight(days=200))
    counts = np.bincount((incidents.start_s // DAY).astype(int), minlength=200)
    assert counts[0] == 0
    assert 430 < counts[1] < 570
    assert counts[2:].mean() == pytest.approx(5.0, abs=0.5)


@pytest.mark.parametrize(("mean", "sigma"), [(8.0, 1.2), (1.5, 0.5), (20.0, 0.0)])
def test_counts_keep_the_mean_and_the_variance_of_the_log_normal(mean: float, sigma: float) -> None:
    u = np.linspace(0.0, 1.0, 1_000_001)[1:] - 5e-7
    counts = Counts(mean=mean, sigma=sigma).numbers(u, np.random.default_rng(1).permutation(u))
    assert counts.min() >= 1
    assert counts.mean() == pytest.approx(mean, rel=0.003)
    assert counts.var() == pytest.approx(mean**2 * np.expm1(sigma**2), rel=0.03, abs=0.25)


def test_a_count_of_one_is_always_one() -> None:
    assert Counts(mean=1.0, sigma=1.2).numbers(np.array([0.1, 0.999]), np.array([0.5, 0.999])).tolist() == [1, 1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("line", [None, "line_of_contact_2025"])
def test_rows_are_sound(kind: str, line: str | None) -> None:
    incidents, rows = drawn(entry(kind, rate="30 /day", p_hidden=0.5), straight(line=bundled(line) if line else None))
    assert (rows.end_s > rows.start_s).all()
    assert (rows.start_s >= incidents.start_s[rows.incident]).all()
    assert np.array_equal(rows.start_s * 1024, np.floor(rows.start_s * 1024))
    assert np.array_equal(rows.end_s * 1024, np.floor(rows.end_s * 1024))
    assert len(np.unique(rows.key)) == len(rows)
    for name in ("x_m", "y_m", "chainage_m", "offset_m", "start_s", "end_s", "height_m", "mask_deg", "speed_mps", "pieces"):
        assert np.isfinite(getattr(rows, name)).all(), name
    for name in ("size_m", "heat_k", "rcs_m2", "sound_db", "emitter_w", "trace_m"):
        assert not np.isinf(getattr(rows, name)).any(), name
        assert not (getattr(rows, name) <= 0.0).any(), name
    assert set(rows.incident) == set(range(len(incidents)))
    assert np.array_equal(incidents.start_s, np.sort(incidents.start_s))
    assert incidents.kinds == ("it",)
    assert not incidents.kind.any()
    assert len({len(getattr(incidents, column.name)) for column in fields(incidents) if column.name != "kinds"}) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_masking_and_concealment_are_thrown_once_an_incident(kind: str) -> None:
    stage = straight(line=bundled("line_of_contact_2025"))
    _, rows = drawn(entry(kind, rate="60 /day", p_hidden=0.4), stage)
    masks = [np.unique(rows.mask_deg[(rows.incident == number) & (rows.mask_deg > 0.0)]) for number in range(200)]
    assert max(map(len, masks)) <= 1
    if rows.hidden.any():
        hidden = np.bincount(rows.incident, weights=rows.hidden) > 0
        assert hidden.mean() == pytest.approx(0.4, abs=0.05)
        assert np.isnan(rows.heat_k[rows.hidden]).all() or rows.heat_k[rows.hidden].max() < 50.0  # who fires betrays himself


def test_masking_follows_the_sector() -> None:
    incidents, rows = drawn(entry(rate="200 /day"), straight())
    land = incidents.chainage_m < 50 * KM
    assert rows.mask_deg[land].mean() == pytest.approx(5.0, rel=0.06)
    assert not rows.mask_deg[~land].any()


def test_a_scripted_incident_is_exact() -> None:
    scripted = [
        {"at": "3 d", "chainage": "20 km", "offset": "-2 km", "lasts": "90 min", "side": "A", "countable": 17},
        {"at": "1 d", "chainage": "70 km", "offset": "4 km", "lasts": "10 min", "side": "B"},
        {"at": "31 d", "chainage": "70 km", "offset": "4 km", "lasts": "10 min", "side": "B"},
    ]
    violation, stage = entry("shelling", scripted=scripted), straight()
    incidents, _ = drawn(violation, stage)
    assert incidents.start_s.tolist() == [1 * DAY, 3 * DAY]
    assert incidents.end_s.tolist() == [1 * DAY + 600.0, 3 * DAY + 5400.0]
    assert incidents.chainage_m == pytest.approx([70 * KM, 20 * KM])
    assert incidents.offset_m == pytest.approx([4 * KM, -2 * KM])
    assert incidents.side.tolist() == [-1, 1]
    assert incidents.countable[1] == 17
    assert incidents.countable[0] >= 1
    assert violation.concerns(stage) == ["a scripted incident at 31 d comes after the end of 30 d"]


def test_scripted_incidents_change_no_other() -> None:
    plain, _ = drawn(entry(rate="5 /day"), straight())
    both, _ = drawn(
        entry(rate="5 /day", scripted=[{"at": "2 d", "chainage": "1 km", "offset": "1 km", "lasts": "1 h", "side": "A"}]), straight()
    )
    kept = np.isin(both.key, plain.key)
    assert kept.sum() == len(plain) == len(both) - 1
    assert both.start_s[~kept].tolist() == [2 * DAY]
    assert np.array_equal(both.x_m[kept], plain.x_m)


def acts_at(x_m: Floats) -> Acts:
    count = len(x_m)
    zero, whole = np.zeros(count), np.zeros(count, dtype=np.int64)
    return Acts(
        np.arange(count).astype(np.uint64),
        np.arange(count),
        zero,
        np.full(count, HOUR),
        x_m,
        zero,
        zero,
        zero,
        whole,
        whole,
        zero,
        whole > 0,
    )


def test_legs_cover_the_way_and_the_time() -> None:
    line = straight().line
    x_m, y_m = line.at(np.array([10 * KM, 30 * KM, 30 * KM]), np.array([0.0, 0.0, 0.0]))
    end_x_m, end_y_m = line.at(np.array([10 * KM, 30 * KM, 95 * KM]), np.array([5 * KM, 0.0, 0.0]))
    start_s, end_s = np.array([0.0, 60.0, 0.0]), np.array([1200.0, 120.0, 6500.0])
    rows = march(acts_at(x_m), line, "go", start_s, end_s, ((x_m, y_m), (end_x_m, end_y_m)), {"size_m": np.array([1.0, 2.0, 3.0])})
    assert np.bincount(rows.incident).tolist() == [3, 1, MOST_LEGS]
    assert rows.offset_m[:3] == pytest.approx([5 / 6 * KM, 2.5 * KM, 25 / 6 * KM])  # middles of three legs of 5/3 km
    assert rows.start_s[:3] == pytest.approx([0.0, 400.0, 800.0])
    assert rows.end_s[:3] == pytest.approx([400.0, 800.0, 1200.0])
    for number in range(3):
        own = rows.take(rows.incident == number)
        assert own.start_s[0] == start_s[number]
        assert own.end_s[-1] == end_s[number]
        assert np.array_equal(own.start_s[1:], own.end_s[:-1])
        assert (own.size_m == number + 1).all()
    way_m = np.hypot(end_x_m - x_m, end_y_m - y_m)
    assert (rows.speed_mps * (rows.end_s - rows.start_s))[:3].sum() == pytest.approx(way_m[0])
    assert (way_m[0] / 3) <= LEG_M
    assert rows.speed_mps[3] == 0.0


def test_shares_weights_and_depths_that_make_no_sense_are_refused() -> None:
    for wrong in (
        {"hotspots": [{"at": "1 km", "width": "1 km", "share": 0.6}, {"at": "5 km", "width": "1 km", "share": 0.6}]},
        {"where": {"land": 0.0}},
        {"depth_from": "9 km", "depth_to": "1 km"},
        {"counts": {"mean": 0.5}},
    ):
        with pytest.raises(ValidationError):
            entry(**wrong)


def test_a_rate_of_shots_raises_a_concern() -> None:
    stage = straight()
    assert entry(rate="670 /day").concerns(stage) == []
    (said,) = entry(rate="7000 /day").concerns(stage)
    assert said.startswith("70 incidents per km and day")
    assert len(entry(rate="700 /day", where={"land": 1.0}, hotspots=[{"at": "99 km", "width": "1 km", "share": 1.0}]).concerns(stage)) == 1


def test_what_never_happens_or_lies_off_the_line_raises_a_concern() -> None:
    stage = straight()
    (said,) = entry().concerns(stage)
    assert said.startswith("nothing of it ever happens")
    (said,) = entry(rate="1 /day", hotspots=[{"at": "900 km", "width": "4 km", "share": 0.5}]).concerns(stage)
    assert "off the line" in said


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_without_incidents_gives_empty_tables(kind: str) -> None:
    incidents, rows = drawn(entry(kind), straight())
    assert len(incidents) == len(rows) == 0
    joined = Incidents.join([incidents, drawn(entry(rate="3 /day", name="more"), straight())[0]])
    assert joined.kinds == ("it", "more")
    assert (joined.kind == 1).all()


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_survives_being_written_and_read_again(kind: str) -> None:
    violation = entry(kind, rate="14 /day", where={"lake": 1.0}, daily=[1.0, 2.0])
    values = violation.model_dump(mode="json", serialize_as_any=True)
    assert Violation.choose({"kind": kind, **values}) == violation


def test_the_first_incident_of_a_day_may_come_at_any_hour() -> None:
    violation, stage = entry(rate="50 /day"), straight(days=100)
    _, start_s = violation.arrivals(stage, Dice(1, 0))
    day = (start_s // DAY).astype(int)
    first = start_s[np.concatenate([[True], day[1:] != day[:-1]])] % DAY
    assert first.mean() == pytest.approx(DAY / 2, abs=3 * DAY / np.sqrt(12 * len(first)))
