"""Hours of service: one's own record, and the staff's lists."""

from typing import Any

from flask import Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from wishapp.kernel import clock
from wishapp.kernel.errors import NotFound
from wishapp.store import audit
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering import hours, record_words
from wishapp.volunteering import record_queries as queries
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.certificate_queries import own_certificates
from wishapp.volunteering.record_forms import ObjectForm, ReasonForm, SettleForm
from wishapp.volunteering.record_models import ServiceRecord
from wishapp.volunteering.stars import stars
from wishapp.volunteering.views.guests import access_by_token
from wishapp.volunteering.volunteers import volunteer_of
from wishapp.web import arguments, sheets
from wishapp.web.actor import current_actor
from wishapp.web.forms import Form
from wishapp.web.guards import guard, public

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/volunteer/records")
@guard("records.own", scope="own")
def records() -> str:
    """My hours: sums, stars, every piece of service with its state."""
    volunteer = volunteer_of(current_actor().id)
    if volunteer is None:
        return render_template("volunteering/records.html", volunteer=None, calls_url=calls_url())
    all_time = queries.totals(volunteer.id)
    return render_template(
        "volunteering/records.html", volunteer=volunteer, all_time=all_time, stars=stars(all_time.all), words=record_words,
        this_year=queries.totals(volunteer.id, since=queries.year_start(clock.today().year)),
        found=queries.own_records(volunteer.id, arguments.page()), calls_url=calls_url(), certificates=own_certificates(volunteer.id))


def calls_url() -> str:
    """Where one finds what is on."""
    return url_for("volunteering.index" if "volunteering.index" in current_app.view_functions else "wishes.wall")


@blueprint.get("/volunteer/records.xlsx")
@guard("records.own", scope="own")
def records_export() -> Response:
    """Everything about my hours as a workbook."""
    volunteer = volunteer_of(current_actor().id)
    if volunteer is None:
        raise NotFound()
    heads = (_("Date"), _("From"), _("Until"), _("Activity"), _("Place"), _("Minutes"), _("Hours"), _("How"), _("State"), _("Objection"), _("Answer"))
    lines = [_line(record) for record in db.session.scalars(queries.own_query(volunteer.id))]
    answer = Response(sheets.workbook(_("My hours of service"), heads, lines), mimetype=XLSX)
    answer.headers["Content-Disposition"] = "attachment; filename=service-hours.xlsx"
    return answer


def _line(record: ServiceRecord) -> tuple[object, ...]:
    start, end = record.starts_at.astimezone(clock.LOCAL), record.ends_at.astimezone(clock.LOCAL)
    return (f"{start:%Y-%m-%d}", f"{start:%H:%M}", f"{end:%H:%M}", record.title, record.place_name, record.minutes, record.half_hours / 2,
            str(record_words.SOURCES[record.source]), str(record_words.STATES[record.state]), record.objection, record.answer)


@blueprint.route("/service-records/<int:record_id>/object", methods=["GET", "POST"], endpoint="object")
@guard("records.own", scope="own")
def object_(record_id: int) -> Any:
    """These hours are not right."""
    return _objecting(queries.access_record(current_actor(), record_id, "records.own"), url_for("volunteering.records"))


@blueprint.route("/guests/<string:token>/object", methods=["GET", "POST"])
@public
def guest_object(token: str) -> Any:
    """The same for a guest, through the private link."""
    record = queries.record_of_sign_up(access_by_token(token).id)
    if record is None:
        raise NotFound()
    answer = make_response(_objecting(record, url_for("volunteering.guest", token=token)))
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _objecting(record: ServiceRecord, back: str) -> Any:
    form = ObjectForm()
    if form.validate_on_submit():
        with transaction():
            hours.object_hours(record, by=current_actor(), why=form.why.data)
        flash(_("Said. Whoever ran it looks into it and answers here."), "done")
        return redirect(back, 303)
    return render_template("volunteering/object.html", record=record, form=form, back=back, words=record_words), 422 if form.errors else 200


@blueprint.get("/desk/hours", endpoint="hours")
@guard("records.backfill", scope="place")
def hours_desk() -> str:
    """What is to be settled or looked at, what is shown, what counts."""
    actor = current_actor()
    counts = queries.tab_counts(actor)
    tab = arguments.choice("tab", queries.HoursTab) or (queries.HoursTab.SETTLE if counts["settle"] or not counts["review"] else queries.HoursTab.REVIEW)
    source = arguments.choice("source", queries.Source)
    asked = queries.HoursFilters(tab=tab, source=source or "", q=arguments.text("q", most=60), since=_since())
    found = queries.desk_records(actor, asked, arguments.page())
    return render_template("volunteering/hours.html", found=found, asked=asked, counts=counts, words=record_words, link=_link,
                           since=request.args.get("since", "") if asked.since else "",
                           names=queries.masked_names({record.volunteer_id: record.volunteer for record in found.rows}.values()))


@blueprint.get("/desk/hours/<int:record_id>")
@guard("records.backfill", scope="place")
def record(record_id: int) -> Any:
    """One piece of service as staff see it."""
    return show_record(_near(record_id))


def show_record(record: ServiceRecord, form: Form | None = None, status: int = 200) -> Any:
    """The staff's page of a record; `form` is one that was just refused."""
    actor = current_actor()
    own = hours.is_own(record, actor)
    steps = audit.history("hours", record.id)
    return render_template(
        "volunteering/record.html", record=record, words=record_words, own=own, steps=steps, proofs=queries.proofs(record),
        name=queries.masked_names([record.volunteer])[record.volunteer_id], people=queries.who(steps),
        may_settle=record.state == "objected" and not own and hours.may_settle(actor, record),
        may_review=record.state == "claimed" and not own and record.recorder_id != actor.id and actor.may("records.review", record.place_path),
        may_revoke=record.state == "final" and not own and actor.may("records.revoke", record.place_path),
        settle_form=form if isinstance(form, SettleForm) else SettleForm(data={"minutes": record.minutes}),
        reason_form=form if isinstance(form, ReasonForm) else ReasonForm()), status


@blueprint.post("/desk/hours/<int:record_id>/settle")
@guard("records.backfill", scope="place")
def settle(record_id: int) -> Any:
    """Answer an objection."""
    record, form = _near(record_id), SettleForm()
    if not form.validate_on_submit():
        return show_record(record, form, 422)
    with transaction():
        hours.settle_hours(record, by=current_actor(), answer=form.answer.data, minutes=form.minutes.data)
    flash(_("Answered. It is shown for at least two more days."), "done")
    return redirect(url_for("volunteering.hours"), 303)


@blueprint.post("/desk/hours/<int:record_id>/revoke")
@guard("records.revoke", scope="place")
def revoke(record_id: int) -> Any:
    """Take final hours back, with their points."""
    record, form = queries.access_record(current_actor(), record_id, "records.revoke"), ReasonForm()
    if not form.validate_on_submit():
        return show_record(record, form, 422)
    with transaction():
        hours.revoke_hours(record, by=current_actor(), why=form.why.data)
    flash(_("Taken back, with the points. The volunteer has been told why."), "done")
    return redirect(url_for("volunteering.record", record_id=record.id), 303)


def _near(record_id: int) -> ServiceRecord:
    return queries.access_record(current_actor(), record_id, "records.backfill")


def _since() -> Any:
    """Local midnight of the day asked for; nothing when it is no day."""
    day = arguments.day("since")
    return queries.day_start(day) if day else None


def _link(**changes: object) -> str:
    """This list's address with some parameters changed; the page starts anew unless it is what changes."""
    values = {**arguments.kept(), "page": None, **changes}
    return url_for("volunteering.hours", **{name: value for name, value in values.items() if value not in (None, "")})
