"""Make the files of `tests/golden`: one pipeline in each format, and what it says about some texts.

    python -m tests.golden.make_golden v1         # model-v1.pkl
    python -m tests.golden.make_golden seed       # seed-protocol3.pkl … seed-protocol5.pkl
    python -m tests.golden.make_golden signed     # model-v1-signed.pkl, of model-v1.pkl
    python -m tests.golden.make_golden ed25519    # model-v1-ed25519.pkl, of model-v1.pkl
    python -m tests.golden.make_golden expected   # expected.json

`SHA256SUMS` is written with them. A file that a release has written is never made anew: it is there
to stay loadable. A change of a format gets files of its own beside the old ones.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from spacy.language import Language
from spacy.training import Example
from spacy.vectors import Vectors
from thinc.api import fix_random_seed

import spacy_pickled_ner as spn

FOLDER = Path(__file__).parent
KEY = b"a secret that everybody knows"
ED25519_SEED = b"a private key known to everybody"
TEXTS = [
    "Ada drank cocoa with the others in Paris.",
    "Grace doesn't like the tea of Acme Ltd. in the garden.",
    "The Eiffel Tower is closed, said Alan.",
    "",
]
TEMPLATES = [
    "PERSON drank DRINK with the others in the garden.",
    "PERSON doesn't like the DRINK of the house.",
    "The old house is closed, said PERSON.",
]
DRINKS, PEOPLE = ("tea", "cocoa", "milk"), ("Ada", "Alan", "Grace")
TOK2VEC = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "width": 12,
    "depth": 1,
    "embed_size": 40,
    "window_size": 1,
    "maxout_pieces": 2,
    "subword_features": True,
    "pretrained_vectors": None,
}
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 12, "upstream": "*"}
PATTERNS = [
    {"label": "PLACE", "pattern": "eiffel tower", "id": "tower"},
    {"label": "PLACE", "pattern": "Paris"},
    {"label": "ORG", "pattern": [{"LOWER": "acme"}, {"LOWER": "ltd."}]},
]


def make_pipeline() -> Language:
    """A trained NER that listens to a shared tok2vec, rules with phrases, and a few vectors."""
    fix_random_seed(0)
    nlp = spacy.blank("en", meta={"name": "golden", "version": "1.0.0"})
    data = np.arange(24, dtype="f").reshape(6, 4) / 8
    nlp.vocab.vectors = Vectors(strings=nlp.vocab.strings, data=data, name="golden")
    for row, word in enumerate([*DRINKS, *PEOPLE]):
        nlp.vocab.vectors.add(word, row=row)
    nlp.add_pipe("tok2vec", config={"model": TOK2VEC})
    model = {"@architectures": "spacy.TransitionBasedParser.v2", "state_type": "ner"}
    model |= {"extra_state_tokens": False, "hidden_width": 12, "maxout_pieces": 2}
    nlp.add_pipe("ner", config={"model": {**model, "use_upper": True, "tok2vec": LISTENER}})
    examples = []
    for person in PEOPLE:
        for drink in DRINKS:
            for text in TEMPLATES:
                text = text.replace("PERSON", person).replace("DRINK", drink)
                spans = [
                    (text.index(word), text.index(word) + len(word), label)
                    for word, label in ((person, "PERSON"), (drink, "DRINK"))
                    if word in text
                ]
                examples.append(Example.from_dict(nlp.make_doc(text), {"entities": spans}))
    optimizer = nlp.initialize(lambda: examples)
    optimizer.learn_rate = 0.01
    for _ in range(60):
        nlp.update(examples, sgd=optimizer)
    ruler: Any = nlp.add_pipe("entity_ruler", config={"phrase_matcher_attr": "LOWER"})
    ruler.add_patterns(PATTERNS)
    return nlp


def ed25519_key() -> Any:
    """The private key that signs a golden file; needs the extra "signing"."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(ED25519_SEED)


def describe(nlp: Language) -> dict[str, Any]:
    """Everything about a pipeline that its users can see, as JSON."""
    docs = list(nlp.pipe(TEXTS))
    return {
        "lang": nlp.lang,
        "name": nlp.meta["name"],
        "version": nlp.meta["version"],
        "pipeline": nlp.component_names,
        "labels": {name: list(labels) for name, labels in nlp.pipe_labels.items()},
        "tokens": [[[token.text, token.norm_] for token in doc] for doc in docs],
        "ents": [[[e.start, e.end, e.label_, e.ent_id_] for e in doc.ents] for doc in docs],
        "vectors": {word: nlp.vocab[word].vector.tolist() for word in (*DRINKS, *PEOPLE, "x")},
    }


def main(what: str) -> None:
    nlp = make_pipeline()
    if what == "v1":
        spn.dump(nlp, FOLDER / "model-v1.pkl")
    elif what == "seed":
        # What the first version did; it had no more code for it than this.
        data = {"bytes_data": nlp.to_bytes(), "lang": nlp.lang, "pipeline": list(nlp.pipe_names)}
        for protocol in (3, 4, 5):
            path = FOLDER / f"seed-protocol{protocol}.pkl"
            path.write_bytes(pickle.dumps(data, protocol=protocol))
    elif what == "signed":
        spn.dump(spn.load(FOLDER / "model-v1.pkl"), FOLDER / "model-v1-signed.pkl", sign=KEY)
    elif what == "ed25519":
        path = FOLDER / "model-v1-ed25519.pkl"
        spn.dump(spn.load(FOLDER / "model-v1.pkl"), path, sign=ed25519_key())
    elif what == "expected":
        text = json.dumps(describe(nlp), ensure_ascii=False)
        (FOLDER / "expected.json").write_text(text + "\n", encoding="utf-8")
    else:
        raise SystemExit(__doc__)
    sums = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(FOLDER.glob("*.pkl"))
    ]
    (FOLDER / "SHA256SUMS").write_text("".join(sums), encoding="ascii")


if __name__ == "__main__":
    main(*sys.argv[1:2] or [""])
