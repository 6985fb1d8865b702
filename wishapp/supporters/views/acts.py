"""What staff do to an entry of the register, one act each."""

from typing import Any

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from wishapp.accounts import queries as accounts
from wishapp.accounts.models import User
from wishapp.kernel.errors import BadInput, NotFound, Refused
from wishapp.kernel.text import N_
from wishapp.places import queries as places
from wishapp.store.transaction import transaction
from wishapp.supporters import queries, service
from wishapp.supporters.blueprint import blueprint
from wishapp.supporters.forms import PersonForm, PickForm
from wishapp.supporters.models import Supporter
from wishapp.supporters.views.register import entry_page, find_person, new_quota_form
from wishapp.web.actor import current_actor
from wishapp.web.forms import said
from wishapp.web.guards import guard


def _supporter(supporter_id: int) -> Supporter:
    return queries.access_supporter(current_actor(), supporter_id, "supporters.edit")


def _back(supporter_id: int, message: str) -> Any:
    flash(message, "done")
    return redirect(url_for("supporters.show", supporter_id=supporter_id), 303)


def _picked() -> PickForm:
    form = PickForm()
    if not form.validate():
        raise BadInput(N_("Something in the form needs another look."))
    return form


def _person_of(supporter: Supporter, user_id: int) -> User:
    """Somebody who stands, or asked to stand, for this supporter."""
    user = accounts.user(user_id)
    if user is None or user_id not in {person.user_id for person in supporter.people}:
        raise NotFound()
    return user


@blueprint.post("/desk/supporters/<int:supporter_id>/set-quota")
@guard("supporters.edit", scope="place")
def set_quota(supporter_id: int) -> Any:
    """Set what a unit promises for a year."""
    supporter = _supporter(supporter_id)
    form = new_quota_form(supporter, sent=True)
    if form.validate_on_submit():
        try:
            with transaction():
                service.set_quota(supporter, by=current_actor(), period=form.year.data, what=form.what.data, quota=form.quota.data,
                                  version=form.version.number())
            return _back(supporter_id, _("The promise is noted."))
        except (BadInput, Refused) as error:
            form.quota.errors = [said(error)]
    return entry_page(supporter, quota_form=form)


@blueprint.post("/desk/supporters/<int:supporter_id>/pair")
@guard("supporters.edit", scope="place")
def pair(supporter_id: int) -> Any:
    """Pair a unit with a community."""
    supporter, form = _supporter(supporter_id), _picked()
    community = places.access_place(current_actor(), form.id.data, "supporters.edit")
    with transaction():
        service.pair_unit(supporter, community, by=current_actor())
    return _back(supporter_id, _("Paired with %(place)s.", place=community.name))


@blueprint.post("/desk/supporters/<int:supporter_id>/unpair")
@guard("supporters.edit", scope="place")
def unpair(supporter_id: int) -> Any:
    """End a pairing."""
    supporter, form = _supporter(supporter_id), _picked()
    community = next((pairing.community for pairing in supporter.pairings if pairing.community_id == form.id.data), None)
    if community is None:
        raise NotFound()
    with transaction():
        service.unpair_unit(supporter, community, by=current_actor())
    return _back(supporter_id, _("The pairing with %(place)s has ended.", place=community.name))


@blueprint.post("/desk/supporters/<int:supporter_id>/add-person")
@guard("supporters.edit", scope="place")
def add_person(supporter_id: int) -> Any:
    """Let somebody with an account answer for the supporter."""
    supporter, form = _supporter(supporter_id), PersonForm()
    if form.validate_on_submit():
        try:
            user = find_person(form.person.data)
            with transaction():
                service.add_person(supporter, user, by=current_actor())
            return _back(supporter_id, _("%(name)s answers for it now.", name=user.display_name))
        except BadInput as error:
            form.person.errors = [said(error)]
    return entry_page(supporter, person_form=form)


@blueprint.post("/desk/supporters/<int:supporter_id>/remove-person")
@guard("supporters.edit", scope="place")
def remove_person(supporter_id: int) -> Any:
    """End that somebody answers for the supporter."""
    supporter, form = _supporter(supporter_id), _picked()
    user = _person_of(supporter, form.id.data)
    with transaction():
        service.remove_person(supporter, user, by=current_actor())
    return _back(supporter_id, _("%(name)s no longer answers for it.", name=user.display_name))


@blueprint.post("/desk/supporters/<int:supporter_id>/confirm-person")
@guard("supporters.edit", scope="place")
def confirm_person(supporter_id: int) -> Any:
    """Say yes to somebody who asked."""
    supporter, form = _supporter(supporter_id), _picked()
    user = _person_of(supporter, form.id.data)
    with transaction():
        service.confirm_person(supporter, user.id, by=current_actor())
    return _back(supporter_id, _("%(name)s is confirmed and has been told.", name=user.display_name))


@blueprint.post("/desk/supporters/<int:supporter_id>/refuse-person")
@guard("supporters.edit", scope="place")
def refuse_person(supporter_id: int) -> Any:
    """Turn somebody down who asked, with a reason."""
    supporter, form = _supporter(supporter_id), _picked()
    user = _person_of(supporter, form.id.data)
    with transaction():
        service.refuse_person(supporter, user.id, by=current_actor(), why=form.why.data or "")
    flash(_("%(name)s has been told why.", name=user.display_name), "done")
    return redirect(url_for("supporters.index"), 303)


@blueprint.post("/desk/supporters/<int:supporter_id>/disable")
@guard("supporters.edit", scope="place")
def disable(supporter_id: int) -> Any:
    """Take a supporter out of the register."""
    supporter = _supporter(supporter_id)
    with transaction():
        service.disable_supporter(supporter, by=current_actor())
    flash({"text": _("%(name)s is out of the register.", name=supporter.name), "url": url_for("supporters.enable", supporter_id=supporter_id)}, "undo")
    return redirect(url_for("supporters.show", supporter_id=supporter_id), 303)


@blueprint.post("/desk/supporters/<int:supporter_id>/enable")
@guard("supporters.edit", scope="place")
def enable(supporter_id: int) -> Any:
    """Take a supporter back into the register."""
    supporter = _supporter(supporter_id)
    with transaction():
        service.enable_supporter(supporter, by=current_actor())
    return _back(supporter_id, _("%(name)s is in the register again.", name=supporter.name))
