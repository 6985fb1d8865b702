"""The district's rules for volunteering, in plain words."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FloatField, HiddenField, IntegerField
from wtforms.validators import InputRequired, NumberRange, ValidationError

from wishapp.kernel.errors import Forbidden, NotFound, SomeoneWasFaster, WishappError
from wishapp.store.transaction import transaction
from wishapp.volunteering.blueprint import blueprint
from wishapp.volunteering.rule_changes import RANGES, change_rules, districts, may_change, rules_row
from wishapp.volunteering.rules import USUAL, half_hours, read_rules
from wishapp.web import arguments
from wishapp.web.actor import current_actor
from wishapp.web.forms import Form, said
from wishapp.web.guards import guard

NUMBER = _l("Please give a number.")


def _ranged(low: float, high: float) -> list[Any]:
    return [InputRequired(NUMBER), NumberRange(low, high, _l("From %(low)s to %(high)s.", low=low, high=high))]


class RulesForm(Form):
    """Every rule as people say it: hours where the rules count minutes or halves."""

    version = HiddenField()
    day_hours = FloatField(_l("Most hours of service on one day"), validators=_ranged(1, 24))
    gap_minutes = IntegerField(_l("Least minutes between two shifts at different spots"), validators=_ranged(*RANGES["gap_minutes"]))
    answer_hours = IntegerField(_l("A freed seat is kept for (hours)"), validators=_ranged(*RANGES["answer_hours"]))
    asked_a_week = IntegerField(_l("Most invitations a person gets in a week"), validators=_ranged(*RANGES["asked_a_week"]))
    misses = IntegerField(_l("Missed shifts until sign-up rests"), validators=_ranged(*RANGES["misses"]))
    misses_days = IntegerField(_l("… within (days)"), validators=_ranged(*RANGES["misses_days"]))
    pause_days = IntegerField(_l("Sign-up then rests for (days)"), validators=_ranged(*RANGES["pause_days"]))
    objection_days = IntegerField(_l("Hours are shown before they count (days)"), validators=_ranged(*RANGES["objection_days"]))
    close_hours = IntegerField(_l("A shift closes by itself after (hours)"), validators=_ranged(*RANGES["close_hours"]))
    activity_hours = FloatField(_l("Most hours that count for one activity (0: no limit)"), validators=_ranged(0, 48))
    half_from = IntegerField(_l("From this many minutes beyond the hour: half an hour"), validators=_ranged(0, 59))
    whole_from = IntegerField(_l("From this many minutes beyond the hour: a whole hour"), validators=_ranged(1, 60))

    def validate_whole_from(self, field: IntegerField) -> None:
        """Half an hour comes first."""
        if field.data is not None and self.half_from.data is not None and field.data <= self.half_from.data:
            raise ValidationError(_l("Half an hour begins before the whole one."))

    def values(self) -> dict[str, Any]:
        """Arguments of change_rules."""
        steps = {0: 0} | {self.half_from.data: 1} | ({self.whole_from.data: 2} if self.whole_from.data < 60 else {})
        return {name: self[name].data for name in RANGES if name in self} | {
            "day_minutes": round(self.day_hours.data * 60), "activity_half_hours": round(self.activity_hours.data * 2), "rounding": tuple(steps.items())}


def _typed(rules: Any) -> dict[str, Any]:
    steps = {halves: least for least, halves in rules.rounding}
    return {name: getattr(rules, name) for name in RANGES} | {
        "day_hours": rules.day_minutes / 60, "activity_hours": rules.activity_half_hours / 2, "half_from": steps.get(1, 0), "whole_from": steps.get(2, 60)}


@blueprint.route("/desk/calls/rules", methods=["GET", "POST"])
@guard("calls.rules", scope="place")
def rules() -> Any:
    """Read by the street, changed by the district."""
    actor = current_actor()
    choices = districts(actor)
    wanted = arguments.number("district")
    district = next((place for place in choices if wanted in (None, place.id)), None)
    if district is None:
        raise NotFound()
    row, is_theirs = rules_row(district.id), may_change(actor, district)
    now = read_rules(row.values if row is not None else {})
    form = RulesForm(data=_typed(now) | {"version": row.version if row is not None else 0})
    if is_theirs and form.validate_on_submit():
        version = int(form.version.data) if (form.version.data or "").isdecimal() and len(form.version.data) < 10 else -1
        try:
            with transaction():
                change_rules(district, by=actor, version=version, **form.values())
            flash(_("Kept."), "done")
            return redirect(url_for("volunteering.rules", district=district.id), 303)
        except SomeoneWasFaster:
            raise
        except WishappError as error:
            form.form_errors.append(said(error))
    elif form.is_submitted() and not is_theirs:
        raise Forbidden()
    options = [(place.id, place.name) for place in choices]
    page = render_template("volunteering/rules.html", form=form, district=district, districts=choices, options=options, row=row, is_theirs=is_theirs,
                           usual=_typed(USUAL), example=half_hours(140, now) / 2)
    return page, 422 if form.errors else 200
