"""Named pieces of a pipeline on their way into a file and out of it: JSON, bytes and arrays."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from ..errors import SaveError, UnsafeFileError

# Little-endian, fixed size: the same bytes on every machine.
DTYPES: Final = ("<f2", "<f4", "<f8", "<i4", "<i8", "<u4", "<u8", "|u1")
MAX_DIMENSIONS: Final = 4
MAX_JSON_BYTES: Final = 64 * 2**20


@dataclass(frozen=True)
class Section:
    """One value of a model file, before it is written.

    name (str): Unique in its file, e.g. "pipe/ner/model/3/W".
    data (Union[bytes, memoryview]): The payload.
    dtype (Optional[str]): Element type in numpy's notation, if it is an array.
    shape (Optional[Tuple[int, ...]]): Shape, if it is an array.
    """

    name: str
    data: bytes | memoryview
    dtype: str | None = None
    shape: tuple[int, ...] | None = None


def json_section(name: str, value: Any) -> Section:
    """Make a section out of JSON-like data, keeping the order of keys and every digit of floats.

    name (str): Name of the section.
    value (Any): What to write; numpy scalars are written as numbers.
    RETURNS (Section): The section.
    RAISES (SaveError): Something in it is not JSON.
    """
    try:
        text = json.dumps(value, default=_plain_number, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as err:
        raise SaveError(f"cannot save {name}: {err}") from err
    return Section(name, text.encode())


def _plain_number(value: Any) -> int | float:
    if isinstance(value, np.floating):
        return float(value)
    if isinstance(value, np.integer):
        return int(value)
    raise TypeError(f"{type(value).__name__} values cannot be written as JSON")


def array_section(name: str, array: NDArray[Any]) -> Section:
    """Make a section out of an array, without copying it where its bytes can be used as they are.

    name (str): Name of the section.
    array (NDArray): Of a type in `DTYPES`, in either byte order.
    RETURNS (Section): The section.
    RAISES (SaveError): The array holds anything else, e.g. Python objects.
    """
    dtype = array.dtype.newbyteorder("<").str
    if dtype not in DTYPES:
        raise SaveError(f"cannot save {name}: arrays of {array.dtype} are not supported")
    flat = np.ascontiguousarray(array, dtype=dtype).reshape(-1)
    return Section(name, flat.view(np.uint8).data, dtype, array.shape)


class Sections(Mapping[str, memoryview]):
    """The sections of a file that was read, with typed access.

    views (Dict[str, memoryview]): Payload by name.
    arrays (Dict[str, Tuple[str, Tuple[int, ...]]]): dtype and shape of those that are arrays.
    """

    def __init__(
        self, views: dict[str, memoryview], arrays: dict[str, tuple[str, tuple[int, ...]]]
    ):
        self._views = views
        self._arrays = arrays

    def __getitem__(self, name: str) -> memoryview:  # noqa: D105
        try:
            return self._views[name]
        except KeyError:
            raise UnsafeFileError(
                f"incomplete model file: the section {ascii(name)[:300]} is missing",
                code="missing-section",
            ) from None

    def __contains__(self, name: object) -> bool:  # noqa: D105
        return name in self._views

    def __iter__(self) -> Iterator[str]:  # noqa: D105
        return iter(self._views)

    def __len__(self) -> int:  # noqa: D105
        return len(self._views)

    def detached(self) -> Sections:
        """Copy everything but arrays.

        RETURNS (Sections): The same, with only arrays as views: what is copied here and checked
            afterwards cannot be changed in between by a change of the file.
        """
        views = {
            name: view if name in self._arrays else memoryview(bytes(view))
            for name, view in self._views.items()
        }
        return Sections(views, self._arrays)

    def json(self, name: str) -> Any:
        """Decode a JSON section.

        name (str): Name of the section.
        RETURNS (Any): Its value.
        RAISES (UnsafeFileError): There is none of this name, or it is not valid.
        """
        return strict_json(self[name], name)

    def array(self, name: str) -> NDArray[Any]:
        """View an array section as an array.

        name (str): Name of the section.
        RETURNS (NDArray): A view of the file's bytes, writable if the buffer is.
        RAISES (UnsafeFileError): There is none of this name, or it is no array.
        """
        view = self[name]
        if name not in self._arrays:
            raise UnsafeFileError(f"{ascii(name)[:300]} is not an array", code="bad-section")
        dtype, shape = self._arrays[name]
        return np.frombuffer(view, dtype=dtype).reshape(shape)


def check_array(size: int, dtype: object, shape: object) -> tuple[str, tuple[int, ...]]:
    """Check what a file says about an array before any of it is used.

    size (int): Bytes there are.
    dtype (object): What the file gives as the element type.
    shape (object): What the file gives as the shape.
    RETURNS (Tuple[str, Tuple[int, ...]]): Both, checked.
    RAISES (ValueError): They do not fit together.
    """
    if dtype not in DTYPES or not isinstance(dtype, str):
        raise ValueError("an unknown array type")
    if not isinstance(shape, list) or len(shape) > MAX_DIMENSIONS:
        raise ValueError("an array with an unusable shape")
    # An empty array could otherwise claim a billion rows, and cost its reader that many.
    limit = max(size, 2**16)
    if not all(type(n) is int and 0 <= n <= limit for n in shape):
        raise ValueError("an array with an unusable shape")
    if prod(shape) * np.dtype(dtype).itemsize != size:
        raise ValueError("an array whose size does not fit its shape")
    return dtype, tuple(shape)


def strict_json(data: memoryview | bytes, name: str) -> Any:
    """Decode JSON from a file: no duplicate keys, no NaN, bounded size and depth.

    data (Union[memoryview, bytes]): UTF-8 text.
    name (str): What it is, for the error.
    RETURNS (Any): The value.
    RAISES (UnsafeFileError): It is not valid ("bad-json").
    """
    if len(data) > MAX_JSON_BYTES:
        raise UnsafeFileError(f"{name} is larger than {MAX_JSON_BYTES} bytes", code="bad-json")
    try:
        return json.loads(
            str(data, "utf-8"), object_pairs_hook=_unique_keys, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as err:
        raise UnsafeFileError(
            f"{ascii(name)[:300]} in the model file is not valid JSON: {type(err).__name__}",
            code="bad-json",
        ) from err


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("a key twice")
    return result


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
