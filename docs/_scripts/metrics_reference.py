"""Generate the reference of the metrics JSON from its JSON Schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).parents[1] / "reference" / "metrics.schema.json"


def make() -> str:
    """List every field of the metrics JSON.

    RETURNS (str): A table in Markdown.
    """
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    lines = ["| Field | Type | Meaning |", "|---|---|---|"]
    for path, part in _fields(schema, schema["$defs"]):
        lines.append(f"| `{path}` | {_type(part, schema['$defs'])} | {part['description']} |")
    return "\n".join(lines)


def _fields(
    schema: dict[str, Any], shared: dict[str, Any], prefix: str = ""
) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, part in schema.get("properties", {}).items():
        path = f"{prefix}{name}"
        yield path, part
        # Shared parts are described below the table.
        yield from _fields(part, shared, f"{path}.")
        yield from _fields(part.get("items", {}), shared, f"{path}[].")
        others = part.get("additionalProperties")
        if isinstance(others, dict):
            yield from _fields(others, shared, f"{path}.LABEL.")


def _type(part: dict[str, Any], shared: dict[str, Any]) -> str:
    if "$ref" in part:
        return f"{part['$ref'].rpartition('/')[2]} (see below)"
    if "anyOf" in part:
        return " or ".join(_type(one, shared) for one in part["anyOf"])
    kind = part.get("type", "any")
    if "enum" in part:
        return " or ".join(f"`{value}`" for value in part["enum"])
    return " or ".join(kind) if isinstance(kind, list) else str(kind)
