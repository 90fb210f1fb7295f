"""What a model file says is text in a README, however it is rendered."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_pickled_ner.deployment.markdown import escaped, link, one_line, plausible_url, table
from spacy_pickled_ner.deployment.readme import make_readme

MarkdownIt = pytest.importorskip("markdown_it").MarkdownIt
RENDERERS = [
    MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]),
    MarkdownIt("js-default", {"html": True, "linkify": False, "typographer": False}),
]
# No element but these may come out.
PLAIN = {"paragraph", "heading", "table", "thead", "tbody", "tr", "th", "td", "strong"}
NASTY = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[x](javascript:alert(1))",
    "![x](https://example.com/x.png)",
    "[x][y]\n\n[y]: javascript:alert(1)",
    "<https://example.com>",
    "https://example.com www.example.com a@example.com mailto:a@example.com",
    "`code` ``` ~~~",
    "a | b | c",
    "a\n|---|\nb",
    "&lt;script&gt; &#60;b&#62; &copy;",
    "\\<b>\\| \\",
    "# title\n\n- list\n1. list\n> quote\n    code\n***\n===",
    "*a* **b** _c_ __d__ ~~e~~ <!-- x -->",
    "<details><summary>x",
    "x\u202ey\x00\x1b[31m\u2028z",
    "$x$ ^a^ :smile: @user #1",
]


def rendered(markdown: str, renderer) -> tuple[str, set[str], list[str]]:
    """The text, the kinds of elements, and the targets of links."""
    texts, kinds, targets = [], set(), []
    left = renderer.parse(markdown)
    while left:
        token = left.pop(0)
        if token.children is not None:
            left[:0] = token.children
        elif token.type in ("text", "text_special", "fence"):
            texts.append(token.content)
        if token.type not in ("inline", "text", "text_special"):
            kinds.add(token.type.removesuffix("_open").removesuffix("_close"))
        if "href" in token.attrs:
            targets.append(token.attrs["href"])
    return "".join(texts), kinds, targets


def check_plain(text: str) -> None:
    for renderer in RENDERERS:
        said, kinds, _ = rendered(escaped(text), renderer)
        assert said == one_line(text)
        assert kinds <= {"paragraph"}
        said, kinds, _ = rendered(table(("A", "B"), [("**x**", escaped(text))]), renderer)
        assert said == "ABx" + one_line(text)
        assert kinds <= PLAIN
        assert renderer.render(table(("A", "B"), [("x", escaped(text))])).count("<td") == 2


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_stays_text(text):
    check_plain(text)


@given(st.text(st.sampled_from("<>[]()!`*_~|\\&#;:/.-+=\"'{}@$^ \n\tab1w"), max_size=40))
def test_any_text_stays_text(text):
    check_plain(text)


def test_usual_text_needs_few_escapes():
    for text in ("A well-known model, version 1.0", "It ends.", "it's new_style", "Müller, 3.5"):
        assert escaped(text) == text


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "http://example.com:8080/a/b.html",
        "https://example.com/@user/x?y=1&z=%20#top",
        "HTTPS://EXAMPLE.COM/",
    ],
)
def test_links(url):
    assert plausible_url(url) == url
    for renderer in RENDERERS:
        said, kinds, targets = rendered(link("<b>Ada</b>", url), renderer)
        assert said == "<b>Ada</b>"
        assert targets == [url]
        assert kinds == {"paragraph", "link"}


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.com",
        "//example.com",
        "https://",
        "https://localhost",
        "https://user:secret@example.com",
        "https://example.com@evil.com",
        "https://example.com/>)<script>",
        "https://example.com/a b",
        "https://example.com/a|b",
        'https://example.com/"onclick=x',
        "https://example.com/\n[x]: y",
        "https://ex\u0430mple.com",
        "https://example.com/" + "a" * 300,
        " https://example.com",
        "https://example.com\n",
        "",
        None,
        5,
    ],
)
def test_what_is_no_link(url):
    assert plausible_url(url) is None
    for renderer in RENDERERS:
        _, kinds, targets = rendered(link("Ada", url), renderer)
        assert (kinds, targets) == ({"paragraph"}, [])


@pytest.mark.parametrize("text", NASTY)
def test_a_readme_of_nasty_meta_data(text):
    meta = {
        "lang": text, "name": text, "version": text, "spacy_version": text, "description": text,
        "notes": f"{text}\n\n{text}", "license": text, "author": text, "url": text,
        "pipeline": [text], "components": [text, text],
        "vectors": {"keys": text, "vectors": 1, "width": 1},
        "sources": [{"name": text, "url": text, "author": text}, {}],
        "labels": {text: [text, text]},
        "performance": {text: 0.5, "x": text, "nan": float("nan"), "huge": 10**400, "speed": 1.0},
    }  # fmt: skip
    readme, usage = make_readme("en_x", meta).split("### Usage")
    assert "en_x/model.pkl" in usage
    for renderer in RENDERERS:
        said, kinds, targets = rendered(readme, renderer)
        assert kinds <= PLAIN
        assert targets == []
        assert said.count(one_line(text)) >= 10
    assert make_readme("en_x", {**meta, "sources": [text, text]})


def test_a_readme_of_usual_meta_data():
    meta = {
        "lang": "en", "name": "x", "version": "1.0", "spacy_version": ">=3.8.0,<3.9.0",
        "description": "Finds drinks.", "pipeline": ["ner"], "components": ["ner"],
        "vectors": {"keys": 1, "vectors": 1, "width": 3},
        "labels": {"ner": ["DRINK"], "tagger": []},
        "performance": {"ents_f": 0.875}, "author": "Ada", "url": "https://example.com",
    }  # fmt: skip
    readme = make_readme("en_x", meta)
    for line in (
        "# en_x",
        "Finds drinks.",
        "| **Vectors** | 1 key, 1 unique vector (3 dimensions) |",
        "| **Author** | [Ada](<https://example.com>) |",
        "| **ner** | DRINK |",
        "| ENTS_F | 87.50 |",
        'nlp = spacy.load("en_x")',
    ):
        assert line in readme
    assert "tagger" not in readme
