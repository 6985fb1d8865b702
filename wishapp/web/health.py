"""Signs of life for machines: /healthz (the process answers), /readyz (the database does too), /metrics (Prometheus)."""

from ipaddress import ip_address

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from prometheus_flask_exporter import PrometheusMetrics
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from wishapp.jobs.models import Job
from wishapp.kernel.errors import NotFound
from wishapp.store.db import db
from wishapp.web.guards import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def alive() -> Response:
    """200 as long as the process answers at all."""
    return jsonify({"status": "alive"})


@blueprint.get("/readyz")
@public
def ready() -> tuple[Response, int]:
    """200 when the database answers and has its tables, else 503."""
    try:
        db.session.execute(select(Job.id).limit(1))
    except SQLAlchemyError:
        db.session.rollback()
        return jsonify({"status": "waiting", "database": "unreachable"}), 503
    return jsonify({"status": "ready", "database": "answers"}), 200


@blueprint.get("/metrics")
@public
def metrics() -> Response:
    """Request counts and times by endpoint, jobs by status. Only for machines in the same network; others find nothing here."""
    if not _is_near(request.remote_addr or "0.0.0.0"):
        raise NotFound()
    registry = current_app.extensions["wishapp_metrics"]
    count_jobs(registry.gauge)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _is_near(address: str) -> bool:
    """Is this an address of the same network; what a proxy passes on may be no address at all."""
    try:
        return ip_address(address).is_private
    except ValueError:
        return False


def count_jobs(gauge: Gauge) -> None:
    """Set the gauge of jobs by status; left as it was when the database does not answer."""
    try:
        found = dict(db.session.execute(select(Job.status, func.count()).group_by(Job.status)).all())
    except SQLAlchemyError:
        db.session.rollback()
        return
    for status in ("waiting", "running", "failed"):
        gauge.labels(status).set(found.get(status, 0))


class Registry(CollectorRegistry):
    """One registry per application, so that several can live in one process."""

    def __init__(self) -> None:
        super().__init__(auto_describe=True)
        self.gauge = Gauge("wishapp_jobs", "Background jobs by status.", ["status"], registry=self)


def init_app(app: Flask) -> None:
    """Count and time every request by endpoint (never by address, which may hold ids)."""
    registry = app.extensions["wishapp_metrics"] = Registry()
    PrometheusMetrics(app, path=None, group_by="endpoint", registry=registry, defaults_prefix="wishapp")
