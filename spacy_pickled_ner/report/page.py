"""The page, from its parts."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..errors import SaveError
from .chart import learning_curve
from .confusion_tables import confusion_tables
from .example_texts import example_texts
from .html import Html, element, join
from .origin import base_name, day_and_versions
from .resources import time_and_memory
from .tables import data_table, history_table, label_table, settings_list
from .tints import Tints
from .values import change, count, duration, mapping_in, mappings_in, number_in, percent, strings_in

# If anything were not escaped, the browser would still load and run nothing.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"

UNIT = "Scores in the policy are from 0 to 1; all other scores on this page are percentages."

Metrics = Mapping[str, Any]


def write_report(
    metrics: Metrics, path: str | os.PathLike[str], *, examples: Metrics | None = None
) -> None:
    """Write the report on a fine-tuning run as one HTML file.

    metrics (Mapping[str, Any]): The run, as `FineTuneResult.to_dict` or `--metrics` returns it.
        Missing parts are not shown.
    path (Union[str, PathLike]): File to write.
    examples (Optional[Mapping[str, Any]]): Texts to show, as in `FineTuneResult.examples`.
    RAISES (SaveError): The file cannot be written.
    """
    page = render_report(metrics, examples=examples)
    path = Path(path)
    try:
        # Replace lone surrogates: JSON can have them, but UTF-8 cannot.
        path.write_text(page, encoding="utf-8", errors="xmlcharrefreplace")
    except FileNotFoundError as err:
        reason = f"there is no folder {str(path.parent)!r}; create it, or choose another"
        raise SaveError(f"cannot write the report {str(path)!r}: {reason}") from err
    except OSError as err:
        raise SaveError(f"cannot write the report {str(path)!r}: {err.strerror or err}") from err


def render_report(metrics: Metrics, *, examples: Metrics | None = None) -> str:
    """Create the report on a fine-tuning run: one HTML page without other files.

    metrics (Mapping[str, Any]): See `write_report`.
    examples (Optional[Mapping[str, Any]]): See `write_report`.
    RETURNS (str): The page.
    """
    labels = mapping_in(metrics, "labels")
    tints = Tints([*strings_in(labels, "trained"), *strings_in(labels, "old")])
    body = [
        _header(metrics, tints),
        _tiles(metrics),
        _curve(metrics),
        _labels(metrics, tints),
        _retention(metrics, tints),
        _section("Confused labels", *confusion_tables(metrics, tints)),
        _section("Example texts", *example_texts(examples or {}, tints)),
        _data(metrics, tints),
        _section("Time and memory", *time_and_memory(metrics)),
        _section("Settings", settings_list(mapping_in(metrics, "settings"))),
    ]
    head = [
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("title", "Fine-tuning report"),
        # The stylesheet is our own, and must not be escaped.
        element("style", Html(files(__package__).joinpath("style.css").read_text("utf-8"))),
    ]
    page = element(
        "html", element("head", *head), element("body", element("main", *body)), lang="en"
    )
    return f"<!doctype html>\n{page}\n"


def _header(metrics: Metrics, tints: Tints) -> Html:
    labels = mapping_in(metrics, "labels")
    nothing = number_in(metrics, "stop", "best_step") == 0
    trained = "trained, but no evaluation was better than the base:" if nothing else "trained:"
    said = [_chips(trained, strings_in(labels, "trained"), tints)]
    said.append(_chips("old labels:", strings_in(labels, "old"), tints))
    if component := metrics.get("component"):
        said.insert(0, join("component ", element("code", component)))
    said.insert(0, base_name(metrics))
    facts = [element("span", part, class_="fact") for part in said if part is not None]
    lead = element("p", *facts, class_="lead") if facts else None
    title = element("h1", "Fine-tuning report")
    return element("header", title, lead, day_and_versions(metrics))


def _tiles(metrics: Metrics) -> Html | None:
    tiles = []
    score = number_in(metrics, "scores", "ents_f")
    if score is not None:
        base = number_in(metrics, "baseline_scores", "ents_f")
        tiles.append(_tile("F on the dev data", percent(score), _before(base, score)))
    kept = number_in(metrics, "retention", "after", "ents_f")
    if kept is not None:
        known = number_in(metrics, "retention", "before", "ents_f")
        tiles.append(_tile("F on the old labels", percent(kept), _before(known, kept)))
    best, last = (number_in(metrics, "stop", name) for name in ("best_step", "last_step"))
    if best is not None:
        value = f"step {count(best)}" if best else "the base"
        tiles.append(_tile("Best", value, None if last is None else f"of {count(last)} steps"))
    speed, train = (number_in(metrics, "timing", name) for name in ("words_per_second", "train_s"))
    if train is not None:
        note = None if speed is None else f"{count(speed)} words/s"
        tiles.append(_tile("Training time", duration(train), note))
    frozen = metrics.get("frozen_unchanged")
    if frozen is not None:
        value = "unchanged" if frozen else "changed"
        kind = "up" if frozen else "down"
        mark = element("span", "✓" if frozen else "✗", class_=f"mark {kind}")
        tiles.append(_tile("Other components", join(mark, value), "by digest of all bytes"))
    return element("section", *tiles, class_="tiles", aria_label="Summary") if tiles else None


def _tile(name: str, value: str, note: str | None) -> Html:
    return element(
        "div",
        element("p", name, class_="tile-name"),
        element("p", value, class_="tile-value"),
        element("p", note, class_="tile-note") if note is not None else None,
        class_="tile",
    )


def _before(before: float | None, after: float | None) -> Html | None:
    return None if before is None else join(change(before, after), f" from {percent(before)}")


def _curve(metrics: Metrics) -> Html | None:
    history = mappings_in(metrics, "history")
    stop = mapping_in(metrics, "stop")
    best_step = number_in(stop, "best_step")
    policy = mapping_in(mapping_in(metrics, "settings"), "early_stopping")
    said = stop.get("explanation") or stop.get("reason")
    monitor = str(policy.get("monitor", "ents_f"))
    curve = learning_curve(history, best_step=best_step, monitor=monitor)
    unit = UNIT if said and curve and not monitor.endswith("loss") else None
    rows = history_table(history, best_step)
    return _section(
        "Learning curve",
        element("p", str(said)[:1].upper(), str(said)[1:], ".", class_="why") if said else None,
        element("p", unit, class_="note") if unit else None,
        element("div", curve, class_="scroll") if curve else None,
        element("details", element("summary", "All evaluations"), rows) if rows else None,
    )


def _labels(metrics: Metrics, tints: Tints) -> Html | None:
    after, before = mapping_in(metrics, "per_label"), mapping_in(metrics, "baseline_per_label")
    after = after or mapping_in(mapping_in(metrics, "scores"), "ents_per_type")
    before = before or mapping_in(mapping_in(metrics, "baseline_scores"), "ents_per_type")
    new = strings_in(mapping_in(metrics, "labels"), "new")
    return _section("Labels, before and after", label_table(before, after, tints, new=new))


def _retention(metrics: Metrics, tints: Tints) -> Html | None:
    retention = mapping_in(metrics, "retention")
    measured = (mapping_in(retention, when) for when in ("before", "after"))
    before, after = (
        mapping_in(scores, "per_label") or mapping_in(scores, "ents_per_type")
        for scores in measured
    )
    table = label_table(before, after, tints)
    note = _how_measured(str(retention.get("measured_on") or ""))
    mode = mapping_in(metrics, "retention_mode")
    how = _how_kept(mode) if mode and table else None
    return _section("Old labels", how, note, table) if table else None


def _how_measured(measured_on: str) -> Html | None:
    if not measured_on:
        return None
    said = f"Measured on {measured_on}."
    if measured_on.startswith("agreement"):
        said = (
            f"Measured as {measured_on}: the base's predictions are the gold, so before training "
            "all of them are right."
        )
    return element("p", said, class_="note")


def _how_kept(mode: Metrics) -> Html:
    ners = " → ".join(strings_in(mode, "ners"))
    raw = number_in(mode, "raw_texts")
    said = f"{mode.get('mode')}: {mode.get('why')}. NER: {ners}."
    return element("p", said, f" Raw texts: {count(raw)}." if raw else "", class_="note")


def _data(metrics: Metrics, tints: Tints) -> Html | None:
    data = mapping_in(metrics, "data")
    warnings = [element("li", text) for text in strings_in(data, "warnings")]
    is_split = data.get("dev_is_split")
    note = "The dev data was split off from the training data." if is_split else None
    return _section(
        "Data",
        element("p", note, class_="note") if note else None,
        data_table(data, tints),
        element("ul", *warnings, class_="warnings") if warnings else None,
    )


def _section(heading: str, *content: Html | None) -> Html | None:
    if not any(content):
        return None
    return element("section", element("h2", heading), *content, class_="card")


def _chips(said: str, labels: Sequence[str], tints: Tints) -> Html | None:
    return join(said, *(join(" ", tints.chip(label)) for label in labels)) if labels else None
