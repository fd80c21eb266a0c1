"""Spells of weather and of interference: their laws and their shares of time."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sim.dice import Dice
from sim.sky import Sky
from sim.units import DAY, HOUR
from sim.weather import JammingField, JamWindow, jam_windows, spans, spell_wind_mps

SkyOver = Callable[..., Sky]


def test_spans_of_nothing_are_none() -> None:
    assert [len(part) for part in spans(np.array([0.0, 5.0]), np.array([False, False]), 10.0)] == [0, 0]
    assert [part.tolist() for part in spans(np.array([0.0, 5.0]), np.array([True, True]), 10.0)] == [[0.0], [10.0]]


def field(share: float, **spell: Any) -> dict[str, JammingField]:
    return {"east": JammingField(sectors=("all",), share_of_time=share, spell=spell or {"median_s": 3 * HOUR, "p90_s": 24 * HOUR})}


def covered(windows: list[JamWindow], at_s: float) -> bool:
    return any(window.on_s <= at_s < window.off_s for window in windows)


@pytest.mark.parametrize("share", [0.2, 0.6])
@pytest.mark.parametrize("hours", [0.0, 2.0, 6.0, 24.0, 200.0])
def test_interference_is_on_for_its_share_of_the_time_from_the_start(share: float, hours: float) -> None:
    on = [covered(jam_windows(field(share), {"all": (0.0, 1.0)}, 10 * DAY, Dice(1, number)), hours * HOUR) for number in range(1500)]
    assert np.mean(on) == pytest.approx(share, abs=0.05)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_interference_never_and_always(share: float) -> None:
    windows = jam_windows(field(share), {"all": (0.0, 1.0)}, 10 * DAY, Dice(1, 0))
    assert {covered(windows, hour * HOUR) for hour in range(240)} == {bool(share)}


def test_wind_keeps_its_mean_and_its_law(sky_over: SkyOver) -> None:
    """March: 7.5 m/s on average; Weibull of shape 2 exceeds 12 m/s with exp(-(0.8862 x 12 / 7.5)^2) = 0.134."""
    at_s = np.arange(0.0, 30 * DAY, 3 * HOUR)
    wind_mps = np.array(
        [spell_wind_mps(sky.weather, sky.regions[0], sky.start, at_s) for sky in (sky_over(number) for number in range(300))]
    )
    assert wind_mps.mean() == pytest.approx(7.5, rel=0.03)
    assert (wind_mps > 12.0).mean() == pytest.approx(0.134, abs=0.015)
