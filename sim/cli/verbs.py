"""The command itself, to which each verb adds itself."""

import click

from sim.cli.ending import Verbs


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="truceline", message="truceline %(version)s")
def cli() -> None:
    """Simulate the monitoring of a cease-fire: what is seen, verified, attributed and answered, and how sure that is."""
