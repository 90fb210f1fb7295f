"""A pipeline's vocab ↔ sections.

`contents` writes and restores strings, vectors and lookup tables. `mapped_vocab` is a vocab that
reads them in place: `string_table` its strings, `key_table` the rows of its vectors.
"""
