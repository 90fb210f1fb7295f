"""A pipeline ↔ its config, components and weights as sections.

`plan` reads and checks the config (`variables` resolves it). `build` creates an empty pipeline from
it, and `quick_registry` makes that fast. `components` writes and restores the state of a component,
`weights` its model, and `rulers` the patterns of a ruler.
"""
