"""The base of what belongs to one process, such as a handle of the library."""

from __future__ import annotations

from ._typing import TYPE_CHECKING, hinted

if TYPE_CHECKING:
    from typing import ClassVar, NoReturn, SupportsIndex


@hinted
class OfOneProcess:
    """A base of what cannot be pickled, nor copied where it does not say how."""

    __slots__ = ()

    _refusal: ClassVar[str]
    """What cannot be done, and what can."""

    def __reduce_ex__(self, _protocol: SupportsIndex) -> NoReturn:
        raise TypeError(self._refusal)
