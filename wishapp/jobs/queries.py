"""Reading jobs."""

from wishapp.jobs.models import Job
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
