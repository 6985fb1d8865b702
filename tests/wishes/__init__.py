"""Wishes: the road, its refusals, its pages, its races."""
