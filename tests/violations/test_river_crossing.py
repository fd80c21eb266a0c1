"""Boats cross where there is water, and nowhere else."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from sim.dice import Dice
from sim.errors import TrucelineError
from sim.scene import Incidents, Stage, Targets
from sim.units import DAY
from sim.violations.base import Hotspot
from sim.violations.river_crossing import RiverCrossing

Tell = Callable[..., tuple[Incidents, Targets]]


def test_boats_cross_land_and_return(tell: Tell) -> None:
    _, rows = tell("river_crossing", "-1 km", "1 h", p_hidden=1.0, boats={"least": 3, "most": 3})
    assert (rows.start_s - DAY) / 60 == pytest.approx([0, 6, 12, 48, 54], abs=0.02)  # 2 km at 10 km/h, bank to bank, are 12 min
    assert (rows.end_s - DAY) / 60 == pytest.approx([6, 12, 48, 54, 60], abs=0.02)
    assert rows.offset_m == pytest.approx([500, -500, -1000, -500, 500], abs=1.0)  # a leg stands at its middle
    assert rows.speed_mps == pytest.approx([10 / 3.6, 10 / 3.6, 0, 10 / 3.6, 10 / 3.6], rel=0.002)
    assert rows.hidden.tolist() == [False, False, True, False, False]
    assert np.isnan(rows.sound_db).tolist() == [False, False, True, False, False]
    assert rows.pieces.tolist() == [3.0] * 5


def test_boats_cross_only_where_there_is_water(stage: Stage) -> None:
    crossing = RiverCrossing(name="it", rate_per_s=50 / DAY)
    incidents, rows = crossing.draw(stage, Dice(1, 0))
    assert incidents.chainage_m.min() > 50_000.0
    assert rows.speed_mps.max() < 10.01 / 3.6
    assert crossing.concerns(stage) == []


def test_dry_sectors_are_left_out_and_said(stage: Stage) -> None:
    crossing = RiverCrossing(name="it", rate_per_s=50 / DAY, where={"land": 1.0, "lake": 1.0})
    dry = Hotspot(at_m=20_000.0, width_m=1_000.0, share=0.1)
    assert crossing.draw(stage, Dice(1, 0))[0].chainage_m.min() > 50_000.0
    assert crossing.model_copy(update={"hotspots": (dry,)}).concerns(stage) == [
        "land is not on water: no boat crosses there",
        "a hotspot at 20.0 km is not on water: no boat crosses there",
    ]


def test_without_water_there_is_no_crossing(stage: Stage) -> None:
    desert = replace(stage, sectors={"land": stage.sectors["land"]})
    crossing = RiverCrossing(name="boats", rate_per_s=50 / DAY)
    (said,) = crossing.concerns(desert)
    assert said == "'boats' is a river crossing, but no sector is water; give a sector of the line the terrain 'water'"
    with pytest.raises(TrucelineError, match="no sector is water"):
        crossing.draw(desert, Dice(1, 0))
    named = RiverCrossing(name="boats", rate_per_s=50 / DAY, where={"land": 1.0})
    assert named.concerns(stage) == ["'boats' is a river crossing, but none of land is water; name one of lake"]
