"""Forms about hours of service. What is written here others read: nothing private belongs in it."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from wishapp.kernel.privacy import check_reason
from wishapp.web.forms import Form, obeys

MOST_300 = _l("At most 300 characters, please.")
SAY_WHY = _l("Please say why, in a few words.")


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
