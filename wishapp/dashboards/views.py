"""`/today`: what waits for me, whoever I am. `/figures`: how a place stands, the least served first; its wall screen."""

from flask import Blueprint, Response, render_template
from flask_babel import gettext as _

from wishapp.dashboards import queries, screen
from wishapp.kernel import clock
from wishapp.kernel.permissions import FIELD_STAFF, HELPERS, STAFF
from wishapp.matching import queries as matching
from wishapp.volunteering import queries as volunteering
from wishapp.web.actor import current_actor
from wishapp.web.guards import guard
from wishapp.web.sheets import workbook

blueprint = Blueprint("dashboards", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/today")
@guard("account.use", scope="own")
def today() -> str:
    actor = current_actor()
    is_staff, is_helper = bool(actor.roles & FIELD_STAFF), bool(actor.roles & HELPERS)
    parts: dict = {"turns": queries.own_turns(actor.id), "is_staff": is_staff, "is_helper": is_helper}
    parts["shifts"] = volunteering.waiting_for(actor.id)
    if is_helper:
        parts |= {"offers": matching.offers_of(actor.id), "claims": queries.jobs_in_hand(actor.id), "nearby": queries.could_take(actor.id)}
    if is_staff:
        parts["counts"] = queries.staff_counts(actor)
    if actor.roles & STAFF:
        counts = queries.waiting(actor)
        parts |= {"to_review": counts.wishes, "calls_to_review": counts.calls, "hours_waiting": counts.hours, "proposals": counts.proposals, "out": matching.offers_out(actor),
                  "runs": matching.under_way(actor)}
    return render_template("dashboards/today.html", layout="staff.html" if is_staff else "base.html", now=clock.now(), today=clock.today(), **parts)


@blueprint.get("/figures")
@guard("dashboards.read", scope="place")
def figures() -> str:
    paths = current_actor().paths_for("dashboards.read")
    rows = queries.by_community(paths)
    return render_template("dashboards/figures.html", rows=rows, total=total(rows), months=queries.by_month(paths), long_days=queries.LONG_DAYS)


@blueprint.get("/figures/screen")
@guard("dashboards.read", scope="place")
def wall_screen() -> str:
    paths = current_actor().paths_for("dashboards.read")
    rows = queries.by_community(paths)
    return render_template(
        "dashboards/screen.html", total=total(rows), rows=screen.cells(rows), months=queries.by_month(paths), pace=screen.pace(paths),
        echoes=screen.echoes(paths), longest=screen.waiting_longest(paths), now=clock.now())


def total(rows: list[queries.PlaceFigures]) -> queries.PlaceFigures:
    """All communities together."""
    sums = [sum(getattr(row, name) for row in rows) for name in ("waiting", "under_way", "done", "long_waiting")]
    return queries.PlaceFigures(0, "", "", *sums, max((row.oldest_days for row in rows), default=0))


@blueprint.get("/figures/export")
@guard("dashboards.read", scope="place")
def export() -> Response:
    rows = queries.by_community(current_actor().paths_for("dashboards.read"))
    heads = [_("Community"), _("Street"), _("Made"), _("Come true"), _("Under way"), _("Waiting for someone"), _("Waiting two weeks and more"),
             _("Oldest, days"), _("Found a place, per cent")]
    body = workbook(_("Figures"), heads, [
        [row.name, row.street, row.made, row.done, row.under_way, row.waiting, row.long_waiting, row.oldest_days, round(100 * row.share, 1)] for row in rows])
    name = f"figures-{clock.today():%Y%m%d}.xlsx"
    return Response(body, mimetype=XLSX, headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"})
