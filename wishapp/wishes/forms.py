"""Forms of this slice."""

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, MultipleFileField
from wtforms import BooleanField, DateField, HiddenField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from wishapp.accounts.service import read_phone
from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput
from wishapp.kernel.privacy import private_part
from wishapp.web.forms import Form, obeys
from wishapp.wishes import words
from wishapp.wishes.models import AgeBand

SAY = _l("Please fill this in.")
MOST_20, MOST_40, MOST_100 = _l("Up to 20 characters, please."), _l("Up to 40 characters, please."), _l("Up to 100 characters, please.")
MOST_200, MOST_300, MOST_600 = _l("Up to 200 characters, please."), _l("Up to 300 characters, please."), _l("Up to 600 characters, please.")


def public_words(text: str) -> None:
    """BadInput when everybody could read in it what they should not."""
    if message := private_part(text):
        raise BadInput(message)


def not_past(_form: Form, field: DateField) -> None:
    """A day from today on, at most a year ahead."""
    if field.data and not clock.today() <= field.data <= clock.today() + timedelta(days=366):
        raise ValidationError(_l("Please choose a day within the coming year."))


class KindForm(Form):
    """What kind of help."""

    kind = RadioField(_l("What would you like help with?"), choices=words.choices(words.ASKED_KINDS),
                      validators=[InputRequired(_l("Please choose one; you can change it later."))])
    community_id = SelectField(_l("In which community?"), coerce=int, validators=[Optional()], choices=[])


class WordsForm(Form):
    """The wish in one sentence, its story, a photo."""

    title = TextAreaField(_l("In one sentence: what help is it?"), validators=[
        DataRequired(_l("Please say in one sentence what is wished for.")), Length(2, 60, _l("Between 2 and 60 characters, please.")), obeys(public_words)])
    story = TextAreaField(_l("A little more about it"), validators=[Length(max=600, message=MOST_600), obeys(public_words)])
    item = StringField(_l("What exactly"), validators=[Length(max=40, message=MOST_40), obeys(public_words)])
    quantity = IntegerField(_l("How many"), default=1, validators=[Optional(), NumberRange(1, 999, _l("A number from 1 to 999, please."))])
    cost = IntegerField(_l("About how many yuan"), validators=[Optional(), NumberRange(0, 100000, _l("A number up to 100,000, please."))])
    photo = FileField(_l("A photo"))
    drop_photo = BooleanField(_l("Take the photo off"))


class WhenForm(Form):
    """How soon."""

    urgency = RadioField(_l("How soon is it needed?"), choices=words.choices(words.URGENCIES), validators=[InputRequired(_l("Please choose one."))])
    wanted_by = DateField(_l("By a certain day"), validators=[Optional(), not_past])


class NameForm(Form):
    """Whom it is for."""

    beneficiary_name = StringField(_l("Name"), validators=[DataRequired(_l("Please say whom it is for.")), Length(max=40, message=MOST_40)])
    age_band = RadioField(_l("Age"), choices=words.choices(words.AGES), validators=[InputRequired(_l("Please choose one."))])
    group = SelectField(_l("Does one of these apply?"), choices=words.choices(words.GROUPS))


class ReachForm(Form):
    """How to reach them; only the helper sees it."""

    beneficiary_phone = StringField(_l("Telephone"), validators=[Length(max=30), obeys(read_phone)])
    address = StringField(_l("Address"), validators=[Length(max=100, message=MOST_100)])
    grid_id = SelectField(_l("Grid"), coerce=int, choices=[], validators=[Optional()])

    def checked_phone(self) -> str | None:
        """The number as it is kept, or None."""
        return read_phone(self.beneficiary_phone.data) if self.beneficiary_phone.data else None

    def validate_beneficiary_phone(self, field: StringField) -> None:
        """One way to be reached is needed."""
        if not field.data and not self.address.data:
            raise ValidationError(_l("A telephone or an address is needed, so that the helper finds you."))


class ConsentForm(Form):
    """Agreement before sending."""

    step = HiddenField()
    consent = BooleanField(_l("The name (surname only), age and story may stand on the wall; telephone and address go to the helper only."),
                           validators=[DataRequired(_l("Without this it cannot be sent."))])
    consent_how = RadioField(_l("How did the person agree?"), choices=words.choices(words.CONSENTS), validators=[Optional()])
    guardian_consent = BooleanField(_l("A parent or guardian agrees (for children under 14)"))

    is_on_behalf = False
    known_age = ""

    def validate_guardian_consent(self, field: BooleanField) -> None:
        """Children under 14 need a guardian's word."""
        age = self.age_band.data if "age_band" in self else self.known_age
        if age == AgeBand.CHILD and not field.data:
            raise ValidationError(_l("For a child under 14 a parent or guardian has to agree first."))

    def validate_consent(self, field: BooleanField) -> None:
        """For somebody else, how they agreed is noted too."""
        if self.is_on_behalf and not self.consent_how.data:
            raise ValidationError(_l("Please note how the person agreed to this wish."))


class WhomForm(NameForm, ReachForm, ConsentForm):
    """The last step where everything fits on one page."""


class ConfirmForm(Form):
    """Stars and words at the end."""

    stars = RadioField(_l("Stars"), choices=[SelectChoice(str(number), str(number)) for number in range(1, 6)], default="5",
                       validators=[InputRequired(_l("Please give one to five stars."))])
    words = TextAreaField(_l("Would you like to say something?"), validators=[Length(max=300, message=MOST_300), obeys(public_words)])
    is_public = BooleanField(_l("These words may stand on the wall, with the surname only"))


class ThankForm(Form):
    """A word of thanks."""

    words = TextAreaField(_l("A word of thanks"), validators=[
        DataRequired(_l("A short thank-you is enough.")), Length(max=300, message=MOST_300), obeys(public_words)])
    is_public = BooleanField(_l("These words may stand on the wall, with the surname only"))


class WhyForm(Form):
    """A reason: it is kept for good, told to others and may go to the staff's chat robot, so nothing private belongs in it."""

    why = TextAreaField(_l("In a few words"), validators=[DataRequired(_l("Please say why, in a few words.")), Length(max=200, message=MOST_200), obeys(public_words)])


class MaybeWhyForm(Form):
    """A reason that may stay away."""

    why = TextAreaField(_l("In a few words"), validators=[Length(max=200, message=MOST_200), obeys(public_words)])


class DeliverForm(Form):
    """Done: words and photos."""

    words = TextAreaField(_l("How did it go?"), validators=[Length(max=300, message=MOST_300), obeys(public_words)])
    photos = MultipleFileField(_l("Photos"))


class MergeForm(WhyForm):
    """Put together with another wish, named by its public number."""

    number = StringField(_l("Number of the other wish"), validators=[DataRequired(SAY), Length(max=24)])


class EditForm(Form):
    """What staff may put right."""

    version = HiddenField()
    title = StringField(_l("Wish"), validators=[DataRequired(SAY), Length(2, 60, _l("Between 2 and 60 characters, please.")), obeys(public_words)])
    story = TextAreaField(_l("Story"), validators=[Length(max=600, message=MOST_600), obeys(public_words)])
    kind = SelectField(_l("Kind"), choices=words.choices(words.KINDS))
    urgency = SelectField(_l("Urgency"), choices=words.choices(words.URGENCIES))
    group = SelectField(_l("Group"), choices=words.choices(words.GROUPS))
    item = StringField(_l("What exactly"), validators=[Length(max=40, message=MOST_40), obeys(public_words)])
    quantity = IntegerField(_l("How many"), validators=[InputRequired(SAY), NumberRange(1, 999, _l("A number from 1 to 999, please."))])
    cost = IntegerField(_l("About how many yuan"), validators=[InputRequired(SAY), NumberRange(0, 100000, _l("A number up to 100,000, please."))])
    minutes = IntegerField(_l("Minutes it will take"), validators=[InputRequired(SAY), NumberRange(5, 1440, _l("Between 5 minutes and a day, please."))])
    seats = IntegerField(_l("Helpers wanted"), validators=[InputRequired(SAY), NumberRange(1, 50, _l("A number from 1 to 50, please."))])
    skill = StringField(_l("Skill wanted"), validators=[Length(max=20, message=MOST_20)])
    wanted_by = DateField(_l("By a certain day"), validators=[Optional()])

