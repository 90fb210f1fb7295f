"""Check that training changed only the NER, by a digest of each part of the pipeline."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

from spacy.language import Language


def digest_frozen(nlp: Language, *, trained: Collection[str]) -> dict[str, str]:
    """Digest every part of a pipeline that training must not change.

    nlp (Language): The pipeline.
    trained (Collection[str]): Names of the components that may change.
    RETURNS (Dict[str, str]): SHA-256 of each component's bytes, of the tokenizer and of the
        vectors. The string store is not included: new labels are new strings.
    """
    digests = {}
    for name, component in nlp.components:
        if name not in trained and hasattr(component, "to_bytes"):
            digests[name] = digest_component(component)
    if hasattr(nlp.tokenizer, "to_bytes"):
        digests["tokenizer"] = _sha256(nlp.tokenizer.to_bytes(exclude=["vocab"]))
    digests["vectors"] = _sha256(nlp.vocab.vectors.to_bytes(exclude=["strings"]))
    return digests


def digest_component(component: Any) -> str:
    """Digest what a component saves, without the vocab."""
    return _sha256(component.to_bytes(exclude=["vocab"]))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
