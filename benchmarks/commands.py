"""How long the smallest commands take, from the keyboard to the prompt."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from statistics import median

from benchmarks.timing import REPEATS, at_most
from verification.board import ROOT, Row

CASES: tuple[tuple[str, Sequence[str], float], ...] = (
    ("help", ["--help"], 0.3),
    ("check", ["check", str(ROOT / "scenarios" / "ukraine.yaml")], 0.6),
)


def rows() -> Iterator[Row]:
    """Measure each command, wall time, after one that is not counted."""
    for name, words, bar_s in CASES:
        wall_s(words)
        yield at_most(name, f"'truceline {words[0]}', wall time", median(wall_s(words) for _ in range(REPEATS)), bar_s)


def wall_s(words: Sequence[str]) -> float:
    """Return how long a command takes."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "sim", *words], check=True, capture_output=True)
    return time.perf_counter() - started
