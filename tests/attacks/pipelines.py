"""Small pipelines that hold one of everything that an attack could change."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import spacy
from spacy.kb import InMemoryLookupKB
from spacy.language import Language
from spacy.tokens import Span
from spacy.vocab import Vocab

from ..model_file.pipelines import example, parser_model, tagger_model, tok2vec, train

BAG_OF_WORDS = {
    "@architectures": "spacy.TextCatBOW.v3",
    "exclusive_classes": True,
    "ngram_size": 1,
    "no_output_layer": False,
    "length": 64,
}


def make_kb(vocab: Vocab) -> InMemoryLookupKB:
    kb = InMemoryLookupKB(vocab, 3)
    kb.add_entity("Q1", 1.0, [1, 2, 3])
    kb.add_entity("Q2", 2.0, [0, 0, 1])
    kb.add_alias("Ada", ["Q1", "Q2"], [0.5, 0.4])
    return kb


def trained(factory: str, model: dict[str, object] | None = None, **config: object) -> Language:
    """One small trained component, in a language with few rules, so that it loads in no time."""
    nlp = spacy.blank("xx")
    nlp.add_pipe(factory, name=factory, config={**({"model": model} if model else {}), **config})
    return train(nlp, 1)


def linker() -> Language:
    nlp = spacy.blank("xx")
    nlp.add_pipe("sentencizer")
    model = {"@architectures": "spacy.EntityLinker.v2", "tok2vec": tok2vec()}
    pipe = nlp.add_pipe("entity_linker", config={"entity_vector_length": 3, "model": model})
    pipe.set_kb(make_kb)
    gold = example(nlp.vocab)
    gold.reference.set_ents([Span(gold.reference, 0, 1, "PERSON", kb_id="Q1")])
    gold.predicted.set_ents([Span(gold.predicted, 0, 1, "PERSON")])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        nlp.initialize(lambda: [gold])
    return nlp


def beam() -> Language:
    nlp = spacy.blank("xx")
    nlp.add_pipe("beam_ner", config={"model": parser_model("ner", tok2vec()), "beam_width": 2})
    nlp.add_pipe("token_splitter", config={"min_length": 20, "split_length": 5})
    nlp.add_pipe("doc_cleaner")
    nlp.initialize(lambda: [example(nlp.vocab)])
    return nlp


def bare() -> Language:
    """Everything without a model."""
    nlp = spacy.blank("xx")
    nlp.add_pipe("sentencizer")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "GPE", "pattern": "Paris"}])
    nlp.add_pipe("span_ruler").add_patterns([{"label": "OLD", "pattern": [{"LOWER": "old"}]}])
    nlp.add_pipe("attribute_ruler").add([[{"LOWER": "met"}]], {"LEMMA": "meet"})
    lemmatizer = nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    lemmatizer.lookups.add_table("lemma_lookup", {"met": "meet"})
    return nlp


def spancat() -> Language:
    nlp = spacy.blank("xx")
    nlp.add_pipe("spancat", config={"spans_key": "sc"}).add_label("PERSON")
    return train(nlp, 1)


ATTACKED: dict[str, Callable[[], Language]] = {
    "ner": lambda: trained("ner", parser_model("ner", tok2vec())),
    "parser": lambda: trained("parser", parser_model("parser", tok2vec()), min_action_freq=1),
    "tagger": lambda: trained("tagger", tagger_model(tok2vec())),
    "morphologizer": lambda: trained("morphologizer", tagger_model(tok2vec())),
    "trainable_lemmatizer": lambda: trained(
        "trainable_lemmatizer", tagger_model(tok2vec()), min_tree_freq=1
    ),
    "textcat": lambda: trained("textcat", BAG_OF_WORDS),
    "spancat": spancat,
    "linker": linker,
    "beam": beam,
    "bare": bare,
    "chinese": lambda: spacy.blank("zh"),
}
