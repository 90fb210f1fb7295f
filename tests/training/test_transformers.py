"""Fine-tuning an NER that listens to a transformer: a tiny one with random weights.

For spacy-curated-transformers, which is no dependency of ours, where it is installed.
"""

from __future__ import annotations

from pathlib import Path
from string import ascii_letters, punctuation

import pytest
import spacy
from spacy.language import Language
from spacy.training import Example
from thinc.api import Adam, fix_random_seed

import spacy_pickled_ner as spn

from ..conftest import KNOWN, TRAIN, Run

pytest.importorskip("spacy_curated_transformers")

WIDTH = 24
RAW = ["Grace was late.", "Nobody said so.", "They left it there.", "Alan left it there."]
TEXTS = [text for text, _ in [*KNOWN, *TRAIN]]
# PyTorch's and NumPy's own, about each other.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture(scope="module")
def transformer_base(tmp_path_factory: pytest.TempPathFactory) -> Language:
    """Tagger and NER (PERSON) that listen to one transformer of a layer, untrained."""
    pieces = [*["[PAD]", "[UNK]", "[CLS]", "[SEP]"], *ascii_letters, *punctuation]
    pieces += [f"##{letter}" for letter in ascii_letters]
    vocab = tmp_path_factory.mktemp("pieces") / "vocab.txt"
    vocab.write_text("\n".join(pieces) + "\n", encoding="utf-8")
    prefix = "spacy-curated-transformers"
    transformer = {
        "@architectures": f"{prefix}.BertTransformer.v1",
        "vocab_size": len(pieces),
        "hidden_width": WIDTH,
        "intermediate_width": WIDTH,
        "num_attention_heads": 2,
        "num_hidden_layers": 1,
        "piece_encoder": {"@architectures": f"{prefix}.BertWordpieceEncoder.v1"},
        "with_spans": {"@architectures": f"{prefix}.WithStridedSpans.v1"},
    }
    listener = {
        "@architectures": f"{prefix}.LastTransformerLayerListener.v1",
        "width": WIDTH,
        "pooling": {"@layers": "reduce_mean.v1"},
        "upstream": "*",
    }
    fix_random_seed(0)
    nlp = spacy.blank("en")
    nlp.add_pipe("curated_transformer", config={"model": transformer})
    nlp.add_pipe("tagger", config={"model": {"tok2vec": listener}})
    nlp.add_pipe("ner", config={"model": {"tok2vec": listener}})
    examples = []
    for text, gold in KNOWN:
        doc = nlp.make_doc(text)
        tags = ["X" if token.is_punct else "Y" for token in doc]
        examples.append(Example.from_dict(doc, {**gold, "tags": tags}))
    loader = {"@model_loaders": f"{prefix}.WordpieceLoader.v1", "path": str(vocab)}
    settings = {"curated_transformer": {"piecer_loader": loader}}
    nlp.config["initialize"]["components"] = settings
    # Random weights will do. With NumPy 2.4, the transformer's own `update` fails (0.3.1).
    nlp.initialize(lambda: examples)
    return nlp


def described(nlp: Language) -> list[object]:
    return [
        ([(e.text, e.label_) for e in doc.ents], [t.tag_ for t in doc]) for doc in nlp.pipe(TEXTS)
    ]


@pytest.mark.parametrize("mode", ["stack", "replay", "none"])
def test_the_ner_gets_its_own(transformer_base: Language, tune: Run, tmp_path: Path, mode: str):
    transformer_base.to_disk(tmp_path / "base")
    base = spacy.load(tmp_path / "base")
    result = tune(
        base=tmp_path / "base",
        retention=mode,
        raw_text=None if mode == "none" else RAW,
        optimizer=Adam(learn_rate=0.005),
        early_stopping=spn.EarlyStopping(patience=None),
        eval_frequency=10,
        max_steps=20,
    )
    assert result.frozen_unchanged
    assert result.history[-1].loss < result.history[1].loss
    for name in ("curated_transformer", "tagger"):
        ours, theirs = result.nlp.get_pipe(name), base.get_pipe(name)
        assert ours.to_bytes(exclude=["vocab"]) == theirs.to_bytes(exclude=["vocab"]), name
    result.nlp.to_disk(tmp_path / "model")
    result.dump(tmp_path / "model.pkl")
    expected = described(result.nlp)
    assert described(spacy.load(tmp_path / "model")) == expected
    needed = spn.get_untrusted(tmp_path / "model.pkl")
    assert all("curated" in name for name in needed)
    assert described(spn.load(tmp_path / "model.pkl", trusted=needed)) == expected


def test_a_language_is_copied(transformer_base: Language, tune: Run):
    before = transformer_base.to_bytes()
    assert tune(base=transformer_base, max_steps=1).frozen_unchanged
    assert transformer_base.to_bytes() == before
