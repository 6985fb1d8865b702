"""Micro-wishes (微心愿): posting, review, the wall, claims on seats, delivery, the end that is told.

Words: a *wish* wants one or more *seats* filled; a *claim* is one supporter's seat. Promises: a seat is never given twice,
names, telephones and addresses are read one wish at a time and every read is written down, every step tells whoever waits.
May not import its siblings (volunteering, lists, issues) nor anything above (matching, dashboards, …).
"""
