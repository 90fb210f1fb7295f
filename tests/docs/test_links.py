"""Links of the pages lead to files that are there, and to headings that they have.

`mkdocs build --strict` checks the site; this checks the pages as they are read in the repository.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .conftest import PAGES, ROOT, name_of

LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")
CODE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
LINKED = [*PAGES, *(ROOT / name for name in ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"))]


def slug(heading: str) -> str:
    """A heading as the anchor that mkdocs makes of it."""
    text = re.sub(r"[^\w\s-]", "", heading.replace("`", "")).strip().lower()
    return re.sub(r"[-\s]+", "-", text)


@pytest.mark.parametrize("page", LINKED, ids=name_of)
def test_links(page: Path) -> None:
    text = CODE.sub("", page.read_text(encoding="utf-8"))
    for target, anchor in LINK.findall(text):
        if "://" in target or (not target and not anchor):
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.is_file(), f"{name_of(page)}: {target}"
        assert file.is_relative_to(ROOT), target
        linked = file.read_text(encoding="utf-8") if anchor else ""
        if anchor and "<!-- generated:" not in linked and ":::" not in linked:
            headings = re.findall(r"^#+ (.+)$", linked, flags=re.MULTILINE)
            assert anchor in map(slug, headings), f"{name_of(page)}: {target}#{anchor}"


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 160


def test_every_page_is_in_the_navigation() -> None:
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    names = [
        page.relative_to(ROOT / "docs").as_posix() for page in PAGES if page.name != "README.md"
    ]
    assert [name for name in names if name not in navigation] == []
