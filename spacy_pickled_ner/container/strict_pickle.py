"""Read a pickle of plain data without unpickling it. Only this module reads pickles.

A pickle is a program. This reader knows the 29 instructions for dict, list, str, bytes, int, float,
bool and None, and refuses all others. So a file cannot name a function, import a module or build an
object. Each length is compared with the remaining bytes before anything is allocated, and every
count has a limit. So a file cannot exhaust memory or time.

The result is a tree of exact built-in types. `bytes` values are memoryviews of the input: no
payload is copied. CPython's own pickle reader would read the same values.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from struct import Struct
from typing import Any, Final, NoReturn

from ..errors import UnsafeFileError

PROTOCOLS: Final = (3, 4, 5)
MAX_OPCODES: Final = 400_000
MAX_NODES: Final = 100_000
MAX_DEPTH: Final = 32
MAX_MARKS: Final = MAX_DEPTH + 2
MAX_STR_BYTES: Final = 2**20
MAX_TOTAL_STR_BYTES: Final = 16 * 2**20
MAX_INT_BYTES: Final = 8
# Larger values may not be shared, because then a small file could describe a large result.
MAX_SHARED_BYTES: Final = 2**16

# Empty groups added to a dict (`MARK SETITEMS`): the filler of our writer.
MAX_FILLER: Final = 64
_FILLER: Final = re.compile(rb"(?:\(u)+")

_U16: Final = Struct("<H")
_U32: Final = Struct("<I")
_I32: Final = Struct("<i")
_U64: Final = Struct("<Q")
_F64: Final = Struct(">d")


def read_plain_pickle(buffer: memoryview) -> Any:
    """Read one pickled value made of dict, list, str, bytes, int, float, bool and None.

    buffer (memoryview): The whole file, as bytes.
    RETURNS (Any): The value; `bytes` in it are memoryviews of `buffer`.
    RAISES (UnsafeFileError): It is anything else; see its `code` and `offset`.
    """
    return _Interpreter(buffer).run()


class _Interpreter:
    """The stack machine behind `read_plain_pickle`, for one buffer.

    buffer (memoryview): The whole file, as bytes.
    """

    def __init__(self, buffer: memoryview):
        self.buffer = buffer
        self.pos = 0
        self.start = 0
        self.protocol = 0
        self.frame_end: int | None = None
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: list[Any] = []
        self.depths: dict[int, int] = {}
        self.n_opcodes = 0
        self.n_nodes = 0
        self.n_str_bytes = 0

    def run(self) -> Any:
        """Interpret the buffer up to STOP, which must be its last byte.

        RETURNS (Any): The value.
        """
        self._read_protocol()
        opcodes = _OPCODES
        while True:
            self.start = self.pos
            self.n_opcodes += 1
            if self.n_opcodes > MAX_OPCODES:
                self._fail("too-many-opcodes", f"more than {MAX_OPCODES} pickle instructions")
            if self.frame_end is not None and self.pos == self.frame_end:
                self.frame_end = None
            opcode = self._take(1)[0]
            if opcode == _STOP:
                return self._stop()
            handler = opcodes.get(opcode)
            if handler is None:
                self._fail(
                    "forbidden-opcode",
                    f"the pickle instruction 0x{opcode:02x} is not part of plain data: this file "
                    "would build objects or run code. Nothing in it was run. If you wrote it "
                    "yourself with pickle.dump, open it where you wrote it and save the pipeline "
                    "with spacy_pickled_ner.dump",
                )
            handler(self)
            # CPython's C reader loses bytes when an instruction crosses the end of a frame, so it
            # would read another value than this reader. Such a file is refused.
            if self.frame_end is not None and self.pos > self.frame_end:
                self._fail("bad-frame", "an instruction reaches beyond its frame")

    def _fail(self, code: str, message: str) -> NoReturn:
        raise UnsafeFileError(
            f"not a readable model file: {message} (byte {self.start})",
            code=code,
            offset=self.start,
        )

    def _take(self, n: int) -> memoryview:
        end = self.pos + n
        if end > len(self.buffer):
            self._fail("truncated", "it ends in the middle of a value; copy or download it again")
        view = self.buffer[self.pos : end]
        self.pos = end
        return view

    def _unpack(self, layout: Struct) -> Any:
        return layout.unpack(self._take(layout.size))[0]

    def _read_protocol(self) -> None:
        if self._take(1)[0] != _PROTO:
            self._fail("not-a-pickle", "it is not a pickle")
        self.protocol = self._take(1)[0]
        if self.protocol not in PROTOCOLS:
            self._fail(
                "unsupported-protocol",
                f"pickle protocol {self.protocol} cannot contain plain bytes or is unknown; "
                "save it again with protocol 3, 4 or 5",
            )

    def _stop(self) -> Any:
        if self.frame_end is not None and self.pos != self.frame_end:
            self._fail("bad-frame", "the pickle ends before its frame does")
        if self.marks or len(self.stack) != 1:
            self._fail("bad-structure", "it does not describe exactly one value")
        if self.pos != len(self.buffer):
            self._fail("trailing-data", f"{len(self.buffer) - self.pos} bytes follow its end")
        return self.stack[0]

    def frame(self) -> None:
        """Store the end of a frame. Frames do not nest or reach beyond the file."""
        length = self._unpack(_U64)
        if self.protocol < 4 or self.frame_end is not None:
            self._fail("bad-frame", "a frame in the wrong place")
        if length > len(self.buffer) - self.pos:
            self._fail("truncated", "it ends in the middle of a frame")
        self.frame_end = self.pos + length

    def push(self, value: Any) -> None:
        """Push a new value, and count it."""
        self.n_nodes += 1
        if self.n_nodes > MAX_NODES:
            self._fail("too-many-nodes", f"more than {MAX_NODES} values")
        self.stack.append(value)

    def push_container(self, value: dict[str, Any] | list[Any]) -> None:
        """Push a new, empty container."""
        self.push(value)
        self.depths[id(value)] = 1

    def push_str(self, length: int) -> None:
        """Push the next `length` bytes as text."""
        if length > MAX_STR_BYTES:
            self._fail("string-too-long", f"a text of {length} bytes")
        raw = self._take(length)
        self._count_str(length)
        try:
            self.push(str(raw, "utf-8"))
        except UnicodeDecodeError:
            self._fail("bad-utf8", "a text that is not UTF-8")

    def push_bytes(self, length: int) -> None:
        """Push the next `length` bytes as a view."""
        self.push(self._take(length))

    def push_long(self) -> None:
        """Push an integer of up to 8 bytes."""
        length = self._take(1)[0]
        if length > MAX_INT_BYTES:
            self._fail("int-too-big", f"an integer of {length} bytes")
        self.push(int.from_bytes(self._take(length), "little", signed=True))

    def _count_str(self, n_bytes: int) -> None:
        self.n_str_bytes += n_bytes
        if self.n_str_bytes > MAX_TOTAL_STR_BYTES:
            self._fail("strings-too-long", "too much text outside of its byte sections")

    def put(self, index: int | None) -> None:
        """Add the top of the stack to the memo. Indices must be consecutive."""
        if index is None and self.protocol < 4:
            self._fail("bad-memo", "MEMOIZE needs protocol 4")
        if index not in (None, len(self.memo)) or len(self.memo) >= MAX_NODES:
            self._fail("bad-memo", "memo entries must be numbered in order")
        self._need(1)
        self.memo.append(self.stack[-1])

    def get(self, index: int) -> None:
        """Push a value of the memo, but no container, so that the result is a tree."""
        if index >= len(self.memo):
            self._fail("bad-memo", f"there is no memo entry {index}")
        value = self.memo[index]
        if isinstance(value, (dict, list)):
            self._fail("shared-container", "the same dict or list is used twice")
        if isinstance(value, memoryview) and len(value) > MAX_SHARED_BYTES:
            self._fail("shared-bytes", "the same large bytes value is used twice")
        if isinstance(value, str):
            self._count_str(4 * len(value))
        self.push(value)

    def mark(self) -> None:
        """Open a group of values. Skip filler (many empty groups for a dict) at once."""
        floor = self.marks[-1] if self.marks else 0
        if self.frame_end is None and len(self.stack) > floor and type(self.stack[-1]) is dict:
            filler = _FILLER.match(self.buffer, self.start, self.start + MAX_FILLER)
            if filler is not None:
                self.n_opcodes += filler.end() - self.pos
                self.pos = filler.end()
                return
        if len(self.marks) >= MAX_MARKS:
            self._fail("too-deep", f"more than {MAX_MARKS} open groups")
        self.marks.append(len(self.stack))

    def append(self) -> None:
        """Append the top value to the list below it."""
        self._need(2)
        self._extend(len(self.stack) - 1)

    def appends(self) -> None:
        """Append an open group of values to the list below it."""
        self._extend(self._close_mark())

    def setitem(self) -> None:
        """Put the top key and value into the dict below them."""
        self._need(3)
        self._update(len(self.stack) - 2)

    def setitems(self) -> None:
        """Put an open group of keys and values into the dict below it."""
        self._update(self._close_mark())

    def _need(self, n_values: int) -> None:
        floor = self.marks[-1] if self.marks else 0
        if len(self.stack) - floor < n_values:
            self._fail("bad-structure", "an instruction lacks its values")

    def _close_mark(self) -> int:
        if not self.marks:
            self._fail("bad-structure", "a group ends that was never opened")
        first = self.marks.pop()
        if first <= (self.marks[-1] if self.marks else 0):
            self._fail("bad-structure", "a group of values belongs to nothing")
        return first

    def _extend(self, first: int) -> None:
        target, items = self.stack[first - 1], self.stack[first:]
        if type(target) is not list:
            self._fail("bad-structure", "values are appended to something other than a list")
        del self.stack[first:]
        target.extend(items)
        self._deepen(target, items)

    def _update(self, first: int) -> None:
        target, items = self.stack[first - 1], self.stack[first:]
        if type(target) is not dict or len(items) % 2:
            self._fail("bad-structure", "keys and values are not in pairs, or not in a dict")
        del self.stack[first:]
        for key, value in zip(items[::2], items[1::2], strict=True):
            if type(key) is not str:
                self._fail("bad-key", "a dict key that is not text")
            if key in target:
                self._fail("duplicate-key", f"the key {ascii(key)[:80]} twice")
            target[key] = value
        self._deepen(target, items[1::2])

    def _deepen(self, target: dict[str, Any] | list[Any], children: list[Any]) -> None:
        depth = max((self.depths.get(id(child), 0) for child in children), default=0) + 1
        if depth > MAX_DEPTH:
            self._fail("too-deep", f"dicts and lists nested more than {MAX_DEPTH} deep")
        self.depths[id(target)] = max(self.depths[id(target)], depth)


_PROTO: Final = 0x80
_STOP: Final = ord(".")

_OPCODES: Final[dict[int, Callable[[_Interpreter], None]]] = {
    0x95: _Interpreter.frame,
    ord("N"): lambda vm: vm.push(None),
    0x88: lambda vm: vm.push(True),
    0x89: lambda vm: vm.push(False),
    ord("J"): lambda vm: vm.push(vm._unpack(_I32)),
    ord("K"): lambda vm: vm.push(vm._take(1)[0]),
    ord("M"): lambda vm: vm.push(vm._unpack(_U16)),
    0x8A: _Interpreter.push_long,
    ord("G"): lambda vm: vm.push(vm._unpack(_F64)),
    0x8C: lambda vm: vm.push_str(vm._take(1)[0]),
    ord("X"): lambda vm: vm.push_str(vm._unpack(_U32)),
    0x8D: lambda vm: vm.push_str(vm._unpack(_U64)),
    ord("C"): lambda vm: vm.push_bytes(vm._take(1)[0]),
    ord("B"): lambda vm: vm.push_bytes(vm._unpack(_U32)),
    0x8E: lambda vm: vm.push_bytes(vm._unpack(_U64)),
    ord("]"): lambda vm: vm.push_container([]),
    ord("}"): lambda vm: vm.push_container({}),
    ord("("): _Interpreter.mark,
    ord("a"): _Interpreter.append,
    ord("e"): _Interpreter.appends,
    ord("s"): _Interpreter.setitem,
    ord("u"): _Interpreter.setitems,
    0x94: lambda vm: vm.put(None),
    ord("q"): lambda vm: vm.put(vm._take(1)[0]),
    ord("r"): lambda vm: vm.put(vm._unpack(_U32)),
    ord("h"): lambda vm: vm.get(vm._take(1)[0]),
    ord("j"): lambda vm: vm.get(vm._unpack(_U32)),
}
