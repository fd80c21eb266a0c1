"""Where the time of a replication goes: looks at the stack while it is played, which slow nothing and know few names."""

import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from benchmarks.timing import ms
from sim.experiment import job_of, replicate
from sim.scenario import Loaded
from verification.board import Row

SAMPLE_S = 0.001
"""A look at the stack each millisecond of processor time, or as often as the system's clock ticks: it slows nothing."""
WORTH = 0.05
"""Modules with less than this share of a part are not named."""

STAGES = {
    "build": "what happens along the line, and the sky",
    "sight": "what can be seen from where",
    "rehearse": "crews that nobody can send live through the run",
    "join": "their windows and contacts",
    "live": "crews that are sent, desk, council",
    "rows": "besides: the numbers and map cells that are kept of it",
}
ENTERED = {
    "build": "build", "sight": "sight", "look_at": "sight", "rehearse": "rehearse", "windows": "join", "contacts": "join",
    "seen_in_open_loop": "join",
}  # fmt: skip
"""Functions of the simulator by the part that they begin; the innermost counts."""


def parts(name: str, loaded: Loaded, folder: Path | None, times: int) -> Iterator[Row]:
    """Tell where the time of a replication goes, by looking at the stack while replications are played and kept."""
    job = job_of(loaded, folder)
    replicate(job, 2)
    started = time.process_time()
    with sampled() as found:
        for number in range(2, 2 + times):
            replicate(job, number)
    each_s = (time.process_time() - started) / max(found.total(), 1) / times
    for part, what in STAGES.items():
        inside = Counter({module: count for (stage_of, module), count in found.items() if stage_of == part})
        yield Row(f"{name}-{part}", f"of it: {what}{most(inside)}", ms(inside.total() * each_s), "", None)


def most(inside: Counter[str]) -> str:
    """Return the modules in which most of a part's time is spent, with their shares of it."""
    named = [f"{module} {100 * count / inside.total():.0f} %" for module, count in inside.most_common(4) if count >= WORTH * inside.total()]
    return f" ({', '.join(named)})" if named else ""


@contextmanager
def sampled() -> Iterator[Counter[tuple[str, str]]]:
    """Count, look by look, the part of the work and the innermost module of the simulator."""
    found: Counter[tuple[str, str]] = Counter()

    def look(_: int, frame: FrameType | None) -> None:
        found[placed(frame)] += 1

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, SAMPLE_S, SAMPLE_S)
    try:
        yield found
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


def placed(frame: FrameType | None) -> tuple[str, str]:
    """Return the part of the work and the innermost module of the simulator on a stack."""
    where, part, played = "", "", False
    while frame is not None:
        module, function = str(frame.f_globals.get("__name__", "")), frame.f_code.co_name
        if module.startswith("sim."):
            where = where or module.removeprefix("sim.")
            part = part or ENTERED.get(function, "")
            played = played or (module.startswith("sim.engine") and function == "play")
        frame = frame.f_back
    if played:
        return part or "live", where
    return part if part == "build" else "rows", where
