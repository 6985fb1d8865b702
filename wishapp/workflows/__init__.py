"""Pure tables of every lifecycle: states, actions, who may, what is required. Standard library and kernel only."""
