"""The cost of regular expressions of a file, to compile and to use.

`checks` is what the other guards call. `backtracking` finds expressions that may take forever:
`characters` says which characters an item reads, `automaton` which items can follow which, and
`ways` in how many ways a text can be read.
"""
