"""The command `truceline`: the verbs of `sim.api`, with words for a terminal and JSON for a program."""

import gc
import os

from sim.cli import looking, running
from sim.cli.verbs import cli

__all__ = ["cli", "looking", "main", "running"]


def main() -> None:
    """Run the command that the process was started with.

    Collecting garbage while modules load, looking for plug-ins of pydantic, of which we have none, and starting threads for linear
    algebra, of which there is none either, take a third of the time until `check` answers. What simulates turns the collection on again.
    """
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    cli()
