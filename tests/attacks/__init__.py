"""Files made to harm whoever loads them, each loaded in a child process with limits.

A family is a module with `CASES`, a dict of names and `Case`s. `test_attacks.py` runs each family
in a child and looks at what became of every case: the error it raised, how long it took, how much
memory it took, and whether anything that the file asked for was done.
"""
