"""The HTML report: says what the numbers say, survives any data, and trusts none of it."""

from __future__ import annotations

import json
import math
import re
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

import pytest
import spacy
from hypothesis import given
from hypothesis import strategies as st
from spacy.tokens import Span

from spacy_pickled_ner.errors import SaveError
from spacy_pickled_ner.report import render_report, write_report
from spacy_pickled_ner.report.chart import _round_ticks, _spread, learning_curve
from spacy_pickled_ner.report.html import Html, element, join
from spacy_pickled_ner.report.numbers import change, compact, count, duration, number_in, percent

HOSTILE = "</style></svg><script>alert(1)</script><img src=x onerror=alert(2)>\"' & {x} <!--"
VOID = {"meta", "br"}
HTML_TAGS = """html head title style body main header section h1 h2 p div span code strong figure
    mark table thead tbody tr th td dl dt dd ul li details summary"""
SVG_TAGS = "svg title desc line polyline circle rect text"
TAGS = VOID.union(HTML_TAGS.split(), SVG_TAGS.split())


def entity_scores(f, p=0.5, r=0.5, **per_type):
    return {"ents_f": f, "ents_p": p, "ents_r": r, "ents_per_type": per_type}


METRICS = {
    "scores": entity_scores(0.652),
    "baseline_scores": entity_scores(0.1),
    "per_label": {"DRUG": {"p": 0.7, "r": 0.61, "f": 0.652, "support": 1200, "predicted": 1100}},
    "baseline_per_label": {"DRUG": {"p": 0.1, "r": 0.1, "f": 0.1}},
    "retention": {
        "measured_on": "gold annotations",
        "before": entity_scores(0.746, PER={"p": 0.8, "r": 0.8, "f": 0.797}),
        "after": entity_scores(0.741, PER={"p": 0.8, "r": 0.8, "f": 0.782}),
    },
    "stop": {
        "reason": "patience",
        "explanation": "stopped by patience: ents_f did not rise",
        "best_step": 200,
        "last_step": 400,
        "best_score": 0.652,
    },
    "history": [
        {"step": 0, "epoch": 0, "seconds": 0.5, "loss": None, "ents_f": 0.1},
        {"step": 100, "epoch": 1, "seconds": 9.1, "loss": 312.5, "ents_f": 0.4},
        {"step": 200, "epoch": 1, "seconds": 17.0, "loss": 200.0, "ents_f": 0.652},
        {"step": 300, "epoch": 2, "seconds": 25.2, "loss": 154.0, "ents_f": 0.63},
        {"step": 400, "epoch": 2, "seconds": 99.9, "loss": 120.0, "ents_f": 0.64},
    ],
    "timing": {"train_s": 83.2, "eval_s": 12.0, "words_per_second": 12345.6},
    "frozen_unchanged": True,
    "component": "ner",
    "labels": {"trained": ["DRUG"], "new": ["DRUG"], "old": ["PER"]},
    "data": {
        "train": {
            "source": "/home/me/drugs.jsonl",
            "texts": 1235,
            "words": 57336,
            "spans": 527,
            "labels": {"DRUG": 527},
        },
        "dev_is_split": True,
        "warnings": ["3 texts occur again with other entities"],
    },
    "settings": {"dropout": 0.1, "early_stopping": {"patience": 5, "monitor": "ents_f"}},
}


class Page(HTMLParser):
    """Takes a page apart, and fails on markup that a page of ours never has."""

    def __init__(self, page):
        super().__init__()
        self.open, self.said, self.tags = [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        assert tag in TAGS
        for name, _ in attrs:
            assert not name.startswith("on")
            assert name not in {"src", "href", "srcset", "action", "formaction"}
        self.tags.append(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_comment(self, data):
        raise AssertionError(data)

    def handle_data(self, data):
        if "style" not in self.open:
            self.said.append(data)

    @property
    def text(self):
        return re.sub(r"\s+", " ", " ".join(self.said))


@pytest.fixture(scope="module")
def nlp():
    return spacy.blank("en")


def annotated(nlp, text, *spans):
    doc = nlp(text)
    doc.ents = [Span(doc, start, end, label) for start, end, label in spans]
    return doc


@pytest.mark.parametrize(
    "said",
    [
        "65.2 +55.2 from 10.0",  # F on the dev data
        "74.1 \N{MINUS SIGN}0.5 from 74.6",  # F on the old labels
        "step 200 of 400 steps",
        "1 min 23 s 12,346 words/s",
        "✓ unchanged",
        "Stopped by patience: ents_f did not rise",
        "DRUG new 10.0 65.2 +55.2 70.0 61.0 1,200 1,100",
        "PER 79.7 78.2 \N{MINUS SIGN}1.5 80.0 80.0",
        "Measured on gold annotations.",
        "train drugs.jsonl 1,235 57,336 527 DRUG 527",
        "split off from the training data",
        "3 texts occur again with other entities",
        "early_stopping.patience 5",
        "best: step 200",
        "200 best 1 17.0 s 200 65.2",
    ],
)
def test_the_page_says_what_the_numbers_say(said):
    assert said in Page(render_report(METRICS)).text


def test_what_is_missing_is_left_out():
    assert Page(render_report({})).text.split() == ["Fine-tuning", "report"] * 2
    for name in METRICS:
        Page(render_report({key: value for key, value in METRICS.items() if key != name}))
        Page(render_report({**METRICS, name: None}))
        Page(render_report({name: METRICS[name]}))


def test_scores_per_label_are_found_inside_the_scores_too():
    metrics = {"scores": entity_scores(0.5, DRUG={"p": 0.4, "r": 0.7, "f": 0.51})}
    assert "DRUG \N{EN DASH} 51.0 40.0 70.0" in Page(render_report(metrics)).text


def test_changed_components_do_not_look_unchanged():
    text = Page(render_report({"frozen_unchanged": False})).text
    assert "✗ changed" in text
    assert "unchanged" not in text


def test_the_page_needs_nothing_from_outside(nlp):
    page = render_report(METRICS, examples=[annotated(nlp, "Take aspirin.", (1, 2, "DRUG"))])
    assert not re.search(r"https?:|url\(|@import|<link|<script", page)
    assert "default-src 'none'" in page.replace("&#x27;", "'")


def test_examples_are_shown_with_their_entities(nlp):
    page = render_report(
        METRICS,
        examples=[annotated(nlp, "Take aspirin\nnow.", (1, 2, "DRUG")), nlp("Nothing here.")],
    )
    assert "Take aspirin DRUG now. Nothing here." in Page(page).text
    # The label has the same tint in the text as in the tables.
    assert '<mark class="entity tint-0">aspirin' in page
    assert '<span class="chip tint-0">DRUG</span>' in page


def test_hostile_labels_texts_and_names_stay_text(nlp):
    def spoil(value):
        if isinstance(value, str):
            return HOSTILE
        if isinstance(value, dict):
            given = {"DRUG", "PER", "dropout", "train"}
            return {HOSTILE if k in given else k: spoil(item) for k, item in value.items()}
        return [spoil(item) for item in value] if isinstance(value, list) else value

    doc = annotated(nlp, f"a {HOSTILE} b", (0, 1, HOSTILE), (2, 3, "{0} {text.__class__}"))
    doc.user_data["title"] = HOSTILE
    linked = annotated(nlp, "a b")
    linked.ents = [Span(linked, 0, 1, "X", kb_id=HOSTILE)]
    metrics = spoil(METRICS)
    metrics["history"] = [{**row, f"ents_per_type.{HOSTILE}.f": 0.5} for row in METRICS["history"]]
    metrics["settings"]["early_stopping"]["monitor"] = f"ents_per_type.{HOSTILE}.f"
    page = Page(render_report(metrics, examples=[doc, linked]))
    assert page.tags.count("style") == 1
    assert page.text.count("<script>alert(1)</script>") >= 10


numbers = st.none() | st.floats() | st.integers()
rows = st.fixed_dictionaries(
    {"step": st.integers(0, 10**6)},
    optional=dict.fromkeys(["epoch", "seconds", "loss", "ents_f", "ents_p", "retention"], numbers),
)
per_label = st.dictionaries(
    st.text(max_size=5), st.dictionaries(st.sampled_from("prf"), numbers), max_size=3
)
wild_metrics = st.fixed_dictionaries(
    {},
    optional={
        "scores": st.fixed_dictionaries({"ents_f": numbers, "ents_per_type": per_label}),
        "per_label": per_label,
        "baseline_per_label": per_label,
        "history": st.lists(rows, max_size=6),
        "stop": st.fixed_dictionaries({"best_step": numbers, "explanation": st.text()}),
        "timing": st.fixed_dictionaries({"train_s": numbers, "words_per_second": numbers}),
        "settings": st.dictionaries(st.text(), numbers | st.text() | st.lists(st.text())),
        "labels": st.fixed_dictionaries({"trained": st.lists(st.text())}),
    },
)


@given(wild_metrics)
def test_any_numbers_and_names_make_a_page(metrics):
    page = render_report(metrics)
    Page(page)
    for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        # Control characters are no XML, but HTML does not mind them.
        ElementTree.fromstring(re.sub(r"[\x00-\x1f\ud800-\udfff\ufffe\uffff]", "", svg))


def test_the_curve_marks_the_best_and_describes_itself():
    curve = ElementTree.fromstring(learning_curve(METRICS["history"], best_step=200))
    assert curve.get("role") == "img"
    named = {child.get("id"): child.text for child in curve}
    assert curve.get("aria-labelledby").split() == ["curve-title", "curve-desc"]
    assert named["curve-desc"] == (
        "loss from 312.5 at step 100 to 120 at step 400. F from 10 at step 0 to 64 at step 400. "
        "The best step is 200."
    )
    (line,) = (child for child in curve if child.get("class") == "best")
    (dot,) = (child for child in curve if child.get("class") == "dot score")
    assert line.get("x1") == line.get("x2") == dot.get("cx")


def test_the_curve_marks_the_best_loss_where_that_decided():
    curve = learning_curve(METRICS["history"], best_step=400, monitor="loss")
    assert 'class="dot loss"' in curve
    assert "dot score" not in curve


def test_the_curve_shows_the_metric_that_decided():
    history = [{**row, "ents_per_type.DRUG.f": 0.3} for row in METRICS["history"]]
    curve = learning_curve(history, best_step=100, monitor="ents_per_type.DRUG.f")
    assert ">DRUG, F</text>" in curve
    assert 'class="dot monitored"' in curve


def test_each_evaluation_can_be_read_off_the_curve():
    curve = ElementTree.fromstring(learning_curve(METRICS["history"], best_step=200))
    tips = [child[0].text for child in curve if child.get("class") == "column"]
    assert len(tips) == len(METRICS["history"])
    assert tips[1] == "step 100\nepoch 1\nF 40.0\nloss 312.5\n9.1 s"


@pytest.mark.parametrize("history", [[], METRICS["history"][:1], [{"step": 0}, {"step": 100}]])
def test_without_two_points_there_is_no_curve(history):
    assert learning_curve(history, best_step=0) is None


def test_a_non_finite_loss_leaves_the_rest_of_the_curve():
    history = [*METRICS["history"], {"step": 500, "loss": math.nan, "ents_f": math.nan}]
    assert "nan" not in learning_curve(history, best_step=200)


@given(st.floats(-1e15, 1e15), st.floats(0, 1e15))
def test_ticks_are_few_and_hold_the_range(low, size):
    high = low + size
    ticks = _round_ticks(low, high)
    slack = 1e-6 * max(1.0, abs(low), abs(high))
    assert ticks[0] <= low + slack
    assert ticks[-1] >= high - slack
    assert 2 <= len(ticks) <= 8
    assert all(a < b for a, b in pairwise(ticks))


@given(st.lists(st.floats(50, 290), min_size=1, max_size=5))
def test_labels_do_not_overlap(wanted):
    placed = _spread(wanted, 292)
    assert all(b - a >= 15 - 1e-6 for a, b in pairwise(sorted(placed)))
    assert max(placed) <= 292
    assert sorted(range(len(wanted)), key=lambda i: (wanted[i], i)) == sorted(
        range(len(wanted)), key=placed.__getitem__
    )


def test_only_markup_is_not_escaped():
    assert element("p", "<b>", Html("<i>"), 3, None) == "<p>&lt;b&gt;<i>3</p>"
    assert element("p", class_='"x" & y', aria_hidden="true", title=None) == (
        '<p class="&quot;x&quot; &amp; y" aria-hidden="true"></p>'
    )
    assert element("br") == "<br>"
    assert join("<", element("b", ">")) == "&lt;<b>&gt;</b>"
    # What string operations make out of markup is text again.
    assert element("p", element("b", "x")[:2]) == "<p>&lt;b</p>"


def test_numbers_read_well():
    assert [percent(0.65249), percent(1.0), percent(None)] == ["65.2", "100.0", "\N{EN DASH}"]
    assert [count(12345.6), compact(12345.6), compact(0.012345)] == ["12,346", "12,346", "0.01235"]
    assert [duration(s) for s in (59.94, 60, 3599, 7260)] == [
        "59.9 s",
        "1 min 0 s",
        "59 min 59 s",
        "2 h 1 min",
    ]
    assert ">+0.1<" in change(0.5, 0.501)
    assert ">±0.0<" in change(0.5, 0.5001)
    assert change(None, 0.5) is None


@pytest.mark.parametrize("value", [None, "0.5", True, math.nan, math.inf, 10**400, [1], {}])
def test_what_is_no_number_is_none(value):
    assert number_in({"a": {"b": value}}, "a", "b") is None
    assert number_in({"a": value}, "a", "b") is None


def test_the_report_is_written_as_utf_8(tmp_path, nlp):
    path = tmp_path / "report.html"
    doc = annotated(nlp, "Žižek à la 東京", (3, 4, "ŠÍDLO"))
    metrics = json.loads(json.dumps({**METRICS, "component": "ner\ud800"}))
    assert write_report(metrics, path, examples=[doc]) is None
    page = path.read_bytes().decode("utf-8")
    assert page.startswith("<!doctype html>\n<html")
    assert "Žižek" in page
    write_report(METRICS, str(path))
    assert path.read_text(encoding="utf-8") == render_report(METRICS)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(SaveError, match=r"no folder .*nowhere"):
        write_report(METRICS, tmp_path / "nowhere" / "report.html")
    with pytest.raises(SaveError, match="cannot write the report"):
        write_report(METRICS, tmp_path)
