"""What volunteers do with their own: look, answer, step back, describe themselves."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from wishapp.kernel import clock
from wishapp.kernel.errors import NotFound, Refused
from wishapp.store.db import db
from wishapp.store.transaction import transaction
from wishapp.volunteering import holdings, record_words, service, stories
from wishapp.volunteering import shift_words as words
from wishapp.volunteering.access import access_sign_up
from wishapp.volunteering.asking import is_asked
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.eligibility import home_of
from wishapp.volunteering.models import SignUp
from wishapp.volunteering.record_models import StandInAsk
from wishapp.volunteering.record_queries import record_of_sign_up
from wishapp.volunteering.reports import may_rate
from wishapp.volunteering.rules import rules_at
from wishapp.volunteering.sign_up_forms import VolunteerForm
from wishapp.volunteering.sign_ups import is_late
from wishapp.volunteering.volunteers import skills_of, volunteer_of
from wishapp.web.actor import current_actor
from wishapp.web.forms import said
from wishapp.web.guards import guard


@blueprint.get("/volunteer/mine")
@guard("calls.sign_up", scope="own")
def mine() -> str:
    """My shifts: what waits for my answer first."""
    return render_template("volunteering/mine.html", held=holdings.holdings_of(volunteer_of(current_actor().id)), words=words, now=clock.now())


@blueprint.get("/sign-ups/<int:sign_up_id>")
@guard("calls.sign_up", scope="own")
def mine_show(sign_up_id: int) -> Any:
    """One sign-up: where it stands, what comes next, what I can do."""
    sign_up = access_sign_up(current_actor(), sign_up_id, "calls.sign_up")
    if is_asked(sign_up):
        raise NotFound()  # the question itself stands among the offers
    return show_sign_up(sign_up)


def show_sign_up(sign_up: SignUp, *, refusal: Refused | None = None) -> Any:
    """The page of one's own sign-up; `refusal`: what was just tried and why not."""
    actor = current_actor()
    return render_template(
        "volunteering/mine_show.html", sign_up=sign_up, refusal=said(refusal) if refusal else "", act=acts(sign_up),
        event_url=url_for("volunteering.event", sign_up_id=sign_up.id), **about(sign_up, {actor.id})
    ), refusal.status if refusal else 200


def about(sign_up: SignUp, own_ids: set[int | None]) -> dict[str, Any]:
    """What the page of a sign-up shows, for whoever signed up, with an account or as a guest."""
    return {
        "shift": sign_up.shift, "call": sign_up.shift.call, "words": words, "now": clock.now(), "turn": stories.turn(sign_up),
        "story": stories.story(sign_up, own_ids), "late": is_late(sign_up.shift),
        "hours": record_of_sign_up(sign_up.id), "hours_words": record_words, "may_rate": may_rate(sign_up)}


def acts(sign_up: SignUp) -> Callable[[str], str]:
    """Address of an act on one's own sign-up, by name."""
    return lambda name: url_for(f"volunteering.{name}", sign_up_id=sign_up.id)


def do(sign_up: SignUp, verb: Callable[..., Any], told: str) -> Any:
    """Run one verb on one's own sign-up and lead back to its page, saying what came of it or why not."""
    try:
        with transaction():
            verb(sign_up, by=current_actor())
    except Refused as refusal:
        return show_sign_up(access_sign_up(current_actor(), sign_up.id, "calls.sign_up"), refusal=refusal)
    flash(told, "done")
    return redirect(url_for("volunteering.mine_show", sign_up_id=sign_up.id), 303)


@blueprint.post("/sign-ups/<int:sign_up_id>/accept")
@guard("calls.sign_up", scope="own")
def accept(sign_up_id: int) -> Any:
    """Yes to the seat that was kept."""
    return do(access_sign_up(current_actor(), sign_up_id, "calls.sign_up"), service.accept_seat, _("You are in. See you there!"))


@blueprint.post("/sign-ups/<int:sign_up_id>/decline")
@guard("calls.sign_up", scope="own")
def decline(sign_up_id: int) -> Any:
    """No to the seat that was kept."""
    return do(access_sign_up(current_actor(), sign_up_id, "calls.sign_up"), service.decline_seat, _("Said. The seat goes on to the next; thank you."))


@blueprint.post("/sign-ups/<int:sign_up_id>/cancel")
@guard("calls.sign_up", scope="own")
def cancel(sign_up_id: int) -> Any:
    """Step back in time."""
    told = _("You are off the list. Thank you for saying so in time; the seat goes to whoever waits.")
    return do(access_sign_up(current_actor(), sign_up_id, "calls.sign_up"), service.cancel_sign_up, told)


@blueprint.post("/sign-ups/<int:sign_up_id>/ask-off")
@guard("calls.sign_up", scope="own")
def ask_off(sign_up_id: int) -> Any:
    """I can't after all, and it starts soon: a stand-in is looked for."""
    told = _("Said. A stand-in is being looked for; you will hear at once.")
    return do(access_sign_up(current_actor(), sign_up_id, "calls.sign_up"), service.ask_off, told)


@blueprint.post("/sign-ups/<int:sign_up_id>/come-after-all")
@guard("calls.sign_up", scope="own")
def come_after_all(sign_up_id: int) -> Any:
    """I can come after all: nobody is looked for any more."""
    return do(access_sign_up(current_actor(), sign_up_id, "calls.sign_up"), service.come_after_all, _("Good to have you back. See you there!"))


@blueprint.post("/volunteer/asks/<int:ask_id>/answer-stand-in")
@guard("calls.sign_up", scope="own")
def answer_stand_in(ask_id: int) -> Any:
    """Yes or no to standing in for somebody."""
    actor, is_yes = current_actor(), request.form.get("answer") == "yes"
    ask = db.session.get(StandInAsk, ask_id)
    if ask is None or ask.volunteer.user_id != actor.id:
        raise NotFound()
    with transaction():
        made = service.answer_ask(ask, is_yes=is_yes, by=actor)
    if made is None:
        flash(_("Said. Somebody else is asked; thank you for answering."), "done")
        return redirect(url_for("volunteering.mine"), 303)
    flash(_("Thank you for stepping in. You are on the list."), "done")
    return redirect(url_for("volunteering.mine_show", sign_up_id=made.id), 303)


@blueprint.route("/volunteer/profile", methods=["GET", "POST"])
@guard("calls.sign_up", scope="own")
def profile() -> Any:
    """The volunteer's own page: number, year of birth, policy."""
    actor = current_actor()
    volunteer = volunteer_of(actor.id)
    form = VolunteerForm(obj=volunteer)
    if form.validate_on_submit():
        with transaction():
            service.describe_volunteer(
                service.ensure_volunteer(actor.id), birth_year=form.birth_year.data, has_guardian_consent=form.has_guardian_consent.data, by=actor)
        flash(_("Noted."), "done")
        return redirect(url_for("volunteering.profile"), 303)
    return show_profile(form=form, status=422 if form.errors else 200)


def show_profile(*, form: VolunteerForm | None = None, feed: str = "", status: int = 200) -> Any:
    """The volunteer's own page; `feed`: the calendar's address, just made."""
    volunteer = volunteer_of(current_actor().id)
    path = home_of(volunteer) if volunteer else ""
    return render_template(
        "volunteering/profile.html", volunteer=volunteer, feed=feed, form=form or VolunteerForm(formdata=None, obj=volunteer), words=words, rules=rules_at(path),
        skills=sorted(skills_of(volunteer)) if volunteer else [], today=clock.today()), status
