"""Forms of volunteers: signing up, answering, describing oneself."""

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from wtforms import BooleanField, HiddenField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, Regexp

from wishapp.accounts.service import read_phone
from wishapp.kernel import clock
from wishapp.volunteering import shift_words as words
from wishapp.volunteering.models import Shift
from wishapp.web.forms import Form, obeys, offered

MOST_PEOPLE = 20


class SignUpForm(Form):
    """Which seats, and how many come."""

    role_id = RadioField(_l("Which seat?"), coerce=int, validators=[Optional()])
    people = SelectField(_l("How many of you?"), coerce=int, default=1, validators=[Optional()])

    def for_shift(self, shift: Shift, skills: frozenset[str] | None = None) -> "SignUpForm":
        """Offer the shift's seats: those the reader has the skill for (all when `skills` is None or there are no others), the first one chosen."""
        self.people.choices = offered([(1, _l("Just me"))] + [(count, ngettext("%(num)d person", "%(num)d people", count)) for count in range(2, MOST_PEOPLE + 1)])
        every = [role for role in shift.roles if role.seats]
        roles = [role for role in every if skills is None or not role.skill or role.skill in skills] or every
        roles.sort(key=lambda role: (role.taken >= role.seats, bool(role.skill), role.id))
        self.role_id.choices = offered([(role.id, f"{words.skill(role.skill)} · {role.taken}/{role.seats}") for role in roles])
        if self.role_id.data is None and roles:
            self.role_id.data = roles[0].id
        if self.people.data is None:
            self.people.data = 1
        return self


class GuestForm(SignUpForm):
    """Signing up without an account. `key` becomes the secret of the private link, so that a second send leads to the same place;
    for the same reason no request key: where it led would be kept readable."""

    request_key = None
    key = HiddenField(validators=[Regexp(r"^[A-Za-z0-9_-]{32,48}$")])
    name = StringField(_l("Your name"), validators=[DataRequired(_l("Please write your name.")), Length(2, 40, _l("Between 2 and 40 characters, please."))])
    phone = StringField(_l("Your telephone"), validators=[DataRequired(_l("A telephone is needed, so that you can be reached.")), Length(max=30), obeys(read_phone)])
    consent = BooleanField(_l("The organisers of this call may see my name and telephone, for this call only."),
                           validators=[DataRequired(_l("Without this it cannot be sent."))])


class VolunteerForm(Form):
    """For calls with an age limit."""

    birth_year = IntegerField(_l("Year of birth"), validators=[Optional()])
    has_guardian_consent = BooleanField(_l("I am under 14, and a parent or guardian agrees that I take part"))

    def validate_birth_year(self, field: IntegerField) -> None:
        """A year somebody alive can be born in."""
        NumberRange(clock.today().year - 110, clock.today().year - 5, _l("Please write the year with four digits."))(self, field)


class CancelForm(Form):
    """Stepping back; nothing to fill in."""


class RoleForm(Form):
    """A seat of a shift, by a button."""

    role_id = IntegerField(validators=[InputRequired()])
