"""All registered functions, one module per registry. pyproject.toml names them as entry points.

confection checks a config against the type hints here, so each must resolve at run time. `init
fill-config` fills in the defaults. There is no logic here, and nothing else registers anything.

`factories`, `readers`, `callbacks`, `loggers` and `misc` (the policy and the training loop) have
the names of spaCy's registries.

These modules import heavy modules only when a function is called: spaCy loads every factory and
logger when any program creates a pipeline, and all functions of a registry to list them.
"""
