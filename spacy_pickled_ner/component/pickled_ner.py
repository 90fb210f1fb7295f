"""An NER that came out of a model file: spaCy's own, but for how it is initialised and saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from spacy.language import Language
from spacy.pipeline import EntityRecognizer
from spacy.training import Example, validate_get_examples
from spacy.util import copy_config

from .vectors import NeededVectors

# What `Language.from_config` leaves in the meta data for `nlp.initialize`, if there are sources.
_SOURCED: Final = "_sourced_vectors_hashes"


@dataclass(frozen=True)
class Origin:
    """What a component needs to put itself into the config of its pipeline.

    nlp (Language): The pipeline that it was made for.
    ner (Dict[str, Any]): The config of the NER itself.
    vectors (Optional[NeededVectors]): The word vectors that it reads.
    file (Optional[Dict[str, Any]]): The config that named the file, once `ner` stands there.
    """

    nlp: Language
    ner: dict[str, Any]
    vectors: NeededVectors | None
    file: dict[str, Any] | None = None


class PickledNER(EntityRecognizer):  # type: ignore[misc]
    """A trained `EntityRecognizer` that keeps its weights when its pipeline is initialised.

    A config names the file that the component is made from. What is saved must not need that file
    again, so by then the config of the pipeline has to show the NER itself. spaCy does the same for
    `source`, at once, and puts the source back where a config is only filled in
    (`init fill-config`). It cannot know about this factory, so the config names the file until
    the pipeline is initialised or saved.
    """

    origin: Origin | None = None

    @property
    def hide_labels(self) -> bool:
        """Whether `nlp.meta` leaves the labels out: no.

        To save a pipeline, spaCy makes its meta data, which asks this, and then its config. It
        makes the meta data of pipelines with sources while it builds them, too; then the file stays
        in the config until the pipeline is initialised.
        """
        origin, self.origin = self.origin, None  # `nlp.meta` asks again
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
        """Add the labels that the component does not know yet. It is trained: weights are kept.

        get_examples (Callable[[], Iterable[Example]]): The training data.
        nlp (Optional[Language]): The pipeline.
        labels (Optional[Dict[str, Dict[str, int]]]): Labels by action, as `init labels` writes them
            for an NER, in place of those in the data.
        RAISES (ComponentError): The pipeline now has other word vectors than the NER reads.
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
        """Be the NER itself in a pipeline, and no more something that is read from a file."""
        if origin.vectors is not None:
            origin.vectors.provide(nlp, self.name)
        return _show(nlp, self, origin.ner)


def _show(nlp: Language, pipe: PickledNER, block: dict[str, Any]) -> dict[str, Any] | None:
    """Replace the config of a component; the old one, or None if the pipeline has dropped it."""
    for name, other in nlp.components:
        if other is pipe:
            config = nlp.get_pipe_config(name)
            old: dict[str, Any] = copy_config(config)
            config.clear()
            config.update(copy_config(block))
            return old
    return None
