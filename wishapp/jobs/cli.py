"""`wishapp worker`: a process that does background work."""

import click
from flask import current_app
from flask.cli import with_appcontext

from wishapp.jobs import worker


@click.command("worker")
@click.option("-n", "--no-periodic", is_flag=True, help="Leave periodic work to another machine's worker.")
@click.option("--ends-with-input", is_flag=True, help="Stop when standard input closes.")
@with_appcontext
def worker_command(no_periodic: bool, ends_with_input: bool) -> None:
    """Do background work until stopped (one job at a time; start several for more)."""
    worker.work(current_app._get_current_object(), is_periodic=not no_periodic, ends_with_input=ends_with_input)
