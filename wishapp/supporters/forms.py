"""Forms about supporters."""

import re
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, IntegerField, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from wishapp.supporters import words
from wishapp.supporters.models import HelpKind, PartOfDay, Skill, Supporter, SupporterKind, UnitKind, UnitLevel
from wishapp.supporters.queries import ANY
from wishapp.web.filters import metres
from wishapp.web.forms import MAX_ID, Form, offered

RADII = (500, 1000, 1500, 2000, 3000, 5000, 10000)
_SPLIT = re.compile(r"[\s,，、;；]+")


class TicksField(SelectMultipleField):
    """Several tick boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class VersionField(HiddenField):
    """The version a form was filled from; anything that is no number counts as "older than anything"."""

    def number(self) -> int:
        """The version as a number, 0 when it cannot be read."""
        text = str(self.data or "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def time_choices() -> list[SelectChoice]:
    """Every weekday and part of day, as "0-morning" with its words."""
    return offered((f"{day}-{part}", f"{word} {words.PARTS[part]}") for day, word in enumerate(words.WEEKDAYS) for part in PartOfDay)


def reach_choices(chosen: int | None) -> list[SelectChoice]:
    """Distances in metres with their words; one chosen earlier stays possible."""
    return offered((radius, metres(radius)) for radius in sorted({*RADII, chosen or RADII[0]}))


class DescribeForm(Form):
    """What a supporter can do, how far it goes, when and how much."""

    help_kinds = TicksField(_l("Kinds of help"), choices=offered((str(kind), words.HELP[kind]) for kind in HelpKind))
    skills = TicksField(_l("Skills"), choices=offered((str(skill), words.SKILLS[skill]) for skill in Skill))
    more_skills = StringField(_l("Something else"), validators=[Length(max=120, message=_l("That is a lot of words. 120 characters at most."))])
    radius = SelectField(_l("How far you go"), coerce=int)
    hours = IntegerField(_l("Hours a month"), validators=[Optional(), NumberRange(0, 300, message=_l("Please give 0 to 300 hours."))])
    times = TicksField(_l("When there is time"))
    paused_until = DateField(_l("Take a break until"), validators=[Optional()])
    version = VersionField()

    def __init__(self, supporter: Supporter, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, data=described(supporter), **kwargs)
        self.radius.choices = reach_choices(supporter.radius)
        self.times.choices = time_choices()
        self.minutes_before = supporter.monthly_minutes

    def validate_more_skills(self, field: StringField) -> None:
        """Each word fits where skills are kept."""
        if any(len(word) > 20 for word in _SPLIT.split(field.data or "")):
            raise ValidationError(_l("A skill has at most 20 characters."))

    def verdict(self) -> dict[str, Any]:
        """Arguments of service.describe_supporter."""
        hours = self.hours.data
        before = self.minutes_before
        return {
            "version": self.version.number(), "help_kinds": self.help_kinds.data,
            "skills": [*self.skills.data, *(word for word in _SPLIT.split(self.more_skills.data or "") if word)],
            "times": [(int(day), part) for day, _, part in (time.partition("-") for time in self.times.data)],
            "radius": self.radius.data, "monthly_minutes": before if hours is None or hours == before // 60 else hours * 60,
            "paused_until": self.paused_until.data,
        }


def described(supporter: Supporter) -> dict[str, Any]:
    """A supporter as DescribeForm shows it."""
    skills = sorted(ability.word for ability in supporter.abilities if ability.kind == "skill")
    return {
        "help_kinds": [ability.word for ability in supporter.abilities if ability.kind == "help"],
        "skills": [word for word in skills if word in words.SKILLS], "more_skills": "、".join(word for word in skills if word not in words.SKILLS),
        "radius": supporter.radius, "hours": supporter.monthly_minutes // 60, "times": [f"{time.weekday}-{time.part}" for time in supporter.times],
        "paused_until": supporter.paused_until, "version": supporter.version,
    }


class SupporterForm(Form):
    """The entry in the register. Kind and person are asked only for a new one."""

    kind = RadioField(_l("Who is it"), choices=offered((str(kind), words.KINDS[kind]) for kind in SupporterKind), default=SupporterKind.UNIT)
    name = StringField(_l("Name in the register"), validators=[
        InputRequired(message=_l("The name is missing.")), Length(max=80, message=_l("80 characters at most."))])
    place_id = SelectField(_l("Reports to"), coerce=int)
    unit_level = SelectField(_l("Level"), choices=offered([("", _l("not said")), *((str(level), words.UNIT_LEVELS[level]) for level in UnitLevel)]))
    unit_kind = SelectField(_l("Kind of unit"), choices=offered([("", _l("not said")), *((str(kind), words.UNIT_KINDS[kind]) for kind in UnitKind)]))
    size = IntegerField(_l("People who can come at once"), default=1, validators=[
        InputRequired(message=_l("Please give a number from 1 to 500.")), NumberRange(1, 500, message=_l("Please give a number from 1 to 500."))])
    person = StringField(_l("Who answers for it"), validators=[Length(max=40)])
    version = VersionField()


class QuotaForm(Form):
    """A promise for a year."""

    year = SelectField(_l("Year"))
    what = SelectField(_l("Kind of help"), choices=offered([(ANY, _l("Any kind")), *((str(kind), words.HELP[kind]) for kind in HelpKind)]))
    quota = IntegerField(_l("How many wishes"), validators=[
        InputRequired(message=_l("Please give a number from 0 to 10,000.")), NumberRange(0, 10_000, message=_l("Please give a number from 0 to 10,000."))])
    version = VersionField()


class PersonForm(Form):
    """Somebody by user name or phone."""

    person = StringField(_l("User name or phone"), validators=[InputRequired(), Length(max=40)])


class PickForm(Form):
    """An id and, for a refusal, why."""

    id = IntegerField(validators=[InputRequired(), NumberRange(1, MAX_ID)])
    why = StringField(validators=[Length(max=200)])


class JoinForm(Form):
    """How somebody would like to help."""

    kind = RadioField(_l("I would like to help as"), default=SupporterKind.VOLUNTEER, choices=offered([
        (str(SupporterKind.VOLUNTEER), _l("Volunteer")), (str(SupporterKind.MEMBER), _l("Party member reporting to this community"))]))
