"""`wishapp demo load` and `wishapp demo accounts`."""

import time

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from wishapp.demo import accounts, district, street
from wishapp.places.models import Place
from wishapp.store.db import db
from wishapp.web.logs import only_warnings

SCALES = {"street": street.load, "district": district.load}


@click.group("demo")
def demo_group() -> None:
    """Demonstration data; refuses to run in production."""


@demo_group.command("load")
@click.option("--scale", type=click.Choice(list(SCALES)), default="street", show_default=True)
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same data.")
@click.option("--once", is_flag=True, help="Do nothing when the database holds places already.")
@with_appcontext
def load_command(scale: str, seed: int, once: bool) -> None:
    """Fill an empty database."""
    load(scale, seed, is_once=once)


def load(scale: str, seed: int = 1, *, is_once: bool = False) -> bool:
    """Load the data and say what was loaded; False when there was something already and `is_once`. Raises ClickException."""
    if current_app.config["ENV"] == "production":
        raise click.ClickException("Demonstration data is not loaded in production (WISHAPP_ENV=production).")
    is_empty = db.session.scalar(select(Place.id).limit(1)) is None
    db.session.rollback()
    if not is_empty:
        if is_once:
            return False
        raise click.ClickException("This database is not empty. Demonstration data goes into an empty one only.")
    began = time.monotonic()
    click.echo(f"Loading the demonstration {scale} (once) …")
    with only_warnings():
        made = SCALES[scale](seed)
    click.echo("  " + ", ".join(f"{count} {name}" for name, count in made.items() if name != "refused") + f", {time.monotonic() - began:.0f} s")
    return True


@demo_group.command("accounts")
def accounts_command() -> None:
    """List the sign-ins of the demonstration, one per role."""
    click.echo(accounts.table())
