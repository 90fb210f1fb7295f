"""Every function that spaCy's registry sees, a module per registry; pyproject.toml names them.

The type hints here are what confection checks a config against, so each must resolve at run time,
and each default is what `init fill-config` fills in. No logic lives here, and nothing else
registers anything.

`factories` and `loggers` import nothing heavy: spaCy loads every entry point of these registries
whenever any program makes a pipeline, whether it uses this package or not.
"""
