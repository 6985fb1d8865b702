"""Words of supporters as people read them."""

from flask_babel import lazy_gettext as _l

from wishapp.supporters.models import HelpKind, PartOfDay, Skill, SupporterKind, UnitKind, UnitLevel

KINDS = {
    SupporterKind.UNIT: _l("Double-report unit"),
    SupporterKind.MEMBER: _l("Party member"),
    SupporterKind.TEAM: _l("Volunteer team"),
    SupporterKind.VOLUNTEER: _l("Volunteer"),
}
HELP = {
    HelpKind.GOODS: _l("Give things"),
    HelpKind.SERVICE: _l("Everyday help"),
    HelpKind.COMPANIONSHIP: _l("Keep company"),
    HelpKind.REPAIR: _l("Repair"),
    HelpKind.ENVIRONMENT: _l("Tidy and clean"),
    HelpKind.MEDICAL: _l("Health matters"),
    HelpKind.LEARNING: _l("Learning"),
    HelpKind.JOB: _l("Jobs"),
}
SKILLS = {
    Skill.NURSING: _l("Nursing care"),
    Skill.MEDICINE: _l("Medicine"),
    Skill.COUNSELLING: _l("Listening and counselling"),
    Skill.HAIRCUT: _l("Haircuts"),
    Skill.ELECTRICS: _l("Electrics"),
    Skill.PLUMBING: _l("Plumbing"),
    Skill.CARPENTRY: _l("Carpentry"),
    Skill.APPLIANCES: _l("Mending appliances"),
    Skill.SMARTPHONE: _l("Teaching smartphones"),
    Skill.TUTORING: _l("Tutoring"),
    Skill.LAW: _l("Legal advice"),
    Skill.DRIVING: _l("Driving"),
    Skill.COOKING: _l("Cooking"),
    Skill.SEWING: _l("Sewing"),
    Skill.CLEANING: _l("Cleaning"),
    Skill.PHOTOGRAPHY: _l("Photography"),
    Skill.CALLIGRAPHY: _l("Calligraphy"),
    Skill.MUSIC: _l("Music"),
}
UNIT_LEVELS = {
    UnitLevel.PROVINCE: _l("of the province"),
    UnitLevel.CITY: _l("of the city"),
    UnitLevel.DISTRICT: _l("of the district"),
    UnitLevel.STREET: _l("of the street"),
}
UNIT_KINDS = {
    UnitKind.OFFICE: _l("Public office"),
    UnitKind.COMPANY: _l("Business"),
    UnitKind.SCHOOL: _l("School"),
    UnitKind.HOSPITAL: _l("Hospital"),
    UnitKind.ASSOCIATION: _l("Association"),
    UnitKind.NEW_ORGANISATION: _l("New economic or social organisation"),
}
PARTS = {PartOfDay.MORNING: _l("Morning"), PartOfDay.AFTERNOON: _l("Afternoon"), PartOfDay.EVENING: _l("Evening")}
WEEKDAYS = (_l("Mon"), _l("Tue"), _l("Wed"), _l("Thu"), _l("Fri"), _l("Sat"), _l("Sun"))


def _word(table: dict, key: str | None) -> str:
    return str(table[key]) if key in table else key or ""


def supporter_kind(kind: str) -> str:
    """Who it is, in the reader's language."""
    return _word(KINDS, kind)


def help_kind(kind: str) -> str:
    """A kind of help, in the reader's language."""
    return _word(HELP, kind)


def skill_word(skill: str) -> str:
    """A skill, in the reader's language; a word nobody listed is shown as it is."""
    return _word(SKILLS, skill)


def hours(minutes: int) -> str:
    """Minutes as hours, with one decimal where it is needed: 240 -> 4, 270 -> 4.5."""
    return f"{minutes / 60:.1f}".removesuffix(".0")


def unit_level(level: str | None) -> str:
    """Whose unit it is."""
    return _word(UNIT_LEVELS, level)


def unit_kind(kind: str | None) -> str:
    """What kind of organisation."""
    return _word(UNIT_KINDS, kind)
