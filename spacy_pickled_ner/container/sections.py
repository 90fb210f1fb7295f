"""Named sections of a file: JSON, bytes and arrays."""

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
    """A section, before it is written.

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
    """Create a section from JSON-like data, with the order of keys and all digits of floats.

    name (str): Name of the section.
    value (Any): The value. Numpy scalars are written as numbers.
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
    """Create a section from an array, without a copy if possible.

    name (str): Name of the section.
    array (NDArray): An array with a type in `DTYPES`, in any byte order.
    RETURNS (Section): The section.
    RAISES (SaveError): The array has another type, e.g. Python objects.
    """
    dtype = array.dtype.newbyteorder("<").str
    if dtype not in DTYPES:
        raise SaveError(f"cannot save {name}: arrays of {array.dtype} are not supported")
    flat = np.ascontiguousarray(array, dtype=dtype).reshape(-1)
    return Section(name, flat.view(np.uint8).data, dtype, array.shape)


class Sections(Mapping[str, memoryview]):
    """The sections of a file, with typed access.

    views (Dict[str, memoryview]): Payload by name.
    arrays (Dict[str, Tuple[str, Tuple[int, ...]]]): dtype and shape of arrays.
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

        RETURNS (Sections): The sections, with only arrays as views. The copies cannot change
            between checking and using them, even if the file changes.
        """
        views = {
            name: view if name in self._arrays else memoryview(bytes(view))
            for name, view in self._views.items()
        }
        return Sections(views, self._arrays)

    def json(self, name: str) -> Any:
        """Decode a JSON section.

        name (str): Name of the section.
        RETURNS (Any): The value.
        RAISES (UnsafeFileError): The section is missing or invalid.
        """
        return strict_json(self[name], name)

    def array(self, name: str) -> NDArray[Any]:
        """View an array section as an array.

        name (str): Name of the section.
        RETURNS (NDArray): A view of the file's bytes, writable if the buffer is.
        RAISES (UnsafeFileError): The section is missing, or is not an array.
        """
        view = self[name]
        if name not in self._arrays:
            raise UnsafeFileError(f"{ascii(name)[:300]} is not an array", code="bad-section")
        dtype, shape = self._arrays[name]
        return np.frombuffer(view, dtype=dtype).reshape(shape)


def check_array(size: int, dtype: object, shape: object) -> tuple[str, tuple[int, ...]]:
    """Check type and shape of an array from a file.

    size (int): Size of the payload in bytes.
    dtype (object): The element type in the file.
    shape (object): The shape in the file.
    RETURNS (Tuple[str, Tuple[int, ...]]): Type and shape.
    RAISES (ValueError): They are invalid, or do not fit the size.
    """
    if dtype not in DTYPES or not isinstance(dtype, str):
        raise ValueError("an unknown array type")
    if not isinstance(shape, list) or len(shape) > MAX_DIMENSIONS:
        raise ValueError("an array with an unusable shape")
    # Otherwise an empty array could have a billion rows, which cost memory later.
    limit = max(size, 2**16)
    if not all(type(n) is int and 0 <= n <= limit for n in shape):
        raise ValueError("an array with an unusable shape")
    if prod(shape) * np.dtype(dtype).itemsize != size:
        raise ValueError("an array whose size does not fit its shape")
    return dtype, tuple(shape)


def strict_json(data: memoryview | bytes, name: str) -> Any:
    """Decode JSON from a file: no duplicate keys, no NaN, bounded size and depth.

    data (Union[memoryview, bytes]): UTF-8 text.
    name (str): Name of the data, for the error.
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
