"""Forms of a shift's list."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, ValidationError

from wishapp.accounts.service import read_phone
from wishapp.supporters.models import Skill
from wishapp.volunteering.models import Shift
from wishapp.web.forms import Form, obeys, offered


class AddForm(Form):
    """Somebody put on the list by hand: an account, or a guest."""

    how = RadioField(_l("Who is it?"), choices=offered([("account", _l("Somebody with an account")), ("guest", _l("A guest"))]), default="account",
                     validators=[InputRequired(_l("Please choose one."))])
    who = StringField(_l("User name or telephone"), validators=[Length(max=40, message=_l("At most 40 characters, please."))])
    name = StringField(_l("Name"), validators=[Length(max=40, message=_l("At most 40 characters, please."))])
    phone = StringField(_l("Telephone"), validators=[Length(max=30), obeys(read_phone)])
    people = IntegerField(_l("People in all"), default=1, validators=[InputRequired(_l("How many?")), NumberRange(1, 20, _l("A group is from one to twenty people."))])
    role_id = SelectField(_l("Seat"), choices=[])

    def offer(self, shift: Shift, skill_word: object) -> None:
        """The shift's seats."""
        self.role_id.choices = offered((str(role.id), skill_word(role.skill) if role.skill in set(Skill) else role.skill or _("Any seat"))
                                       for role in shift.roles if role.seats)

    def validate_who(self, field: StringField) -> None:
        """Needed for an account."""
        if self.how.data == "account" and not field.data:
            raise ValidationError(_l("Please write the user name or the telephone."))

    def validate_name(self, field: StringField) -> None:
        """Needed for a guest, with the telephone."""
        if self.how.data == "guest" and not (field.data and self.phone.data):
            raise ValidationError(_l("A guest needs name and telephone."))


class SeatsForm(Form):
    """More or fewer seats of one sort."""

    role_id = StringField(validators=[Length(max=10)])
    seats = IntegerField(_l("Seats"), validators=[InputRequired(_l("Please give a number.")), NumberRange(0, 500, _l("A number from 0 to 500, please."))])
