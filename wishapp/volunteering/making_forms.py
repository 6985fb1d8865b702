"""Forms of organisers: making and changing a call, shifts one by one and by pattern, reasons."""

import math
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    FloatField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from wishapp.kernel import clock
from wishapp.kernel.errors import BadInput
from wishapp.kernel.privacy import check_reason, private_part
from wishapp.places.models import Place
from wishapp.places.queries import distance
from wishapp.places.service import check_telephone
from wishapp.supporters.models import Skill
from wishapp.volunteering import words
from wishapp.volunteering.models import Call
from wishapp.web.forms import Form, obeys, offered

MOST_40, MOST_200, MOST_800 = _l("At most 40 characters, please."), _l("At most 200 characters, please."), _l("At most 800 characters, please.")
NUMBER = _l("Please give a number.")
SEATS = _l("A number from 1 to 500, please.")
FAR = 30_000  # metres from the community beyond which a point is a slip of the finger
PLAIN = (
    "title", "story", "kind", "spot", "age_min", "age_max", "closes_hours", "late_hours", "needs_approval", "takes_guests", "check_radius",
    "check_minutes", "risks", "safeguards", "contact_name", "contact_phone")
MOMENTS = ("opens_at", "grid_until", "community_until")
TIMES = 4
SKILL_ROWS = 3


def public_words(text: str) -> None:
    """These words stand where everybody can read them."""
    if message := private_part(text):
        raise BadInput(message)


def within_years(_form: Form, field: DateField) -> None:
    """A day people plan for."""
    if field.data and abs(field.data.year - clock.today().year) > 5:
        raise StopValidation(_l("This day is too far away."))


def whole_shift(form: Form, field: TimeField) -> None:
    """A shift is whole or not there at all. Stands before Optional, which would let an empty field pass."""
    given = [form.day.data, form.begins.data, form.ends.data]
    if field.data is None and (form.needs_shift or any(value is not None for value in given)):
        raise StopValidation(_l("Please give day, beginning and end of the shift."))


def within_two_years(_form: Form, field: DateTimeLocalField) -> None:
    """A moment people plan for."""
    now = clock.now().astimezone(clock.LOCAL).replace(tzinfo=None)
    if field.data and not now - timedelta(days=730) <= field.data <= now + timedelta(days=730):
        raise StopValidation(_l("This moment is too far away."))


def some_time(form: Form, _field: TimeField) -> None:
    """At least one time of day, each with both ends."""
    if any((form[f"from_{row}"].data is None) != (form[f"to_{row}"].data is None) for row in range(1, TIMES + 1)):
        raise StopValidation(_l("A time of day needs its beginning and its end."))
    if not form.times():
        raise StopValidation(_l("Please give at least one time of day."))


class TicksField(SelectMultipleField):
    """Several tick boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class ShiftFields(Form):
    """One shift: day, from, to, seats, least number."""

    needs_shift = False
    day = DateField(_l("Day"), validators=[whole_shift, Optional(), within_years])
    begins = TimeField(_l("From"), validators=[whole_shift, Optional()])
    ends = TimeField(_l("To"), validators=[whole_shift, Optional()])
    seats = IntegerField(_l("People"), default=5, validators=[InputRequired(SEATS), NumberRange(1, 500, SEATS)])
    minimum = IntegerField(_l("At least"), default=0, validators=[Optional(), NumberRange(0, 500, _l("A number from 0 to 500, please."))])

    def validate_minimum(self, field: IntegerField) -> None:
        """Never above the seats."""
        if field.data and self.seats.data is not None and field.data > self.seats.data:
            raise ValidationError(_l("The least number of people cannot be above the seats."))

    @property
    def has_shift(self) -> bool:
        """Was a shift given."""
        return None not in (self.day.data, self.begins.data, self.ends.data)


class ShiftForm(ShiftFields):
    """One more shift of a call that is there."""

    needs_shift = True


class CallForm(Form):
    """Everything about a call but its shifts. Points of the map are the community's centre, its grids, or a pair of degrees."""

    version = HiddenField()
    title = StringField(_l("What is it about?"), validators=[
        DataRequired(_l("Please say in one line what people are needed for.")), Length(2, 60, _l("Between 2 and 60 characters, please.")), obeys(public_words)])
    story = TextAreaField(_l("What will people do, and what for?"), validators=[Length(max=800, message=MOST_800), obeys(public_words)])
    kind = RadioField(_l("Kind"), choices=offered((str(kind), text) for kind, text in words.KINDS.items()), default="service",
                      validators=[InputRequired(_l("Please choose one."))])
    spot = StringField(_l("Where do people meet?"), validators=[Length(max=80, message=_l("At most 80 characters, please.")), obeys(public_words)])
    point = RadioField(_l("Point on the map"), choices=[], validators=[InputRequired(_l("Please choose one."))])
    latitude = FloatField(_l("Latitude"), validators=[Optional(), NumberRange(-90, 90, _l("From −90 to 90."))])
    longitude = FloatField(_l("Longitude"), validators=[Optional(), NumberRange(-180, 180, _l("From −180 to 180."))])
    age_min = IntegerField(_l("Youngest age"), validators=[Optional(), NumberRange(6, 90, _l("From 6 to 90."))])
    age_max = IntegerField(_l("Oldest age"), validators=[Optional(), NumberRange(6, 99, _l("From 6 to 99."))])
    opens_at = DateTimeLocalField(_l("Sign-up opens"), validators=[Optional(), within_two_years])
    grid_until = DateTimeLocalField(_l("Until then only for the call’s grid"), validators=[Optional(), within_two_years])
    community_until = DateTimeLocalField(_l("Until then only for the community"), validators=[Optional(), within_two_years])
    closes_hours = IntegerField(_l("Sign-up closes (hours before each shift)"), default=0,
                                validators=[InputRequired(NUMBER), NumberRange(0, 720, _l("From 0 to 720 hours."))])
    late_hours = IntegerField(_l("Free to step back until (hours before)"), default=24,
                              validators=[InputRequired(NUMBER), NumberRange(0, 168, _l("From 0 to 168 hours."))])
    needs_approval = BooleanField(_l("I look at each sign-up before it counts"))
    takes_guests = BooleanField(_l("People without an account may sign up, with name and telephone"), default=True)
    check_radius = IntegerField(_l("Check-in by position: within (metres)"), default=300,
                                validators=[InputRequired(NUMBER), NumberRange(50, 5000, _l("From 50 to 5,000 metres."))])
    check_minutes = IntegerField(_l("Check-in opens (minutes before)"), default=30,
                                 validators=[InputRequired(NUMBER), NumberRange(5, 180, _l("From 5 to 180 minutes."))])
    risks = TextAreaField(_l("What to watch out for"), validators=[Length(max=800, message=MOST_800), obeys(public_words)])
    safeguards = TextAreaField(_l("What is provided"), validators=[Length(max=800, message=MOST_800), obeys(public_words)])
    contact_name = StringField(_l("Who answers questions (public)"), validators=[Length(max=40, message=MOST_40)])
    contact_phone = StringField(_l("Telephone for questions (public)"), validators=[Length(max=20, message=_l("At most 20 characters, please.")), obeys(check_telephone)])
    points = FloatField(_l("Points for each hour"), default=1.0, validators=[InputRequired(NUMBER), NumberRange(0, 10, _l("From 0 to 10 points."))])

    def offer(self, community: Place, grids: list[Place]) -> None:
        """Offer this community's points."""
        self.community = community
        self.known = {"centre": community} | {f"g{grid.id}": grid for grid in grids}
        self.point.choices = offered([("centre", _("Centre of %(place)s", place=community.name)), *((f"g{grid.id}", grid.name) for grid in grids),
                                      ("own", _("Another point"))])

    def validate_points(self, field: FloatField) -> None:
        """Whole tenths."""
        if field.data is not None and 0 <= field.data <= 10 and not math.isclose(field.data * 10, round(field.data * 10), abs_tol=1e-6):
            raise ValidationError(_l("Tenths of a point at the finest."))

    def validate_point(self, field: RadioField) -> None:
        """A point of one's own lies near."""
        if field.data != "own":
            return
        here = (self.latitude.data, self.longitude.data)
        if None in here or any(value != value for value in here):
            raise ValidationError(_l("Please give latitude and longitude, or choose a place from the list."))
        centre = (self.community.latitude, self.community.longitude)
        if any(centre) and abs(here[0]) <= 90 and abs(here[1]) <= 180 and distance(*here, *centre) > FAR:
            raise ValidationError(_l("That point is more than 30 km from the community."))

    def validate_age_max(self, field: IntegerField) -> None:
        """Lowest below highest."""
        if field.data is not None and self.age_min.data is not None and field.data < self.age_min.data:
            raise ValidationError(_l("The lowest age is above the highest."))

    def validate_community_until(self, field: DateTimeLocalField) -> None:
        """First the grid, then the community."""
        if field.data and self.grid_until.data and self.grid_until.data > field.data:
            raise ValidationError(_l("First the grid, then the community: the grid’s time has to end first."))

    def values(self) -> dict[str, Any]:
        """Values of calls.EDITABLE."""
        place = self.known.get(self.point.data)
        here = (place.latitude, place.longitude) if place is not None else (self.latitude.data, self.longitude.data)
        moments = {name: _aware(self[name].data) for name in MOMENTS}
        return {name: self[name].data for name in PLAIN} | moments | {
            "latitude": here[0], "longitude": here[1], "points_per_hour": round(self.points.data * 10)}


def _aware(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=clock.LOCAL) if moment else None


def as_typed(call: Call, known: dict[str, Place]) -> dict[str, Any]:
    """A call as CallForm shows it."""
    point = next((key for key, place in known.items() if (place.latitude, place.longitude) == (call.latitude, call.longitude)), "own")
    moments = {name: getattr(call, name).astimezone(clock.LOCAL).replace(tzinfo=None) if getattr(call, name) else None for name in MOMENTS}
    return {name: getattr(call, name) for name in PLAIN} | moments | {
        "point": point, "latitude": call.latitude, "longitude": call.longitude, "points": call.points_per_hour / 10, "version": call.version}


class MakeForm(CallForm, ShiftFields):
    """A new call with its first shift. `place_id`: the community itself or one of its grids; `team_id`: 0 for the community's own."""

    place_id = SelectField(_l("Whose call is it?"), coerce=int)
    team_id = SelectField(_l("Who runs it?"), coerce=int)
    shifts_too = BooleanField(_l("With the same shifts, as many weeks later as it takes"))


class PatternForm(Form):
    """A pattern of shifts. Sent by GET for the preview, by POST with the ticked rows to make them."""

    first = DateField(_l("From day"), validators=[InputRequired(_l("Please choose a day.")), within_years])
    last = DateField(_l("To day"), validators=[InputRequired(_l("Please choose a day.")), within_years])
    weekdays = TicksField(_l("On these weekdays"), validators=[InputRequired(_l("Please tick at least one weekday."))],
                          choices=offered(enumerate((_l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat"), _l("Sun")))), coerce=int)
    seats = IntegerField(_l("People per shift"), default=5, validators=[InputRequired(SEATS), NumberRange(0, 500, _l("A number from 0 to 500, please."))])
    minimum = IntegerField(_l("At least"), default=0, validators=[Optional(), NumberRange(0, 500, _l("A number from 0 to 500, please."))])

    def times(self) -> list[tuple[Any, Any]]:
        """(from, to) pairs that were given."""
        pairs = [(self[f"from_{row}"].data, self[f"to_{row}"].data) for row in range(1, TIMES + 1)]
        return [pair for pair in pairs if None not in pair]

    def skills(self) -> dict[str, int]:
        """{skill: seats} that were given."""
        found: dict[str, int] = {}
        for row in range(1, SKILL_ROWS + 1):
            if self[f"skill_{row}"].data and self[f"count_{row}"].data:
                found[self[f"skill_{row}"].data] = found.get(self[f"skill_{row}"].data, 0) + self[f"count_{row}"].data
        return found

    def validate_seats(self, field: IntegerField) -> None:
        """Somebody is needed."""
        if not 1 <= (field.data or 0) + sum(self.skills().values()) <= 500:
            raise ValidationError(_l("A shift has from 1 to 500 seats."))

    def validate_minimum(self, field: IntegerField) -> None:
        """Never above the seats."""
        if (field.data or 0) > (self.seats.data or 0) + sum(self.skills().values()):
            raise ValidationError(_l("The least number of people cannot be above the seats."))


for _row in range(1, TIMES + 1):
    setattr(PatternForm, f"from_{_row}", TimeField(_l("From"), validators=[some_time, Optional()] if _row == 1 else [Optional()]))
    setattr(PatternForm, f"to_{_row}", TimeField(_l("To"), validators=[Optional()]))
for _row in range(1, SKILL_ROWS + 1):
    setattr(PatternForm, f"skill_{_row}", SelectField(_l("Skill"), default="", choices=offered([("", ""), *((str(skill), str(skill)) for skill in Skill)])))
    setattr(PatternForm, f"count_{_row}", IntegerField(_l("People"), validators=[Optional(), NumberRange(0, 500, _l("A number from 0 to 500, please."))]))


class WhyForm(Form):
    """A reason: kept for good and told to others, so nothing private belongs in it."""

    why = TextAreaField(_l("In a few words"), validators=[
        DataRequired(_l("Please say why, in a few words.")), Length(max=200, message=MOST_200), obeys(check_reason)])
