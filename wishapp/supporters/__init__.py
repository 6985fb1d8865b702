"""Supporters: double-report units, party members, volunteer teams, volunteers; what they can do and how much is left.

Promises: capacity is taken and given back by conditional updates, never below zero or above the quota. Knows places
and accounts, nothing above.
"""
