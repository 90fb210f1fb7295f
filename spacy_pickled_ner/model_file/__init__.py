"""A whole pipeline in one file: written atomically, read without ever unpickling it.

`pickle_v1` is the format, a pickle of plain data that anyone can open; `seed_v0` an older one.
`layout`, `manifest` and `sections` say how bytes are arranged, `components`, `weights` and `vocab`
what of a pipeline goes into them. On the way in stand `source` (get the bytes), `strict_pickle`
(read them as data), `guards` (decide whether to build) and `build`, in this order.

Nothing here knows about training; a training record travels in `nlp.meta["spacy_pickled_ner"]`.
"""

from ..container.file import ModelData
from .handle import PipelineHandle
from .inspection import inspect
from .loading import load, loads
from .pickle_v1 import load_v1, serialize_v1
from .pipeline.rulers import make_phrases
from .registries import Loader, LoadOptions, Serializer, loaders, serializers
from .saving import dump, dumps
from .seed_v0 import load_seed, serialize_seed
from .verification import get_untrusted, verify

__all__ = [
    "LoadOptions",
    "Loader",
    "ModelData",
    "PipelineHandle",
    "Serializer",
    "dump",
    "dumps",
    "get_untrusted",
    "inspect",
    "load",
    "load_seed",
    "load_v1",
    "loaders",
    "loads",
    "make_phrases",
    "serialize_seed",
    "serialize_v1",
    "serializers",
    "verify",
]
