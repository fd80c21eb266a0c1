"""The table of `make bench`: time, memory and events against their bars, and ratios to honest opponents in the same run.

Processor time, medians of interleaved runs. Ratios travel; milliseconds belong to the machine, and a shared one is slow now and then.
"""

import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks import commands, reference, satellites, ukraine
from benchmarks.peers import Peers, peers
from verification.board import Row, publish


def main() -> int:
    """Print and keep the table; a bar that is missed is told, and is no error, for it may be the machine."""
    with peers() as found:
        publish("bench", title(found), rows(found))
    return 0


def rows(found: Peers) -> Iterator[Row]:
    """Measure everything in turn."""
    yield Row("machine", title(found), "", "", None)
    yield from reference.rows(found)
    yield from satellites.rows(found)
    yield from ukraine.rows()
    yield from commands.rows()


def title(found: Peers) -> str:
    """Return the line above the table: the machine, and the versions of what is compared."""
    ours = ", ".join(f"{name} {told}" for name in ("numpy", "numba", "simpy", "sgp4") if (told := installed(name)))
    theirs = ", ".join(f"{name} {told}" for name, told in found.versions.items() if told) or "none"
    machine = f"{processor()}, {os.cpu_count()} cores"
    return f"Speed: processor time, medians. {machine}; Python {platform.python_version()}, {ours}; opponents: {theirs}"


def installed(name: str) -> str:
    """Return the version of a package here, empty where it is not installed."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def processor() -> str:
    """Return the name of the processor, as well as the system tells it."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


if __name__ == "__main__":
    sys.exit(main())
