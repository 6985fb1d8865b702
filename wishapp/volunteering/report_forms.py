"""Forms of the report and of ratings."""

from flask_babel import lazy_gettext as _l
from wtforms import MultipleFileField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from wishapp.kernel.privacy import check_reason
from wishapp.volunteering.record_forms import MOST_300, public_words
from wishapp.web.forms import Form, obeys


class ReportForm(Form):
    """How it went, in the leader's words."""

    words = TextAreaField(_l("How it went"), validators=[
        DataRequired(_l("Please tell in a few sentences how it went: 10 to 2,000 characters.")),
        Length(10, 2000, _l("Please tell in a few sentences how it went: 10 to 2,000 characters.")), obeys(public_words)])
    photos = MultipleFileField(_l("Photos"))


class RateForm(Form):
    """Stars and words."""

    stars = RadioField(_l("Stars"), choices=[SelectChoice(str(number), str(number)) for number in range(1, 6)], default="5",
                       validators=[InputRequired(_l("Please give one to five stars."))])
    words = TextAreaField(_l("Would you like to say something?"), validators=[Length(max=300, message=MOST_300), obeys(check_reason)])
