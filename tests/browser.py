"""The strict test browser (to follow)."""
