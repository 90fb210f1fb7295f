"""What the state of a tokenizer may say.

`tokenizer` checks spaCy's own, `special_cases` its exceptions, and `segmenters` the tokenizers of
Chinese, Japanese and other languages.
"""
