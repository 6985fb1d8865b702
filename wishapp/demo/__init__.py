"""Demonstration data: real places, invented people, wishes in the manner of published ones.

street: one street, its wishes walked through the real services under a moving clock, so that every timeline is real.
district: registers and open wishes of a whole district in bulk. Names and phones are made up and look it; coordinates are
schematic (see map.py). Nothing here runs in production.
"""
