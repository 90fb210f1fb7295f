"""Files and lists → rows. One module per format; the format of a row is detected from its content.

| shape | example |
|---|---|
| `.spacy` | a DocBin, as `spacy convert` and `spacy train` use it |
| `.jsonl`, `.json` | one JSON row a line, or a list of them |
| a row | `{"text": …, "spans": [{"start": 0, "end": 4, "label": "X"}]}` (Prodigy) |
| a row | `{"text": …, "entities": [[start, end, label]]}` |
| a row | `[text, {"entities": [[start, end, label]]}]` (spaCy 2's TRAIN_DATA), also from Python |
| a row | `{"text": …, "label": [[start, end, label]]}` (Doccano), see `doccano` |
| a row | `{"data": {"text": …}, "annotations": [{"result": […]}]}`, see `label_studio` |
| a row | `{"content": …, "annotation": [{"label": …, "points": […]}]}`, see `dataturks` |
| `.conll`, `.iob` | a token and its tag a line, or `token|tag` a sentence a line, see `conll` |

`files` and `rows` detect the format; `json_files`, `docbin` and `docbin_unpacking` read the files;
`spans` checks the parts of a row.
"""

from .files import iter_file
from .rows import RowHandler, iter_list

__all__ = ["RowHandler", "iter_file", "iter_list"]
