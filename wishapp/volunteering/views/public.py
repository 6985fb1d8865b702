"""What everybody may see: shifts one can do, a call, one shift with its sign-up."""

import secrets
from pathlib import Path
from typing import Any

from flask import current_app, flash, redirect, render_template, request, send_from_directory, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from wishapp.kernel import clock
from wishapp.kernel.errors import NotFound, Refused
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.supporters.models import Skill
from wishapp.volunteering import listing, reports, service, stories
from wishapp.volunteering import shift_words as words
from wishapp.volunteering.access import access_call, access_shift, may_with_call
from wishapp.volunteering.asking import is_asked
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.eligibility import RULES, Asked, alternative, home_of, opens_for
from wishapp.volunteering.models import Call, CallKind, Shift, ShiftRole, SignUp, Volunteer
from wishapp.volunteering.record_models import CallPhoto
from wishapp.volunteering.rules import rules_at
from wishapp.volunteering.ruling import Reader, reader_of
from wishapp.volunteering.sign_up_forms import GuestForm, SignUpForm
from wishapp.volunteering.sign_ups import living
from wishapp.volunteering.volunteers import volunteer_of
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.forms import said
from wishapp.web.guards import guard, public

HELPED_BY_ANOTHER = ("there", "open", "free", "rested")  # rules another shift of the same call may not break
UNFIT = ("age", "skill", "paused")


def asked_filters() -> listing.Filters:
    """What the address asks for."""
    return listing.Filters(
        community_id=arguments.number("community"), near=arguments.choice("near", listing.Near), kind=arguments.choice("kind", CallKind),
        when=arguments.choice("when", listing.When), free=arguments.number("free", 0, high=1) == 1, skill=arguments.choice("skill", Skill),
        q=arguments.text("q", most=60), everything=arguments.number("all", 0, high=1) == 1)


def link(**changes: object) -> str:
    """This list's address with some of its parameters changed; the page number starts anew unless it is what changes."""
    values = {**arguments.kept(), "page": None, **changes}
    return url_for("volunteering.index", **{name: value for name, value in values.items() if value not in (None, "")})


@blueprint.get("/volunteer")
@public
def index() -> str:
    """Shifts this person can do, by start."""
    reader, asked = reader_of(current_actor().id), asked_filters()
    found, counts = listing.shifts_for(reader, asked, arguments.page())
    days: dict[str, list[listing.Line]] = {}
    for line in found.rows:
        days.setdefault(words.day(line.shift.starts_at), []).append(line)
    return render_template(
        "volunteering/index.html", reader=reader, asked=asked, found=found, days=days, link=link, words=words, communities=listing.communities(),
        clashing=counts.get("free", 0) + counts.get("rested", 0), unfit=sum(counts.get(name, 0) for name in UNFIT),
        engaged=sum(1 for held in reader.engaged if held.ends_at > clock.now()), opens_at=lambda line: _opens(line, reader))


def _opens(line: listing.Line, reader: Reader) -> Any:
    """When a shift that is not open yet opens for this reader."""
    return opens_for(line.shift.call, reader.home) if line.why == "opened" else None


@blueprint.get("/calls/<int:call_id>")
@public
def show(call_id: int) -> str:
    """One call: what, where, its shifts."""
    actor = current_actor()
    call = access_call(actor, call_id, "calls.read")
    reader = reader_of(actor.id)
    lines = listing.lines_of(call, reader)
    shown = list(db.session.scalars(select(CallPhoto).where(CallPhoto.call_id == call.id, CallPhoto.purpose.in_(_public_purposes(call))).order_by(CallPhoto.id)))
    return render_template(
        "volunteering/show.html", call=call, reader=reader, words=words, photos=[one for one in shown if one.purpose == "poster"], now=clock.now(),
        report_photos=[one for one in shown if one.purpose == "report"], figures=reports.figures(call) if call.state == "archived" else None,
        ahead=[line for line in lines if line.shift.state in ("open", "under_way") and line.shift.ends_at > clock.now()],
        past=[line for line in lines if line.shift.ends_at <= clock.now() or line.shift.state in ("over", "cancelled")],
        opens=opens_for(call, reader.home), may_lead=may_with_call(actor, call, "calls.lead"),
        away=listing.metres_between(reader.origin, call) if reader.origin else None)


def _public_purposes(call: Call) -> list[str]:
    return ["poster", "report"] if call.state == "archived" else ["poster"]


@blueprint.get("/calls/<int:call_id>/photos/<int:photo_id>")
@public
def call_photo(call_id: int, photo_id: int) -> Response:
    """A photo of the poster, and of the report once the call is archived; organisers see the report's before."""
    actor = current_actor()
    call = access_call(actor, call_id, "calls.read")
    purposes = ["poster", "report"] if may_with_call(actor, call, "calls.lead") else _public_purposes(call)
    found = db.session.scalar(select(CallPhoto).where(CallPhoto.id == photo_id, CallPhoto.call_id == call.id, CallPhoto.purpose.in_(purposes)))
    folder = Path(current_app.config["UPLOAD_FOLDER"]).resolve()
    if found is None or not (folder / found.file_name).is_file():
        raise NotFound()
    answer = send_from_directory(folder, found.file_name, mimetype="image/jpeg", max_age=0)
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


@blueprint.get("/shifts/<int:shift_id>")
@public
def shift(shift_id: int) -> Any:
    """One shift: sign up, or why not and what would help."""
    return show_shift(access_shift(current_actor(), shift_id, "calls.read"))


def show_shift(shift: Shift, *, form: SignUpForm | None = None, refusal: Refused | None = None, status: int = 200) -> Any:
    """The page of a shift for whoever looks. `form`, `refusal`: what was just sent, and what spoke against it."""
    actor = current_actor()
    volunteer = volunteer_of(actor.id) or Volunteer(user_id=actor.id)
    reader = reader_of(actor.id)
    held = living(shift.id, volunteer.id) if volunteer.id is not None else None
    held = None if held is not None and is_asked(held) else held  # kept while the matcher asks: one may sign up alone
    form = form or (SignUpForm() if actor.id is not None else GuestForm(key=secrets.token_urlsafe(24)))
    form.for_shift(shift, reader.skills if actor.id is not None else frozenset())
    role = next((role for role in shift.roles if role.id == form.role_id.data), shift.roles[0])
    rule, instead = "", None
    if held is None:
        asked = Asked(volunteer, shift, role, form.people.data or 1, home_of(volunteer), clock.now(), rules_at(shift.place_path))
        rule, found = next(((name, found) for name, check in RULES.items() if (found := check(asked)) is not None), ("", None))
        refusal = refusal or found
        instead = alternative(asked) if rule in HELPED_BY_ANOTHER else None
    return render_template(
        "volunteering/shift.html", shift=shift, call=shift.call, form=form, reader=reader, words=words, held=held, role=role, rule=rule,
        refusal=said(refusal) if refusal else "", instead=instead, instead_role=_seat_in(instead, role), queue=stories.queue_length(role.id),
        turn=stories.turn(held) if held else None, away=listing.metres_between(reader.origin, shift.call) if reader.origin else None,
        may_lead=may_with_call(actor, shift.call, "calls.lead"), now=clock.now()), status


def _seat_in(instead: Shift | None, role: ShiftRole) -> ShiftRole | None:
    """The seat of the same sort in another shift."""
    return next((other for other in instead.roles if other.skill == role.skill), None) if instead else None


@blueprint.post("/shifts/<int:shift_id>/sign-up")
@guard("calls.sign_up", scope="own")
def sign_up(shift_id: int) -> Any:
    """Take a place in the shift, or one in its queue."""
    actor = current_actor()
    shift = access_shift(actor, shift_id, "calls.read")
    form = SignUpForm().for_shift(shift, None if request.form.get("role_id") else reader_of(actor.id).skills)
    if not form.validate_on_submit():
        return show_shift(shift, form=form, status=422)
    role = next(role for role in shift.roles if role.id == form.role_id.data)
    try:
        with transaction():
            made = service.sign_up(role, service.ensure_volunteer(actor.id), by=actor, people=form.people.data)
    except Refused as refusal:
        return show_shift(shift, form=form, refusal=refusal, status=refusal.status)
    flash(what_came_of(made), "done" if made.state == "confirmed" else "wait")
    return redirect(url_for("volunteering.mine_show", sign_up_id=made.id), 303)


def what_came_of(sign_up: SignUp) -> str:
    """In one sentence: in, number n in the queue, or waiting for a yes."""
    if sign_up.state == "confirmed":
        return _("You are in: %(when)s, %(spot)s.", when=words.moment(sign_up.shift), spot=sign_up.shift.call.spot)
    if sign_up.state == "waitlisted":
        return _("All seats are taken. You are number %(number)s in the queue and will hear when one becomes free.", number=stories.place_in_queue(sign_up))
    return _("Sent. The organisers have a look and say yes or no, usually within a day.")


