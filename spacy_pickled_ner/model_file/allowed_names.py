"""The registered functions that a file may name without being trusted: those of spaCy and thinc.

Left out on purpose: whatever reads or writes files (`spacy.KBFromFile.v1`, readers, loggers),
imports another framework (`spacy.TorchBiLSTMEncoder.v1`, the PyTorch wrappers), or acts on a
pipeline from outside (callbacks). The tokenizers that find words by another package are in: each
asks for one package of its own, which the file cannot choose.

Names are compared before any registry is asked, because asking a registry imports packages.
"""

from __future__ import annotations

from typing import Final

_ARCHITECTURES: Final = """
    CharacterEmbed.v1 CharacterEmbed.v2 EntityLinker.v1 EntityLinker.v2 HashEmbedCNN.v1
    HashEmbedCNN.v2 MaxoutWindowEncoder.v1 MaxoutWindowEncoder.v2 MishWindowEncoder.v1
    MishWindowEncoder.v2 MultiHashEmbed.v1 MultiHashEmbed.v2 SpanCategorizer.v1 SpanFinder.v1
    Tagger.v1 Tagger.v2 TextCatBOW.v1 TextCatBOW.v2 TextCatBOW.v3 TextCatCNN.v1 TextCatCNN.v2
    TextCatEnsemble.v1 TextCatEnsemble.v2 TextCatLowData.v1 TextCatParametricAttention.v1
    TextCatReduce.v1 Tok2Vec.v1 Tok2Vec.v2 Tok2VecListener.v1 TransitionBasedParser.v1
    TransitionBasedParser.v2
"""
_SPACY_LAYERS: Final = """
    CharEmbed.v1 FeatureExtractor.v1 LinearLogistic.v1 PrecomputableAffine.v1 StaticVectors.v1
    StaticVectors.v2 TransitionModel.v1 extract_ngrams.v1 extract_spans.v1 mean_max_reducer.v1
"""
_THINC_LAYERS: Final = """
    CauchySimilarity.v1 ClippedLinear.v1 Dish.v1 Dropout.v1 Embed.v1 Gelu.v1 HardSigmoid.v1
    HardSwish.v1 HardSwishMobilenet.v1 HardTanh.v1 HashEmbed.v1 LayerNorm.v1 Linear.v1
    Logistic.v1 Maxout.v1 Mish.v1 MultiSoftmax.v1 ParametricAttention.v1 ParametricAttention.v2
    Relu.v1 ReluK.v1 Sigmoid.v1 Softmax.v1 Softmax.v2 SparseLinear.v1 SparseLinear.v2 Swish.v1
    add.v1 bidirectional.v1 chain.v1 clone.v1 concatenate.v1 expand_window.v1 list2array.v1
    list2padded.v1 list2ragged.v1 noop.v1 padded2list.v1 premap_ids.v1 ragged2list.v1
    reduce_first.v1 reduce_last.v1 reduce_max.v1 reduce_mean.v1 reduce_sum.v1 remap_ids.v1
    remap_ids.v2 residual.v1 resizable.v1 siamese.v1 sigmoid_activation.v1 softmax_activation.v1
    strings2arrays.v1 tuplify.v1 uniqued.v1 with_array.v1 with_array2d.v1 with_flatten.v1
    with_flatten.v2 with_getitem.v1 with_list.v1 with_padded.v1 with_ragged.v1 with_reshape.v1
"""
_MISC: Final = """
    CandidateBatchGenerator.v1 CandidateGenerator.v1 EmptyKB.v1 EmptyKB.v2
    first_longest_spans_filter.v1 levenshtein_compare.v1 ngram_range_suggester.v1
    ngram_suggester.v1 preset_spans_suggester.v1 prioritize_existing_ents_filter.v1
    prioritize_new_ents_filter.v1
"""
_SCORERS: Final = """
    attribute_ruler_scorer.v1 entity_linker_scorer.v1 entity_ruler_scorer.v1 lemmatizer_scorer.v1
    morphologizer_scorer.v1 ner_scorer.v1 overlapping_labeled_spans_scorer.v1 parser_scorer.v1
    senter_scorer.v1 span_finder_scorer.v1 spancat_scorer.v1 tagger_scorer.v1
    textcat_multilabel_scorer.v1 textcat_multilabel_scorer.v2 textcat_scorer.v1 textcat_scorer.v2
"""
_INITIALIZERS: Final = """
    glorot_normal_init.v1 glorot_uniform_init.v1 he_normal_init.v1 he_uniform_init.v1
    lecun_normal_init.v1 lecun_uniform_init.v1 normal_init.v1 uniform_init.v1 zero_init.v1
"""
_TOKENIZERS: Final = """
    Tokenizer.v1 ja.JapaneseTokenizer ko.KoreanTokenizer th.ThaiTokenizer vi.VietnameseTokenizer
    zh.ChineseTokenizer
"""
_FACTORIES: Final = """
    attribute_ruler beam_ner beam_parser doc_cleaner entity_linker entity_ruler
    future_entity_ruler lemmatizer merge_entities merge_noun_chunks merge_subtokens morphologizer
    ner nn_labeller parser sentencizer senter span_finder span_ruler spancat spancat_singlelabel
    tagger textcat textcat_multilabel tok2vec token_splitter trainable_lemmatizer
"""


def _spacy(registry: str, names: str) -> set[str]:
    # spaCy resolves a retired "spacy.X.v1" to the copy that spacy-legacy keeps under its own name.
    return {
        f"{registry}:{prefix}.{name}"
        for prefix in ("spacy", "spacy-legacy")
        for name in names.split()
    }


ALLOWED_NAMES: Final[frozenset[str]] = frozenset(
    _spacy("architectures", _ARCHITECTURES)
    | _spacy("layers", _SPACY_LAYERS)
    | _spacy("misc", _MISC)
    | _spacy("scorers", _SCORERS)
    | {f"layers:{name}" for name in _THINC_LAYERS.split()}
    | {f"initializers:{name}" for name in _INITIALIZERS.split()}
    | {f"factories:{name}" for name in _FACTORIES.split()}
    | {f"tokenizers:spacy.{name}" for name in _TOKENIZERS.split()}
    | {"vectors:spacy.Vectors.v1"}
)
