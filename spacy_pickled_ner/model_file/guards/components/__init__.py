"""Check the sections of a component.

`restore` has a guard for each class of spaCy's components. The others know one kind of content
each: `edit_trees`, `knowledge_base`, `labels`, `model` (weights), `moves` (of a parser or NER) and
`patterns` (of rulers).
"""
