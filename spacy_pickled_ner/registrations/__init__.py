"""Every function that spaCy's registry sees, a module per registry; pyproject.toml names them.

The type hints here are what confection checks a config against, so each must resolve at run time,
and each default is what `init fill-config` fills in. No logic lives here, and nothing else
registers anything.

`factories`, `readers`, `callbacks`, `loggers` and `misc` (the policy and the training loop) have
the names of spaCy's registries.

None of these modules imports anything heavy before a function of it is called: spaCy loads every
factory and logger whenever any program makes a pipeline, and all functions of a registry to list
them, whether the program uses this package or not.
"""
