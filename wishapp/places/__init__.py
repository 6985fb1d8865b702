"""Places: district > street > community > grid, as one tree with materialised paths. May import nothing above web."""
