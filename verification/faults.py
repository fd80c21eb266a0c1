"""Faults and bad input: nothing is lost, doubled, damaged, or answered with a traceback.

Run with `python -m verification.faults`. The seed is fixed; at which instant a kill finds a program still depends on the machine.
"""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import duckdb
import numpy as np

from sim.document import parse_bytes
from sim.errors import ScenarioError
from sim.scenario import checked
from tests import standin
from tests.malformed.mistakes import OPERATORS, WHOLE_FILE, Mistake, corpus
from verification.board import ROOT, Row, publish

SPOILED, KILLS, REPLICATIONS = 400, 20, 60
LIMITS_BYTES = (0, 300, 1_000, 3_000, 8_000, 20_000)
"""Sizes that no file may pass: from the first byte of the first file to within a part of the results."""
LONGEST_S = 120.0
"""Whatever takes longer hangs."""


def main() -> int:
    """Print and keep the table; 1 if a bar is not held."""
    return 0 if publish("trust", "Faults and bad input", rows()) else 1


def rows() -> Iterator[Row]:
    """Check everything in turn."""
    with TemporaryDirectory() as folder:
        yield from bad_input(Path(folder))
    with TemporaryDirectory() as folder:
        campaign = Campaign(Path(folder))
        yield from kills(campaign)
        yield from full_disk(campaign)


# Bad input


class Answer(NamedTuple):
    """What the loader makes of a spoiled file."""

    verdict: str
    """`refused`, `accepted`, or the name of an exception that is no message."""
    lines: tuple[int, ...]
    """Lines that it points at; `WHOLE_FILE` where only the file is named."""
    placed: bool
    """Whether every problem names its line and column, or the file where there is none."""
    seconds: float


def answer(mistake: Mistake) -> Answer:
    """Read a spoiled file."""
    started = time.perf_counter()
    try:
        checked(parse_bytes(mistake.data, "spoiled.yaml"))
        verdict, places = "accepted", []
    except ScenarioError as faults:
        verdict, places = "refused", [re.fullmatch(r"spoiled\.yaml(?::(\d+):(\d+))?", problem.place) for problem in faults.problems]
    except Exception as fault:
        verdict, places = type(fault).__name__, []
    lines = tuple(int(place[1] or WHOLE_FILE) for place in places if place)
    return Answer(verdict, lines, len(lines) == len(places) > 0, time.perf_counter() - started)


def bad_input(folder: Path) -> Iterator[Row]:
    """Spoil the shipped scenario in hundreds of ways."""
    text = (ROOT / "scenarios" / "ukraine.yaml").read_text(encoding="utf-8")
    mistakes = corpus(text, SPOILED, seed=2026)
    answers = [answer(mistake) for mistake in mistakes]
    verdicts = Counter(one.verdict for one in answers)
    refused = verdicts["refused"]
    told = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
    yield Row(
        "B1a",
        f"spoiled copies of ukraine.yaml, by {len(OPERATORS)} kinds of mistake",
        told,
        "all refused",
        refused == len(mistakes) >= SPOILED,
    )
    placed = sum(one.placed for one in answers)
    yield Row("B1b", "of them, every problem with line and column (or the file, if it is too large)", str(placed), "all", placed == refused)
    near = [min((abs(line - mistake.line) for line in one.lines), default=99) for mistake, one in zip(mistakes, answers, strict=True)]
    exact, within = (sum(distance <= slack for distance in near) / len(near) for slack in (0, 1))
    yield Row(
        "B1c",
        "error points at the very line; within one line",
        f"{exact:.1%}; {within:.1%}",
        "95 %; 99 %",
        exact >= 0.95 and within >= 0.99,
    )
    slowest = max(one.seconds for one in answers)
    yield Row("B1d", "slowest answer", f"{slowest:.2f} s", "2 s", slowest <= 2.0)
    yield from by_command(one_of_each(mistakes), folder)


def one_of_each(mistakes: list[Mistake]) -> list[Mistake]:
    """Return one mistake of each kind."""
    return list({mistake.name: mistake for mistake in mistakes}.values())


def by_command(mistakes: list[Mistake], folder: Path) -> Iterator[Row]:
    """Give one mistake of each kind to the command line."""
    clean = 0
    for mistake in mistakes:
        (folder / "spoiled.yaml").write_bytes(mistake.data)
        done = truceline(folder, "run", "spoiled.yaml", "-n", "1")
        clean += done.returncode == 1 and "Traceback" not in done.stderr and "spoiled.yaml" in done.stderr + done.stdout
    left = sorted(path.name for path in folder.iterdir())
    yield Row(
        "B2a",
        "one of each kind to 'truceline run': exit 1, a message, no traceback",
        f"{clean} of {len(mistakes)}",
        "all",
        clean == len(mistakes),
    )
    yield Row("B2b", "files that they left behind", str(len(left) - 1), "0", left == ["spoiled.yaml"])


# Crashes


def truceline(folder: Path, *words: str, largest_bytes: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with a limit on the size of files if one is given."""

    def limit() -> None:
        if largest_bytes is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_bytes, largest_bytes))

    command = [sys.executable, "-m", "sim", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LONGEST_S, preexec_fn=limit)


class Campaign:
    """A small run, in as many folders as it takes, and what it gives if nothing disturbs it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.words = ["run", standin.small(folder).name, "-n", str(REPLICATIONS), "--workers", "2", "--quiet"]
        started = time.monotonic()
        done = self.finish("undisturbed")
        self.wall_s = time.monotonic() - started
        if done.returncode:
            raise RuntimeError(f"the undisturbed run failed: {done.stderr}")
        self.digest = self.manifest("undisturbed")["results_digest"]

    def finish(self, name: str, largest_bytes: int | None = None) -> subprocess.CompletedProcess[str]:
        """Run, or take up, the campaign in a folder."""
        return truceline(self.folder, *self.words, "--out", name, largest_bytes=largest_bytes)

    def run_folder(self, name: str) -> Path:
        """Return where the campaign's results lie."""
        return next((self.folder / name).glob("*/*/manifest.json")).parent

    def manifest(self, name: str) -> dict[str, Any]:
        """Return the manifest of the campaign in a folder."""
        found: dict[str, Any] = json.loads((self.run_folder(name) / "manifest.json").read_text(encoding="utf-8"))
        return found

    def whole(self, name: str) -> bool:
        """Say whether the results are complete, the same as undisturbed, and hold each replication once."""
        manifest = self.manifest(name)
        stored = duckdb.read_parquet(str(self.run_folder(name) / "replications.parquet")).order("replication").project("replication")
        once = [number for (number,) in stored.fetchall()] == list(range(REPLICATIONS))
        return bool(manifest["status"] == "complete" and manifest["results_digest"] == self.digest and once)


def kills(campaign: Campaign) -> Iterator[Row]:
    """Kill the campaign again and again, the program alone or with its workers, and take it up until it is done."""
    chance, killed, begun, whole, stray = np.random.default_rng(20260106), 0, 0, 0, 0
    while killed < KILLS:
        name = f"killed-{begun}"
        begun += 1
        while killed < KILLS and killed_once(campaign, name, chance):
            killed += 1
        done = campaign.finish(name)
        whole += done.returncode == 0 and campaign.whole(name)
        stray += len([path for path in (campaign.folder / name).rglob("*") if "tmp" in path.name])
    yield Row(
        "C1a",
        f"runs of {REPLICATIONS} replications after {killed} kills at any instant: whole, same digest",
        f"{whole} of {begun}",
        "all",
        whole == begun,
    )
    yield Row("C1b", "half-written files left after they were taken up", str(stray), "0", stray == 0)


def killed_once(campaign: Campaign, name: str, chance: np.random.Generator) -> bool:
    """Start or take up a run and kill it at some instant; say whether the kill came before its end."""
    command = [sys.executable, "-m", "sim", *campaign.words, "--out", name]
    delay_s, alone = chance.uniform(0.05, campaign.wall_s), chance.random() < 0.5
    running = subprocess.Popen(command, cwd=campaign.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        running.wait(delay_s)
    except subprocess.TimeoutExpired:
        if alone:
            running.kill()
        else:
            os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        return True
    return False


def full_disk(campaign: Campaign) -> Iterator[Row]:
    """Let every file end at some size, as on a full disk, then take the run up with room."""
    clean, whole = 0, 0
    for limit in LIMITS_BYTES:
        name = f"full-{limit}"
        done = campaign.finish(name, largest_bytes=limit)
        clean += done.returncode == 1 and "Traceback" not in done.stderr and "error" in done.stderr.lower()
        whole += campaign.finish(name).returncode == 0 and campaign.whole(name)
    number = len(LIMITS_BYTES)
    yield Row(
        "C4a",
        f"disk full after {min(LIMITS_BYTES)} to {max(LIMITS_BYTES):,} bytes: exit 1, a message, no traceback",
        f"{clean} of {number}",
        "all",
        clean == number,
    )
    yield Row("C4b", "taken up with room: whole, same digest", f"{whole} of {number}", "all", whole == number)


if __name__ == "__main__":
    sys.exit(main())
