"""One command for each task: `nox -s test`, `fast`, `lint`, `docs` or `benchmarks`.

The sessions use the environment in which nox runs, so install the extras `dev` and `docs` there.
`.ci/run` decides what may be merged; it makes its own environments.
"""

from __future__ import annotations

import nox

nox.options.sessions = ["fast", "lint"]
nox.options.default_venv_backend = "none"

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
# Their tests mostly start training runs or other processes. A new folder counts as fast.
LONG = (
    *("attacks", "cli", "component", "deployment", "docs", "model_file", "spacy_train", "training"),
    *("container/test_killed_saves.py", "test_project.py", "test_stock_configs.py"),
)


@nox.session
def test(session: nox.Session) -> None:
    """Run the tests, some minutes. `nox -s test -- -m ''` includes the slow ones."""
    session.run("python", "-m", "pytest", *session.posargs, env=ONE_THREAD)


@nox.session
def fast(session: nox.Session) -> None:
    """Run the tests outside of `LONG`, under a minute."""
    left_out = (f"--ignore=tests/{name}" for name in LONG)
    session.run("python", "-m", "pytest", *left_out, *session.posargs, env=ONE_THREAD)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types, and which room imports which."""
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy", "--strict")
    session.run("lint-imports")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation into `site/`; a broken link is an error."""
    session.run("mkdocs", "build", "--strict", env={"NO_MKDOCS_2_WARNING": "1"})


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Take a quick look at training and loading; `benchmarks/README.md` lists all benchmarks."""
    quick = ("--demo", "--methods", "stock,ours", "--max-steps", "300")
    session.run("python", "benchmarks/fine_tune.py", *quick)
    session.run("python", "benchmarks/loading.py", "--without-vectors", "--rounds", "3")
