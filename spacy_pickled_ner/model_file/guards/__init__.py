"""Check the contents of a file against the pipeline of its config.

Compiled code in spaCy and thinc does not check its input: the number of moves, the length of a
table, the next tree. Wrong values crash the process or write outside of memory. Each module here
knows one kind of content, and refuses what does not fit: before spaCy reads it if reading is
dangerous, otherwise before anything uses it.

The rooms are `components/` (states and weights), `tokenizers/`, `vocab/`, and `expressions/` for
regular expressions. Beside them, `config` and `structure` check the config. `schemas` and `rules`
say which values are allowed, and `names` what a caller may trust. `settings` decodes JSON settings,
`shapes` has the shapes of weights, `hashes` finds keys that would make a hash table slow, `budget`
adds up what a file may cost, and `refuse` raises the errors.

Nothing here builds a pipeline or depends on the layout of a file. Both formats use the same
functions: `guard_restore` for a component, `check_tokenizer` and `check_segmenter`, `check_lookups`
and `check_vocab_bytes`.
"""

from .budget import Budget
from .components.restore import Allowed, guard_restore, state_names
from .tokenizers.segmenters import check_segmenter, segmenter_names
from .tokenizers.tokenizer import check_tokenizer, own_degree, tokenizer_pattern_names
from .vocab.lookups import check_lookups
from .vocab.seed_vocab import check_vocab_bytes

__all__ = [
    "Allowed",
    "Budget",
    "check_lookups",
    "check_segmenter",
    "check_tokenizer",
    "check_vocab_bytes",
    "guard_restore",
    "own_degree",
    "segmenter_names",
    "state_names",
    "tokenizer_pattern_names",
]
