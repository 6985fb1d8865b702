"""Forms of the office. Lists of proposals are plain ticked ids, read and checked in the views."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange, Optional

from wishapp.kernel.privacy import check_reason
from wishapp.matching.snapshot import Options
from wishapp.matching.words import DECLINE_REASONS, DISMISS_REASONS, OBJECTIVES
from wishapp.web.forms import Form, obeys


class StartForm(Form):
    """Begin a run: over which place, with which settings, for real or as a trial."""

    place_id = IntegerField(_l("Place"), [InputRequired()])
    reach = IntegerField(_l("Everybody goes at least this far (metres)"), [Optional(), NumberRange(0, 50_000)], default=0)
    extra = IntegerField(_l("More wishes for each unit"), [Optional(), NumberRange(0, 50)], default=0)
    seconds = IntegerField(_l("At most this long (seconds)"), [Optional(), NumberRange(5, 300)], default=Options.seconds)
    objective = RadioField(_l("What is the best plan"), choices=[SelectChoice(word, text) for word, text in OBJECTIVES.items()], default="value")
    grants = StringField(_l("Assumed for the trial"), [Optional(), Length(max=200)], default="")
    is_what_if = BooleanField(_l("Only try it out"))

    def options(self) -> dict[str, int | str]:
        """What the person filled in, as options of a run."""
        return {name: self[name].data for name in ("reach", "extra", "seconds", "objective", "grants") if self[name].data}


class DismissForm(Form):
    """Why not."""

    why = RadioField(_l("Why not"), [InputRequired(_l("Please say why, in a few words.")), AnyOf(list(DISMISS_REASONS))],
                     choices=[SelectChoice(word, text) for word, text in DISMISS_REASONS.items()],
                     validate_choice=False)
    words = StringField(_l("In a few words"), [Optional(), Length(max=200), obeys(check_reason)])

    def reason(self) -> str:
        """What is kept: the words when there are any, else the reason picked."""
        return self.words.data or self.why.data


class SwapForm(Form):
    """Who instead."""

    supporter_id = IntegerField(_l("Who instead"), [InputRequired(_l("Choose one of the people on the list."))])


class DeclineForm(Form):
    """Why it does not work out this time."""

    reason = RadioField(_l("Because"), [InputRequired(_l("Please pick the reason that fits best."))],
                        choices=[SelectChoice(word, text) for word, text in DECLINE_REASONS.items()])
    words = StringField(_l("Would you like to add something?"), [Optional(), Length(max=200), obeys(check_reason)])


class WithdrawForm(Form):
    """Why an offer is taken back."""

    why = StringField(_l("Why is it taken back?"), [InputRequired(_l("Please say why, in a few words.")), Length(max=200), obeys(check_reason)])
