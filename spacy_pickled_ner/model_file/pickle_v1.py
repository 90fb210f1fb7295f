"""The format `pickle.v1`: a pipeline as one pickle of plain data, with digests and alignment."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from configparser import InterpolationError
from dataclasses import replace
from importlib.metadata import version
from typing import Any

from spacy.language import Language
from spacy.util import get_lang_class
from thinc.api import Config

from ..container.file import ModelData, assemble, read_sections
from ..container.manifest import encode_manifest
from ..container.sections import Section, Sections, json_section
from ..container.signatures.signing import Key, sign_manifest
from ..errors import SaveError, UnsafeFileError
from .guards import Allowed, check_tokenizer
from .guards.config import required_names
from .loadable import check_loadable
from .pipeline.build import (
    build_pipeline,
    link_components,
    nothing_runs,
    restore_meta,
    restore_tokenizer,
)
from .pipeline.components import component_sections, restore_component, tokenizer_state
from .pipeline.plan import (
    check_meta,
    check_written_config,
    is_plain,
    plan_pipeline,
    resolve_config,
    uses_foreign_code,
)
from .pipeline.rulers import warn_of_phrases
from .registries import LoadOptions
from .tokenizer.deferred import defer_tokenizer
from .trust import component_states, make_budget
from .vocab.contents import VECTORS, kept_on_error, restore_lookups, restore_vocab, vocab_sections
from .vocab.mapped_vocab import map_vocab

_RECORDED_PACKAGES = ("spacy-pickled-ner", "spacy", "thinc", "numpy")


def serialize_v1(nlp: Language, *, sign: Key | None = None) -> Iterable[bytes | memoryview]:
    """Turn a pipeline into the bytes of a `pickle.v1` file.

    nlp (Language): The pipeline.
    sign (Optional[Key]): The key to sign the file with.
    RETURNS (Iterable[Union[bytes, memoryview]]): The file in pieces; weights and vectors are views.
    RAISES (SaveError): Something in the pipeline cannot be saved, or `load` would refuse the file.
    """
    sections = list(_pipeline_sections(nlp))
    _check_sections(sections)
    versions = {name: version(name) for name in _RECORDED_PACKAGES}
    manifest = encode_manifest(sections, versions)
    signature = b"" if sign is None else sign_manifest(manifest, sign)
    return assemble(manifest, sections, signature)


def _pipeline_sections(nlp: Language) -> Iterator[Section]:
    yield json_section("meta.json", nlp.meta)
    yield json_section("config.json", saved_config(nlp))
    yield Section("tokenizer", tokenizer_state(nlp.tokenizer))
    for name, pipe in nlp.components:
        yield from component_sections(name, pipe)
    yield from vocab_sections(nlp.vocab)


def saved_config(nlp: Language) -> dict[str, Any]:
    """Return the config to save, and check that it is the same when it is read.

    nlp (Language): The pipeline.
    RETURNS (Dict[str, Any]): Its config. Variables are kept if the reader resolves them alike.
    RAISES (SaveError): The reader would refuse the config.
    """
    config = nlp.config
    raw: dict[str, Any] = {**config}
    try:
        interpolated = config.interpolate()
    except (ValueError, InterpolationError) as err:
        raise SaveError("cannot save this pipeline: its config has unusable variables") from err
    try:
        check_written_config(config)
        if not _resolves_to(raw, interpolated):
            raw |= {key: interpolated[key] for key in ("nlp", "components")}
        plan = resolve_config(raw)
        names = required_names(plan.nlp, plan.components)
        plan_pipeline(raw, LoadOptions(trusted=names))
    except UnsafeFileError as err:
        raise SaveError(f"cannot save this pipeline: {err}") from err
    return raw


def _resolves_to(raw: dict[str, Any], interpolated: Config) -> bool:
    """Return True if the reader resolves the variables of a config as spaCy does."""
    try:
        plan = resolve_config(raw)
    except UnsafeFileError:
        return False
    return (plan.nlp, plan.components) == (interpolated["nlp"], interpolated["components"])


def _unverified(data: ModelData, options: LoadOptions) -> Collection[str]:
    # A signature covers the digests, so then those of the vectors are compared, too.
    if data.mapped and not options.verify and options.require_signature is None:
        return (VECTORS,)
    return ()


def load_v1(data: ModelData, options: LoadOptions) -> Language:
    """Build the pipeline of a `pickle.v1` file.

    data (ModelData): The file, strictly read.
    options (LoadOptions): The options of the caller.
    RETURNS (Language): The pipeline; weights and vectors are views of `data.buffer`.
    RAISES (ModelFileError): The file is damaged, inconsistent, or needs trust.
    """
    _, sections = read_sections(
        data,
        unverified=_unverified(data, options),
        require_signature=options.require_signature,
    )
    nlp = restore_pipeline(sections, options)
    warn_of_phrases(nlp)
    return nlp


def restore_pipeline(sections: Sections, options: LoadOptions) -> Language:
    """Build a pipeline from sections, with all checks of their contents.

    sections (Sections): The sections.
    options (LoadOptions): The options of the caller.
    RETURNS (Language): The pipeline; weights and vectors are views of the sections.
    RAISES (ModelFileError): The sections are inconsistent, or need trust.
    """
    with kept_on_error(options.vocab, options.exclude):
        return _restore(sections, options)


def _restore(sections: Sections, options: LoadOptions) -> Language:
    plan = plan_pipeline(sections.json("config.json"), options)
    meta = check_meta(sections.json("meta.json"))
    state = bytes(sections["tokenizer"])
    mapped = None
    if not options.eager and is_plain(plan, options):
        lang_cls = get_lang_class(plan.nlp["lang"])
        mapped = map_vocab(lang_cls, sections, meta.get("vectors", {}).get("name"))
    if mapped is not None:
        nlp = build_pipeline(plan, meta, replace(options, vocab=mapped))
        restore_lookups(mapped, sections)
        left_out = check_tokenizer(state, plan.nlp["lang"], options.trusted)
        defer_tokenizer(nlp, state, left_out)
    else:
        nlp = build_pipeline(plan, meta, options)
        restore_meta(nlp, meta)
        if "vocab" not in options.exclude:
            restore_vocab(nlp.vocab, sections, options.exclude)
        if "tokenizer" not in options.exclude:
            restore_tokenizer(nlp, plan, state, options)
    allowed = Allowed(options.trusted, make_budget(plan, state))
    with nothing_runs(nlp):
        for name, pipe in nlp.components:
            restore_component(
                name,
                pipe,
                sections,
                allowed,
                factory=plan.components[name]["factory"],
                foreign=uses_foreign_code(name, plan.components[name], options.trusted),
            )
    link_components(nlp)
    return nlp


def _check_sections(sections: Sequence[Section]) -> None:
    """Check that `load` accepts a file with these sections, without copying them."""
    views = {s.name: memoryview(s.data).cast("B") for s in sections}
    arrays = {s.name: (s.dtype, s.shape) for s in sections if s.dtype and s.shape is not None}
    found = Sections(views, arrays)
    plan = resolve_config(found.json("config.json"))
    check_loadable(
        plan,
        found["tokenizer"],
        component_states(plan, found),
        lambda options: restore_pipeline(found, options),
    )
