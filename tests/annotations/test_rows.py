"""A digest of rows tells apart whatever training sees differently."""

from __future__ import annotations

import dataclasses

import spacy
from spacy.tokens import Doc

from spacy_pickled_ner.annotations import AnnotatedText, EntitySpan
from spacy_pickled_ner.annotations.rows import digest_rows

TEA = AnnotatedText("Some tea.", (EntitySpan(5, 8, "DRINK"),), "a.jsonl", 1)


def test_the_digest_depends_on_texts_spans_and_order_alone() -> None:
    elsewhere = dataclasses.replace(TEA, source="b.jsonl", row=7)
    assert digest_rows([TEA]) == digest_rows([elsewhere])
    other_label = dataclasses.replace(TEA, spans=(EntitySpan(5, 8, "FOOD"),))
    milk = dataclasses.replace(TEA, text="Some milk", spans=(EntitySpan(5, 9, "DRINK"),))
    lists = [[], [TEA], [TEA, TEA], [other_label], [TEA, milk], [milk, TEA]]
    assert len({digest_rows(rows) for rows in lists}) == len(lists)


def test_gold_docs_count_with_their_tokens() -> None:
    vocab = spacy.blank("en").vocab
    docs = [
        Doc(vocab, words=["Some", "tea", "."], spaces=[True, False, False]),
        Doc(vocab, words=["Some", "tea."], spaces=[True, False]),
    ]
    digests = {digest_rows([dataclasses.replace(TEA, reference=doc)]) for doc in (None, *docs)}
    assert len(digests) == 3
