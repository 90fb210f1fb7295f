"""Split dev data off the training data, and find problems of the two that distort scores."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence

from ..errors import AnnotationError
from .rows import AnnotatedText


def split_dev(
    rows: Sequence[AnnotatedText], *, fraction: float, seed: int
) -> tuple[list[AnnotatedText], list[AnnotatedText]]:
    """Split a dev part off the training rows, stratified by label.

    Rows are grouped by their rarest label (or none), and the same fraction is drawn from each
    group. Equal texts stay in the same part, so that no dev text is trained on. Every label stays
    in the training part.

    rows (Sequence[AnnotatedText]): The rows to split.
    fraction (float): The dev share, between 0 and 1.
    seed (int): The same seed gives the same split.
    RETURNS (Tuple[List[AnnotatedText], List[AnnotatedText]]): Train and dev rows, in order.
    RAISES (AnnotationError): There are too few texts with entities for both parts.
    """
    labels_by_text = _labels_by_text(rows)
    frequency = Counter(label for labels in labels_by_text.values() for label in labels)
    strata: dict[str, list[str]] = defaultdict(list)
    for text, labels in labels_by_text.items():
        rarest = min(labels, key=lambda label: (frequency[label], label), default="")
        strata[rarest].append(text)
    rng = random.Random(seed)  # noqa: S311
    dev_texts: set[str] = set()
    for stratum in sorted(strata):
        texts = strata[stratum]
        rng.shuffle(texts)
        wanted = round(len(texts) * fraction)
        if stratum:
            wanted = min(max(wanted, 1), len(texts) - 1)
        dev_texts.update(texts[:wanted])
    _keep_every_label(labels_by_text, dev_texts)
    train = [row for row in rows if row.text not in dev_texts]
    dev = [row for row in rows if row.text in dev_texts]
    if not any(row.spans for row in train) or not any(row.spans for row in dev):
        raise AnnotationError(
            "too few texts with entities to split off dev data (at least two different texts are "
            "needed): pass dev data",
            source=rows[0].source,
        )
    return train, dev


def compare_parts(train: Sequence[AnnotatedText], dev: Sequence[AnnotatedText]) -> list[str]:
    """Find problems that distort the scores on dev data.

    RETURNS (List[str]): One sentence each: dev texts in the training data, labels that are trained
        but not scored, labels that are scored but not trained.
    """
    warnings = []
    source = dev[0].source
    train_texts = {row.text for row in train}
    leaked = [row for row in dev if row.text in train_texts]
    if leaked:
        warnings.append(
            f"{source}: {len(leaked)} of {len(dev)} dev texts are also in the training data, so "
            f"scores are too high (first: {leaked[0].position})"
        )
    train_labels = {span.label for row in train for span in row.spans}
    dev_labels = {span.label for row in dev for span in row.spans}
    unscored = sorted(train_labels - dev_labels)
    if unscored and not train_labels & dev_labels:
        warnings.append(
            f"{source}: none of its entities has a trained label "
            f"({', '.join(unscored)}), so it cannot be used to choose the best weights"
        )
    elif unscored:
        warnings.append(f"{source}: no entity of {', '.join(unscored)}, so it cannot be scored")
    if untrained := sorted(dev_labels - train_labels):
        warnings.append(f"{source}: no training data for {', '.join(untrained)}")
    return warnings


def _keep_every_label(labels_by_text: dict[str, set[str]], dev_texts: set[str]) -> None:
    # A label that is not the rarest label of any text has no group that keeps it in training.
    trained = set[str]().union(*(labels_by_text[t] for t in labels_by_text if t not in dev_texts))
    for text, labels in labels_by_text.items():
        if text in dev_texts and not labels <= trained:
            dev_texts.remove(text)
            trained |= labels


def _labels_by_text(rows: Sequence[AnnotatedText]) -> dict[str, set[str]]:
    labels: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        labels[row.text].update(span.label for span in row.spans)
    return labels
