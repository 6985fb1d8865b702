"""Commands over the whole house: verify, routes, seal, backup, restore, serve. Slices bring their own in their cli.py."""

import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import click
import flask_migrate
from flask import Flask, current_app
from flask.cli import with_appcontext

from wishapp import serving
from wishapp.demo import accounts, street
from wishapp.demo import cli as demo
from wishapp.jobs import housekeeping
from wishapp.matching import cli as matching
from wishapp.store import backup
from wishapp.store.db import db
from wishapp.web.logs import only_warnings

SECONDS = 20  # for the first match of the demonstration
WORKERS = 2  # one for long matches, one for what must not wait for them
SAFE = {"GET", "HEAD", "OPTIONS"}


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of lines.")
@with_appcontext
def verify_command(as_json: bool) -> None:
    """Check every invariant on the live database; exit 1 when one is broken."""
    report = verify(current_app.extensions["wishapp_checks"])
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        for name, found in report["checks"].items():
            click.echo(f"{'ok   ' if not found['broken'] else 'BROKEN'} {name} ({found['seconds']} s)")
            for line in found["broken"]:
                click.echo(f"       {line}")
    if not report["ok"]:
        sys.exit(1)


def verify(checks: Iterable[Callable[[], Iterable[str]]]) -> dict:
    """{"ok": bool, "checks": {name: {"about", "broken": [words], "seconds"}}}."""
    report: dict = {"ok": True, "checks": {}}
    for check in checks:
        began = time.monotonic()
        broken = list(check())
        db.session.rollback()
        report["checks"][check.__name__] = {"about": check.__doc__, "broken": broken, "seconds": round(time.monotonic() - began, 2)}
        report["ok"] = report["ok"] and not broken
    return report


@click.command("routes")
@click.option("--json", "as_json", is_flag=True, help="A JSON list instead of lines.")
@with_appcontext
def routes_command(as_json: bool) -> None:
    """List every endpoint with its rule, methods, permission, scope and whether CSRF is checked."""
    found = routes(current_app._get_current_object())
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for route in found:
        click.echo(f"{','.join(route['methods']):10} {route['rule']:52} {route['permission'] or 'UNDECLARED':24} {route['scope']:6} {route['endpoint']}")


def routes(app: Flask) -> list[dict]:
    """[{"endpoint", "rule", "methods", "permission" ("public", a permission or None), "scope", "csrf"}], by rule."""
    exempt = app.extensions["csrf"]._exempt_views if "csrf" in app.extensions else set()
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        methods = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        is_static = rule.endpoint == "static" or rule.endpoint.endswith(".static")
        found.append({
            "endpoint": rule.endpoint, "rule": rule.rule, "methods": methods,
            "permission": "public" if is_static else getattr(view, "__guard__", None), "scope": getattr(view, "__scope__", "any"),
            "csrf": bool(set(methods) - SAFE) and f"{view.__module__}.{view.__name__}" not in exempt,
        })
    return sorted(found, key=lambda route: (route["rule"], route["methods"]))


@click.command("seal")
@with_appcontext
def seal_command() -> None:
    """Seal the record now and note its head outside the database (workers do so every minute)."""
    sealed = housekeeping.seal_everything()
    housekeeping.write_head()
    click.echo(f"sealed {sealed}")


@click.command("backup")
@click.argument("target", type=click.Path(path_type=Path))
@with_appcontext
def backup_command(target: Path) -> None:
    """Copy the live database to TARGET while it is being used."""
    try:
        pages = backup.write_copy(target)
    except backup.CannotCopy as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{target}: {pages} pages, checked")


@click.command("restore")
@click.argument("source", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def restore_command(source: Path, yes: bool) -> None:
    """Replace the database by the copy SOURCE. Stop the site first."""
    if not yes:
        click.confirm("Everything that happened after this copy will be gone. Go on?", abort=True)
    try:
        backup.restore_copy(source)
    except backup.CannotCopy as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"restored from {source}; run `wishapp verify`")


@click.command("serve")
@click.option("--host", default="127.0.0.1", envvar="HOST", show_default=True)
@click.option("--port", default=5000, envvar="PORT", show_default=True, type=click.IntRange(0, 65535))
@click.option("--workers", default=WORKERS, envvar="WISHAPP_WORKERS", show_default=True, type=click.IntRange(0, 64))
@with_appcontext
def serve_command(host: str, port: int, workers: int) -> None:
    """Serve the site and do its background work in one process tree; Ctrl-C stops both."""
    serving.serve(current_app._get_current_object(), host=host, port=port, workers=workers)


@click.command("start")
@click.option("--host", default="127.0.0.1", envvar="HOST", show_default=True)
@click.option("--port", default=5000, envvar="PORT", show_default=True, type=click.IntRange(0, 65535))
@with_appcontext
def start_command(host: str, port: int) -> None:
    """Try it out: bring the database up to date, load the demonstration street and match it once, list the sign-ins, serve."""
    app = current_app._get_current_object()
    flask_migrate.upgrade()
    if demo.load("street", is_once=True):
        click.echo("Matching it …")
        with only_warnings():
            run = matching.run_here(street.CODE, {"seconds": SECONDS})
        click.echo("  " + matching.describe(run))
    click.echo(accounts.table())
    db.session.remove()
    serving.serve(app, host=host, port=port, workers=WORKERS)


COMMANDS = (verify_command, routes_command, seal_command, backup_command, restore_command, serve_command, start_command)
