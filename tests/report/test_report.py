"""The HTML report: says what the numbers say, survives any data, and trusts none of it."""

from __future__ import annotations

import json
import math
import re
from html.parser import HTMLParser
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacy_pickled_ner.errors import SaveError
from spacy_pickled_ner.report import render_report, write_report
from spacy_pickled_ner.report.chart import _round_ticks, _spread, learning_curve
from spacy_pickled_ner.report.html import Html, element, join
from spacy_pickled_ner.report.values import change, compact, count, duration, number_in, percent

HOSTILE = "</style></svg><script>alert(1)</script><img src=x onerror=alert(2)>\"' & {x} <!--"
VOID = {"meta", "br"}
HTML_TAGS = """html head title style body main header section h1 h2 p div span code strong figure
    mark table thead tbody caption tr th td em dl dt dd ul li details summary"""
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
        "after": {
            **entity_scores(0.741, PER={"p": 0.8, "r": 0.8, "f": 0.782}),
            "per_label": {"PER": {"p": 0.8, "r": 0.8, "f": 0.782, "support": 64, "predicted": 63}},
        },
    },
    "confusion": {
        "before": {"dev": [{"gold": "DRUG", "predicted": None, "count": 1200, "exact": 0}]},
        "after": {
            "dev": [
                {"gold": "DRUG", "predicted": "DRUG", "count": 740, "exact": 732},
                {"gold": "DRUG", "predicted": "PER", "count": 5, "exact": 5},
                {"gold": "DRUG", "predicted": None, "count": 455, "exact": 0},
                {"gold": None, "predicted": "DRUG", "count": 360, "exact": 0},
            ],
            "retention": [{"gold": "PER", "predicted": "PER", "count": 50, "exact": 50}],
        },
    },
    "stop": {
        "reason": "patience",
        "explanation": "stopped by patience: no improvement of ents_f",
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
    "timing": {
        "read_s": 2.0,
        "train_s": 83.2,
        "eval_s": 12.0,
        "checkpoint_s": 0.0,
        "total_s": 104.0,
        "words_per_second": 12345.6,
    },
    "memory": {"peak_mb": 1512.3},
    "frozen_unchanged": True,
    "date": "2026-02-03T23:59:01+00:00",
    "base": {"lang": "en", "name": "core_web_sm", "version": "3.8.0"},
    "versions": {"python": "3.12.1", "spacy": "3.8.7", "spacy-pickled-ner": "0.1.0"},
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
        "warnings": ["3 texts repeated with different entities"],
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


def mark(text, words, label, verdict, gold=None):
    """Mark words of a text; `gold` is what they should have been: words and label."""

    def place(words, label):
        start = text.index(words)
        return {"start": start, "end": start + len(words), "label": label}

    marked = {**place(words, label), "verdict": verdict}
    return {**marked, "gold": place(*gold)} if gold else marked


def example(text, *marks):
    return {"text": text, "entities": [mark(text, *one) for one in marks]}


def examples(*shown, **counts):
    return {"source": "dev texts", **counts, "shown": list(shown)}


@pytest.mark.parametrize(
    "said",
    [
        "65.2 +55.2 from 10.0",  # F on the dev data
        "74.1 \N{MINUS SIGN}0.5 from 74.6",  # F on the old labels
        "step 200 of 400 steps",
        "1 min 23 s 12,346 words/s",
        "✓ unchanged",
        "Stopped by patience: no improvement of ents_f",
        "DRUG new 10.0 65.2 +55.2 70.0 61.0 1,200 1,100",
        "PER 79.7 78.2 \N{MINUS SIGN}1.5 80.0 80.0 64 63",
        "Measured on gold annotations.",
        "train drugs.jsonl 1,235 57,336 527 DRUG 527",
        "split off from the training data",
        "3 texts repeated with different entities",
        "early_stopping.patience 5",
        "best: step 200",
        "200 best 1 17.0 s 200 65.2",
        "base en_core_web_sm 3.8.0 component ner trained: DRUG old labels: PER",
        "2026-02-03, 23:59 UTC · Python 3.12.1 · spaCy 3.8.7 · spacy-pickled-ner 0.1.0",
        "On the dev data gold ↓ predicted → DRUG PER missed DRUG ✓ 732 ✗ 8 other bounds ✗ 5 ✗ 455",
        "not in the gold ✗ 360 Before training",
        "On the dev data, before training gold ↓ predicted → missed DRUG ✗ 1,200",
        "Old labels, gold annotations gold ↓ predicted → PER PER ✓ 50",
        "reading the base and the data 2.0 s 1.9 % updates 1 min 23 s 80.0 %",
        "evaluations 12.0 s 11.5 % everything else 6.8 s 6.5 % all in all 1 min 44 s",
        "Updates at 12,346 words a second. Peak memory: 1,512 MB",
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


def test_the_page_needs_nothing_from_outside():
    shown = examples(example("Take aspirin.", ("aspirin", "DRUG", "right")))
    page = render_report(METRICS, examples=shown)
    assert not re.search(r"https?:|url\(|@import|<link|<script", page)
    assert "default-src 'none'" in page.replace("&#x27;", "'")


def test_examples_are_shown_with_what_is_right_and_wrong():
    text = "He took two aspirin\nand Vitamin C with Ada in Rome."
    shown = examples(
        example(
            text,
            ("two aspirin", "DRUG", "bounds", ("aspirin", "DRUG")),
            ("Vitamin", "ORG", "label", ("Vitamin C", "DRUG")),
            ("Ada", "PER", "unjudged"),
            ("Rome", "DRUG", "spurious"),
        ),
        example("Take aspirin now.", ("aspirin", "DRUG", "missed")),
        example("Take ibuprofen.", ("ibuprofen", "DRUG", "right")),
        texts=44,
        mistaken=10,
        faultless=30,
    )
    page = render_report(METRICS, examples=shown)
    text = Page(page).text
    assert (
        "3 of 44 dev texts, spread evenly. 10 have a mistake, and 30 have only "
        "right entities. Half of the texts shown are of each kind, if there are enough. "
        "The other 4 have no entities."
    ) in text
    assert (
        "He took two aspirin ✗ DRUG, gold: “aspirin” and Vitamin ✗ ORG, gold: DRUG “Vitamin C” "
        "C with Ada ? PER in Rome ✗ DRUG, not in the gold . "
        "Take aspirin ○ missed: DRUG now. Take ibuprofen ✓ DRUG ."
    ) in text
    for legend in ("✓ right: equal", "✗ wrong: the", "○ missed: in", "? unknown: the"):
        assert legend in text
    # The label has the same tint in the text as in the tables.
    assert '<mark class="entity right tint-0">ibuprofen' in page
    assert '<span class="chip tint-0">DRUG</span>' in page


def test_the_legend_explains_what_is_there():
    shown = examples(example("Take aspirin.", ("aspirin", "DRUG", "right")))
    text = Page(render_report({}, examples=shown)).text
    assert "✓ right: equal to the gold" in text
    assert not re.search("[✗○?]", text)


def test_marks_that_share_letters_stand_side_by_side():
    text = "Take aspirin plus tea."
    found = ("aspirin plus tea", "DRUG", "bounds", ("aspirin", "DRUG"))
    shown = examples(example(text, found, ("tea", "DRINK", "missed")))
    text = Page(render_report({}, examples=shown)).text
    assert "Take aspirin plus tea ✗ DRUG, gold: “aspirin” ." in text
    assert "in the same place: tea ○ missed: DRINK" in text


def test_long_texts_are_cut_around_the_first_mistake():
    text = "".join(f"word{n} " for n in range(2000)) + "end"
    found = [("word7", "A", "right"), ("word900", "B", "spurious"), ("word1500", "C", "missed")]
    said = Page(render_report({}, examples=examples(example(text, *found)))).text
    assert "word900 ✗ B" in said
    assert "word899 word900" in said
    assert "not shown: 2 more marks of this text, 1 of them mistakes" in said
    shown = re.search(r"… (word.*) …", said)
    assert 500 < len(shown[1]) < 700
    assert all(re.fullmatch(r"word\d+", w) for w in shown[1].split() if w.startswith("word"))


plain_marks = st.fixed_dictionaries(
    {
        "start": st.integers(-2, 900) | st.none(),
        "end": st.integers(-2, 1800),
        "label": st.text(max_size=3),
        "verdict": st.sampled_from(["right", "label", "bounds", "spurious", "missed", "?"]),
    },
    optional={"gold": st.dictionaries(st.sampled_from(["start", "end"]), st.integers(-5, 2000))},
)


@given(st.text(max_size=50), st.integers(1, 40), st.lists(plain_marks, max_size=6))
def test_any_marks_make_a_page(text, times, marks):
    shown = {"text": text * times, "entities": marks}
    Page(render_report({}, examples=examples(shown)))


def test_agreement_with_the_base_is_not_called_gold():
    agreement = "agreement with the base on the dev texts"
    cells = [confused("PER", "PER", 7, 7), confused(None, "PER", 2)]
    retention = {**METRICS["retention"], "measured_on": agreement}
    confusion = {when: {"retention": cells} for when in ("before", "after")}
    text = Page(render_report({"retention": retention, "confusion": confusion})).text
    assert f"Measured as {agreement}: the base's predictions are the gold" in text
    assert "base ↓ predicted → PER PER ✓ 7 not predicted by the base ✗ 2" in text
    # The base before training is the base.
    assert "Before training" not in text


def confused(gold, predicted, count, exact=0):
    return {"gold": gold, "predicted": predicted, "count": count, "exact": exact}


def test_of_many_labels_those_with_most_mistakes_are_shown_one_by_one():
    names = [f"L{n:02}" for n in range(40)]
    cells = [confused(name, name, 100 + n, 100) for n, name in enumerate(names)]
    cells += [confused("L00", "L39", 7), confused("L01", "L02", 3), confused(None, "L03", 2)]
    cells.append(confused("L38", "L39", 50, 50))
    page = render_report({"confusion": {"after": {"dev": cells}}})
    table = re.search(r"<table.*?</table>", page, re.DOTALL)[0]
    shown = [f"L{n}" for n in range(31, 40)]
    head = "On the dev data gold ↓ predicted → " + " ".join(shown) + " 31 other labels"
    assert head in Page(table).text
    assert "L39 ✓ 100 ✗ 39 other bounds 31 other labels ✗ 7" in Page(table).text
    right, bounds = 100 * 31, sum(range(31))
    assert f"✓ {right:,} ✗ {bounds} other bounds ✗ 3 mixed up" in Page(table).text
    assert table.count("<tr>") == 1 + len(shown) + 1 + 1
    # A list has what the table takes together.
    said = Page(page).text
    assert "The 30 most frequent of 43 kinds of mistakes 50 L38 → L39 39 L39 with" in said
    assert "11 L11 with other bounds" in said
    assert "10 L10" not in said


counts = st.integers(-1, 10**6) | st.none() | st.floats()
labels = st.none() | st.text(max_size=3)
plain_cells = st.fixed_dictionaries(
    {"gold": labels, "predicted": labels, "count": counts, "exact": counts}
)


@given(st.lists(plain_cells, max_size=60))
def test_any_confusion_makes_a_table_of_bounded_size(cells):
    page = render_report({"confusion": {"after": {"dev": cells}}})
    Page(page)
    assert page.count("<tr>") <= 1 + 10 + 1
    assert page.count('scope="col"') <= 10 + 1


@pytest.mark.parametrize("date", ["yesterday", "9999-99-99", "0001-01-01T00:00:00+14:00", HOSTILE])
def test_a_date_that_is_none_is_shown_as_it_is(date):
    assert date.replace("\n", " ") in Page(render_report({"date": date})).text


def test_the_policys_unit_is_explained_where_it_is_another():
    said = "Scores in the policy are from 0 to 1"
    assert said in Page(render_report(METRICS)).text
    settings = {"early_stopping": {"monitor": "loss"}}
    assert said not in Page(render_report({**METRICS, "settings": settings})).text


def test_hostile_labels_texts_and_names_stay_text():
    def spoil(value):
        if isinstance(value, str):
            return HOSTILE
        if isinstance(value, dict):
            given = {"DRUG", "PER", "dropout", "train", "spacy"}
            return {HOSTILE if k in given else k: spoil(item) for k, item in value.items()}
        return [spoil(item) for item in value] if isinstance(value, list) else value

    text = f"a {HOSTILE} b"
    shown = examples(
        example(text, ("a", HOSTILE, "right"), (HOSTILE, "{0}", "label", (HOSTILE, HOSTILE))),
        example(text, (HOSTILE, "{text.__class__}", "bounds", ("a", "X"))),
        example(text, ("b", HOSTILE, "spurious"), ("b", HOSTILE, "missed")),
        source=HOSTILE,
    )
    metrics = spoil(METRICS)
    metrics["history"] = [{**row, f"ents_per_type.{HOSTILE}.f": 0.5} for row in METRICS["history"]]
    metrics["settings"]["early_stopping"]["monitor"] = f"ents_per_type.{HOSTILE}.f"
    page = Page(render_report(metrics, examples=shown))
    assert page.tags.count("style") == 1
    assert page.text.count("<script>alert(1)</script>") >= 20


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


def test_the_report_is_written_as_utf_8(tmp_path):
    path = tmp_path / "report.html"
    shown = examples(example("Žižek à la 東京", ("東京", "ŠÍDLO", "right")))
    metrics = json.loads(json.dumps({**METRICS, "component": "ner\ud800"}))
    assert write_report(metrics, path, examples=shown) is None
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
