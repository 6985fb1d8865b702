"""Reading jobs."""

from sqlalchemy import or_, select

from wishapp.jobs.models import Job
from wishapp.kernel import clock
from wishapp.kernel.errors import NotFound
from wishapp.kernel.roles import Actor
from wishapp.store.db import db


def job(job_id: int) -> Job | None:
    """A job by its id."""
    return db.session.get(Job, job_id)


def access_job(actor: Actor, job_id: int, permission: str = "jobs.read") -> Job:
    """A job the actor may look at: one they started, or one within their own places; NotFound otherwise."""
    found = job(job_id)
    if found is None:
        raise NotFound()
    if actor.id is not None and found.started_by_id == actor.id:
        return found
    if found.place_path and actor.may(permission, found.place_path):
        return found
    raise NotFound()


def is_other_at_work(job_id: int) -> bool:
    """Is another job of the same kind at work on the same place, begun before this one and under a living lease."""
    query = select(Job.id, Job.kind, Job.place_path, Job.started_at).where(Job.status == "running", or_(Job.id == job_id, Job.lease_until > clock.now()))
    with db.engine.connect() as connection:
        rows = connection.execute(query).all()
    own = next((row for row in rows if row.id == job_id), None)
    return own is not None and any(
        (row.kind, row.place_path) == (own.kind, own.place_path) and (row.started_at, row.id) < (own.started_at, own.id) for row in rows)
