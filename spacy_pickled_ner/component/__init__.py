"""What the factory `pickled_ner` makes: a trained NER out of a model file, in any pipeline.

`from_file` finds it in the file and makes it independent of everything else there, `vectors` sees
to the word vectors that it may need, `pickled_ner` is the component.
"""

from .from_file import load_ner
from .pickled_ner import PickledNER

__all__ = ["PickledNER", "load_ner"]
