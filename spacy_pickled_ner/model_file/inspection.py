"""Describe the contents of a model file without building the pipeline."""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from ..container.file import ModelData, read_model_data, read_sections, read_signature
from ..container.layout import FORMAT
from ..container.manifest import SectionInfo
from ..container.sections import strict_json
from ..container.signatures.signing import split_signature
from ..container.source import FileLike, Source, map_source, named_in_errors
from . import seed_v0
from .guards.structure import check_structure
from .loading import format_of
from .pipeline.plan import Plan, check_meta, resolve_config
from .verification import untrusted_names

# These have their own keys.
_SHOWN_META: Final = frozenset(
    {"lang", "name", "version", "pipeline", "components", "disabled", "labels", "vectors"}
    | {"spacy_pickled_ner"}
)


def inspect(file: FileLike) -> dict[str, Any]:
    """Describe a model file as JSON-like data. Nothing in it is built, imported or run.

    file (Union[str, Path, bytes, BinaryIO]): The file, as in `load`.
    RETURNS (Dict[str, Any]): `file`, `size`, `format`, `lang`, `name`, `version`, `pipeline`,
        `disabled`, `components` (factory, size in bytes and labels by name), `labels`, `vectors`,
        `versions` of the packages that wrote it, `training` (the training record, or None),
        `meta` (the rest of `nlp.meta`), `shared` (bytes outside of components, by kind),
        `signature` (the algorithm of its signature, or None; use `verify` with a key to check it),
        `untrusted` (the names for `trusted=[…]` that `load` needs) and `sections`. For a file in
        another package's format, only a part of these.
    RAISES (ModelFileError): The file cannot be read.
    """
    with named_in_errors(file):
        return describe(map_source(file))


def describe(source: Source) -> dict[str, Any]:
    """Describe a model file from its bytes.

    source (Source): The bytes of the file.
    RETURNS (Dict[str, Any]): As `inspect`.
    RAISES (ModelFileError): The file cannot be read.
    """
    data = read_model_data(source)
    name = format_of(data)
    description: dict[str, Any] = {
        "file": data.name,
        "size": len(data.buffer),
        "format": name,
        "signature": None,
    }
    if name == FORMAT:
        description |= _describe_v1(data)
    elif name == seed_v0.FORMAT:
        description |= _describe_seed(data)
    else:
        sizes = {key: len(v) for key, v in data.content.items() if isinstance(v, memoryview)}
        description["sections"] = [{"name": key, "size": size} for key, size in sizes.items()]
    return description | {"untrusted": untrusted_names(data)}


def _describe_v1(data: ModelData) -> dict[str, Any]:
    manifest, sections = read_sections(data, digests=False)
    signature = read_signature(data)
    plan = resolve_config(sections.json("config.json"))
    described = _describe(
        check_meta(sections.json("meta.json")),
        plan,
        versions=manifest.versions,
        sections=[info.to_json() for info in manifest.sections],
        sizes=_sizes(manifest.sections),
    )
    return described | {"signature": split_signature(signature)[0] if signature else None}


def _sizes(infos: tuple[SectionInfo, ...]) -> Counter[tuple[str, str]]:
    """Return sizes in bytes by kind of section and name of the component."""
    sizes: Counter[tuple[str, str]] = Counter()
    for info in infos:
        kind, _, rest = info.name.partition("/")
        component = rest.partition("/")[0] if kind == "pipe" else ""
        sizes[kind, component] += info.size
    return sizes


def _describe_seed(data: ModelData) -> dict[str, Any]:
    parts = seed_v0.read_parts(data)
    meta = check_meta(strict_json(parts.get("meta.json", b"{}"), "meta.json"))
    plan = resolve_config(seed_v0.seed_config(data, parts))
    sizes = {name: len(part) for name, part in parts.items()}
    return _describe(
        meta,
        plan,
        versions={},  # unknown: `spacy_version` in the meta is a range
        sections=[{"name": name, "size": size} for name, size in sizes.items()],
        sizes=Counter(
            {
                ("pipe", name) if name in plan.components else (name, ""): size
                for name, size in sizes.items()
            }
        ),
    )


def _describe(
    meta: dict[str, Any],
    plan: Plan,
    *,
    versions: dict[str, str],
    sections: list[dict[str, Any]],
    sizes: Counter[tuple[str, str]],
) -> dict[str, Any]:
    check_structure(plan.nlp, plan.components)
    labels = meta.get("labels", {})
    components = {
        name: {
            "factory": plan.components[name]["factory"],
            "size": sizes["pipe", name],
            "labels": labels.get(name, []),
        }
        for name in plan.nlp["pipeline"]
    }
    return {
        "lang": plan.nlp["lang"],
        "name": meta.get("name"),
        "version": meta.get("version"),
        "pipeline": list(plan.nlp["pipeline"]),
        "disabled": list(plan.nlp.get("disabled", [])),
        "components": components,
        "labels": labels,
        "vectors": meta.get("vectors"),
        "versions": versions,
        "training": meta.get("spacy_pickled_ner"),
        "meta": {key: value for key, value in meta.items() if key not in _SHOWN_META},
        "shared": {kind: size for (kind, name), size in sizes.items() if not name},
        "sections": sections,
    }
