"""The form for another time of a shift."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, HiddenField, StringField, TimeField
from wtforms.validators import InputRequired, Length

from wishapp.kernel.privacy import check_reason
from wishapp.volunteering.making_forms import MOST_200, within_years
from wishapp.web.forms import Form, obeys

WHOLE = _l("Please give day, beginning and end of the shift.")


class MoveForm(Form):
    """The new day, from and to; why; and whether those who cannot come then are taken off."""

    version = HiddenField()
    day = DateField(_l("Day"), validators=[InputRequired(WHOLE), within_years])
    begins = TimeField(_l("From"), validators=[InputRequired(WHOLE)])
    ends = TimeField(_l("To"), validators=[InputRequired(WHOLE)])
    why = StringField(_l("Why, in a few words"), validators=[Length(max=200, message=MOST_200), obeys(check_reason)])
    taking_off = BooleanField(_l("Take off those who cannot come then"))

    @property
    def seen(self) -> int:
        """The version the form was filled from; one that no row has for anything else."""
        sent = self.version.data or ""
        return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0
