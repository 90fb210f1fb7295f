"""The component of the factory `pickled_ner`: a trained NER from a model file, in any pipeline.

`from_file` takes the NER out of the file, `vectors` provides the word vectors that it may need, and
`pickled_ner` is the component.
"""

from .from_file import load_ner
from .pickled_ner import PickledNER

__all__ = ["PickledNER", "load_ner"]
