"""Check the vocab of a file.

`lookups` checks lookup tables and `vectors` word vectors. `seed_vocab` checks the one msgpack value
in which a `seed.v0` file has all of its vocab.
"""
