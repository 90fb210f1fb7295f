"""Check that a component has as many labels as its model has outputs."""

from __future__ import annotations

from typing import Any, Final

from spacy.parts_of_speech import NAMES as PARTS_OF_SPEECH  # type: ignore[import-not-found]
from thinc.api import Model

from ..refuse import is_int, refuse
from ..rules import is_text
from ..schemas import MAX_LABEL
from .model import is_trained

_CODE: Final = "bad-labels"


def check_labels(what: str, labels: list[str]) -> None:
    """Check that a list has no label twice.

    what (str): Name of the component.
    labels (List[str]): Its labels in the file.
    RAISES (UnsafeFileError): A label is in it twice ("bad-labels").
    """
    if len(set(labels)) != len(labels):
        refuse(what, "it has a label twice", _CODE)


def check_morphs(what: str, settings: dict[str, Any]) -> None:
    """Check the labels of a morphologizer, which are two maps.

    what (str): Name of the component.
    settings (Dict[str, Any]): Its settings in the file.
    RAISES (UnsafeFileError): They are unusable ("bad-labels").
    """
    morphs, tags = settings.get("labels_morph", {}), settings.get("labels_pos", {})
    if morphs.keys() != tags.keys():
        refuse(what, "its labels are unusable", _CODE)
    if not all(morph == 0 or is_text(morph, MAX_LABEL) for morph in morphs.values()):
        refuse(what, "a label is not a morphology", _CODE)
    if not all(is_int(tag, 0, 2**31) and tag in PARTS_OF_SPEECH for tag in tags.values()):
        refuse(what, "a label is not a part of speech", _CODE)


def check_outputs(what: str, model: Model[Any, Any], expected: int, *, foreign: bool) -> None:
    """Compare the labels of a restored component with the width of its model's output.

    what (str): Name of the component.
    model (Model): Its model.
    expected (int): How many outputs it must have.
    foreign (bool): True if the model is built by code that the caller trusts by name. Such a model
        need not say how wide it is.
    RAISES (UnsafeFileError): They differ ("bad-labels").
    """
    if not is_trained(model):
        return
    width = model.maybe_get_dim("nO")
    if width != expected and not (foreign and width is None):
        refuse(what, f"it has {expected} labels, and its model {width} outputs", _CODE)
