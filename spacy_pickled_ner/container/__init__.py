"""One file of named sections: written atomically, read as plain data, without spaCy.

Model files and checkpoints are both such files. From the outside to the inside:

- `source`, `local_files`, `foreign`, `urls/`: get the bytes of a file.
- `strict_pickle`: read a pickle of plain data without unpickling it.
- `layout`: where each byte of a file goes.
- `manifest`, `digests`, `signatures/`: which sections there are, whether they are undamaged, and
  who made them.
- `sections`: JSON, bytes and arrays by name.
- `file`: all of this together, from bytes to sections and back.
- `atomic`: write a file completely or not at all.
"""
