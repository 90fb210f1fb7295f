"""A pipeline's tokenizer out of its saved state.

`restored` is spaCy's tokenizer with the settings of a file. `deferred` builds it when it is first
needed: until then `first_texts` splits common texts with `western_patterns`, the parts of spaCy's
expressions that they can meet.
"""
