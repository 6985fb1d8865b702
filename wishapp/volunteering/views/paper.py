"""What is printed: the poster of a call, its picture for phones, the sign-in sheet of a shift."""

from typing import Any

import segno
from flask import current_app, render_template, url_for
from markupsafe import Markup

from wishapp.store.transaction import transaction
from wishapp.volunteering import roster as rosters
from wishapp.volunteering import schedule, words
from wishapp.volunteering.access import access_call, access_shift
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.models import Call, Shift
from wishapp.web.actor import current_actor
from wishapp.web.guards import guard

MOST_LINES = 5
EMPTY_ROWS = 6
SHEET_ROWS = 18


def address(call: Call) -> str:
    """The public address of the call's page, as its code says it."""
    return current_app.config["PUBLIC_URL"].rstrip("/") + url_for("volunteering.show", call_id=call.id)


def code(text: str) -> Markup:
    """A code to scan as inline SVG, with the quiet edge it needs."""
    # safe: nothing but the squares of a code drawn here
    return Markup(segno.make(text, error="m", micro=False).svg_inline(border=2, dark="#21282c", light="#ffffff", omitsize=True))


@blueprint.get("/calls/<int:call_id>/poster")
@guard("calls.read")
def poster(call_id: int) -> Any:
    """A4, to be hung up. Everybody may see it once the call is published; whoever made it before that too."""
    call = access_call(current_actor(), call_id, "calls.read")
    shifts = schedule.shown(call.shifts)
    found = schedule.lines(shifts)
    skills = sorted({role.skill for shift in shifts for role in shift.roles if role.skill and role.seats})
    return render_template(
        "volunteering/poster.html", call=call, lines=found[:MOST_LINES], more=sum(line.times for line in found[MOST_LINES:]), skills=skills, words=words,
        code=code(address(call)), size=next((number for number, most in ((1, 7), (2, 12), (3, 20), (4, 34)) if len(call.title) <= most), 5))


@blueprint.get("/desk/shifts/<int:shift_id>/sheet")
@guard("calls.lead", scope="place")
def sheet(shift_id: int) -> str:
    """The sign-in sheet with masked names: enough to find one's line."""
    return _sheet(access_shift(current_actor(), shift_id, "calls.lead"))


@blueprint.post("/desk/shifts/<int:shift_id>/full-sheet")
@guard("calls.lead", scope="place")
def full_sheet(shift_id: int) -> str:
    """The same with full names; it is written down. Answered in place."""
    shift = access_shift(current_actor(), shift_id, "calls.lead")
    with transaction():
        rosters.read_contacts(shift, by=current_actor(), purpose=rosters.Purpose.SHEET)
    return _sheet(shift, is_opened=True)


def _sheet(shift: Shift, *, is_opened: bool = False) -> str:
    listed = [entry for entry in rosters.roster(shift, is_opened=is_opened).listed if entry.sign_up.state != "offered"]
    rows = sum(entry.sign_up.people for entry in listed)
    return render_template("volunteering/sheet.html", shift=shift, call=shift.call, entries=listed, is_opened=is_opened, rows=rows,
                           empty=max(EMPTY_ROWS, SHEET_ROWS - rows), code=code(address(shift.call)))
