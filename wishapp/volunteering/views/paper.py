"""What is printed: the poster of a call, its picture for phones, the sign-in sheet of a shift."""

import re
from functools import cache
from typing import Any

import segno
from flask import Response, current_app, get_template_attribute, render_template, url_for
from flask_babel import format_date
from flask_babel import gettext as _
from markupsafe import Markup

from wishapp.config import ROOT
from wishapp.store.transaction import transaction
from wishapp.volunteering import roster as rosters
from wishapp.volunteering import schedule, words
from wishapp.volunteering.access import access_call, access_shift
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.models import Call, Shift
from wishapp.web.actor import current_actor
from wishapp.web.filters import local
from wishapp.web.guards import guard
from wishapp.web.papers import set_paper

MOST_LINES = 5
EMPTY_ROWS = 6
SHEET_ROWS = 21


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
        code=code(address(call)), size=title_size(call.title), room=room(call, len(found)))


def title_size(title: str) -> int:
    """1 for the shortest titles to 5 for the longest."""
    return next((number for number, most in ((1, 6), (2, 16), (3, 20), (4, 39)) if len(title) <= most), 5)


def room(call: Call, schedule_lines: int) -> str:
    """How much room the words leave on the sheet: roomy, usual, full or packed; sizes follow."""
    wide = -(-len(call.title) // {1: 6, 2: 8, 3: 10, 4: 13, 5: 17}[title_size(call.title)]) * {1: 16, 2: 13, 3: 10, 4: 8, 5: 6}[title_size(call.title)]
    story = 5.2 * min(5, -(-len(call.story) // 28) + call.story.count("\n"))
    facts = 5.4 * (min(schedule_lines, MOST_LINES + 1) + 2) + sum(4.4 * min(3, -(-len(text) // 28)) for text in (call.safeguards, call.risks))
    needed = wide + story + facts
    return "roomy" if needed < 44 else "usual" if needed < 56 else "full" if needed < 76 else "packed"


@blueprint.get("/calls/<int:call_id>/poster.png")
@guard("calls.read")
def poster_picture(call_id: int) -> Response:
    """The poster as a picture for phones, 1080 by 1440, to be sent to a group. Refused when a character cannot be drawn here."""
    call = access_call(current_actor(), call_id, "calls.read")
    found = schedule.lines(schedule.shown(call.shifts))
    times = [_("every %(weekday)s", weekday=format_date(local(line.first).date(), "EEE")) if line.is_weekly else format_date(local(line.first).date(), _("MMM d EEE"))
             for line in found[:3]]
    data = {
        "brand": _("Volunteering nearby"), "place": " · ".join(filter(None, (call.community.name, call.team.name if call.team else ""))),
        "eyebrow": _("Wanted: helping hands"), "title": call.title, "size": title_size(call.title), "story": call.story[:110] + ("…" if len(call.story) > 110 else ""),
        "when": [f"{day} {local(line.first):%H:%M}–{local(line.ends_at):%H:%M}" for day, line in zip(times, found[:3], strict=True)],
        "spot": call.spot, "scan": _("Scan to sign up"), "contact": " ".join(filter(None, (call.contact_name, call.contact_phone))),
    }
    picture = set_paper("volunteering/poster_phone.typ", data, form="png", ppi=72, unchecked={
        "qr": segno.make(address(call), error="m", micro=False).svg_inline(border=2, dark="#21282c", light="#ffffff"), "drawing": drawing(call)})[0]
    return Response(picture, mimetype="image/png", headers={"Cache-Control": "public, max-age=300"})


@cache
def _drawings() -> dict[str, str]:
    sheet = (ROOT / "static" / "img" / "drawings.svg").read_text(encoding="utf-8")
    return dict(re.findall(r'<symbol id="d-([a-z]+)" viewBox="0 0 48 48">(.*?)</symbol>', sheet))


def drawing(call: Call) -> str:
    """The drawing that stands beside the call everywhere, as a file of its own."""
    name = str(get_template_attribute("components/marks.html", "drawing_name")("heart" if call.kind == "service" else call.kind, call.title)).strip()
    lines = re.sub(r"var\(--[a-z-]+, (#[0-9a-f]+)\)", r"\1", _drawings().get(name, _drawings()["heart"]))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" fill="none" stroke="#21282c" stroke-width="1.75" stroke-linecap="round" '
            f'stroke-linejoin="round">{lines}</svg>')


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
