"""Tiny pipelines of every kind that must survive being saved."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc
from spacy.training import Example
from spacy.vectors import Vectors

WORDS = ["Ada", "met", "the", "old", "engineers", "of", "Acme", "in", "Paris", "."]
TEXTS = ["Ada met the old engineers of Acme in Paris.", "Acme visits Ada. She isn't in Paris!", ""]


def example(vocab: spacy.vocab.Vocab) -> Example:
    """One sentence with every layer of annotation."""
    doc = Doc(vocab, words=WORDS, spaces=[True] * 8 + [False, False])
    reference = Doc(
        vocab,
        words=WORDS,
        spaces=[True] * 8 + [False, False],
        tags=["NNP", "VBD", "DT", "JJ", "NNS", "IN", "NNP", "IN", "NNP", "."],
        pos=["PROPN", "VERB", "DET", "ADJ", "NOUN", "ADP", "PROPN", "ADP", "PROPN", "PUNCT"],
        morphs=[""] * 4 + ["Number=Plur"] + [""] * 5,
        lemmas=["Ada", "meet", "the", "old", "engineer", "of", "Acme", "in", "Paris", "."],
        heads=[1, 1, 4, 4, 1, 4, 5, 1, 7, 1],
        deps=["nsubj", "ROOT", "det", "amod", "dobj", "prep", "pobj", "prep", "pobj", "punct"],
        sent_starts=[True] + [False] * 9,
        ents=["B-PERSON", "O", "O", "O", "O", "O", "B-ORG", "O", "B-GPE", "O"],
    )
    reference.cats = {"NEWS": 1.0, "OTHER": 0.0}
    reference.spans["sc"] = reference.ents
    return Example(doc, reference)


def tok2vec(width: int = 16, *, vectors: bool = False) -> dict[str, object]:
    return {
        "@architectures": "spacy.HashEmbedCNN.v2",
        "pretrained_vectors": vectors or None,
        "width": width,
        "depth": 1,
        "embed_size": 50,
        "window_size": 1,
        "maxout_pieces": 2,
        "subword_features": False,
    }


def parser_model(state_type: str, embed: dict[str, object]) -> dict[str, object]:
    return {
        "@architectures": "spacy.TransitionBasedParser.v2",
        "state_type": state_type,
        "extra_state_tokens": False,
        "hidden_width": 8,
        "maxout_pieces": 2,
        "use_upper": True,
        "tok2vec": embed,
    }


def tagger_model(embed: dict[str, object]) -> dict[str, object]:
    return {"@architectures": "spacy.Tagger.v2", "tok2vec": embed}


LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 16, "upstream": "*"}


def train(nlp: Language, n_updates: int = 3) -> Language:
    examples = [example(nlp.vocab)]
    optimizer = nlp.initialize(lambda: examples)
    for _ in range(n_updates):
        nlp.update(examples, sgd=optimizer)
    return nlp


def small_ner(lang: str = "en", name: str = "ner", width: int = 16) -> Language:
    nlp = spacy.blank(lang)
    nlp.add_pipe("ner", name=name, config={"model": parser_model("ner", tok2vec(width))})
    return train(nlp)


def full() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("tok2vec", config={"model": tok2vec()})
    nlp.add_pipe("tagger", config={"model": tagger_model(LISTENER)})
    nlp.add_pipe("morphologizer", config={"model": tagger_model(LISTENER)})
    nlp.add_pipe("parser", config={"model": parser_model("parser", LISTENER), "min_action_freq": 1})
    nlp.add_pipe(
        "trainable_lemmatizer", config={"model": tagger_model(LISTENER), "min_tree_freq": 1}
    )
    nlp.add_pipe("ner", config={"model": parser_model("ner", tok2vec(24))})
    nlp.add_pipe("ner", name="brands", config={"model": parser_model("ner", LISTENER)})
    train(nlp)
    nlp.meta["spacy_pickled_ner"] = {"best_step": 3, "scores": {"ents_f": 0.1 + 0.2}}
    return nlp


def static_vectors() -> Language:
    nlp = spacy.blank("en")
    data = np.random.default_rng(0).normal(size=(8, 12)).astype("f")
    nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings, data=data, name="tiny")
    for row, word in enumerate([*WORDS[:5], "Grace"]):
        nlp.vocab.vectors.add(word, row=row)
    nlp.vocab.vectors.add("Alan", row=0)
    nlp.add_pipe("ner", config={"model": parser_model("ner", tok2vec(vectors=True))})
    return train(nlp)


def floret() -> Language:
    nlp = spacy.blank("en")
    data = np.random.default_rng(0).normal(size=(20, 12)).astype("f")
    nlp.vocab.vectors = Vectors(
        strings=nlp.vocab.strings, data=data, mode="floret", minn=2, maxn=3, hash_count=2
    )
    nlp.add_pipe("tagger", config={"model": tagger_model(tok2vec(vectors=True))})
    return train(nlp)


def rulers() -> Language:
    nlp = spacy.blank("en")
    ruler = nlp.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    ruler.add_patterns(
        [
            {"label": "GPE", "pattern": "paris", "id": "paris"},
            {"label": "ORG", "pattern": [{"LOWER": "acme"}]},
            {"label": "PERSON", "pattern": "Ada"},
        ]
    )
    nlp.add_pipe("span_ruler").add_patterns([{"label": "OLD", "pattern": "old engineers"}])
    attributes = nlp.add_pipe("attribute_ruler")
    attributes.add([[{"LOWER": "met"}]], {"TAG": "VBD", "LEMMA": "meet"})
    nlp.add_pipe("sentencizer", config={"punct_chars": [".", "!"]})
    return nlp


def lemmatizer() -> Language:
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe("lemmatizer", config={"mode": "lookup"})
    pipe.lookups.add_table("lemma_lookup", {"engineers": "engineer", "met": "meet"})
    nlp.vocab.lookups.add_table("lexeme_norm", {"acme": "ACME"})
    return nlp


def tokenizer_changes() -> Language:
    nlp = spacy.blank("en")
    nlp.tokenizer.add_special_case("Acme", [{"ORTH": "Ac"}, {"ORTH": "me", "NORM": "ME"}])
    nlp.tokenizer.url_match = None
    nlp.tokenizer.infix_finditer = spacy.util.compile_infix_regex(["~"]).finditer
    return nlp


def categories() -> Language:
    nlp = spacy.blank("en")
    nlp.add_pipe("senter", config={"model": tagger_model(tok2vec())})
    nlp.add_pipe("textcat")
    spancat = nlp.add_pipe("spancat", config={"spans_key": "sc"})
    spancat.add_label("PERSON")
    return train(nlp, 1)


def variables() -> Language:
    """Like a pipeline out of `spacy train`: its config refers to other parts of itself."""
    config = small_ner().config.copy()
    config["paths"]["size"] = 16
    config["vars"] = {"kind": "spacy.ner_scorer", "version": 1}
    config["components"]["ner"]["model"]["tok2vec"]["width"] = "${paths.size}"
    config["components"]["ner"]["scorer"]["@scorers"] = "${vars.kind}.v${vars.version}"
    raw = spacy.util.load_config_from_str(config.to_str(interpolate=False))
    return train(spacy.util.load_model_from_config(raw, auto_fill=False))


PIPELINES: dict[str, Callable[[], Language]] = {
    "blank": lambda: spacy.blank("en"),
    "full": full,
    "static_vectors": static_vectors,
    "floret": floret,
    "rulers": rulers,
    "lemmatizer": lemmatizer,
    "tokenizer": tokenizer_changes,
    "categories": categories,
    "german": lambda: small_ner("de", "Namen und_Orte", width=20),
    "variables": variables,
}
