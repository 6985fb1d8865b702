"""Making a call, changing it, adding shifts one by one and by pattern, calling off."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from wishapp.kernel.errors import BadInput, NotFound, SomeoneWasFaster, WishappError
from wishapp.kernel.roles import Actor
from wishapp.places import queries as places
from wishapp.places.models import Place
from wishapp.store.transaction import transaction
from wishapp.volunteering import desk, planning, service, words
from wishapp.volunteering.access import access_call, access_shift
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.making_forms import SKILL_ROWS, TIMES, CallForm, MakeForm, PatternForm, ShiftForm, WhyForm, as_typed
from wishapp.volunteering.models import Call
from wishapp.volunteering.sketch import Dot, sketch
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.forms import PressForm, offered, said
from wishapp.web.guards import guard


def _community(actor: Actor) -> tuple[Place | None, list[Place]]:
    """The community asked for, or the only one there is; and all there are to choose from."""
    offered_ones = desk.communities(actor, "calls.make")
    wanted = arguments.number("community")
    if wanted is None and len(offered_ones) == 1:
        return offered_ones[0], offered_ones
    found = next((place for place in offered_ones if place.id == wanted), None)
    if wanted is not None and found is None:
        raise NotFound()
    return found, offered_ones


def _like(actor: Actor) -> Call | None:
    """The earlier call this one is made after."""
    number = arguments.number("like")
    return access_call(actor, number, "calls.make") if number else None


@blueprint.route("/desk/calls/new", methods=["GET", "POST"])
@guard("calls.make", scope="place")
def make() -> Any:
    """A new call: title, spot and one shift are enough; everything else has its usual value. Or one like an earlier call."""
    actor = current_actor()
    like = _like(actor)
    if like is not None and arguments.number("community") is None:
        return redirect(url_for("volunteering.make", community=like.community_id, like=like.id))
    community, offered_ones = _community(actor)
    if community is None:
        return render_template("volunteering/make_where.html", streets=_by_street(offered_ones), like=like)
    grids = places.children(community.id)
    form = _make_form(actor, community, grids, like)
    if form.validate_on_submit():
        try:
            with transaction():
                call = _create(form, actor, community, grids, like)
            flash(_outcome(call), "done")
            return redirect(url_for("volunteering.manage", call_id=call.id), 303)
        except SomeoneWasFaster:
            raise
        except WishappError as error:
            form.form_errors.append(said(error))
    page = render_template(
        "volunteering/make.html", form=form, community=community, dots=_dots(form), words=words, like=like, may_review=_may_review(actor, community),
        twice=_is_twice(community), earlier=desk.earlier(actor, community) if request.method == "GET" and like is None else [])
    return page, 422 if form.errors else 200


def _dots(form: CallForm) -> list[Dot]:
    here = (form.latitude.data, form.longitude.data)
    is_own = form.point.data == "own" and not form.point.errors and not form.latitude.errors and not form.longitude.errors and None not in here
    return sketch(form.known.items(), here if is_own else None)


def _by_street(communities: list[Place]) -> dict[str, list[Place]]:
    names = places.names(place.parent_id for place in communities)
    found: dict[str, list[Place]] = {}
    for place in communities:
        found.setdefault(names.get(place.parent_id, ""), []).append(place)
    return found


def _may_review(actor: Actor, community: Place) -> bool:
    return actor.may("calls.review", community.path)


def _is_twice(community: Place) -> bool:
    street = places.street_of(community)
    return bool(street and street.is_two_level)


def _make_form(actor: Actor, community: Place, grids: list[Place], like: Call | None) -> MakeForm:
    known = {"centre": community} | {f"g{grid.id}": grid for grid in grids}
    usual = {"point": "centre", "contact_name": community.name[:40], "contact_phone": community.phone, "place_id": community.id, "kind": "service"}
    if like is not None:
        usual = as_typed(like, known) | {"place_id": like.grid_id or community.id, "team_id": like.team_id or 0, "opens_at": None, "grid_until": None,
                                         "community_until": None, "shifts_too": True}
    form = MakeForm(data=usual)
    form.offer(community, grids)
    teams = desk.teams_near(actor, community)
    own = [(0, community.name)] if actor.may("calls.make", community.path) else []
    form.team_id.choices = offered([*own, *((team.id, team.name) for team in teams)] or [(0, community.name)])
    if form.team_id.data is None or not form.is_submitted() and form.team_id.data not in [choice.value for choice in form.team_id.choices]:
        form.team_id.data = form.team_id.choices[0].value
    form.place_id.choices = offered([(community.id, community.name), *((grid.id, grid.name) for grid in grids)])
    return form


def _create(form: MakeForm, actor: Actor, community: Place, grids: list[Place], like: Call | None) -> Call:
    place = next((grid for grid in grids if grid.id == form.place_id.data), community)
    call = service.create_call(place, by=actor, team_id=form.team_id.data or None, **form.values())
    if form.has_shift:
        starts, ends = planning.span(form.day.data, form.begins.data, form.ends.data)
        service.add_shift(call, starts, ends, form.seats.data, by=actor, minimum=form.minimum.data or 0)
    if like is not None and form.shifts_too.data:
        planning.repeat_shifts(call, like, by=actor)
    if request.form.get("go") == "send":
        service.submit_call(call, by=actor)
        if actor.may("calls.review", call.place_path):
            service.pass_on(call, by=actor)
    return call


def _outcome(call: Call) -> str:
    return {
        "draft": _("Kept as a draft. Only you can see it."), "submitted": _("Sent to the community for review."),
        "seconded": _("Passed up to the street for its review."),
    }.get(call.state, _("“%(title)s” is published. People can sign up.", title=call.title))


@blueprint.route("/desk/calls/<int:call_id>/edit", methods=["GET", "POST"])
@guard("calls.make", scope="place")
def edit(call_id: int) -> Any:
    """Change a call; two people at once are told apart by its version."""
    call, actor = access_call(current_actor(), call_id, "calls.make"), current_actor()
    grids = places.children(call.community_id)
    known = {"centre": call.community} | {f"g{grid.id}": grid for grid in grids}
    form = CallForm(data=as_typed(call, known))
    form.offer(call.community, grids)
    if form.validate_on_submit():
        version = int(form.version.data) if (form.version.data or "").isdecimal() and len(form.version.data) < 10 else 0
        try:
            with transaction():
                service.edit_call(call, by=actor, version=version, **form.values())
            flash(_("Kept."), "done")
            return redirect(url_for("volunteering.manage", call_id=call.id), 303)
        except SomeoneWasFaster:
            raise
        except WishappError as error:
            form.form_errors.append(said(error))
    page = render_template("volunteering/edit.html", call=call, form=form, dots=_dots(form), words=words)
    return page, 422 if form.errors else 200


@blueprint.post("/desk/calls/<int:call_id>/submit")
@guard("calls.make", scope="place")
def submit(call_id: int) -> Any:
    """Send it to review; staff who review anyway publish with the same press."""
    call, actor = access_call(current_actor(), call_id, "calls.make"), current_actor()
    with transaction():
        service.submit_call(call, by=actor)
        if actor.may("calls.review", call.place_path):
            service.pass_on(call, by=actor)
    flash(_outcome(call), "done")
    return redirect(url_for("volunteering.manage", call_id=call.id), 303)


@blueprint.post("/desk/calls/<int:call_id>/delete")
@guard("calls.make", scope="place")
def delete(call_id: int) -> Any:
    """Throw a draft away."""
    call = access_call(current_actor(), call_id, "calls.make")
    with transaction():
        service.delete_draft(call, by=current_actor())
    flash(_("Thrown away."), "done")
    return redirect(url_for("volunteering.desk", tab="making"), 303)


@blueprint.get("/desk/calls/<int:call_id>/shifts")
@guard("calls.make", scope="place")
def plan(call_id: int) -> Any:
    """Many shifts at once: the pattern and, once it is given, its rows with tick boxes."""
    call = access_call(current_actor(), call_id, "calls.make")
    form = PatternForm(request.args if "first" in request.args else None, meta={"csrf": False})
    rows: list[planning.Planned] = []
    if "first" in request.args and form.validate():
        rows = _rows(form, call)
    return _plan_page(call, form, rows, {row.key for row in rows if not row.trouble})


def _rows(form: PatternForm, call: Call) -> list[planning.Planned]:
    pattern = planning.Pattern(form.first.data, form.last.data, frozenset(form.weekdays.data), tuple(form.times()))
    try:
        return planning.lay_out(call, pattern)
    except BadInput as error:
        form.form_errors.append(said(error))
        return []


def _plan_page(call: Call, form: PatternForm, rows: list[planning.Planned], ticked: set[str]) -> Any:
    page = render_template("volunteering/plan.html", call=call, form=form, rows=rows, ticked=ticked, words=words, times=range(1, TIMES + 1),
                           skill_rows=range(1, SKILL_ROWS + 1), press=PressForm(formdata=None))
    return page, 422 if form.errors else 200


@blueprint.post("/desk/calls/<int:call_id>/add-shifts")
@guard("calls.make", scope="place")
def add_shifts(call_id: int) -> Any:
    """Make the ticked rows, all of them or none."""
    call, form = access_call(current_actor(), call_id, "calls.make"), PatternForm()
    keys = request.form.getlist("rows")[:400]
    rows = _rows(form, call) if form.validate() else []
    if rows and not keys:
        form.form_errors.append(_("Please leave at least one row ticked."))
    if rows and keys:
        try:
            with transaction():
                made = service.add_shifts(call, sorted({planning.read_key(key) for key in keys}), form.seats.data, by=current_actor(),
                                          skills=form.skills(), minimum=form.minimum.data or 0)
            flash(ngettext("%(num)d shift added.", "%(num)d shifts added.", len(made)), "done")
            return redirect(url_for("volunteering.manage", call_id=call.id), 303)
        except SomeoneWasFaster:
            raise
        except WishappError as error:
            form.form_errors.append(said(error))
            rows = _rows(form, call)
    return _plan_page(call, form, rows, set(keys))


@blueprint.route("/desk/calls/<int:call_id>/shift", methods=["GET", "POST"])
@guard("calls.make", scope="place")
def add_shift(call_id: int) -> Any:
    """One more shift."""
    call, form = access_call(current_actor(), call_id, "calls.make"), ShiftForm()
    if form.validate_on_submit():
        try:
            starts, ends = planning.span(form.day.data, form.begins.data, form.ends.data)
            with transaction():
                service.add_shifts(call, [(starts, ends)], form.seats.data, by=current_actor(), minimum=form.minimum.data or 0)
            flash(ngettext("%(num)d shift added.", "%(num)d shifts added.", 1), "done")
            return redirect(url_for("volunteering.manage", call_id=call.id), 303)
        except SomeoneWasFaster:
            raise
        except WishappError as error:
            form.form_errors.append(said(error))
    return render_template("volunteering/add_shift.html", call=call, form=form), 422 if form.errors else 200


@blueprint.post("/desk/shifts/<int:shift_id>/drop-shift")
@guard("calls.make", scope="place")
def drop_shift(shift_id: int) -> Any:
    """Take a shift out of a call nobody has seen yet."""
    shift = access_shift(current_actor(), shift_id, "calls.make")
    call_id = shift.call_id
    with transaction():
        service.drop_shift(shift, by=current_actor())
    flash(_("Taken out."), "done")
    return redirect(url_for("volunteering.manage", call_id=call_id), 303)


@blueprint.route("/desk/shifts/<int:shift_id>/cancel", methods=["GET", "POST"])
@guard("calls.make", scope="place")
def cancel_shift(shift_id: int) -> Any:
    """Call one shift off, with a reason everybody on its list reads."""
    shift, form = access_shift(current_actor(), shift_id, "calls.make"), WhyForm()
    if form.validate_on_submit():
        with transaction():
            service.cancel_shift(shift, by=current_actor(), why=form.why.data)
        flash(_("The shift is called off. Everybody on its list has been told."), "done")
        return redirect(url_for("volunteering.manage", call_id=shift.call_id), 303)
    return render_template("volunteering/call_off.html", call=shift.call, shift=shift, form=form, told=desk.people_ahead([shift.id])), 422 if form.errors else 200


@blueprint.route("/desk/calls/<int:call_id>/cancel", methods=["GET", "POST"])
@guard("calls.make", scope="place")
def cancel_call(call_id: int) -> Any:
    """Call everything off that lies ahead, with a reason."""
    call, form = access_call(current_actor(), call_id, "calls.make"), WhyForm()
    if form.validate_on_submit():
        with transaction():
            service.cancel_call(call, by=current_actor(), why=form.why.data)
        flash(_("The call is off. Everybody who had signed up has been told, once."), "done")
        return redirect(url_for("volunteering.manage", call_id=call.id), 303)
    told = desk.people_ahead([shift.id for shift in call.shifts if shift.state == "open"])
    return render_template("volunteering/call_off.html", call=call, shift=None, form=form, told=told), 422 if form.errors else 200
