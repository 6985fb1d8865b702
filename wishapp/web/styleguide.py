"""The living style guide: every component in every state, for people who build pages. Development only."""

import json
from pathlib import Path
from types import SimpleNamespace

from flask import Blueprint, render_template, request
from wtforms import BooleanField, FileField, IntegerField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length
from wtforms.widgets import CheckboxInput

from wishapp.web.forms import Form
from wishapp.web.guards import public

blueprint = Blueprint("styleguide", __name__)

SAMPLE = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
LABELS = SAMPLE["labels"]


def choices(name: str) -> list[SelectChoice]:
    """Options of a sample field."""
    return [SelectChoice(key, label) for key, label in SAMPLE[name]]


class SampleForm(Form):
    """Fields of every kind."""

    title = StringField(LABELS["title"], [Length(max=60)])
    phone = StringField(LABELS["phone"])
    community = SelectField(LABELS["community"], choices=choices("communities"))
    story = TextAreaField(LABELS["story"], [Length(max=300)])
    hours = IntegerField(LABELS["hours"])
    photos = FileField(LABELS["photos"])
    consent = BooleanField(LABELS["consent"])
    kind = RadioField(LABELS["kind"], choices=choices("kinds"))
    reason = RadioField(LABELS["reason"], choices=choices("reasons"))
    skills = SelectMultipleField(LABELS["skills"], choices=choices("skills"), option_widget=CheckboxInput())
    stars = RadioField(LABELS["stars"], choices=[SelectChoice(str(n), str(n)) for n in range(1, 6)])


def sample_form() -> SampleForm:
    """The form as somebody left it, with two faults."""
    form = SampleForm(formdata=None, data=SAMPLE["typed"])
    for name, fault in SAMPLE["faults"].items():
        form[name].errors = [fault]
    return form


def sample_ui() -> SimpleNamespace:
    """A shell as a signed-in resident sees it; ?elder=1 (or 2), ?theme=dark and ?lang=en change it."""
    def items(rows: list[list]) -> list[SimpleNamespace]:
        return [SimpleNamespace(url="#", label=label, icon=icon, badge=badge, is_current=here) for label, icon, badge, here in rows]

    return SimpleNamespace(
        lang=request.args.get("lang", "zh-Hans"), theme=request.args.get("theme", "auto"),
        elder=request.args.get("elder") in ("1", "2"), largest=request.args.get("elder") == "2",
        unread=2, place_name=SAMPLE["place"], community_phone="0531-00000000", nav=items(SAMPLE["nav"]), rail=items(SAMPLE["rail"]),
        links=dict.fromkeys(("home", "inbox", "me", "desk", "sign_in", "sign_out", "privacy"), "#"),
    )


def _person(name: str) -> SimpleNamespace:
    return SimpleNamespace(is_authenticated=True, display_name=name)


@blueprint.get("/styleguide")
@public
def show() -> str:
    """All components."""
    return render_template("styleguide.html", ui=sample_ui(), form=sample_form(), current_user=_person(SAMPLE["resident"]))


@blueprint.get("/styleguide/desk")
@public
def desk() -> str:
    """The staff shell with a review table."""
    return render_template("styleguide_desk.html", ui=sample_ui(), current_user=_person(SAMPLE["staff"]))
