"""The format `seed.v0`: a pickled dict of `bytes_data`, `lang` and `pipeline`, as first used.

It is kept so that old files can be loaded, and so that old code can read new files. It
has no digests, and its arrays have to be copied out of one large msgpack value.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from spacy import util
from spacy.language import Language
from thinc.api import Config

from ..container.file import ModelData
from ..container.sections import strict_json
from ..errors import UnsafeFileError
from ..msgpack import EMPTY_MAP, decode_msgpack_map
from .guards import Allowed, check_vocab_bytes, guard_restore
from .loadable import check_loadable
from .pipeline.build import (
    build_pipeline,
    link_components,
    nothing_runs,
    restore_meta,
    restore_tokenizer,
)
from .pipeline.components import read_state, tokenizer_state
from .pipeline.plan import check_meta, plan_pipeline, resolve_config, uses_foreign_code
from .pipeline.rulers import warn_of_phrases
from .registries import LoadOptions
from .trust import make_budget
from .vocab.contents import kept_on_error

FORMAT: Final = "seed.v0"
KEYS: Final = frozenset({"bytes_data", "lang", "pipeline"})
MAX_CONFIG_BYTES: Final = 2**18
MAX_CONFIG_SECTIONS: Final = 1_000


def serialize_seed(nlp: Language) -> Iterable[bytes]:
    """Turn a pipeline into the bytes of a `seed.v0` file.

    nlp (Language): The pipeline.
    RETURNS (Iterable[bytes]): The file in one piece.
    RAISES (SaveError): Its tokenizer cannot be saved, or `load` would refuse the file.
    """
    try:
        content = nlp.to_bytes()
    except Exception:
        tokenizer_state(nlp.tokenizer)  # if it is the tokenizer, this says more than spaCy does
        raise
    # `nlp.pipe_names` has a list type of spaCy's own, which is not plain data.
    data = {"bytes_data": content, "lang": nlp.lang, "pipeline": list(nlp.pipe_names)}
    _check_data(nlp, {**data, "bytes_data": memoryview(content)})
    return [pickle.dumps(data, protocol=4)]


def _check_data(nlp: Language, content: dict[str, Any]) -> None:
    """Make sure that `load` opens a file of this content.

    This takes the pipeline's own vocab: another one may need as much memory as the vectors.
    """
    data = ModelData("<pipeline>", memoryview(b""), content)
    parts = read_parts(data)
    plan = resolve_config(seed_config(data, parts))
    check_loadable(
        plan,
        parts["tokenizer"],
        {name: parts[name] for name in plan.nlp["pipeline"] if name in parts},
        lambda options: _restore(
            data, replace(options, vocab=nlp.vocab, exclude=(*options.exclude, "vocab"))
        ),
    )


def load_seed(data: ModelData, options: LoadOptions) -> Language:
    """Build the pipeline of a `seed.v0` file.

    data (ModelData): The file, strictly read.
    options (LoadOptions): The options of the caller.
    RETURNS (Language): The pipeline.
    RAISES (ModelFileError): The file is inconsistent, or needs trust.
    """
    with kept_on_error(options.vocab, options.exclude):
        nlp = _restore(data, options)
    warn_of_phrases(nlp)
    return nlp


def _restore(data: ModelData, options: LoadOptions) -> Language:
    parts = read_parts(data)
    meta = check_meta(strict_json(parts.get("meta.json", b"{}"), "meta.json"))
    plan = plan_pipeline(seed_config(data, parts), options)
    missing = {*data.content["pipeline"]} - {*plan.nlp["pipeline"]}
    if missing:
        raise UnsafeFileError("the model file lists components without config", code="bad-config")
    nlp = build_pipeline(plan, meta, options)
    restore_meta(nlp, meta)
    if "vocab" not in options.exclude and "vocab" in parts:
        check_vocab_bytes(nlp.vocab, parts["vocab"])
        nlp.vocab.from_bytes(parts["vocab"], exclude=list(options.exclude))
    if "tokenizer" not in options.exclude and "tokenizer" in parts:
        restore_tokenizer(nlp, plan, parts["tokenizer"], options)
    allowed = Allowed(options.trusted, make_budget(plan, parts.get("tokenizer", EMPTY_MAP)))
    with nothing_runs(nlp):
        for name, pipe in nlp.components:
            if hasattr(pipe, "from_bytes"):
                _restore_component(name, pipe, parts, plan.components[name], allowed)
    link_components(nlp)
    return nlp


def _restore_component(
    name: str, pipe: Any, parts: dict[str, bytes], block: dict[str, Any], allowed: Allowed
) -> None:
    if name not in parts:
        raise UnsafeFileError(
            f"incomplete model file: nothing for the component {ascii(name)[:80]}",
            code="missing-section",
        )
    state = parts[name]
    foreign = uses_foreign_code(name, block, allowed.trusted)
    with guard_restore(name, pipe, state, allowed, factory=block["factory"], foreign=foreign):
        read_state(name, pipe, state)


def read_parts(data: ModelData) -> dict[str, bytes]:
    """Split the bytes of a pipeline into its parts.

    data (ModelData): The file.
    RETURNS (Dict[str, bytes]): Bytes by part: "vocab", "tokenizer", "meta.json", "config.cfg" and
        the components' names.
    RAISES (UnsafeFileError): One of the three values is invalid ("bad-section").
    """
    content = data.content
    lang, pipeline, packed = content["lang"], content["pipeline"], content["bytes_data"]
    if not isinstance(lang, str) or not isinstance(packed, memoryview):
        raise UnsafeFileError("lang or bytes_data is of a wrong type", code="bad-section")
    if not isinstance(pipeline, list) or not all(isinstance(name, str) for name in pipeline):
        raise UnsafeFileError("pipeline is not a list of names", code="bad-section")
    parts = decode_msgpack_map(packed, "bytes_data")
    if not all(isinstance(part, (bytes, str)) for part in parts.values()):
        raise UnsafeFileError("bytes_data is not a saved pipeline", code="bad-section")
    # spaCy packs JSON as text.
    return {name: p.encode() if isinstance(p, str) else p for name, p in parts.items()}


def seed_config(data: ModelData, parts: dict[str, bytes]) -> dict[str, Any]:
    """Take the config out of a saved pipeline; without one, use the components' defaults.

    data (ModelData): The file.
    parts (Dict[str, bytes]): Its parts.
    RETURNS (Dict[str, Any]): The config, variables not resolved.
    RAISES (UnsafeFileError): The config is unusable ("bad-config").
    """
    content = data.content
    text = parts.get("config.cfg")
    if text is None:
        return {
            "nlp": {"lang": content["lang"], "pipeline": list(content["pipeline"])},
            "components": {name: {"factory": name} for name in content["pipeline"]},
        }
    if len(text) > MAX_CONFIG_BYTES or text.count(b"\n[") > MAX_CONFIG_SECTIONS:
        raise UnsafeFileError("the config in the model file is too large", code="bad-config")
    try:
        config: Config = util.load_config_from_str(text.decode(), interpolate=False)
    except Exception as err:
        raise UnsafeFileError(
            f"the config in the model file cannot be read: {type(err).__name__}",
            code="bad-config",
        ) from err
    return dict(config)
