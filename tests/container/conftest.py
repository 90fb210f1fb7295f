"""The tests of files use the tests' pipelines."""

from ..model_file.conftest import nlp, pipelines

__all__ = ["nlp", "pipelines"]
