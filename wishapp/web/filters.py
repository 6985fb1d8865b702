"""How values look on the page."""

from datetime import date, datetime

from flask import Flask
from flask_babel import format_date, format_datetime, ngettext
from flask_babel import gettext as _

from wishapp.kernel import clock

WEEKDAYS = "EEE"


def local(moment: datetime) -> datetime:
    """The moment on the neighbourhood's clock."""
    return moment.astimezone(clock.LOCAL)


def when(moment: datetime | None) -> str:
    """A moment as people say it: 今天 10:12, 昨天, 11月18日 周三 16:40."""
    if moment is None:
        return "–"
    there, here = local(moment), local(clock.now())
    days = (there.date() - here.date()).days
    time = f"{there:%H:%M}"
    if days == 0:
        return _("today %(time)s", time=time)
    if days == -1:
        return _("yesterday %(time)s", time=time)
    if days == 1:
        return _("tomorrow %(time)s", time=time)
    form = _("MMM d EEE") if there.year == here.year else _("MMM d, y")
    return f"{format_datetime(moment, form)} {time}"


def day(value: date | datetime | None) -> str:
    """A day without time: today, yesterday, 11月18日 周三."""
    if value is None:
        return "–"
    value = local(value).date() if isinstance(value, datetime) else value
    here = clock.today()
    if abs((value - here).days) < 2:
        return (_("today"), _("tomorrow"), _("yesterday"))[(value - here).days]
    return format_date(value, _("MMM d EEE") if value.year == here.year else _("MMM d, y"))


def left(moment: datetime | None) -> str:
    """Time left until a moment: 2 天 7 小时; "over" once it has passed."""
    if moment is None:
        return ""
    seconds = int((moment - clock.now()).total_seconds())
    if seconds <= 0:
        return _("time is up")
    days, hours, minutes = seconds // 86400, seconds % 86400 // 3600, seconds % 3600 // 60
    if days:
        return _("%(days)s left", days=ngettext("%(num)d day", "%(num)d days", days)) if not hours else _(
            "%(days)s %(hours)s left", days=ngettext("%(num)d day", "%(num)d days", days), hours=ngettext("%(num)d hour", "%(num)d hours", hours))
    if hours:
        return _("%(hours)s left", hours=ngettext("%(num)d hour", "%(num)d hours", hours))
    return _("%(minutes)s left", minutes=ngettext("%(num)d minute", "%(num)d minutes", max(1, minutes)))


def points(tenths: int | None) -> str:
    """Points kept in tenths: 25 -> 2.5, 30 -> 3."""
    tenths = tenths or 0
    sign, tenths = "−" if tenths < 0 else "", abs(tenths)
    return f"{sign}{tenths // 10}" if tenths % 10 == 0 else f"{sign}{tenths // 10}.{tenths % 10}"


def metres(distance: float | None) -> str:
    """A distance: 420 m, 1.1 km."""
    if distance is None:
        return "–"
    if distance < 950:
        return _("%(number)s m", number=max(10, round(distance / 10) * 10))
    return _("%(number)s km", number=f"{distance / 1000:.1f}".removesuffix(".0"))


def percent(part: float, whole: float) -> str:
    """Share in per cent with one decimal; a dash when there is no whole."""
    return f"{100 * part / whole:.1f}" if whole else "–"


def init_app(app: Flask) -> None:
    """Make the filters known to Jinja."""
    for function in (when, day, left, points, metres):
        app.jinja_env.filters[function.__name__] = function
    app.jinja_env.globals["percent"] = percent
