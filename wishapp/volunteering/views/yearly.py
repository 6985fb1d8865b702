"""A unit's page of its members' year of service."""

from typing import Any

from flask import Response, render_template
from flask_babel import gettext as _

from wishapp.volunteering import record_words, yearly
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.record_queries import masked_names
from wishapp.volunteering.views.records import XLSX
from wishapp.web import sheets
from wishapp.web.actor import current_actor
from wishapp.web.guards import guard


@blueprint.get("/units/<int:supporter_id>/years/<int:year>")
@guard("supporters.self", scope="own")
def year(supporter_id: int, year: int) -> Any:
    """What the unit's members gave in a year, as it was sent."""
    unit, rows = yearly.access_year(current_actor(), supporter_id, year)
    return render_template("volunteering/year.html", unit=unit, year=year, rows=rows, years=yearly.years_of(unit.id), words=record_words,
                           names=masked_names(row.volunteer for row in rows), checked=sum(row.checked for row in rows),
                           backfilled=sum(row.backfilled for row in rows), times=sum(row.times for row in rows))


@blueprint.get("/units/<int:supporter_id>/years/<int:year>/workbook.xlsx")
@guard("supporters.self", scope="own")
def year_export(supporter_id: int, year: int) -> Response:
    """The same as a workbook."""
    _unit, rows = yearly.access_year(current_actor(), supporter_id, year)
    names = masked_names(row.volunteer for row in rows)
    heads = (_("Member"), _("Volunteer number"), _("From check-in"), _("Written down afterwards"), _("Times"))
    lines = [(names[row.volunteer_id], row.volunteer.number, row.checked / 2, row.backfilled / 2, row.times) for row in rows]
    answer = Response(sheets.workbook(str(year), heads, lines), mimetype=XLSX)
    answer.headers["Content-Disposition"] = f"attachment; filename=service-{year}.xlsx"
    return answer
