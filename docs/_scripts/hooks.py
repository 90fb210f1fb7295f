"""Hooks of mkdocs: generated parts, pages from outside `docs/`, and a check for other hosts.

- A line `<!-- generated: cli -->`, with the note for readers without the site below it, is replaced
  by the result of `GENERATORS["cli"]`.
- The README is the home page. Files outside `docs/` that a page links to are added to the site, so
  links work in the repository and on the site, and no text has to be copied.
- The build fails if a page would load a script, a style, a font or an image from another host.
"""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path, PurePosixPath
from typing import Any

import cli_reference
import config_reference
import errors_reference
import metrics_reference
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
GENERATORS = {
    "cli": cli_reference.make,
    "config-blocks": config_reference.make_blocks,
    "registered": config_reference.make_table,
    "errors": errors_reference.make_tree,
    "error-codes": errors_reference.make_codes,
    "metrics": metrics_reference.make,
    # For parts that mkdocstrings generates.
    "nothing": str,
}
PAGES = ("README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", "benchmarks/README.md")
LINK = re.compile(r"(\]\()([^)#\s]+)(#[^)\s]*)?\)")
MARKER = re.compile(r"^<!-- generated: ([\w-]+) -->\n\*This part is generated\..*\*$", re.MULTILINE)
FETCHED = re.compile(
    r"<(?:script|img|iframe|source|object)\b[^>]*(?:src|data)=\"?(?:https?:)?//[^\s>]+"
    r"|<link\b(?![^>]*canonical)[^>]*href=\"?(?:https?:)?//[^\s>]+"
    r"|@import[^;]*https?://[^;]+|url\([\"']?https?://[^)]+"
)


def on_files(files: Files, config: Any) -> Files:
    """Add the files outside `docs/` that pages link to."""
    found = set(PAGES)
    texts = [(f"docs/{file.src_uri}", file.content_string) for file in files.documentation_pages()]
    texts += [(name, (ROOT / name).read_text(encoding="utf-8")) for name in PAGES]
    for page, text in texts:
        targets = (_repo_path(page, target) for _, target, _ in LINK.findall(text))
        found |= {path for path in targets if path and not path.startswith("docs/")}
    for path in sorted(found):
        files.append(File.generated(config, _site_path(path), abs_src_path=str(ROOT / path)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Insert generated parts, and change links to the paths of the site."""
    own = page.file.src_uri
    here = next((path for path in PAGES if _site_path(path) == own), f"docs/{own}")

    def point(match: re.Match[str]) -> str:
        target = _repo_path(here, match[2])
        if target is None:
            return match[0]
        link = posixpath.relpath(_site_path(target), posixpath.dirname(own) or ".")
        return f"{match[1]}{link}{match[3] or ''})"

    return MARKER.sub(lambda match: GENERATORS[match[1]](), LINK.sub(point, markdown))


def on_post_build(config: Any, **_: Any) -> None:
    """Fail if the site would need the network."""
    for path in Path(config["site_dir"]).rglob("*"):
        if path.suffix in (".html", ".css", ".svg"):
            fetched = FETCHED.search(path.read_text(encoding="utf-8"))
            if fetched:
                raise PluginError(f"{path} fetches from another host: {fetched[0][:200]}")


def _repo_path(page: str, target: str) -> str | None:
    """Return the path, from the root, of a file that a page links to; None if it is no file."""
    if "://" in target or target.startswith(("mailto:", "/")):
        return None
    path = os.path.normpath(posixpath.join(posixpath.dirname(page), target))
    return PurePosixPath(path).as_posix() if (ROOT / path).is_file() else None


def _site_path(path: str) -> str:
    return "index.md" if path == "README.md" else path.removeprefix("docs/")
