"""`wishapp match …`: a match from the command line, worked out here and now; a plan's papers for whoever wants to check it."""

from pathlib import Path

import click
from flask.cli import with_appcontext

from wishapp.jobs import run as jobs
from wishapp.kernel.errors import WishappError
from wishapp.kernel.roles import SYSTEM
from wishapp.matching import papers, runs
from wishapp.matching.models import MatchRun
from wishapp.matching.snapshot import Options
from wishapp.places import queries as places
from wishapp.store.db import db
from wishapp.store.transaction import retrying, transaction


@click.group("match")
def match_group() -> None:
    """The matching office from the command line."""


@match_group.command("run")
@click.option("--place", "code", required=True, help="Division code of the place, e.g. of a street.")
@click.option("--seconds", type=click.IntRange(1, 3600), default=Options.seconds, show_default=True, help="At most this long.")
@click.option("--reach", type=click.IntRange(0, 50_000), default=0, help="Everybody goes at least this far, in metres.")
@click.option("--extra", type=click.IntRange(0, 50), default=0, help="So many wishes more for each unit.")
@click.option("--urgent-first", is_flag=True, help="Most urgent first, whatever it costs.")
@click.option("--what-if", is_flag=True, help="Only try it out; touches no plan.")
@with_appcontext
def run_command(code: str, seconds: int, reach: int, extra: int, urgent_first: bool, what_if: bool) -> None:
    """Work out a plan and say how it came out. Nobody is told: it waits on the desk for review."""
    click.echo(describe(run_here(code, {"seconds": seconds, "reach": reach, "extra": extra, "objective": "tiers" if urgent_first else "value"}, is_what_if=what_if)))


@match_group.command("papers")
@click.option("--run", "run_id", type=click.IntRange(1), required=True, help="The run’s id, as in the address of its page.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder to write into; made when it is missing.")
@with_appcontext
def papers_command(run_id: int, out: Path) -> None:
    """Write problem.json and plan.json of a plan, so that anybody can check it. Numbers and ids only."""
    run = db.session.get(MatchRun, run_id)
    kept = papers.open_papers(run) if run is not None else None
    if kept is None:
        raise click.ClickException(f"no papers are kept for run {run_id}")
    out.mkdir(parents=True, exist_ok=True)
    for name, thing in (("problem", kept.problem), ("plan", kept.plan)):
        (out / f"{name}.json").write_bytes(papers.as_json(thing))
    click.echo(f"python -m wishapp.solver check {out / 'problem.json'} {out / 'plan.json'}")


def run_here(code: str, options: dict, *, is_what_if: bool = False) -> MatchRun:
    """Start a run in the system's name and do its job in this process. ClickException when the place is unknown or it fails."""
    def begin() -> tuple[int, int]:
        with transaction():
            place = places.place_by_code(code)
            if place is None:
                raise click.ClickException(f"no place with code {code}")
            run = runs.start_run(place, by=SYSTEM, options=options, is_what_if=is_what_if)
            return run.id, run.job_id

    try:
        run_id, job_id = retrying(begin)
    except WishappError as refusal:
        raise click.ClickException(refusal.message % refusal.params if refusal.params else refusal.message) from refusal
    jobs.run_job(job_id)
    run = db.session.get(MatchRun, run_id, populate_existing=True)
    if run.state != "in_review":
        raise click.ClickException(f"the match ended as: {run.state}")
    return run


def describe(run: MatchRun) -> str:
    """One line: served x of y, gap, seconds."""
    return (f"served {run.served} of {run.demands} seats, proven gap {100 * run.figures['gap']:.2f} %, {run.seconds} s, "
            f"{run.figures['asked']} of {run.figures['supporters']} helpers asked")
