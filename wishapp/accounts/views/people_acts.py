"""What staff do to an account: roles, password, on and off."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _

from wishapp.accounts import queries, rights, service
from wishapp.accounts.blueprint import blueprint
from wishapp.accounts.forms import RoleForm
from wishapp.accounts.models import User
from wishapp.accounts.views.people import grantable, own_tops, person_page
from wishapp.accounts.views.picking import pick_place
from wishapp.kernel.errors import BadInput, Forbidden, NotFound
from wishapp.kernel.permissions import Role
from wishapp.kernel.text import N_
from wishapp.places import queries as places
from wishapp.places.models import Place
from wishapp.store import audit
from wishapp.store.transaction import transaction
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.guards import guard
from wishapp.web.words import ROLES


def _person(user_id: int) -> User:
    return queries.access_user(current_actor(), user_id, "accounts.manage")


def _back(user_id: int, message: str) -> Any:
    flash(message, "done")
    return redirect(url_for("accounts.person", user_id=user_id), 303)


def _chosen_role() -> tuple[Role, Place]:
    """Role and place of the form sent; the place must be the actor's own."""
    form = RoleForm()
    if not form.validate_on_submit():
        raise BadInput(N_("Something in the form needs another look."))
    return Role(form.role.data), places.access_place(current_actor(), form.place_id.data, "accounts.manage")


@blueprint.route("/desk/people/<int:user_id>/grant-role", methods=["GET", "POST"])
@guard("accounts.manage", scope="place")
def grant_role(user_id: int) -> Any:
    """Give a role: which, then where."""
    user, actor, form = _person(user_id), current_actor(), RoleForm()
    if form.is_submitted():
        role, place = _chosen_role()
        with transaction():
            service.grant_role(user, role, place, by=actor)
        return _back(user.id, _("%(name)s is now %(role)s.", name=user.display_name, role=ROLES[role]))
    tops = own_tops(actor)
    roles = grantable(actor, tops[0].path) if tops else []
    role = arguments.choice("role", Role)
    if role not in roles:
        return render_template("accounts/grant_role.html", user=user, roles=roles)
    picking = pick_place(tops, until=lambda place: place.level in ("community" if role != Role.GRID_WORKER else "grid", "grid"))
    fits = picking.here is not None and rights.fits(role, picking.here.level) and rights.may_grant(actor, role, picking.here.path)
    form.place_id.data, form.role.data = picking.here.id if fits else None, str(role)
    return render_template("accounts/grant_role_place.html", user=user, role=role, picking=picking, fits=fits, form=form)


@blueprint.post("/desk/people/<int:user_id>/revoke-role")
@guard("accounts.manage", scope="place")
def revoke_role(user_id: int) -> Any:
    """Take a role."""
    user = _person(user_id)
    role, place = _chosen_role()
    with transaction():
        service.revoke_role(user, role, place, by=current_actor())
    return _back(user.id, _("The role was taken back. Other devices are signed out."))


@blueprint.post("/desk/people/<int:user_id>/disable")
@guard("accounts.manage", scope="place")
def disable(user_id: int) -> Any:
    """Switch the account off."""
    user = _person(user_id)
    with transaction():
        service.disable_user(user, by=current_actor())
    return _back(user.id, _("Nobody can sign in with this account any more."))


@blueprint.post("/desk/people/<int:user_id>/enable")
@guard("accounts.manage", scope="place")
def enable(user_id: int) -> Any:
    """Switch the account on again."""
    user = _person(user_id)
    with transaction():
        service.enable_user(user, by=current_actor())
    return _back(user.id, _("The account can be used again."))


@blueprint.post("/desk/people/<int:user_id>/reset-password")
@guard("accounts.manage", scope="place")
def reset_password(user_id: int) -> Any:
    """A new temporary password, shown this once."""
    user = _person(user_id)
    password = service.make_password()
    hashed = service.hash_password(password)
    with transaction():
        service.reset_password(user, password_hash=hashed, by=current_actor())
    return render_template("accounts/password_once.html", user=user, password=password, is_new=False)


@blueprint.post("/desk/people/<int:user_id>/reset-two-step")
@guard("accounts.manage", scope="place")
def reset_two_step(user_id: int) -> Any:
    """Take the second step off for somebody who lost their device."""
    user = _person(user_id)
    with transaction():
        service.reset_two_step(user, by=current_actor())
    return _back(user.id, _("The second step is off; the password alone is enough until it is set up again."))


@blueprint.post("/desk/people/<int:user_id>/read-phone")
@guard("accounts.manage", scope="place")
def read_phone(user_id: int) -> Any:
    """Show the phone number in full; that it was looked at goes into the record."""
    user = _person(user_id)
    if not user.phone:
        raise NotFound()
    if not rights.may_manage(current_actor(), user.actor.grants, user.community.path if user.community else None):
        raise Forbidden()
    with transaction():
        audit.record("user", user.id, "read_phone", by=current_actor(), place_path=user.community.path if user.community else None)
    return person_page(user, shows_phone=True)
