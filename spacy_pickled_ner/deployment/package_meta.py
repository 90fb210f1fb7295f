"""The `meta.json` of a packaged pipeline, which `spacy info` shows and `spacy validate` checks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from spacy.schemas import ModelMetaSchema, validate

from ..errors import UnsafeFileError


def make_meta(
    found: dict[str, Any],
    *,
    name: str,
    version: str,
    spacy_version: str,
    requirements: Sequence[str],
) -> dict[str, Any]:
    """Create the meta of a package from a model file.

    found (Dict[str, Any]): The result of `inspect`.
    name, version (str): Name and version of the pipeline, without its language.
    spacy_version (str): The supported versions of spaCy.
    requirements (Sequence[str]): The requirements of the package.
    RETURNS (Dict[str, Any]): The meta, as in spaCy's own packages. It does not repeat the training
        record, which is in the model file and in `nlp.meta`.
    RAISES (UnsafeFileError): The meta in the file has wrong types ("bad-meta").
    """
    meta = {
        "lang": found["lang"],
        "name": name,
        "version": version,
        **found["meta"],
        "spacy_version": spacy_version,
        "vectors": found["vectors"] or {},
        "labels": found["labels"],
        "pipeline": [name for name in found["pipeline"] if name not in found["disabled"]],
        "components": found["pipeline"],
        "disabled": found["disabled"],
        "requirements": list(requirements),
    }
    problems = validate(ModelMetaSchema, meta)
    try:
        json.dumps(meta, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        problems.append("half a surrogate pair")
    if problems:
        listed = ascii("; ".join(problems))[1:-1][:300]
        raise UnsafeFileError(
            f"the meta data in the model file are unusable: {listed}", code="bad-meta"
        )
    return meta
