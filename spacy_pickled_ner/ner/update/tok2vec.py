"""Token vectors of a batch: spaCy's hash embeddings and windowed maxout layers.

After `spacy.ml.models.tok2vec.MultiHashEmbed` and `MaxoutWindowEncoder`, with the linear layer that
a transition-based model puts on top.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy

from .embedding import Embedding, FeatureReader, TokenFeatures
from .layers import Backprop, MaxoutBlock, sum_rows
from .structure import Array, Layer, flat, kinds
from .tables import Table

LAYERS = [
    *("spacy.ml.featureextractor", "list2ragged", "with_array", "with_array", "ragged2list"),
    *("with_array", "list2array", "linear"),
]
BLOCK = ["maxout", "layernorm", "dropout"]


class Tok2Vec:
    """The parts of a tok2vec model; see `take_apart`.

    reader (FeatureReader): Reads the features of a Doc.
    embedding (Embedding): Features → vectors.
    blocks (Sequence[MaxoutBlock]): The encoder's layers.
    window (int): Tokens on each side that a layer sees.
    linear (Model): The last layer.
    """

    def __init__(
        self,
        reader: FeatureReader,
        embedding: Embedding,
        blocks: Sequence[MaxoutBlock],
        window: int,
        linear: Layer,
    ):
        self.reader, self.embedding, self.linear = reader, embedding, linear
        self.blocks, self.window = blocks, window
        self.pad = window * len(blocks)

    def forward(self, features: Sequence[TokenFeatures], rate: float) -> tuple[Array, Backprop]:
        """Compute the vectors of all tokens.

        features (Sequence[TokenFeatures]): Of each text that has tokens.
        rate (float): Dropout.
        RETURNS (Tuple[Floats2d, Callable]): (tokens, width); d(vectors) → None, which adds to the
            gradients.
        """
        ops = self.linear.ops
        embedded, which, backprop_embedding = self.embedding.forward(features, rate)
        # As thinc's `with_array`: zeros between texts keep the windows apart.
        places = self._places([len(part.keys) for part in features])
        source = numpy.full(places[-1] + 1 + self.pad, len(embedded), dtype=numpy.int32)
        source[places] = which
        vectors = numpy.vstack([embedded, numpy.zeros_like(embedded[:1])]).take(source, axis=0)
        embedding_mask = self.embedding.mixer.drop(vectors, rate)
        backprops: list[tuple[Backprop, Array | None]] = []
        for block in self.blocks:
            outputs, backprop_block = block.forward(ops.seq2col(vectors, self.window))
            backprops.append((backprop_block, block.drop(outputs, rate)))
            vectors = numpy.add(outputs, vectors, out=outputs)
        tokens, weights = vectors.take(places, axis=0), self.linear.get_param("W")
        projected = ops.gemm(tokens, weights, trans2=True)
        projected += self.linear.get_param("b")

        def backprop(d_projected: Array) -> None:
            self.linear.inc_grad("b", sum_rows(d_projected))
            self.linear.inc_grad("W", ops.gemm(d_projected, tokens, trans1=True))
            d_vectors = numpy.zeros_like(vectors)
            d_vectors[places] = ops.gemm(d_projected, weights)
            for backprop_block, mask in reversed(backprops):
                d_windows = backprop_block(d_vectors if mask is None else d_vectors * mask)
                d_vectors += ops.backprop_seq2col(d_windows, self.window)
            if embedding_mask is not None:
                d_vectors *= embedding_mask
            d_embedded = numpy.zeros((len(embedded) + 1, embedded.shape[1]), dtype=numpy.float32)
            ops.scatter_add(d_embedded, source, d_vectors)
            backprop_embedding(d_embedded[:-1])

        return projected, backprop

    def _places(self, lengths: Sequence[int]) -> numpy.ndarray:
        """Return the positions of the tokens between the padding."""
        texts = numpy.repeat(numpy.arange(1, len(lengths) + 1), lengths)
        places: numpy.ndarray = numpy.arange(len(texts)) + texts * self.pad
        return places


def take_apart(model: Layer) -> Tok2Vec | None:
    """Return the parts of a model; None if `Tok2Vec` does not support it.

    model (Model): The first layer of an NER's model.
    """
    layers = flat(model)
    if kinds(layers) != LAYERS:
        return None
    extract, _, tables, mixer, _, encoder, _, linear = layers
    # With one attribute only, there is nothing to concatenate.
    (inner,) = tables.layers
    hash_embeds = [flat(layer) for layer in _concatenated(inner)]
    mixing, residuals = flat(mixer.layers[0]), flat(encoder.layers[0])
    windows = [flat(layer.layers[0]) for layer in residuals if layer.layers]
    is_expected = (
        all(kinds(pair) == ["array_getitem", "hashembed"] for pair in hash_embeds)
        and [pair[0].attrs["index"] for pair in hash_embeds]
        == [(slice(0, None), column) for column in range(len(hash_embeds))]
        and kinds(mixing) == BLOCK
        and kinds(residuals) == ["residual"] * len(residuals)
        and all(kinds(window) == ["expand_window", *BLOCK] for window in windows)
    )
    if not is_expected:
        return None
    sizes = {window[0].attrs["window_size"] for window in windows}
    if len(sizes) != 1 or encoder.attrs["pad"] != sum(sizes) * len(windows):
        return None
    nodes = [node for _, node in hash_embeds]
    reader = FeatureReader(
        linear.ops,
        extract.attrs["columns"],
        [node.attrs["seed"] for node in nodes],
        [node.get_param("E").shape[0] for node in nodes],
    )
    embedding = Embedding([Table(node) for node in nodes], MaxoutBlock(*mixing))
    blocks = [MaxoutBlock(*window[1:]) for window in windows]
    return Tok2Vec(reader, embedding, blocks, sizes.pop(), linear)


def _concatenated(layer: Layer) -> list[Layer]:
    return layer.layers if kinds([layer]) == ["concatenate"] else [layer]
