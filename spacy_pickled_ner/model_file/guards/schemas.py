"""The tables of all functions and components of spaCy that a file may use without trust.

A line of a table is a name and its arguments. An argument uses the rule of the same name in
`RULES`; `embed_size=rows` takes another one, and a `?` allows null. A function that no line has, an
argument that its line does not have, and a value that breaks the rule are refused. A test compares
the lines with the signatures of the spaCy that is installed.

Left out on purpose: functions that read or write files (`spacy.KBFromFile.v1`, readers, loggers),
import another framework (`spacy.TorchBiLSTMEncoder.v1`, the PyTorch wrappers) or act on a pipeline
from outside (callbacks). Bare layers are left out, too: compiled code relies on the order in which
the architectures put them. Only the layers that spaCy's own configs name have a line.

Names are compared before any registry is asked, because asking a registry imports packages.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from .rules import (
    Rule,
    attribute,
    block,
    each,
    flag,
    nothing,
    number,
    one_of,
    optional,
    real,
    text,
)

MAX_LABEL: Final = 100_000
MAX_LABELS: Final = 1_000_000
# The attributes of a Doc that spaCy's own default of `doc_cleaner` resets.
CLEANED: Final = ("tensor", "_.trf_data")


def _split(low: int) -> Rule:
    return Rule(
        lambda value: type(value) is int and (value == 0 or low <= value < 2**31),
        f"0, or an integer of at least {low}",
        trust="settings",
        trustable=number(0, 2**31 - 1).accepts,
    )


RULES: Final[Mapping[str, Rule]] = {
    # Sizes of models.
    "width": number(1, 8_192),
    "depth": number(0, 32, cost=8),
    "rows": number(1, 2**24),
    "rows_each": each(number(1, 2**24), 64),
    "attrs": each(attribute(), 64, cost=4),
    "attribute": attribute(),
    "window_size": number(1, 64),
    "maxout_pieces": number(1, 64),
    "nM": number(1, 8_192),
    "nC": number(1, 255),
    "nO": number(1, 2**20),
    "hidden_size": number(1, 8_192),
    "ngram_size": number(1, 32),
    "length": number(1, 2**24),
    "dropout": real(0, 1),
    "temperature": real(1e-6, 1e6),
    # Functions in their places.
    **{
        role: block(role)
        for role in (
            "tok2vec", "encoder", "tagger", "transitions", "textcat", "bow", "spancat", "reducer",
            "classifier", "span_finder", "linker", "initializer", "scorer", "suggester", "kb",
            "candidates", "candidates_batch", "spans_filter", "fuzzy", "tokenizer", "vectors",
        )
    },
    # Settings of components.
    "flag": flag(),
    "none": nothing(),
    "empty": each(nothing(), 0),
    "name": text(256),
    "names": each(text()),
    "key": text(256),
    "state_type": one_of("parser", "ner"),
    "mode": text(64, "[a-z0-9_]+"),
    "backoff": one_of("orth", "lower", "norm", "shape", "prefix", "suffix", "lemma"),
    "clean": Rule(
        lambda value: (
            type(value) is dict
            and all(key in CLEANED and item is None for key, item in value.items())
        ),
        f"a map of {' and '.join(CLEANED)} to null",
        trust="attributes",
        trustable=lambda value: type(value) is dict and all(type(key) is str for key in value),
    ),
    "beam_width": replace(
        number(1, 64), trust="settings", trustable=number(1, 2**16).accepts
    ),
    # To split a token moves all that follow it; 0 splits none.
    "min_length": _split(20),
    "split_length": _split(5),
    "count": number(0, 2**31 - 1),
    "top_k": number(1, 1_024),
    "share": real(0, 1),
    "real": real(-(2**32), 2**32),
    # Below 0, everything is found.
    "threshold": replace(real(0, 1), trust="settings", trustable=real(-(2**32), 2**32).accepts),
    "weight": real(0, 2**32),
    # A suggester makes about as many spans as a text has tokens, for each size.
    "size": replace(number(1, 32), trust="settings", trustable=number(1, 2**16).accepts),
    "sizes": Rule(
        lambda value: each(number(1, 32), 32).accepts(value) and len({*value}) == len(value),
        "a list of different sizes from 1 to 32",
        trust="settings",
        trustable=each(number(1, 2**16)).accepts,
    ),
    # Compiled code multiplies it with the moves of a parser, in 32 bits.
    "batch_size": replace(
        number(1, 4_096), trust="settings", trustable=number(1, 2**24).accepts
    ),
    "split_mode": one_of(None, "A", "B", "C"),
    "segmenter": one_of("char", "jieba", "pkuseg"),
    "labels": each(text(MAX_LABEL), MAX_LABELS),
    "trees": each(number(0, 2**31), MAX_LABELS),
    "map": Rule(
        lambda value: type(value) is dict and len(value) <= MAX_LABELS,
        f"a map of at most {MAX_LABELS} labels",
    ),
}  # fmt: skip

_ARCHITECTURES: Final = """
tok2vec      Tok2Vec.v1*                 embed=tok2vec encode=encoder
tok2vec      Tok2Vec.v2                  embed=tok2vec encode=encoder
tok2vec      HashEmbedCNN.v1*            width depth embed_size=rows window_size maxout_pieces subword_features=flag pretrained_vectors=flag?
tok2vec      HashEmbedCNN.v2             width depth embed_size=rows window_size maxout_pieces subword_features=flag pretrained_vectors=flag?
tok2vec      Tok2VecListener.v1          width upstream=name
tok2vec      MultiHashEmbed.v1*          width attrs rows=rows_each include_static_vectors=flag
tok2vec      MultiHashEmbed.v2           width attrs rows=rows_each include_static_vectors=flag
tok2vec      CharacterEmbed.v1*          width rows nM nC include_static_vectors=flag feature=attribute
tok2vec      CharacterEmbed.v2           width rows nM nC include_static_vectors=flag feature=attribute
encoder      MaxoutWindowEncoder.v1*     width window_size maxout_pieces depth
encoder      MaxoutWindowEncoder.v2      width window_size maxout_pieces depth
encoder      MishWindowEncoder.v1*       width window_size depth
encoder      MishWindowEncoder.v2        width window_size depth
tagger       Tagger.v1*                  tok2vec nO?
tagger       Tagger.v2                   tok2vec nO? normalize=flag
transitions  TransitionBasedParser.v1*   tok2vec state_type extra_state_tokens=flag hidden_width=width maxout_pieces use_upper=flag nO?
transitions  TransitionBasedParser.v2    tok2vec state_type extra_state_tokens=flag hidden_width=width maxout_pieces use_upper=flag nO?
bow          TextCatBOW.v1*              exclusive_classes=flag ngram_size no_output_layer=flag nO?
bow          TextCatBOW.v2               exclusive_classes=flag ngram_size no_output_layer=flag nO?
bow          TextCatBOW.v3               exclusive_classes=flag ngram_size no_output_layer=flag length nO?
textcat      TextCatCNN.v1*              tok2vec exclusive_classes=flag nO?
textcat      TextCatCNN.v2               tok2vec exclusive_classes=flag nO?
textcat      TextCatEnsemble.v1*         width embed_size=rows pretrained_vectors=flag? exclusive_classes=flag ngram_size window_size conv_depth=depth dropout? nO?
textcat      TextCatEnsemble.v2          tok2vec linear_model=bow nO?
textcat      TextCatLowData.v1           width dropout? nO?
textcat      TextCatParametricAttention.v1  tok2vec exclusive_classes=flag nO?
textcat      TextCatReduce.v1            tok2vec exclusive_classes=flag use_reduce_first=flag use_reduce_last=flag use_reduce_max=flag use_reduce_mean=flag nO?
spancat      SpanCategorizer.v1          tok2vec reducer scorer=classifier
span_finder  SpanFinder.v1               tok2vec scorer=classifier
linker       EntityLinker.v1*            tok2vec nO?
linker       EntityLinker.v2             tok2vec nO?
"""  # noqa: E501
_SPACY_LAYERS: Final = """
reducer      mean_max_reducer.v1         hidden_size
classifier   LinearLogistic.v1           nO? nI=nO?
"""
_THINC_LAYERS: Final = """
reducer      reduce_first.v1
reducer      reduce_last.v1
reducer      reduce_max.v1
reducer      reduce_mean.v1
reducer      reduce_sum.v1
classifier   Softmax.v1                  nO? nI=nO? init_W=initializer? init_b=initializer?
classifier   Softmax.v2                  nO? nI=nO? init_W=initializer? init_b=initializer? normalize_outputs=flag temperature
"""  # noqa: E501
_INITIALIZERS: Final = """
initializer  glorot_normal_init.v1
initializer  glorot_uniform_init.v1
initializer  he_normal_init.v1
initializer  he_uniform_init.v1
initializer  lecun_normal_init.v1
initializer  lecun_uniform_init.v1
initializer  normal_init.v1              mean=real
initializer  uniform_init.v1             lo=real hi=real
initializer  zero_init.v1
"""
_MISC: Final = """
candidates        CandidateGenerator.v1
candidates_batch  CandidateBatchGenerator.v1
kb                EmptyKB.v1                     entity_vector_length=width
kb                EmptyKB.v2
spans_filter      first_longest_spans_filter.v1
spans_filter      prioritize_existing_ents_filter.v1
spans_filter      prioritize_new_ents_filter.v1
fuzzy             levenshtein_compare.v1
suggester         ngram_range_suggester.v1       min_size=size max_size=size
suggester         ngram_suggester.v1             sizes
suggester         preset_spans_suggester.v1      spans_key=key
"""
_SCORERS: Final = """
scorer  attribute_ruler_scorer.v1
scorer  entity_linker_scorer.v1
scorer  entity_ruler_scorer.v1
scorer  lemmatizer_scorer.v1
scorer  morphologizer_scorer.v1
scorer  ner_scorer.v1
scorer  overlapping_labeled_spans_scorer.v1      spans_key=key
scorer  parser_scorer.v1
scorer  senter_scorer.v1
scorer  span_finder_scorer.v1
scorer  spancat_scorer.v1
scorer  tagger_scorer.v1
scorer  textcat_multilabel_scorer.v1*
scorer  textcat_multilabel_scorer.v2
scorer  textcat_scorer.v1*
scorer  textcat_scorer.v2
"""
_TOKENIZERS: Final = """
tokenizer  Tokenizer.v1
tokenizer  ja.JapaneseTokenizer    split_mode
tokenizer  ko.KoreanTokenizer
tokenizer  th.ThaiTokenizer
tokenizer  vi.VietnameseTokenizer  use_pyvi=flag
tokenizer  zh.ChineseTokenizer     segmenter
"""
_VECTORS: Final = """
vectors  Vectors.v1
"""
_PARSER: Final = "model=transitions moves=none? update_with_oracle_cut_size=count scorer?"
_BEAM: Final = "beam_width beam_density=share beam_update_prob=share"
_RULER: Final = "phrase_matcher_attr=attribute? matcher_fuzzy_compare=fuzzy validate=flag scorer?"
_FACTORIES: Final = f"""
component  attribute_ruler      validate=flag scorer?
component  beam_ner             {_PARSER} {_BEAM} incorrect_spans_key=key?
component  beam_parser          {_PARSER} {_BEAM} learn_tokens=flag min_action_freq=count
component  doc_cleaner          attrs=clean silent=flag
component  entity_linker        model=linker labels_discard=names n_sents=count incl_prior=flag incl_context=flag entity_vector_length=width get_candidates=candidates get_candidates_batch=candidates_batch generate_empty_kb=kb overwrite=flag scorer? use_gold_ents=flag candidates_batch_size=batch_size threshold?
component  entity_ruler         {_RULER} overwrite_ents=flag ent_id_sep=name
component  future_entity_ruler  {_RULER} overwrite_ents=flag ent_id_sep=name
component  lemmatizer           model=none mode overwrite=flag scorer?
component  merge_entities
component  merge_noun_chunks
component  merge_subtokens
component  morphologizer        model=tagger overwrite=flag extend=flag label_smoothing=share scorer?
component  ner                  {_PARSER} incorrect_spans_key=key?
component  parser               {_PARSER} learn_tokens=flag min_action_freq=count
component  sentencizer          punct_chars=names? overwrite=flag scorer?
component  senter               model=tagger overwrite=flag scorer?
component  span_finder          model=span_finder spans_key=key threshold max_length=count? min_length=count? scorer?
component  span_ruler           {_RULER} spans_key=key? spans_filter? annotate_ents=flag ents_filter=spans_filter overwrite=flag
component  spancat              suggester model=spancat spans_key=key scorer? threshold max_positive=count?
component  spancat_singlelabel  suggester model=spancat spans_key=key negative_weight=weight allow_overlap=flag scorer?
component  tagger               model=tagger overwrite=flag scorer? neg_prefix=name label_smoothing=share
component  textcat              model=textcat threshold scorer?
component  textcat_multilabel   model=textcat threshold scorer?
component  tok2vec              model=tok2vec
component  token_splitter       min_length split_length
component  trainable_lemmatizer model=tagger backoff? min_tree_freq=count overwrite=flag top_k scorer?
"""  # noqa: E501

# The settings of a component in a file, by the name of its class.
_SETTINGS: Final = """
Parser              moves=none? update_with_oracle_cut_size=count multitasks=empty min_action_freq=count learn_tokens=flag beam_width beam_density=share beam_update_prob=share incorrect_spans_key=key?
Tagger              labels overwrite=flag neg_prefix=name label_smoothing=share
Morphologizer       labels_morph=map labels_pos=map overwrite=flag extend=flag label_smoothing=share
SentenceRecognizer  overwrite=flag
EditTreeLemmatizer  labels=trees
TextCategorizer     labels threshold positive_label=name?
SpanCategorizer     labels spans_key=key threshold? max_positive=count? negative_weight=weight? allow_overlap=flag?
SpanFinder          spans_key=key threshold max_length=count? min_length=count?
EntityLinker        overwrite=flag
Tok2Vec
DocCleaner          attrs=clean silent=flag
TokenSplitter       min_length split_length
EntityRuler         overwrite=flag ent_id_sep=name phrase_matcher_attr=attribute?
Sentencizer         punct_chars=names overwrite=flag
"""  # noqa: E501


@dataclass(frozen=True)
class Schema:
    """A function, and the rules for its arguments.

    role (str): The use of the function.
    words (Tuple[str, ...]): Its arguments, as in a table.
    """

    role: str
    words: tuple[str, ...]

    @cached_property
    def arguments(self) -> Mapping[str, Rule]:
        """RETURNS (Mapping[str, Rule]): The rule of each argument."""
        return _arguments(self.words)


def _arguments(words: Iterable[str]) -> dict[str, Rule]:
    found = {}
    for word in words:
        name, _, rule = word.partition("=")
        named = RULES[(rule or name).rstrip("?")]
        found[name.rstrip("?")] = optional(named) if word.endswith("?") else named
    return found


def _functions(registry: str, prefix: str, table: str) -> dict[str, Schema]:
    found = {}
    for line in table.strip().splitlines():
        role, name, *words = line.split()
        schema = Schema(role, tuple(words))
        found[f"{registry}:{prefix}{name.rstrip('*')}"] = schema
        if name.endswith("*"):
            # spaCy resolves a retired "spacy.X.v1" to the copy that spacy-legacy keeps.
            found[f"{registry}:spacy-legacy.{name.rstrip('*')}"] = schema
    return found


FUNCTIONS: Final[Mapping[str, Schema]] = {
    **_functions("architectures", "spacy.", _ARCHITECTURES),
    **_functions("layers", "spacy.", _SPACY_LAYERS),
    **_functions("layers", "", _THINC_LAYERS),
    **_functions("initializers", "", _INITIALIZERS),
    **_functions("misc", "spacy.", _MISC),
    **_functions("scorers", "spacy.", _SCORERS),
    **_functions("tokenizers", "spacy.", _TOKENIZERS),
    **_functions("vectors", "spacy.", _VECTORS),
    **_functions("factories", "", _FACTORIES),
}
# A bag of words is a text classifier, too. Other packages' own architectures take reducers and
# classifiers as arguments, so these layers are allowed there.
ROLES: Final[Mapping[str, frozenset[str]]] = {"textcat": frozenset({"textcat", "bow"})}
ANYWHERE: Final = frozenset({"reducer", "classifier"})

SETTINGS: Final[Mapping[str, Mapping[str, Rule]]] = {
    name: _arguments(words)
    for name, *words in (line.split() for line in _SETTINGS.strip().splitlines())
}


def fits(schema: Schema, role: str | None, *, layer: bool) -> bool:
    """Return True if a function is allowed in a place.

    schema (Schema): The function.
    role (Optional[str]): The role of the place; None for a place of another package.
    layer (bool): True if the function is a bare layer.
    RETURNS (bool): False if only the caller's trust allows the function there.
    """
    if role is None:
        return not layer or schema.role in ANYWHERE
    return schema.role in ROLES.get(role, {role})
