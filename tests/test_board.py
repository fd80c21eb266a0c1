import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console

from verification.board import Row, publish


def told(rows: list[Row], folder: Path) -> tuple[bool, str]:
    """Publish rows and return whether all is held, and what was printed."""
    page = io.StringIO()
    held = publish("bench", "Speed", rows, Console(file=page, width=100), folder)
    return held, page.getvalue()


def test_a_table_shows_each_row_and_keeps_it_as_json(tmp_path: Path) -> None:
    held, page = told([Row("A1", "waits [h]", "0.667", "2/3", True), Row("A2", "how many", "12", "", None)], tmp_path)
    assert held
    assert "waits [h]" in page
    kept = json.loads((tmp_path / "bench.json").read_text())
    assert kept["name"] == "bench"
    assert [row["id"] for row in kept["rows"]] == ["A1", "A2"]
    assert kept["rows"][0] == {"id": "A1", "what": "waits [h]", "figure": "0.667", "bar": "2/3", "held": True}
    assert [path.name for path in tmp_path.iterdir()] == ["bench.json"]


def test_a_bar_that_arrays_compare_counts_too(tmp_path: Path) -> None:
    compared: Any = np.float64(0.667) > 0.7
    held, _ = told([Row("A1", "waits", "0.667", "2/3", compared)], tmp_path)
    assert not held
    assert json.loads((tmp_path / "bench.json").read_text())["rows"][0]["held"] is False


def test_one_bar_that_is_missed_is_told(tmp_path: Path) -> None:
    held, page = told([Row("A1", "waits", "0.667", "2/3", True), Row("A2", "share", "0.4", "0.5", False)], tmp_path)
    assert not held
    assert "no" in page.splitlines()[-2]
