"""Check the state of a tokenizer.

`tokenizer` checks spaCy's own, and `special_cases` its exceptions; `defaults` has the expressions
of each language. `segmenters` checks the tokenizers of
Chinese, Japanese and other languages.
"""
