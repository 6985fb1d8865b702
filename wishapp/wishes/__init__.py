"""Micro-wishes (微心愿). Promises: seats are never given twice; three views (public, claimer, staff) of one wish; every read of
a restricted field is recorded; posting to thanks is one lifecycle. Never imports volunteering, lists, issues or matching."""
