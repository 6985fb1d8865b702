"""The tables of the lifecycles, against expectations written by hand."""
