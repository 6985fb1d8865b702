"""People as staff see them: the list, one person, a new account."""

import re
import secrets
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from wishapp.accounts import queries, rights, service
from wishapp.accounts.blueprint import blueprint
from wishapp.accounts.forms import CreateUserForm, role_choices
from wishapp.accounts.models import User
from wishapp.accounts.views.picking import is_community, pick_place
from wishapp.kernel.errors import WishappError
from wishapp.kernel.permissions import Role
from wishapp.kernel.roles import Actor
from wishapp.places import queries as places
from wishapp.places.models import Place
from wishapp.store import audit
from wishapp.store.transaction import transaction
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.forms import said
from wishapp.web.guards import guard
from wishapp.web.words import ROLES

PHONE_LIKE = re.compile(r"[+\d][\d\s\-()]{5,}")
ORDER = [
    Role.DISTRICT_STAFF, Role.STREET_STAFF, Role.COMMUNITY_STAFF, Role.GRID_WORKER, Role.UNIT_CONTACT, Role.TEAM_LEADER, Role.PARTY_MEMBER,
    Role.VOLUNTEER, Role.RESIDENT,
]


def own_tops(actor: Actor, permission: str = "accounts.manage") -> list[Place]:
    """The topmost places where the actor holds the permission."""
    return [place for path in actor.paths_for(permission) if (place := places.place(places.ids_of(path)[-1])) is not None]


@blueprint.get("/desk/people")
@guard("accounts.manage", scope="place")
def index() -> Any:
    """Everybody of the own subtree, by user name."""
    actor = current_actor()
    search, role = arguments.text("q", most=60), arguments.choice("role", Role)
    state = arguments.text("state", most=10)
    page = queries.people(
        actor, search=search, role=role, is_enabled={"on": True, "off": False}.get(state), number=arguments.page())
    counts = queries.counts_by_role(actor)
    roles = [(str(role), f"{ROLES[role]} {counts.get(role, 0)}") for role in ORDER if counts.get(role)]
    return render_template("accounts/people.html", page=page, q=search, role=role or "", state=state, roles=roles, tops=own_tops(actor))


@blueprint.post("/desk/people/find")
@guard("accounts.manage", scope="place")
def find() -> Any:
    """Look for somebody by user name or whole phone number; a number never becomes part of an address."""
    asked = request.form.get("q", "").strip()[:60]
    found = queries.person_by_phone(current_actor(), asked)
    if found is not None:
        return redirect(url_for("accounts.person", user_id=found.id), 303)
    if PHONE_LIKE.fullmatch(asked):
        flash(_("Nobody in your area has this number."), "wait")
        asked = ""
    kept = {name: request.form.get(name) for name in ("role", "state") if request.form.get(name)}
    return redirect(url_for("accounts.index", q=asked or None, **kept), 303)


@blueprint.get("/desk/people/<int:user_id>")
@guard("accounts.manage", scope="place")
def person(user_id: int) -> Any:
    """One person: roles, account, and what was done to it."""
    return person_page(queries.access_user(current_actor(), user_id, "accounts.manage"))


def person_page(user: User, *, shows_phone: bool = False) -> str:
    """The page of one person; the phone number is masked unless it was asked for (and that was recorded)."""
    actor = current_actor()
    home = user.community.path if user.community else None
    is_self = actor.id == user.id
    takable = {grant.id for grant in user.grants if not is_self and rights.may_grant(actor, Role(grant.role), grant.place.path)}
    history = audit.history("user", user.id)[:20]
    return render_template(
        "accounts/person.html", user=user, takable=takable, is_self=is_self, shows_phone=shows_phone, history=history,
        names=queries.display_names(entry.actor_id for entry in history), action_words=action_words(),
        may_manage=not is_self and rights.may_manage(actor, user.actor.grants, home),
    )


def action_words() -> dict[str, str]:
    """What the record's actions on people mean."""
    return {
        "create": _("opened the account"), "grant_role": _("gave a role"), "revoke_role": _("took a role"), "disable": _("switched the account off"),
        "enable": _("switched the account on"), "reset_password": _("set a new password"), "reset_two_step": _("took the second step off"),
        "change_password": _("changed the password"), "change_profile": _("changed their details"), "lock": _("locked after wrong passwords"),
        "sign_in": _("signed in"), "turn_on_two_step": _("turned the second step on"), "turn_off_two_step": _("turned the second step off"),
        "read_phone": _("looked at the phone number"),
    }


def grantable(actor: Actor, path: str) -> list[Role]:
    """Roles the actor may give at the place with this path, highest first."""
    return [role for role in ORDER if rights.may_grant(actor, role, path)]


@blueprint.route("/desk/people/new", methods=["GET", "POST"])
@guard("accounts.manage", scope="place")
def create() -> Any:
    """Open an account for somebody; the first password is shown once."""
    actor = current_actor()
    form = CreateUserForm()
    home = _home(form, actor)
    if home is None:
        picking = pick_place(own_tops(actor), until=is_community)
        home = places.community_of(picking.here) if picking.here else None
        if home is None or picking.found is not None:
            return render_template("accounts/create_place.html", picking=picking), 422 if form.is_submitted() else 200
        form.community_id.data = home.id
    form.role.choices = role_choices([role for role in grantable(actor, home.path) if rights.fits(role, home.level)][::-1])
    if form.validate_on_submit():
        try:
            return _created(form, home)
        except WishappError as error:
            form.form_errors.append(said(error))
    return render_template("accounts/create.html", form=form, home=home), 422 if form.errors else 200


def _home(form: CreateUserForm, actor: Actor) -> Place | None:
    """The community sent with the form, when the actor may fill it."""
    if request.method != "POST" or not form.community_id.data:
        return None
    return places.access_place(actor, form.community_id.data, "accounts.manage")


def _created(form: CreateUserForm, home: Place) -> str:
    password = service.make_password()
    hashed = service.hash_password(password)
    with transaction():
        user = service.create_user(
            username=form.username.data or f"u{secrets.randbelow(10**8):08d}", display_name=form.display_name.data, phone=form.phone.data or None,
            password_hash=hashed, community_id=home.id, is_password_temporary=True, by=current_actor(),
        )
        service.grant_role(user, Role(form.role.data), home, by=current_actor())
    return render_template("accounts/password_once.html", user=user, password=password, is_new=True)
