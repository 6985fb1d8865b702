"""Forms about hours of service. What is written here others read: nothing private belongs in it."""

from flask_babel import lazy_gettext as _l
from wtforms import DateField, IntegerField, MultipleFileField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from wishapp.kernel.errors import BadInput
from wishapp.kernel.privacy import check_reason, private_part
from wishapp.web.forms import Form, obeys

MOST_300 = _l("At most 300 characters, please.")
SAY_WHY = _l("Please say why, in a few words.")


def public_words(text: str) -> None:
    """BadInput when words others will read hold what belongs to somebody."""
    if message := private_part(text):
        raise BadInput(message)


def sane_day(_form: Form, field: DateField) -> None:
    """WTForms validator: a day a calendar of service can hold (one that could not be read has its own error)."""
    if field.data is not None and not 2000 <= field.data.year <= 2100:
        raise ValidationError(_l("There is no such day here."))


class ObjectForm(Form):
    """The volunteer says what is not right."""

    why = TextAreaField(_l("What is not right"), validators=[DataRequired(SAY_WHY), Length(max=300, message=MOST_300), obeys(check_reason)])


class SettleForm(Form):
    """An answer to an objection, with other minutes when it is right."""

    minutes = IntegerField(_l("Minutes that count"), validators=[Optional(), NumberRange(0, 1440, _l("Minutes are from 0 to 1440."))])
    answer = TextAreaField(_l("Your answer"), validators=[
        DataRequired(_l("Please answer in a few words.")), Length(max=300, message=MOST_300), obeys(check_reason)])


class ReasonForm(Form):
    """Why something is refused or taken back."""

    why = TextAreaField(_l("In a few words"), validators=[
        DataRequired(SAY_WHY), Length(max=200, message=_l("At most 200 characters, please.")), obeys(check_reason)])


class BackfillForm(Form):
    """Hours written down afterwards. Who it is for is named in one field: telephone, user name or volunteer number."""

    who = StringField(_l("For whom"), validators=[DataRequired(_l("Please say for whom.")), Length(max=40, message=_l("At most 40 characters, please."))])
    title = StringField(_l("What it was"), validators=[
        DataRequired(_l("Please say what was done.")), Length(2, 60, _l("Between 2 and 60 characters, please.")), obeys(public_words)])
    kind = SelectField(_l("Kind of service"))
    call_id = SelectField(_l("Call it belonged to"), coerce=int)
    place_id = SelectField(_l("Where"), coerce=int)
    spot = StringField(_l("Place in words"), validators=[Length(max=60, message=_l("At most 60 characters, please.")), obeys(public_words)])
    day = DateField(_l("Day"), validators=[InputRequired(_l("Please give the day.")), sane_day])
    begin = TimeField(_l("From"), validators=[InputRequired(_l("Please give the time."))])
    end = TimeField(_l("Until"), validators=[InputRequired(_l("Please give the time."))])
    content = TextAreaField(_l("What exactly"), validators=[
        DataRequired(_l("Please say in a few words what was done.")), Length(max=300, message=MOST_300), obeys(public_words)])
    photos = MultipleFileField(_l("Photos as proof"))
