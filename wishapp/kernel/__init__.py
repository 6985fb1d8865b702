"""Pure vocabulary of the house: roles, permissions, errors, the clock, the ports. Imports nothing but the standard library."""
