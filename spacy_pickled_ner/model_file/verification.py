"""Check a whole file without building the pipeline, and list the names that need trust."""

from __future__ import annotations

from typing import Any

from ..container.file import ModelData, read_model_data, read_sections, read_signature
from ..container.layout import FORMAT
from ..container.sections import Sections, strict_json
from ..container.signatures.signing import Key, as_key, check_signature, split_signature
from ..container.source import FileLike, Source, map_source, named_in_errors
from ..errors import UnsafeFileError
from ..msgpack import EMPTY_MAP, decode_msgpack_map
from . import seed_v0
from .guards import check_lookups, check_segmenter, check_tokenizer
from .guards.config import required_names
from .guards.structure import check_structure
from .guards.tokenizers.segmenters import TRUSTED_NAME as TRUSTED_SEGMENTER
from .guards.tokenizers.tokenizer import TRUSTED_NAME as TRUSTED_TOKENIZER
from .loading import format_of
from .pipeline.plan import DEFAULT_TOKENIZER, check_meta, resolve_config
from .trust import component_states, needed_names


def verify(file: FileLike, *, require_signature: Key | None = None) -> dict[str, Any]:
    """Check everything in a file that can be checked without building its pipeline.

    Every byte of a `pickle.v1` file is checked: there is only one canonical form for its contents,
    and all contents must match their digests. Digests detect damage. Only a signature, with a key
    to check it, shows who made the file.

    file (Union[str, Path, bytes, BinaryIO]): The file, as in `load`.
    require_signature (Optional[Key]): The key that the file must be signed with.
    RETURNS (Dict[str, Any]): `file`, `size`, `format`, `digests` (number of compared digests;
        0 for the older format), `signature` (its algorithm, or None), `signed` (True if it was
        checked, with `require_signature`) and `untrusted`, as in `get_untrusted`.
    RAISES (ModelFileError): The file is damaged, unsafe, or not signed as required.
    """
    with named_in_errors(file):
        key = as_key(require_signature, "require_signature")
        return verify_source(map_source(file), require_signature=key)


def verify_source(source: Source, *, require_signature: Key | None = None) -> dict[str, Any]:
    """Check a file from its bytes.

    source (Source): The bytes of the file.
    require_signature (Optional[Key]): As in `verify`.
    RETURNS (Dict[str, Any]): As `verify`.
    RAISES (ModelFileError): The file is damaged, unsafe, or not signed as required.
    """
    data = read_model_data(source)
    name = format_of(data)
    signature, n_digests = b"", 0
    if name == FORMAT:
        manifest, sections = read_sections(data, require_signature=require_signature)
        signature = read_signature(data)
        n_digests = len(manifest.sections) + 1
        check_meta(sections.json("meta.json"))
        _check_parts(sections)
    elif name != seed_v0.FORMAT:
        raise UnsafeFileError(
            f"it is in the format {name[:80]!a}, which only its own loader can check",
            code="unknown-format",
        )
    elif require_signature is not None:
        check_signature(b"", None, require_signature)
    return {
        "file": data.name,
        "size": len(data.buffer),
        "format": name,
        "digests": n_digests,
        "signature": split_signature(signature)[0] if signature else None,
        "signed": require_signature is not None,
        "untrusted": untrusted_names(data),
    }


def get_untrusted(file: FileLike) -> list[str]:
    """List the names that `load` needs in `trusted` to build the pipeline of a file.

    Nothing in the file is imported or run. Check each name before you trust it: "factories:x" lets
    the package of x build a component, "patterns:x" and "settings:x" accept patterns and settings
    of the component x that may need any amount of time and memory, and "attributes:x" lets it set
    any attribute. SECURITY.md explains each kind.

    file (Union[str, Path, bytes, BinaryIO]): The file, as in `load`.
    RETURNS (List[str]): The names, sorted; empty if everything is spaCy's own.
    RAISES (ModelFileError): The file cannot be read, or cannot be used, whatever is trusted.
    """
    with named_in_errors(file):
        return untrusted_names(read_model_data(map_source(file)))


def untrusted_names(data: ModelData) -> list[str]:
    """List the names that need the caller's trust to load a file.

    data (ModelData): The file, strictly read.
    RETURNS (List[str]): The names, sorted.
    RAISES (UnsafeFileError): The file cannot be used at all.
    """
    name = format_of(data)
    if name == FORMAT:
        _, sections = read_sections(data, digests=False)
        plan = resolve_config(sections.json("config.json"))
        check_structure(plan.nlp, plan.components)
        return needed_names(plan, sections["tokenizer"], component_states(plan, sections))
    if name == seed_v0.FORMAT:
        parts = seed_v0.read_parts(data)
        check_meta(strict_json(parts.get("meta.json", b"{}"), "meta.json"))
        plan = resolve_config(seed_v0.seed_config(data, parts))
        check_structure(plan.nlp, plan.components)
        found = {key: parts[key] for key in plan.nlp["pipeline"] if key in parts}
        return needed_names(plan, parts.get("tokenizer", EMPTY_MAP), found)
    return [f"loaders:{name}"]


def _check_parts(sections: Sections) -> None:
    """Check the parts that do not depend on the built components."""
    plan = resolve_config(sections.json("config.json"))
    check_structure(plan.nlp, plan.components)
    names = required_names(plan.nlp, plan.components)
    if plan.tokenizer != DEFAULT_TOKENIZER:
        check_segmenter(plan.tokenizer, sections["tokenizer"], [TRUSTED_SEGMENTER])
    elif not any(name.startswith("languages:") for name in names):
        check_tokenizer(sections["tokenizer"], plan.nlp["lang"], [TRUSTED_TOKENIZER])
    check_lookups("the vocab", sections["vocab/lookups"])
    for name in plan.nlp["pipeline"]:
        if f"factories:{plan.components[name]['factory']}" not in names:
            state = f"pipe/{name}/state"
            if state in sections:
                decode_msgpack_map(sections[state], name)
