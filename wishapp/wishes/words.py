"""Words of the tables as people read them on pages."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms.fields.choices import SelectChoice

from wishapp.kernel import clock
from wishapp.wishes.models import AgeBand, BeneficiaryGroup, Urgency, Wish, WishKind
from wishapp.wishes.restricted import Purpose
from wishapp.wishes.wall import WallNear, WallOrder, WallState

KINDS = {
    WishKind.GOODS: _l("Goods"), WishKind.SERVICE: _l("Help at home"), WishKind.COMPANIONSHIP: _l("Company"), WishKind.REPAIR: _l("Repairs"),
    WishKind.MEDICAL: _l("Health"), WishKind.LEARNING: _l("Learning"), WishKind.ENVIRONMENT: _l("Surroundings"), WishKind.JOB: _l("Employment"),
}
ASKED_KINDS = {
    WishKind.GOODS: _l("A thing"), WishKind.SERVICE: _l("A hand at home"), WishKind.COMPANIONSHIP: _l("Some company"),
    WishKind.REPAIR: _l("Something mended"), WishKind.MEDICAL: _l("Getting well"), WishKind.LEARNING: _l("To learn something"),
    WishKind.ENVIRONMENT: _l("Around the house"), WishKind.JOB: _l("A job"),
}
KIND_NOTES = {
    WishKind.GOODS: _l("wheelchair, school bag"), WishKind.SERVICE: _l("haircut, cleaning"), WishKind.COMPANIONSHIP: _l("a chat, a walk"),
    WishKind.REPAIR: _l("lamp, tap, handrail"), WishKind.MEDICAL: _l("blood pressure, hospital visits"), WishKind.LEARNING: _l("homework, the phone"),
    WishKind.ENVIRONMENT: _l("rubbish, puddles"), WishKind.JOB: _l("something steady"),
}
GROUPS = {
    BeneficiaryGroup.RESIDENTS: _l("None of these"), BeneficiaryGroup.ELDERLY_ALONE: _l("Elderly, living alone"),
    BeneficiaryGroup.CHILD_IN_NEED: _l("Child in need"), BeneficiaryGroup.DISABLED: _l("With a disability"),
    BeneficiaryGroup.SERIOUSLY_ILL: _l("Seriously ill"), BeneficiaryGroup.LOW_INCOME: _l("On a low income"),
    BeneficiaryGroup.PREGNANT: _l("Expecting or with a newborn"), BeneficiaryGroup.NEW_EMPLOYMENT: _l("Courier, driver or the like"),
}
URGENCIES = {Urgency.NOW: _l("Within 3 days"), Urgency.WEEK: _l("Within a week"), Urgency.CALM: _l("No hurry")}
LEVELS = {Urgency.NOW: 3, Urgency.WEEK: 2, Urgency.CALM: 1}
AGES = {
    AgeBand.CHILD: _l("under 14"), AgeBand.ADULT: _l("14 to 59"), AgeBand.SIXTIES: _l("in the sixties"), AgeBand.SEVENTIES: _l("in the seventies"),
    AgeBand.EIGHTIES: _l("in the eighties"), AgeBand.NINETIES: _l("ninety or older"), AgeBand.SEVERAL: _l("several people"),
}
SHOWN_AGES = {**AGES, AgeBand.CHILD: _l("a child"), AgeBand.ADULT: "", AgeBand.SEVERAL: ""}
CONSENTS = {"in_person": _l("face to face"), "phone": _l("by telephone"), "family": _l("through the family")}
STATES = {WallState.OPEN: _l("Waiting for someone"), WallState.MOVING: _l("Under way"), WallState.DONE: _l("Come true")}
ORDERS = {WallOrder.URGENT: _l("Most urgent first"), WallOrder.NEAR: _l("Nearest first"), WallOrder.NEW: _l("Newest first")}
NEARS = {WallNear.M500: _l("within 500 m"), WallNear.M1500: _l("within 1.5 km"), WallNear.M3000: _l("within 3 km")}
PURPOSES = {Purpose.REVIEW: _l("to review the wish"), Purpose.VERIFY: _l("to check on site"), Purpose.CALL_BACK: _l("to call back"),
            Purpose.HELP: _l("to help"), Purpose.OWN: _l("own")}


def pairs(words: dict) -> list[tuple[str, object]]:
    """Values and words, as the filters of a list want them."""
    return [(str(key), text) for key, text in words.items()]


def choices(words: dict) -> list[SelectChoice]:
    """Choices of a WTForms field."""
    return [SelectChoice(str(key), text) for key, text in words.items()]


def who(wish: Wish) -> str:
    """The person as the public may see them: 王某 · 80 多岁, or "several neighbours"."""
    if wish.age_band == AgeBand.SEVERAL or not wish.masked_name:
        return _("several neighbours") if wish.age_band == AgeBand.SEVERAL else ""
    age = SHOWN_AGES[AgeBand(wish.age_band)]
    return _("%(name)s · %(age)s", name=wish.masked_name, age=age) if age else wish.masked_name


def haste(wish: Wish) -> str:
    """How soon, in words: the wanted day when it is close, else the urgency."""
    if wish.wanted_by and (wish.wanted_by - clock.today()).days == 0:
        return _("Today")
    return str(URGENCIES[Urgency(wish.urgency)])

