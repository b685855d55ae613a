"""Lists that are longer than a page."""

from __future__ import annotations

from collections.abc import Iterator

from ._errors import APIResponseValidationError, KnockError
from ._models import Model
from ._process import OfOneProcess
from ._typing import TYPE_CHECKING, hinted

if TYPE_CHECKING:
    from typing import Any, ClassVar, Generic, TypeVar, cast

    from typing_extensions import Self

    from ._calls import Source
    from ._pager import Pager

    P = TypeVar("P", bound="Page[Any]")
    T = TypeVar("T")
    Trail = tuple[str | None, int, int]
else:
    from ._typing import Generic, P, T, cast


class Page(Model, Generic[T]):
    """A page of a list. Iterating over it goes on through the pages that follow.

    A list that was asked for with `before` goes backward: its next page lies before this one.

    A page can be pickled, and keeps its cursor; it has no client then to fetch the next one with.
    """

    __slots__ = ("_backward", "_source", "_trail")

    _backward: bool
    _source: Source[Any] | None
    # A cursor that led here, how many came since, and after how many another one is remembered.
    _trail: Trail
    # The attribute that has the items.
    _list: ClassVar[str]

    def __init__(self, data: dict[str, Any] | None = None, /, **fields: Any) -> None:
        self._stands(None, False, (None, 0, 1))
        super().__init__(data, **fields)

    def _comes_from(self, source: Source[Any], parameters: dict[str, Any]) -> Self:
        backward = parameters.get("before") is not None
        start = parameters.get("before" if backward else "after")
        return self._stands(source, backward, (start, 0, 1))

    def _stands(self, source: Source[Any] | None, backward: bool, trail: Trail) -> Self:
        object.__setattr__(self, "_source", source)
        object.__setattr__(self, "_backward", backward)
        object.__setattr__(self, "_trail", trail)
        return self

    def __copy__(self) -> Self:
        return type(self)(dict(self._data))._stands(self._source, self._backward, self._trail)

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        return type(self)(self.to_dict())._stands(self._source, self._backward, self._trail)

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self), self._data, self._backward, self._trail)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            value = super().__getattr__(name)
            return [] if value is None and name == self._list else value

    def _content(self) -> list[T]:
        content: list[T] = getattr(self, self._list)
        return content

    @property
    def next_cursor(self) -> str | None:
        """The cursor of the next page, to pass as `after` (or `before`, going backward) later."""
        info = self._data.get("page_info") or {}
        cursor: str | None = info.get("before" if self._backward else "after")
        # An empty page ends the list.
        ends = not cursor or not self._data.get(self._list)
        return None if ends else cursor

    def has_next_page(self) -> bool:
        """Whether there is a page after this one."""
        return self.next_cursor is not None

    def get_next_page(self) -> Self:
        """Fetches the page after this one.

        Raises:
          KnockError: This is the last page; ask `has_next_page()` first.
          APIResponseValidationError: The cursors of the list go in a circle.
          APIError: As every call.
        """
        cursor = self.next_cursor
        if cursor is None:
            raise KnockError("this is the last page; has_next_page() says so")
        source, trail = self._origin(), self._followed(cursor)
        page = cast("Self", source.fetch(cursor, self._backward))
        return page._stands(source, self._backward, trail)

    def _followed(self, cursor: str) -> Trail:
        """Finds a circle of any length, with one cursor remembered (Brent's algorithm)."""
        remembered, since, most = self._trail
        if cursor == remembered:
            message = (
                "the cursors of the list go in a circle, so that it has no end; "
                "the items so far are not known to be all of them"
            )
            operation = self._origin().operation
            raise APIResponseValidationError(message, operation=operation, kind="response")
        return (cursor, 0, 2 * most) if since + 1 == most else (remembered, since + 1, most)

    def _origin(self) -> Source[Any]:
        if self._source is None:
            way = "before" if self._backward else "after"
            raise KnockError(
                "this page has no client, for it comes from a pickle or was made by hand; "
                f"to go on, pass its next_cursor as {way} to the method that lists"
            )
        return self._source

    def iter_pages(self, *, prefetch: bool = False) -> PageIterator[Self]:
        """Iterates over this page and those after it.

        Args:
          prefetch: Fetches the next page while the last one is used, one page ahead.
        """
        return PageIterator(self, prefetch)

    def iter_items(self, *, prefetch: bool = False) -> ItemIterator[T]:
        """Iterates over the items of this page and of those after it, as the page itself does.

        Args:
          prefetch: Fetches the next page while the items of the last one are used.
        """
        return ItemIterator(self, prefetch)

    def __iter__(self) -> ItemIterator[T]:
        return ItemIterator(self)


def _restored(kind: type[P], data: dict[str, Any], backward: bool, trail: Trail) -> P:
    return kind(data)._stands(None, backward, trail)


_ITERATOR = (
    "an iterator over pages cannot be copied or pickled; keep page.next_cursor instead, and pass "
    "it as after to the method that lists"
)


@hinted
class PageIterator(OfOneProcess, Generic[P], Iterator[P]):
    """Iterates over pages. After an error, `next` asks for the page that failed again."""

    _refusal = _ITERATOR

    def __init__(self, first: P, prefetch: bool = False) -> None:
        self._upcoming: P | None = first
        self._current: P | None = None
        self._prefetch = prefetch
        self._pager: Pager[P] | None = None

    def __next__(self) -> P:
        page = self._upcoming or self._after(self._current)
        if page is None:
            raise StopIteration
        cursor = page.next_cursor
        if self._prefetch and self._pager is None and cursor is not None:
            self._pager = page._origin().ahead(cursor, page._backward)
        self._upcoming, self._current = None, page
        return page

    def _after(self, page: P | None) -> P | None:
        cursor = None if page is None else page.next_cursor
        if page is None or cursor is None:
            return None
        return page.get_next_page() if self._pager is None else self._pager.next(cursor)


@hinted
class ItemIterator(OfOneProcess, Iterator[T]):
    """Iterates over the items of a page and of those after it.

    After an error, `next` goes on with the page that failed.
    """

    _refusal = _ITERATOR

    def __init__(self, first: Page[T], prefetch: bool = False) -> None:
        self._pages = first.iter_pages(prefetch=prefetch)
        self._items: Iterator[T] = iter(())

    def __next__(self) -> T:
        while True:
            for item in self._items:
                return item
            self._items = iter(next(self._pages)._content())
