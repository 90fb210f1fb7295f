"""An NER from a model file: spaCy's own, except for how it is initialized and saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.training import Example, validate_get_examples
from spacy.util import copy_config

from .vectors import NeededVectors

# `Language.from_config` stores this in the meta for `nlp.initialize`, if there are sources.
_SOURCED: Final = "_sourced_vectors_hashes"


@dataclass(frozen=True)
class Origin:
    """The data that a component needs to write itself into the config of its pipeline.

    nlp (Language): The pipeline of the component.
    ner (Dict[str, Any]): The config of the NER.
    vectors (Optional[NeededVectors]): The word vectors of the NER.
    file (Optional[Dict[str, Any]]): The config with the file, after `ner` has replaced it.
    """

    nlp: Language
    ner: dict[str, Any]
    vectors: NeededVectors | None
    file: dict[str, Any] | None = None


class PickledNER(EntityRecognizer):  # type: ignore[misc]
    """A trained `EntityRecognizer` that keeps its weights when its pipeline is initialized.

    The config names the file of the component. A saved pipeline must not need that file, so its
    config has to show the NER itself. spaCy does the same for `source`, immediately, and restores
    the source if a config is only filled in (`init fill-config`). It does not know this factory, so
    the config names the file until the pipeline is initialized or saved.
    """

    origin: Origin | None = None

    @property
    def hide_labels(self) -> bool:
        """Return False: `nlp.meta` includes the labels.

        To save a pipeline, spaCy creates first its meta, which reads this property, and then its
        config. For pipelines with sources it also creates the meta while it builds them; then the
        file stays in the config until the pipeline is initialized.
        """
        origin, self.origin = self.origin, None  # `nlp.meta` reads this again
        if origin is not None:
            try:
                if _SOURCED not in origin.nlp.meta:
                    file = self._become(origin.nlp, origin)
                    origin = replace(origin, vectors=None, file=origin.file or file)
                elif origin.file is not None:
                    _show(origin.nlp, self, origin.file)
            finally:
                self.origin = origin
        return False

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        nlp: Language | None = None,
        labels: dict[str, dict[str, int]] | None = None,
    ) -> None:
        """Add missing labels. The component is trained, so its weights are kept.

        get_examples (Callable[[], Iterable[Example]]): The training data.
        nlp (Optional[Language]): The pipeline.
        labels (Optional[Dict[str, Dict[str, int]]]): Labels by action, as `init labels` writes them
            for an NER. They replace the labels of the data.
        RAISES (ComponentError): The pipeline has other word vectors than the NER.
        """
        validate_get_examples(get_examples, "PickledNER.initialize")
        if nlp is not None and self.origin is not None:
            self._become(nlp, self.origin)
            self.origin = None
        if labels is None:
            found = {ent.label_ for eg in get_examples() for ent in eg.reference.ents}
        else:
            found = {label for of_action in labels.values() for label in of_action}
        for label in sorted(found - {""}):
            self.add_label(label)

    def _become(self, nlp: Language, origin: Origin) -> dict[str, Any] | None:
        """Replace the file by the NER itself in the config of the pipeline."""
        if origin.vectors is not None:
            origin.vectors.provide(nlp, self.name)
        return _show(nlp, self, origin.ner)


def _show(nlp: Language, pipe: PickledNER, block: dict[str, Any]) -> dict[str, Any] | None:
    """Replace the config of a component. Return the old one, or None if it is gone."""
    for name, other in nlp.components:
        if other is pipe:
            config = nlp.get_pipe_config(name)
            old: dict[str, Any] = copy_config(config)
            config.clear()
            config.update(copy_config(block))
            return old
    return None
