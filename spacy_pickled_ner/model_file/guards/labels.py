"""That a component has exactly as many labels as its model has outputs."""

from __future__ import annotations

from typing import Any, Final

from spacy.parts_of_speech import NAMES as PARTS_OF_SPEECH  # type: ignore[import-not-found]
from spacy.pipeline import (
    EditTreeLemmatizer,
    EntityLinker,
    Morphologizer,
    SentenceRecognizer,
    SpanCategorizer,
    SpanFinder,
    Tagger,
    TextCategorizer,
)

from .refuse import is_int, is_text, refuse

MAX_LABEL: Final = 4_096
_CODE: Final = "bad-labels"


def check_label_settings(what: str, pipe: Any, settings: dict[str, Any]) -> None:
    """Check the labels in the settings of a component, before they become its own.

    what (str): Name of the component.
    pipe (Any): The component.
    settings (Dict[str, Any]): Its settings in the file.
    RAISES (UnsafeFileError): They are unusable ("bad-labels").
    """
    if isinstance(pipe, EditTreeLemmatizer):
        return  # numbers of trees, see there
    labels = settings.get("labels", [])
    if type(labels) is not list or not all(is_text(label, MAX_LABEL) for label in labels):
        refuse(what, "its labels are no texts", _CODE)
    if len(set(labels)) != len(labels):
        refuse(what, "it has a label twice", _CODE)
    if isinstance(pipe, Morphologizer):
        morphs, tags = settings.get("labels_morph", {}), settings.get("labels_pos", {})
        if type(morphs) is not dict or type(tags) is not dict or morphs.keys() != tags.keys():
            refuse(what, "its labels are unusable", _CODE)
        if not all(morph == 0 or is_text(morph, MAX_LABEL) for morph in morphs.values()):
            refuse(what, "a label is no morphology", _CODE)
        if not all(is_int(tag, 0, 2**31) and tag in PARTS_OF_SPEECH for tag in tags.values()):
            refuse(what, "a label is no part of speech", _CODE)


def check_outputs(what: str, pipe: Any) -> None:
    """Compare the labels of a restored component with the width of its model's output.

    what (str): Name of the component.
    pipe (Any): The component.
    RAISES (UnsafeFileError): They differ ("bad-labels").
    """
    expected = _n_outputs(pipe)
    width = pipe.model.maybe_get_dim("nO")
    trained = any(node.has_param(p) for node in pipe.model.walk() for p in node.param_names)
    if trained and expected is not None and width is not None and width != expected:
        refuse(what, f"it has {expected} labels, and its model {width} outputs", _CODE)


def _n_outputs(pipe: Any) -> int | None:
    if isinstance(pipe, (SentenceRecognizer, SpanFinder)):
        return 2
    if isinstance(pipe, SpanCategorizer):
        return len(pipe.labels) + bool(pipe.add_negative_label)
    if isinstance(pipe, (Tagger, TextCategorizer, EditTreeLemmatizer)):
        return len(pipe.labels)
    if isinstance(pipe, EntityLinker):
        n_outputs: int = pipe.kb.entity_vector_length
        return n_outputs
    return None
