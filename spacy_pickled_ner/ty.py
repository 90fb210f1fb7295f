"""Type aliases that several rooms share. spaCy's own module for them has the same name.

confection resolves these types at run time, from `registrations/`. So this module only imports what
`import spacy` has imported already.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import IO, Any, TypeAlias

from spacy.language import Language
from spacy.training import Example

Batcher: TypeAlias = Callable[[Iterable[Example]], Iterable[list[Example]]]
Corpus: TypeAlias = Callable[[Language], Iterable[Example]]

# Callbacks of a config: most change a pipeline; one runs before each update.
Callback: TypeAlias = Callable[[Language], Language]
UpdateCallback: TypeAlias = Callable[[Language, dict[str, Any]], None]

# A logger of spaCy's training loop, and its parts.
Info: TypeAlias = dict[str, Any]
LogStep: TypeAlias = Callable[[Info | None], None]
Finalize: TypeAlias = Callable[[], None]
Logger: TypeAlias = Callable[[Language, IO[str], IO[str]], tuple[LogStep, Finalize]]
