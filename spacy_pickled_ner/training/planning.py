"""Read base and data, check that they fit, and make the plan of a run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from typing import Any

from spacy.language import Language
from spacy.training import Example

from ..annotations import (
    AnnotatedText,
    AnnotationSource,
    DataReport,
    compare_parts,
    make_examples,
    read_annotations,
    read_raw_text,
    split_dev,
)
from ..annotations.rows import digest_rows
from ..errors import AnnotationError, SettingsError
from ..evaluation.scoring import EvaluationSet
from ..ner.data.gold import GoldExample
from ..ner.retention import RetentionPlan, plan_retention
from ..wording import counted
from .plan import Plan
from .settings import RunSettings
from .streaming import Stream, look_at

MAX_MISALIGNED = 0.5
# Dev data with fewer entities than this cannot tell one evaluation from the next.
FEW_ENTITIES = 10


def make_plan(nlp: Language, settings: RunSettings, *, needs_dev: bool) -> Plan:
    """Read and check everything that a run needs.

    nlp (Language): The base, our own copy.
    settings (RunSettings): The data, and how to read it.
    needs_dev (bool): Without dev data, split some off the training data.
    RETURNS (Plan): Ready to train; nothing of the pipeline has changed yet.
    RAISES (AnnotationError): The data cannot be used. (BasePipelineError): The base cannot.
    """
    train, dev, retention_dev = settings.train, settings.dev, settings.retention_dev
    skip_invalid, stream, alignment = settings.skip_invalid, settings.stream, settings.alignment
    parts: dict[str, list[AnnotatedText]] = {}
    reports: dict[str, DataReport] = {}
    split = dev is None and needs_dev
    look = None
    if stream:
        if split:
            raise SettingsError("dev", dev, "texts to score on: a stream cannot be split")
        look = look_at(train, nlp=nlp, skip_invalid=skip_invalid, labels=settings.labels)
        # The sample has a report of its own, so that no text is counted twice.
        parts["train"], reports["train"] = look.sample, DataReport(look.report.source)
    for part, source in (("train", train), ("dev", dev), ("retention_dev", retention_dev)):
        if source is not None and part not in parts:
            parts[part], reports[part] = _read(source, nlp, skip_invalid)
    if split:
        parts["train"], parts["dev"] = split_dev(
            parts["train"], fraction=settings.dev_fraction, seed=settings.seed
        )
        reports["train"].texts = len(parts["train"])
        reports["dev"] = DataReport(f"{reports['train'].source} (split)", texts=len(parts["dev"]))
    examples = {
        part: list(make_examples(rows, nlp, reports[part], alignment_mode=alignment[part]))
        for part, rows in parts.items()
    }
    for report in reports.values():
        _check_alignment(report, nlp)
    digests = {part: digest_rows(rows) for part, rows in parts.items()}
    streamed = None
    if look is not None:
        reports["train"] = look.report
        digests["train"] = look.digest or "unknown"
        streamed = Stream(
            nlp, look.source, alignment["train"], skip_invalid, look.labels, settings.seed
        )
    labels = tuple(sorted(look.labels if look else reports["train"].labels))
    warnings = [text for report in reports.values() for text in report.warnings()]
    known = {row.text for rows in parts.values() for row in rows}
    raw_texts = [] if settings.raw_text is None else read_raw_text(settings.raw_text, known=known)
    gold_examples = [GoldExample.of(example) for example in examples["train"]]
    kept = plan_retention(
        nlp,
        gold_examples,
        labels,
        raw_texts,
        mode=settings.retention,
        component=settings.component,
        has_gold=retention_dev is not None,
        seed=settings.seed,
    )
    known_gold = None
    if "retention_dev" in examples:
        known_gold = _gold_of_base(examples["retention_dev"], reports["retention_dev"], kept)
        if known_gold is None:
            warnings.append("there is no label to be kept that retention_dev could measure")
    warnings += kept.warnings
    warnings += _find_lookalikes(labels, kept.base_labels)
    if "dev" in parts:
        warnings += _find_luck(reports["dev"])
    if "dev" in parts and not stream:
        warnings += compare_parts(parts["train"], parts["dev"])
    return Plan(
        nlp=nlp,
        retention=kept,
        labels=labels,
        examples=gold_examples,
        dev=EvaluationSet(examples["dev"], labels=labels) if "dev" in examples else None,
        retention_dev=known_gold,
        reports=reports,
        digest=_digest(parts["train"], parts.get("dev", ()), raw_texts),
        digests={**digests, "raw_text": _digest((), (), raw_texts)},
        stream=streamed,
        warnings=tuple(warnings),
        dev_is_split=split,
    )


def _read(
    source: AnnotationSource, nlp: Language, skip_invalid: bool
) -> tuple[list[AnnotatedText], DataReport]:
    rows, report = read_annotations(source, nlp=nlp, skip_invalid=skip_invalid)
    if not any(row.spans for row in rows):
        raise AnnotationError(
            f"none of its {len(rows)} texts has an entity: there is nothing to learn or to score",
            source=report.source,
        )
    return rows, report


def _gold_of_base(
    examples: Sequence[Example], report: DataReport, kept: RetentionPlan
) -> EvaluationSet | None:
    """Gold of what the base knows; labels that the data gives another name are left out."""
    known = report.labels.keys() & set(kept.base_labels)
    if kept.base_labels and not known:
        raise AnnotationError(
            f"none of its labels ({', '.join(sorted(report.labels))}) is one of the base "
            f"({', '.join(kept.base_labels)}): retention_dev is gold of what the base knows",
            source=report.source,
        )
    labels = known - kept.superseded
    return EvaluationSet(examples, labels=labels) if labels else None


def _check_alignment(report: DataReport, nlp: Language) -> None:
    if report.unusable > MAX_MISALIGNED * report.spans:
        where = "; ".join(report.places["misaligned"])
        raise AnnotationError(
            f"{report.unusable} of {report.spans} spans do not begin and end with tokens of "
            f"{nlp.meta['lang']}_{nlp.meta['name']} (first: {where}). Is its tokenizer made for "
            "this language and this annotation? If the spans are meant to cut words, use the "
            "alignment mode 'expand' or 'contract'",
            source=report.source,
        )


def _find_luck(dev: DataReport) -> list[str]:
    if not 0 < dev.spans < FEW_ENTITIES:
        return []
    few = counted(dev.spans, "entity")
    why = "so that luck decides which evaluation is best: give more dev data"
    return [f"{dev.source}: only {few} to score on, {why}"]


def _find_lookalikes(labels: Iterable[str], known: Iterable[str]) -> list[str]:
    folded = {label.casefold(): label for label in known}
    return [
        f"the data's label {label} is new, and is not the base's {folded[label.casefold()]}"
        for label in labels
        if folded.get(label.casefold(), label) != label
    ]


def _digest(
    train: Iterable[AnnotatedText], dev: Iterable[AnnotatedText], raw_texts: Iterable[str]
) -> str:
    digest = hashlib.sha256()
    for part in (train, dev):
        for row in part:
            value: Sequence[Any] = [row.text, row.spans]
            digest.update(json.dumps(value).encode("utf-8") + b"\n")
        digest.update(b"\0")
    for text in raw_texts:
        digest.update(json.dumps(text).encode("utf-8") + b"\n")
    return digest.hexdigest()
