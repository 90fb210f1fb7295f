"""A whole pipeline in one file: written atomically, read without unpickling.

`pickle_v1` is the format, a pickle of plain data that anyone can open; `seed_v0` is an older one.
Other packages add theirs by `registries`. `saving` writes and `loading` reads; `loadable` checks
that `load` will accept a file before it is written. `verification` and `inspection` look at a file
without building anything. `trust` lists the names that a file needs the caller's trust for.
`handle` lets the processes of a service share one file.

`container/` arranges sections in a file. The rooms `pipeline/`, `vocab/` and `tokenizer/` turn a
pipeline into sections and back. The `guards/` check the contents of sections before anything is
built from them.

Nothing here imports training code. The training record is in `nlp.meta["spacy_pickled_ner"]`.
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
