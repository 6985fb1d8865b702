"""The form of a new version of weights: one number per term, one strength per kind of helper and for communities."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from wishapp.matching.weight_words import SPREADS, STRENGTHS, TERMS
from wishapp.matching.weights import MOST_PERCENT
from wishapp.web.forms import MAX_ID, Form

RANGE = _l("A weight is a whole number from 0 to %(most)d.", most=MOST_PERCENT)


def _percent(label: object) -> IntegerField:
    return IntegerField(label, [InputRequired(RANGE), NumberRange(0, MOST_PERCENT, message=RANGE)])


def _strength(label: object) -> RadioField:
    return RadioField(label, [InputRequired(_l("Please choose one."))], choices=[SelectChoice(str(at), said) for at, said in enumerate(STRENGTHS)])


class _WeightsForm(Form):
    place_id = IntegerField(validators=[InputRequired(), NumberRange(1, MAX_ID)])
    note = StringField(_l("Why (for those who come after)"), [Length(max=200)])

    def percent(self) -> dict[str, int]:
        """{term: per cent}."""
        return {name: self[f"p_{name}"].data for name in TERMS}

    def spread(self) -> dict[str, int]:
        """{kind of helper or "places": strength}."""
        return {name: int(self[f"s_{name}"].data) for name in SPREADS}


WeightsForm = type("WeightsForm", (_WeightsForm,), {
    **{f"p_{name}": _percent(said[0]) for name, said in TERMS.items()}, **{f"s_{name}": _strength(said[0]) for name, said in SPREADS.items()}})


class SeenForm(Form):
    """Put a version to use: `seen` is the number of the version in force that was on the screen."""

    seen = IntegerField(validators=[InputRequired()])
