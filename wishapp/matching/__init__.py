"""The matching office: snapshot, runs, proposals, staff review, offers.

Words: a run solves one place's open demands and leaves proposals; staff review them; an approved proposal holds a seat and, once
sent out, is an offer with a deadline; the answer ends it, and a no or a silence is repaired: solved again around itself by a job.
A plan keeps its papers (problem, plan, points), from which questions about it are answered; a district's weights have versions.
Promises: nothing is solved inside a transaction; no plan is saved that the referee has not passed; every pair is checked again
against live seats and capacity when it is approved; what a supporter declined is not put to them again for a while.
Knows demands only through kernel.ports.DemandSource; may not import wishes.
"""
