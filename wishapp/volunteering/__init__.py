"""Volunteer calls (微志愿): from the poster to the service record.

Words: a *call* has *shifts*; a shift has *seats*, plain ones and ones for a skill; a *sign-up* is one volunteer's or small group's
place in a shift; a *volunteer* is a person who signs up, with an account or as a guest; *hours* are what a sign-up earned.
Promises: a seat is never given twice, nobody is in two places at once, the queue is served in its order and in the same
transaction in which a seat is freed; hours are shown before they count, and hours from check-in and from backfill are kept apart.
May not import its siblings (wishes, lists, issues) nor anything above (matching, dashboards, …).
"""
