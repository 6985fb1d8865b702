"""The register: the list, one entry, a new one, changing one."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from wishapp.accounts import queries as accounts
from wishapp.accounts.models import User
from wishapp.accounts.service import mask_name
from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput, NotFound
from wishapp.kernel.text import N_
from wishapp.places import queries as places
from wishapp.places.models import Place
from wishapp.store import audit
from wishapp.store.transaction import transaction
from wishapp.supporters import listing, queries, service
from wishapp.supporters.blueprint import blueprint
from wishapp.supporters.forms import DescribeForm, PersonForm, QuotaForm, SupporterForm
from wishapp.supporters.models import HelpKind, PartOfDay, Supporter, SupporterKind
from wishapp.supporters.words import PARTS, WEEKDAYS
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.forms import offered, said
from wishapp.web.guards import guard

PERSONS = (SupporterKind.MEMBER, SupporterKind.VOLUNTEER)

FIELDS_OF_OTHERS = {
    SupporterKind.UNIT: ("size",), SupporterKind.TEAM: ("unit_level", "unit_kind"),
    SupporterKind.MEMBER: ("size", "unit_level", "unit_kind"), SupporterKind.VOLUNTEER: ("size", "unit_level", "unit_kind"),
}


def communities(permission: str) -> list[Place]:
    """The places staff may choose from: the topmost ones of their subtrees and every community below, by path."""
    found: dict[int, Place] = {}
    for path in current_actor().paths_for(permission):
        top = places.place(places.ids_of(path)[-1])
        for place in ([top] if top else []) + places.descendants(path, "community"):
            found[place.id] = place
    return list(found.values())


@blueprint.get("/desk/supporters")
@guard("supporters.read", scope="place")
def index() -> Any:
    """Supporters of the own subtree; filters stand in the address."""
    actor = current_actor()
    known = communities("supporters.read")
    place_id = arguments.number("place")
    filters = listing.Filters(
        search=arguments.text("q", most=60), kind=arguments.choice("kind", SupporterKind), help_kind=arguments.choice("help", HelpKind),
        standing=arguments.choice("standing", listing.Standing), place_path=next((place.path for place in known if place.id == place_id), ""))
    page = listing.register(actor, filters, arguments.page())
    kept = {"q": filters.search or None, "kind": filters.kind, "help": filters.help_kind, "standing": filters.standing, "place": place_id}
    return render_template(
        "supporters/index.html", page=page, filters=filters, kept=kept, place_id=place_id, communities=known, counts=listing.counts(actor),
        asking=listing.asking(actor), kinds=list(SupporterKind), help_kinds=list(HelpKind), today=clock.today(), may_edit=actor.may("supporters.edit"))


@blueprint.get("/desk/supporters/<int:supporter_id>")
@guard("supporters.read", scope="place")
def show(supporter_id: int) -> Any:
    """One supporter: what it promises, what of it is taken, who answers for it, what was done."""
    return entry_page(queries.access_supporter(current_actor(), supporter_id, "supporters.read"))


def entry_page(supporter: Supporter, quota_form: QuotaForm | None = None, person_form: PersonForm | None = None) -> Any:
    """The page of one supporter, with the forms that stand on it (filled and in error when they were just sent)."""
    supporter, actor = queries.details(supporter.id), current_actor()
    history = audit.history("supporter", supporter.id)[:12]
    people = accounts.display_names([person.user_id for person in supporter.people] + [entry.actor_id for entry in history])
    quota_form = quota_form or new_quota_form(supporter)
    paired = {pairing.community_id for pairing in supporter.pairings}
    bad = bool(quota_form.errors or (person_form and person_form.errors))
    return render_template(
        "supporters/show.html", supporter=supporter, history=history, people=people, in_hours=in_hours, quota_form=quota_form,
        person_form=person_form or PersonForm(formdata=None), parts=PARTS, weekdays=WEEKDAYS, part_words=list(PartOfDay), today=clock.today(),
        open_communities=[place for place in communities("supporters.edit") if place.level == "community" and place.id not in paired],
        may_edit=actor.may("supporters.edit", supporter.place_path)), 422 if bad else 200


def in_hours(minutes: int) -> float | int:
    """Minutes as hours with one decimal, a whole number where it is one."""
    return minutes // 60 if minutes % 60 == 0 else round(minutes / 60, 1)


def new_quota_form(supporter: Supporter, *, sent: bool = False) -> QuotaForm:
    """The form for a year's promise, for this year and the next."""
    form = QuotaForm(data={"version": supporter.version}) if sent else QuotaForm(formdata=None, data={"version": supporter.version})
    form.year.choices = offered((str(clock.today().year + more), str(clock.today().year + more)) for more in (0, 1))
    return form


def find_person(text: str | None) -> User | None:
    """The person meant by a user name or phone number, if they live or hold a role where the actor manages the register.

    BadInput when there is no such person; None when nothing was typed.
    """
    if not (text or "").strip():
        return None
    found = accounts.user_by_name_or_phone(text)
    try:
        return accounts.access_user(current_actor(), found.id if found else 0, "supporters.edit")
    except NotFound as error:
        raise BadInput(N_("Nobody here has this user name or phone number. Open an account for them first.")) from error


@blueprint.route("/desk/supporters/create", methods=["GET", "POST"])
@guard("supporters.edit", scope="place")
def create() -> Any:
    """A new entry in the register."""
    known = communities("supporters.edit")
    form = SupporterForm()
    form.place_id.choices = offered((place.id, place.name) for place in known)
    if form.validate_on_submit():
        try:
            with transaction():
                made = _create(form)
            flash(_("%(name)s is in the register. Next: what it can do.", name=made.name), "done")
            return redirect(url_for("supporters.describe", supporter_id=made.id), 303)
        except BadInput as error:
            form.person.errors = [said(error)]
    return render_template("supporters/create.html", form=form), 422 if form.errors else 200


def _create(form: SupporterForm) -> Supporter:
    actor, kind = current_actor(), SupporterKind(form.kind.data)
    place = places.access_place(actor, form.place_id.data, "supporters.edit")
    user = find_person(form.person.data)
    is_unit = kind == SupporterKind.UNIT
    made = service.create_supporter(
        by=actor, kind=kind, name=mask_name(user.display_name if user else form.name.data) if kind in PERSONS else form.name.data, place=place,
        size=form.size.data if kind == SupporterKind.TEAM else 1, unit_level=form.unit_level.data or None if is_unit else None,
        unit_kind=form.unit_kind.data or None if is_unit else None)
    if user is not None:
        service.add_person(made, user, by=actor)
    return made


@blueprint.route("/desk/supporters/<int:supporter_id>/edit", methods=["GET", "POST"])
@guard("supporters.edit", scope="place")
def edit(supporter_id: int) -> Any:
    """Change an entry; somebody else's change in between gives the 409 page."""
    actor = current_actor()
    supporter = queries.access_supporter(actor, supporter_id, "supporters.edit")
    form = SupporterForm(obj=supporter)
    for name in FIELDS_OF_OTHERS[supporter.kind]:
        delattr(form, name)
    known = {place.id: place for place in communities("supporters.edit")} | {supporter.place_id: supporter.place}
    form.place_id.choices = offered((place.id, place.name) for place in known.values())
    form.kind.data = supporter.kind
    if form.validate_on_submit():
        name = mask_name(form.name.data) if supporter.kind in PERSONS else form.name.data
        changes = {"name": name, "place": known[form.place_id.data]}
        if supporter.kind == SupporterKind.TEAM:
            changes["size"] = form.size.data
        if supporter.kind == SupporterKind.UNIT:
            changes |= {"unit_level": form.unit_level.data or None, "unit_kind": form.unit_kind.data or None}
        with transaction():
            service.edit_supporter(supporter, by=actor, version=form.version.number(), **changes)
        flash(_("Saved."), "done")
        return redirect(url_for("supporters.show", supporter_id=supporter_id), 303)
    return render_template("supporters/edit.html", form=form, supporter=supporter), 422 if form.errors else 200


@blueprint.route("/desk/supporters/<int:supporter_id>/describe", methods=["GET", "POST"])
@guard("supporters.edit", scope="place")
def describe(supporter_id: int) -> Any:
    """What a supporter can do and when, filled in by staff."""
    supporter = queries.access_supporter(current_actor(), supporter_id, "supporters.edit")
    return describe_page("supporters/describe.html", supporter, url_for("supporters.show", supporter_id=supporter_id))


def describe_page(template: str, supporter: Supporter, after: str, **more: Any) -> Any:
    """Show or save DescribeForm, for staff and for the supporter's own people alike."""
    form = DescribeForm(supporter)
    if form.validate_on_submit():
        try:
            with transaction():
                service.describe_supporter(supporter, by=current_actor(), **form.verdict())
            flash(_("Saved. Wishes that fit will find their way."), "done")
            return redirect(after, 303)
        except BadInput as error:
            form.form_errors.append(said(error))
    grid = {field.data: field for field in form.times}
    return render_template(template, form=form, supporter=supporter, grid=grid, parts=PARTS, weekdays=WEEKDAYS,
                           is_unit=supporter.kind == SupporterKind.UNIT, **more), 422 if form.errors else 200
