"""The config of stock `spacy train` for a new label in a pretrained pipeline.

It follows spaCy's documentation: every component of the base is sourced, and all but the NER are
frozen, with spaCy's defaults for optimizer, batches and patience. spaCy has no function that adds a
label to a sourced NER, so one is registered here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.util import registry
from thinc.api import Config

Callback = Callable[[Language], Language]


@registry.callbacks("benchmarks.add_labels.v1")  # type: ignore[untyped-decorator]
def create_add_labels(component: str, labels: list[str]) -> Callback:
    """Make the callback that adds the new labels to a sourced NER."""

    def add_labels(nlp: Language) -> Language:
        for label in labels:
            nlp.get_pipe(component).add_label(label)  # type: ignore[attr-defined]
        return nlp

    return add_labels


def make_config(base: Language, job: dict[str, Any]) -> Config:
    """Make the config. `spacy train CONFIG --code fine_tune_stock.py` can run it too."""
    component, source = job["component"], job["base"]
    components: dict[str, Any] = {name: {"source": source} for name in base.component_names}
    if listens(base, component):
        # The NER shares its tok2vec with frozen components, so it gets its own copy.
        components[component]["replace_listeners"] = ["model.tok2vec"]
    work = Path(job["work"])
    corpora = {
        part: {"@readers": "spacy.Corpus.v1", "path": str(work / f"{part}.spacy")}
        for part in ("train", "dev")
    }
    return Config(
        {
            "system": {"seed": 0},
            "nlp": {**base.config["nlp"], "disabled": []},
            "components": components,
            "corpora": corpora,
            "training": training(base, component, job["max_steps"]),
            "initialize": {
                "before_init": {
                    "@callbacks": "spacy.copy_from_base_model.v1",
                    "tokenizer": source,
                    "vocab": source,
                },
                "after_init": {
                    "@callbacks": "benchmarks.add_labels.v1",
                    "component": component,
                    "labels": job["labels"],
                },
            },
        }
    )


def listens(base: Language, component: str) -> bool:
    return any(
        component in getattr(pipe, "listening_components", []) for _, pipe in base.components
    )


def training(base: Language, component: str, max_steps: int) -> dict[str, Any]:
    return {
        "seed": "${system.seed}",
        "gpu_allocator": None,
        "frozen_components": [name for name in base.component_names if name != component],
        "dropout": 0.1,
        "patience": 1600,
        "eval_frequency": 200,
        "max_steps": max_steps,
        "max_epochs": 0,
        "score_weights": {"ents_f": 1.0},
        "optimizer": {
            "@optimizers": "Adam.v1",
            "learn_rate": 0.001,
            "beta1": 0.9,
            "beta2": 0.999,
            "eps": 1e-8,
            "L2": 0.01,
            "L2_is_weight_decay": True,
            "grad_clip": 1.0,
            "use_averages": False,
        },
        "batcher": {
            "@batchers": "spacy.batch_by_words.v1",
            "size": {"@schedules": "compounding.v1", "start": 100, "stop": 1000, "compound": 1.001},
            "tolerance": 0.2,
            "discard_oversize": False,
        },
    }
