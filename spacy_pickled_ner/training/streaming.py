"""Training data that is read during training, so that it need not fit into memory.

A first pass checks every row, counts the labels and keeps a few texts; each epoch then reads the
rows again and shuffles them in a bounded buffer. spaCy's memory zones drop the strings and
lexemes of new words after some thousand texts. Otherwise the vocab would grow with the data, in
memory and in the file.
"""

from __future__ import annotations

import hashlib
import itertools
import random
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from spacy.language import Language
from spacy.training import Example

from ..annotations import (
    AlignmentMode,
    AnnotatedText,
    AnnotationSource,
    DataReport,
    check_not_empty,
    iter_annotations,
    make_examples,
    read_annotations,
    start_report,
)
from ..annotations.rows import add_row
from ..errors import AnnotationError, SettingsError
from ..ner.data.epochs import epoch_random
from ..ner.data.gold import GoldExample
from ..ty import Batcher

SAMPLE: Final = 200
BUFFER: Final = 5_000
# Texts that share a memory zone. A batch never spans two zones.
ZONE: Final = 2_000


@dataclass(frozen=True)
class Stream:
    """Training data that is read once for each epoch.

    nlp (Language): Its tokenizer makes the Docs.
    source (AnnotationSource): The data. An iterator can only be read for one epoch.
    alignment_mode (str), skip_invalid (bool): See `AnnotatedCorpus`.
    labels (FrozenSet[str]): All labels of the data.
    seed (int): Seed of the order of texts.
    """

    nlp: Language
    source: AnnotationSource
    alignment_mode: AlignmentMode
    skip_invalid: bool
    labels: frozenset[str]
    seed: int

    def __call__(self, epoch: int) -> Iterator[Example]:
        """Read, check, shuffle and tokenize the texts of an epoch; see `Epochs`."""
        report = start_report(self.source)
        rows = iter_annotations(self.source, report, nlp=self.nlp, skip_invalid=self.skip_invalid)
        shuffled = shuffle(self._known(rows), epoch_random(self.seed, epoch), size=BUFFER)
        examples = make_examples(shuffled, self.nlp, report, alignment_mode=self.alignment_mode)
        return map(GoldExample.of, examples)

    def batched(self, batcher: Batcher) -> Batcher:
        """Batch some thousand texts at a time, each group in its own memory zone.

        batcher (Batcher): Makes batches of Examples.
        RETURNS (Batcher): Makes the same batches, except for the last ones of each group.
        """

        def batch(examples: Iterable[Example]) -> Iterator[list[Example]]:
            left = iter(examples)
            while True:
                with self.nlp.memory_zone():
                    texts = list(itertools.islice(left, ZONE))
                    yield from batcher(texts)
                    ended = len(texts) < ZONE
                    # No Example may outlive its memory zone.
                    del texts
                if ended:
                    return

        return batch

    def _known(self, rows: Iterable[AnnotatedText]) -> Iterator[AnnotatedText]:
        for row in rows:
            check_labels(row, self.labels)
            yield row


@dataclass(frozen=True)
class FirstLook:
    """The result of the first pass over a stream.

    source (AnnotationSource): The stream, from its beginning.
    labels (FrozenSet[str]): All labels.
    sample (List[AnnotatedText]): Some of the first texts.
    report (DataReport): The report on all rows that were read.
    digest (Optional[str]): Digest of all rows; None if not all were read.
    """

    source: AnnotationSource
    labels: frozenset[str]
    sample: list[AnnotatedText]
    report: DataReport
    digest: str | None


def look_at(
    source: AnnotationSource, *, nlp: Language, skip_invalid: bool, labels: Collection[str]
) -> FirstLook:
    """Check all rows of a stream without storing them.

    source (AnnotationSource): The stream. Of an iterator, only the first rows are checked, as it
        can be read only once.
    labels (Collection[str]): All labels of the stream; needed for an iterator.
    RETURNS (FirstLook): Labels, sample and report.
    RAISES (AnnotationError): A row is invalid, or no row has an entity.
        (SettingsError): The stream is an iterator, and `labels` is empty.
    """
    if isinstance(source, Iterator):
        if not labels:
            allowed = "all labels of the data: an iterator can be read only once"
            raise SettingsError("labels", tuple(labels), allowed)
        first = list(itertools.islice(source, SAMPLE))
        rows, report = read_annotations(first, nlp=nlp, skip_invalid=skip_invalid)
        again = itertools.chain(first, source)
        return FirstLook(again, frozenset(labels), rows, DataReport(report.source), None)
    report = start_report(source)
    sample: list[AnnotatedText] = []
    digest = hashlib.sha256()
    for row in iter_annotations(source, report, nlp=nlp, skip_invalid=skip_invalid):
        if labels:
            check_labels(row, labels)
        report.texts += 1
        report.labels.update(span.label for span in row.spans)
        add_row(digest, row)
        if len(sample) < SAMPLE:
            sample.append(row)
    check_not_empty(report)
    if not report.labels:
        raise AnnotationError(
            f"none of its {report.texts} texts has an entity: there is nothing to train on",
            source=report.source,
        )
    known = frozenset(labels) | report.labels.keys()
    return FirstLook(source, known, sample, report, digest.hexdigest())


def check_labels(row: AnnotatedText, labels: Collection[str]) -> None:
    """Refuse a row with an unlisted label: the NER has no class for it.

    RAISES (AnnotationError): The row has such a label.
    """
    for span in row.spans:
        if span.label not in labels:
            raise AnnotationError(
                f"the label {span.label} is not one of the given labels "
                f"({', '.join(sorted(labels))})",
                source=row.source,
                row=row.row,
                unit=row.unit,
            )


def shuffle(
    rows: Iterable[AnnotatedText], numbers: random.Random, *, size: int
) -> Iterator[AnnotatedText]:
    """Shuffle rows within a buffer.

    rows (Iterable[AnnotatedText]): The rows.
    numbers (Random): The random generator.
    size (int): Size of the buffer, in rows.
    YIELDS (AnnotatedText): Each row once.
    """
    rows = iter(rows)
    buffer = list(itertools.islice(rows, size))
    numbers.shuffle(buffer)
    for row in rows:
        place = numbers.randrange(size)
        yield buffer[place]
        buffer[place] = row
    yield from buffer
