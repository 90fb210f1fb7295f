"""The component factory `pickled_ner`.

An entry point alone cannot register it: `Language.factory` also needs the attributes that the
component assigns, and its scores.
"""

from collections.abc import Sequence

from spacy.language import Language
from spacy.pipeline import EntityRecognizer

FACTORY = "pickled_ner"


def create_pickled_ner(
    nlp: Language,
    name: str,
    path: str,
    component: str | None = None,
    trusted: Sequence[str] = (),
) -> EntityRecognizer:
    """`factory = "pickled_ner"`: a trained NER from a model file, for any pipeline.

        nlp.add_pipe("pickled_ner", name="drugs", config={"path": "drugs.pkl"})

    The component is a normal `EntityRecognizer`. Initializing the pipeline keeps its weights, and
    only adds labels. An NER that listens to a shared tok2vec gets its own copy of it. When the
    pipeline is saved or initialized, its config shows the NER itself, as with `source`: the saved
    pipeline needs neither the file nor this package.

    nlp (Language): The pipeline.
    name (str): Name of the component in it.
    path (str): The model file: a path (`~` is your home), a folder that holds `model.pkl`, or a URL
        (needs the extra "fsspec").
    component (Optional[str]): Name of the NER in the file; needed if there are several. To use all
        of them, add one `pickled_ner` for each.
    trusted (Sequence[str]): Names that the file may use besides spaCy's own, as in `load`.
    RETURNS (EntityRecognizer): The component.
    RAISES (ModelFileError): The file cannot be read, or needs trust.
    RAISES (ComponentError): The file has no such NER, or the NER cannot run in this pipeline.
    """
    from ..component import load_ner

    return load_ner(nlp, name, path, component=component, trusted=trusted)


# As spaCy registers `ner`.
Language.factory(
    FACTORY,
    assigns=["doc.ents", "token.ent_iob", "token.ent_type"],
    default_score_weights={"ents_f": 1.0, "ents_p": 0.0, "ents_r": 0.0, "ents_per_type": None},
    func=create_pickled_ner,
)
