"""Composition root: blueprints, demand sources, shell, jobs, commands. Lists, no logic."""

from flask import Flask

from wishapp import checks, commands
from wishapp.accounts import models as accounts_models
from wishapp.accounts import views as accounts_views
from wishapp.dashboards import audit_views
from wishapp.dashboards import views as dashboards_views
from wishapp.dashboards.shell import SHELL
from wishapp.demo.cli import demo_group
from wishapp.jobs import housekeeping
from wishapp.jobs import models as jobs_models
from wishapp.jobs.cli import worker_command
from wishapp.matching import deadlines as matching_deadlines
from wishapp.matching import events as matching_events
from wishapp.matching import models as matching_models
from wishapp.matching import preview as matching_preview
from wishapp.matching import repairs as matching_repairs
from wishapp.matching import sources as matching_sources
from wishapp.matching import views as matching_views
from wishapp.matching import work as matching_work
from wishapp.matching.cli import match_group
from wishapp.matching.views import weights as matching_weights
from wishapp.notices import listeners as notices_listeners
from wishapp.notices import models as notices_models
from wishapp.notices import outbox as notices_outbox
from wishapp.notices import views as notices_views
from wishapp.places import views as places_views
from wishapp.points import heads as points_heads
from wishapp.points import models as points_models
from wishapp.points import views as points_views
from wishapp.store import idempotency
from wishapp.supporters import models as supporters_models
from wishapp.supporters import views as supporters_views
from wishapp.volunteering import closing as volunteering_closing
from wishapp.volunteering import deadlines as volunteering_deadlines
from wishapp.volunteering import events as volunteering_events
from wishapp.volunteering import finalising as volunteering_finalising
from wishapp.volunteering import models as volunteering_models
from wishapp.volunteering import photo_chores as volunteering_photos
from wishapp.volunteering import record_models as volunteering_records
from wishapp.volunteering import reminders as volunteering_reminders
from wishapp.volunteering import views as volunteering_views
from wishapp.volunteering import yearly as volunteering_yearly
from wishapp.volunteering.demand import ShiftSource
from wishapp.web import health, job_pages, styleguide
from wishapp.wishes import chores as wishes_chores
from wishapp.wishes import models as wishes_models
from wishapp.wishes import views as wishes_views
from wishapp.wishes.demand import WishSource

MODELS = (
    accounts_models, jobs_models, matching_models, notices_models, points_models, idempotency, supporters_models, wishes_models,
    volunteering_models, volunteering_records,
)
BLUEPRINTS = (
    matching_views.blueprint, matching_weights.blueprint, dashboards_views.blueprint, audit_views.blueprint,
    accounts_views.blueprint, places_views.blueprint, health.blueprint, job_pages.blueprint,
    supporters_views.blueprint, points_views.blueprint, notices_views.blueprint, wishes_views.blueprint,
    volunteering_views.blueprint,
)
DEVELOPMENT_BLUEPRINTS = (styleguide.blueprint,)
JOBS = (housekeeping, matching_work, matching_preview, matching_repairs, matching_deadlines, notices_outbox, points_heads, wishes_chores,
        volunteering_closing, volunteering_deadlines, volunteering_finalising, volunteering_photos, volunteering_reminders,
        volunteering_yearly)
LISTENERS = (notices_listeners, matching_events, volunteering_events)
SOURCES = (WishSource(), ShiftSource())
CHECKS = checks.ALL
COMMANDS = (*commands.COMMANDS, worker_command, demo_group, match_group)


def wire(app: Flask) -> None:
    """Put everything into the app."""
    for blueprint in (*BLUEPRINTS, *(DEVELOPMENT_BLUEPRINTS if app.config["ENV"] == "development" else ())):
        app.register_blueprint(blueprint)
    for source in SOURCES:
        matching_sources.register(source)
    app.extensions["wishapp_shell"] = SHELL
    app.extensions["wishapp_checks"] = CHECKS
    for command in COMMANDS:
        app.cli.add_command(command)
