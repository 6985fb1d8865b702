"""The steps of posting: which form stands on which page. In the large-print mode a page holds one thing only."""

from flask import current_app
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.datastructures import FileStorage
from wtforms.fields.choices import SelectChoice

from wishapp.accounts.service import show_phone
from wishapp.kernel.roles import Actor, PlaceLevel
from wishapp.places import queries as places
from wishapp.places.models import Place
from wishapp.web.forms import Form
from wishapp.web.i18n import is_elder
from wishapp.web.images import accept_image, store
from wishapp.wishes.drafts import StoredPhoto
from wishapp.wishes.forms import ConsentForm, KindForm, NameForm, ReachForm, WhenForm, WhomForm, WordsForm
from wishapp.wishes.models import Wish, WishKind
from wishapp.wishes.wall import communities

FORMS: dict[str, type[Form]] = {
    "kind": KindForm, "words": WordsForm, "when": WhenForm, "whom": WhomForm, "name": NameForm, "reach": ReachForm, "send": ConsentForm,
}
PLAIN = ("kind", "words", "when", "whom")
ELDER = ("kind", "words", "when", "name", "reach", "send")
FIELDS = {
    "kind": ("kind", "community_id"), "words": ("title", "story", "item", "quantity", "cost"), "when": ("urgency", "wanted_by"),
    "whom": ("beneficiary_name", "age_band", "group", "beneficiary_phone", "address", "grid_id", "consent_how", "guardian_consent"),
    "name": ("beneficiary_name", "age_band", "group"), "reach": ("beneficiary_phone", "address", "grid_id"),
    "send": ("consent_how", "guardian_consent"),
}


def steps() -> tuple[str, ...]:
    """The steps for this reader."""
    return ELDER if is_elder() else PLAIN


def after(step: str) -> str:
    """The step that follows; the last one of this mode when the step belongs to the other mode."""
    row = steps()
    return row[min(row.index(step) + 1, len(row) - 1)] if step in row else row[3]


def home_of(actor: Actor, *, is_on_behalf: bool) -> Place | None:
    """The community a new wish begins with: where the person works (on behalf) or lives; None when they have to say."""
    if not is_on_behalf and current_user.community:
        return current_user.community
    for grant in actor.grants:
        found = places.place(grant.place_id)
        near = places.community_of(found) if found else None
        if near is not None:
            return near
    return current_user.community


def form_for(step: str, wish: Wish | None, actor: Actor) -> Form:
    """The form of a step, filled from the draft on GET and from the request on POST."""
    kept = {} if wish is None else {name: getattr(wish, name) for name in FIELDS[step] if name not in ("beneficiary_phone", "cost")}
    if wish is not None and step == "words":
        kept["cost"] = wish.cost or None
    if wish is not None and "beneficiary_phone" in FIELDS[step]:
        kept["beneficiary_phone"] = show_phone(wish.beneficiary_phone)
    form = FORMS[step](data={**kept, "step": step})
    if step == "kind":
        form.community_id.choices = [SelectChoice(place_id, name, optgroup=street) for street, rows in communities() for place_id, name in rows]
    if "grid_id" in form and wish is not None:
        form.grid_id.choices = _grids(wish, actor)
        form.grid_id.data = form.grid_id.data or form.grid_id.choices[0].value
    if isinstance(form, ConsentForm) and wish is not None:
        form.is_on_behalf, form.known_age = wish.is_on_behalf, wish.age_band
    return form


def _grids(wish: Wish, actor: Actor) -> list[SelectChoice]:
    """Grids to choose from; a worker of some grids only, posting for somebody, posts in one of those."""
    grids = places.descendants(wish.community.path, PlaceLevel.GRID)
    if wish.is_on_behalf and not actor.may("wishes.submit_for", wish.community.path):
        own = [SelectChoice(row.id, row.name) for row in grids if actor.may("wishes.submit_for", row.path)]
        if own:  # else they do not work here (any more); sending says so
            return own
    return [SelectChoice(0, _("I do not know")), *(SelectChoice(row.id, row.name) for row in grids)]


def values_of(step: str, form: Form, wish: Wish | None) -> dict[str, object]:
    """What the form says, as fields of the wish; fields in error are left out."""
    found = {name: form[name].data for name in FIELDS[step] if name in form and not form[name].errors and form[name].data is not None}
    if "title" in found:
        found["title"] = " ".join(found["title"].split())
    if step == "words":
        found["quantity"], found["cost"] = found.get("quantity") or 1, found.get("cost") or 0
        if wish is not None and wish.kind != WishKind.GOODS:
            found |= {"item": "", "quantity": 1, "cost": 0}
    if "beneficiary_phone" in found:
        found["beneficiary_phone"] = form.checked_phone()
    if "grid_id" in found:
        found["grid_id"] = found["grid_id"] or None
    if "wanted_by" in FIELDS[step]:
        found["wanted_by"] = form.wanted_by.data if not form.wanted_by.errors else None
    if wish is not None and not wish.is_on_behalf:
        found.pop("consent_how", None)
    return found


def keep_photo(sent: FileStorage | None) -> StoredPhoto | None:
    """Check, re-encode and store a photo, outside any transaction; None when none was sent. Raises BadInput."""
    if not sent or not sent.filename:
        return None
    data, width, height = accept_image(sent)
    return StoredPhoto(store(data, current_app.config["UPLOAD_FOLDER"]), width, height)
