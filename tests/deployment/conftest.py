"""The pipelines of the model file's tests, for what is done with model files."""

from ..model_file.conftest import pipelines

__all__ = ["pipelines"]
