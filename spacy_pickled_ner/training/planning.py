"""Read base and data, check that they fit, and make the plan of a run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
from ..annotations.rows import add_row, digest_rows
from ..errors import AnnotationError, SettingsError
from ..evaluation.scoring import EvaluationSet
from ..ner.data.gold import GoldExample
from ..ner.retention import RetentionPlan, plan_retention
from ..wording import counted
from .plan import Plan
from .settings import RunSettings
from .streaming import FirstLook, Stream, look_at

MAX_MISALIGNED = 0.5
# With fewer entities in the dev data, differences between evaluations are chance.
FEW_ENTITIES = 10


@dataclass
class _Data:
    """The annotated texts of a run.

    rows (Dict[str, List[AnnotatedText]]): By part: "train", "dev", "retention_dev". For a
        stream, some of the first texts.
    reports (Dict[str, DataReport]): By part.
    is_split (bool): True if the dev texts were split off the training texts.
    look (Optional[FirstLook]): The first pass over a stream.
    """

    rows: dict[str, list[AnnotatedText]]
    reports: dict[str, DataReport]
    is_split: bool
    look: FirstLook | None = None

    def digests(self) -> dict[str, str]:
        """SHA-256 of each part."""
        digests = {part: digest_rows(rows) for part, rows in self.rows.items()}
        if self.look is not None:
            digests["train"] = self.look.digest or "unknown"
        return digests

    def texts(self) -> set[str]:
        """All texts, to exclude them from the raw text."""
        return {row.text for rows in self.rows.values() for row in rows}


def make_plan(nlp: Language, settings: RunSettings, *, needs_dev: bool) -> Plan:
    """Read and check everything that a run needs.

    nlp (Language): The base, our own copy.
    settings (RunSettings): The data, and how to read it.
    needs_dev (bool): Without dev data, split some off the training data.
    RETURNS (Plan): The plan. The pipeline has not changed yet.
    RAISES (AnnotationError): The data cannot be used. (BasePipelineError): The base cannot.
    """
    data = _read_data(nlp, settings, needs_dev=needs_dev)
    examples = _make_examples(data, nlp, settings)
    labels, stream = _find_labels(data, nlp, settings)
    raw = settings.raw_text
    raw_texts = [] if raw is None else read_raw_text(raw, known=data.texts())
    gold_examples = [GoldExample.of(example) for example in examples["train"]]
    kept = plan_retention(
        nlp,
        gold_examples,
        labels,
        raw_texts,
        mode=settings.retention,
        component=settings.component,
        has_gold=settings.retention_dev is not None,
        seed=settings.seed,
    )
    known_gold = None
    if "retention_dev" in examples:
        known_gold = _gold_of_base(examples["retention_dev"], data.reports["retention_dev"], kept)
    has_no_known = "retention_dev" in examples and known_gold is None
    return Plan(
        nlp=nlp,
        retention=kept,
        labels=labels,
        examples=gold_examples,
        dev=EvaluationSet(examples["dev"], labels=labels) if "dev" in examples else None,
        retention_dev=known_gold,
        reports=data.reports,
        digest=_digest(data.rows["train"], data.rows.get("dev", ()), raw_texts),
        digests={**data.digests(), "raw_text": _digest((), (), raw_texts)},
        stream=stream,
        warnings=tuple(_find_warnings(data, labels, kept, has_no_known=has_no_known)),
        dev_is_split=data.is_split,
    )


def _read_data(nlp: Language, settings: RunSettings, *, needs_dev: bool) -> _Data:
    data = _Data({}, {}, is_split=settings.dev is None and needs_dev)
    if settings.stream:
        if data.is_split:
            allowed = "texts to score on: a stream cannot be split"
            raise SettingsError("dev", settings.dev, allowed)
        data.look = look_at(
            settings.train, nlp=nlp, skip_invalid=settings.skip_invalid, labels=settings.labels
        )
        # The sample has its own report, so that no text is counted twice.
        data.rows["train"] = data.look.sample
        data.reports["train"] = DataReport(data.look.report.source)
    for part in ("train", "dev", "retention_dev"):
        source = getattr(settings, part)
        if source is not None and part not in data.rows:
            data.rows[part], data.reports[part] = _read(source, nlp, settings.skip_invalid)
    if data.is_split:
        _split(data, settings)
    return data


def _split(data: _Data, settings: RunSettings) -> None:
    data.rows["train"], data.rows["dev"] = split_dev(
        data.rows["train"], fraction=settings.dev_fraction, seed=settings.seed
    )
    report = data.reports["train"]
    report.texts = len(data.rows["train"])
    data.reports["dev"] = DataReport(f"{report.source} (split)", texts=len(data.rows["dev"]))


def _make_examples(data: _Data, nlp: Language, settings: RunSettings) -> dict[str, list[Example]]:
    examples = {
        part: list(
            make_examples(rows, nlp, data.reports[part], alignment_mode=settings.alignment[part])
        )
        for part, rows in data.rows.items()
    }
    for report in data.reports.values():
        _check_alignment(report, nlp)
    return examples


def _find_labels(
    data: _Data, nlp: Language, settings: RunSettings
) -> tuple[tuple[str, ...], Stream | None]:
    """Find the labels of the training data, and create the stream if there is one."""
    look = data.look
    if look is None:
        return tuple(sorted(data.reports["train"].labels)), None
    data.reports["train"] = look.report
    alignment = settings.alignment["train"]
    stream = Stream(nlp, look.source, alignment, settings.skip_invalid, look.labels, settings.seed)
    return tuple(sorted(look.labels)), stream


def _find_warnings(
    data: _Data, labels: Sequence[str], kept: RetentionPlan, *, has_no_known: bool
) -> list[str]:
    warnings = [text for report in data.reports.values() for text in report.warnings()]
    if has_no_known:
        warnings.append("retention_dev annotates no old label, so it measures nothing")
    warnings += kept.warnings
    warnings += _find_lookalikes(labels, kept.base_labels)
    if "dev" in data.rows:
        warnings += _find_luck(data.reports["dev"])
        if data.look is None:
            warnings += compare_parts(data.rows["train"], data.rows["dev"])
    return warnings


def _read(
    source: AnnotationSource, nlp: Language, skip_invalid: bool
) -> tuple[list[AnnotatedText], DataReport]:
    rows, report = read_annotations(source, nlp=nlp, skip_invalid=skip_invalid)
    if not any(row.spans for row in rows):
        raise AnnotationError(
            f"none of its {len(rows)} texts has an entity to train on or to score",
            source=report.source,
        )
    return rows, report


def _gold_of_base(
    examples: Sequence[Example], report: DataReport, kept: RetentionPlan
) -> EvaluationSet | None:
    """Return gold for the base labels, without labels that the data names differently."""
    known = report.labels.keys() & set(kept.base_labels)
    if kept.base_labels and not known:
        raise AnnotationError(
            f"none of its labels ({', '.join(sorted(report.labels))}) is a base label "
            f"({', '.join(kept.base_labels)}): retention_dev needs gold for the base labels",
            source=report.source,
        )
    labels = known - kept.superseded
    return EvaluationSet(examples, labels=labels) if labels else None


def _check_alignment(report: DataReport, nlp: Language) -> None:
    if report.unusable > MAX_MISALIGNED * report.spans:
        where = "; ".join(report.places["misaligned"])
        raise AnnotationError(
            f"{report.unusable} of {report.spans} spans do not match the tokens of "
            f"{nlp.meta['lang']}_{nlp.meta['name']} (first: {where}). Does its tokenizer fit "
            "the language and the annotations? If spans are meant to split words, use the "
            "alignment mode 'expand' or 'contract'",
            source=report.source,
        )


def _find_luck(dev: DataReport) -> list[str]:
    if not 0 < dev.spans < FEW_ENTITIES:
        return []
    few = counted(dev.spans, "entity")
    advice = "chance decides which evaluation is best. Use more dev data"
    return [f"{dev.source}: only {few} to score on: {advice}"]


def _find_lookalikes(labels: Iterable[str], known: Iterable[str]) -> list[str]:
    folded = {label.casefold(): label for label in known}
    return [
        f"the label {label} of the data is new; the base has {folded[label.casefold()]}"
        for label in labels
        if folded.get(label.casefold(), label) != label
    ]


def _digest(
    train: Iterable[AnnotatedText], dev: Iterable[AnnotatedText], raw_texts: Iterable[str]
) -> str:
    digest = hashlib.sha256()
    for part in (train, dev):
        for row in part:
            add_row(digest, row)
        digest.update(b"\0")
    for text in raw_texts:
        digest.update(json.dumps(text).encode("utf-8") + b"\n")
    return digest.hexdigest()
