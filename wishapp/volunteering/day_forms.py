"""Forms of the day: putting right, people who just turn up."""

from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import DateTimeLocalField, IntegerField, MultipleFileField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from wishapp.accounts.service import read_phone
from wishapp.kernel import clock
from wishapp.kernel.privacy import check_reason
from wishapp.volunteering.models import Shift
from wishapp.web.forms import Form, obeys, offered

WHEN = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]


class PutRightForm(Form):
    """When they came and left, and why this is put right."""

    came = DateTimeLocalField(_l("Came at"), format=WHEN, validators=[InputRequired(_l("Please say when."))])
    left = DateTimeLocalField(_l("Left at"), format=WHEN, validators=[Optional()])
    why = StringField(_l("Why, in a few words"), validators=[
        DataRequired(_l("Please say why, in a few words.")), Length(max=200, message=_l("Up to 200 characters, please.")), obeys(check_reason)])

    def moment(self, name: str) -> datetime | None:
        """What was typed, on the neighbourhood's clock."""
        typed = self[name].data
        return typed.replace(tzinfo=clock.LOCAL) if typed else None


class WalkInForm(Form):
    """Somebody who just turned up."""

    name = StringField(_l("Name"), validators=[DataRequired(_l("Please write the name.")), Length(2, 40, _l("Between 2 and 40 characters, please."))])
    phone = StringField(_l("Telephone"), validators=[DataRequired(_l("Please write the number.")), Length(max=30), obeys(read_phone)])
    people = IntegerField(_l("How many people"), default=1, validators=[InputRequired(_l("How many?")), NumberRange(1, 20, _l("A group is from one to twenty people."))])
    role = SelectField(_l("Seat"), choices=[])

    def offer(self, shift: Shift) -> None:
        """The shift's seats to choose from."""
        self.role.choices = offered((str(role.id), role.skill or _("Any seat")) for role in shift.roles if role.seats)


class FindingForm(Form):
    """What somebody found on the way."""

    words = TextAreaField(_l("What did you find?"), validators=[
        DataRequired(_l("Please say in 2 to 300 characters what you found.")), Length(2, 300, _l("Please say in 2 to 300 characters what you found.")), obeys(check_reason)])
    spot = StringField(_l("Where?"), validators=[Length(max=80, message=_l("Up to 80 characters, please.")), obeys(check_reason)])
    photos = MultipleFileField(_l("Photos"))
