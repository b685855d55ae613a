"""Results: objects over the JSON that the server sent, of which nothing is lost."""

from __future__ import annotations

import json

from ._typing import TYPE_CHECKING, hinted

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, KeysView, Mapping
    from typing import Any, ClassVar, TypeAlias

    from typing_extensions import Self

Wrap: TypeAlias = "Callable[[Any, Mapping[str, Any]], Any]"
"""Makes a result of a JSON value, given the object that holds it; what does not fit stays JSON."""


@hinted
class Model:
    """A JSON object with attributes for the fields that its type knows.

    A known field that the server left out is None. Every field that it sent, known or not, is
    reachable as an item under its name in JSON. Timestamps are RFC 3339 text.
    """

    __slots__ = ("__dict__", "_data")

    _data: dict[str, Any]
    extra: dict[str, Any]
    """The fields that the type does not know."""

    # The names of attributes whose key in JSON differs.
    _keys: ClassVar[dict[str, str]] = {}
    # How the values of attributes that hold results are made.
    _wraps: ClassVar[dict[str, Wrap]] = {}
    # Another name of `extra`.
    _rest: ClassVar[str] = "extra"
    # The attributes of known fields, and the keys of those.
    _names: ClassVar[tuple[str, ...]] = ()
    _known: ClassVar[frozenset[str]] = frozenset()
    _required: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, required: tuple[str, ...] = ()) -> None:
        super().__init_subclass__()
        # Not by going through them, which would bring what they are written with.
        names: list[str] = list(dict.keys(cls.__annotations__))
        cls._names = tuple(name for name in names if name[0] != "_" and name != cls._rest)
        cls._known = frozenset(cls._keys.get(name, name) for name in cls._names)
        cls._required = frozenset(required)
        hinted(cls)

    def __init__(self, data: dict[str, Any] | None = None, /, **fields: Any) -> None:
        """Makes a result, such as one for a test.

            User(id="jane", email="jane@ingen.net", plan="pro")

        Args:
          data: The JSON object, which is kept as it is.
          **fields: More fields, by their attributes.
        """
        object.__setattr__(self, "_data", {} if data is None else data)
        for name, value in fields.items():
            setattr(self, name, value)

    @classmethod
    def _wrap(cls, value: Any, _parent: Mapping[str, Any]) -> Any:
        return cls(value) if isinstance(value, dict) else value

    if not TYPE_CHECKING:
        # Hidden from type checkers, so that they know the fields and find misspelt ones.
        def __getattr__(self, name: str) -> Any:
            cls = type(self)
            key = cls._keys.get(name, name)
            if name in ("extra", cls._rest):
                value = {k: v for k, v in self._data.items() if k not in cls._known}
            elif key in self._data:
                value = self._item(name, key)
            elif key in cls._known:
                return None
            else:
                raise AttributeError(f"{cls.__name__} has no {name!r}")
            self.__dict__[name] = value
            return value

    def _item(self, name: str, key: str) -> Any:
        value = self._data[key]
        wrap = self._wraps.get(name)
        return value if wrap is None else wrap(value, self._data)

    def __getitem__(self, key: str) -> Any:
        """The field of this name in JSON.

        Raises:
          KeyError: The server did not send it.
        """
        for name, renamed in self._keys.items():
            if renamed == key:
                return self._item(name, key)
        return self._item(key, key)

    def get(self, key: str, default: Any = None) -> Any:
        """The field of this name in JSON, or the default where the server did not send it."""
        return self[key] if key in self._data else default

    def keys(self) -> KeysView[str]:
        """The names of the fields that the server sent, in JSON: `dict(user)` has them all."""
        return self._data.keys()

    def __iter__(self) -> Iterator[Any]:
        """The fields as pairs of their names in JSON and their values."""
        return ((key, self[key]) for key in self._data)

    def __contains__(self, key: object) -> bool:
        return key in self._data

    def __setattr__(self, name: str, value: object) -> None:
        """Sets a field of this result alone; the service is not told."""
        for attribute in (name, "extra", self._rest):
            self.__dict__.pop(attribute, None)
        if name in ("extra", self._rest):
            for key in [key for key in self._data if key not in self._known]:
                del self._data[key]
            self._data.update(_unwrapped(value))
        else:
            self._data[self._keys.get(name, name)] = _unwrapped(value)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Model):
            return self._data == other._data
        return NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        fields = ", ".join(f"{key}={value!r}" for key, value in self._data.items())
        return f"{type(self).__name__}({fields})"

    def __reduce__(self) -> tuple[type[Self], tuple[dict[str, Any]]]:
        return type(self), (self._data,)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._data]

    def __copy__(self) -> Self:
        return type(self)(dict(self._data))

    @property
    def model_fields_set(self) -> set[str]:
        """The attributes of the known fields that the server sent."""
        return {name for name in self._names if self._keys.get(name, name) in self._data}

    @property
    def model_extra(self) -> dict[str, Any]:
        """The fields that the type does not know, as `extra`."""
        extra: dict[str, Any] = self.extra
        return extra

    def model_dump(
        self,
        *,
        mode: str = "python",
        include: Collection[str] | None = None,
        exclude: Collection[str] | None = None,
        by_alias: bool | None = None,
        exclude_unset: bool = False,
        exclude_defaults: bool = False,
        exclude_none: bool = False,
    ) -> dict[str, Any]:
        """The fields as a dict: the known ones under their attributes, and the others.

        Args:
          mode: "python" or "json", which are the same.
          include: The names of the only fields to have.
          exclude: The names of fields to leave out.
          by_alias: Names the known fields as in JSON.
          exclude_unset: Leaves out the fields that the server did not send; else they are None.
          exclude_defaults: Leaves out the known fields that are None.
          exclude_none: Leaves out whatever is None.
        """
        from ._dump import Dump

        dump = Dump(bool(by_alias), exclude_unset, exclude_defaults, exclude_none)
        return dump.of(self, include, exclude)

    def model_dump_json(self, *, indent: int | None = None, **options: Any) -> str:
        """What `model_dump` gives, as JSON text, with the same keywords."""
        separators = (",", ":") if indent is None else None
        dumped = self.model_dump(**options)
        return json.dumps(dumped, ensure_ascii=False, indent=indent, separators=separators)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy, with other values for some attributes.

        Args:
          update: The values by the names of attributes.
          deep: Copies what the fields hold as well.
        """
        twin = self.__copy__()
        data: dict[str, Any] = _copy(self._data) if deep else dict(self._data)
        for name, value in (update or {}).items():
            data[self._keys.get(name, name)] = _unwrapped(value)
        object.__setattr__(twin, "_data", data)
        return twin

    def to_dict(self) -> dict[str, Any]:
        """A copy of what the server sent."""
        copied: dict[str, Any] = _copy(self._data)
        return copied

    def to_json(self, *, indent: int | None = None) -> str:
        """What the server sent, as JSON text."""
        return json.dumps(self._data, ensure_ascii=False, indent=indent)


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copy(item) for item in value]
    return value


def _unwrapped(value: Any) -> Any:
    """The JSON value of a result, or of a list or dict that holds some."""
    if isinstance(value, Model):
        return value._data
    if isinstance(value, list):
        return [_unwrapped(item) for item in value]
    if isinstance(value, dict):
        return {key: _unwrapped(item) for key, item in value.items()}
    return value


def list_of(wrap: Wrap) -> Wrap:
    """Wraps each element of a list."""

    def wrap_list(value: Any, parent: Mapping[str, Any]) -> Any:
        return [wrap(item, parent) for item in value] if isinstance(value, list) else value

    return wrap_list


def map_of(wrap: Wrap) -> Wrap:
    """Wraps each value of an object whose keys are data."""

    def wrap_map(value: Any, parent: Mapping[str, Any]) -> Any:
        if not isinstance(value, dict):
            return value
        return {key: wrap(item, parent) for key, item in value.items()}

    return wrap_map


def one_of(*models: type[Model]) -> Wrap:
    """Wraps an object in the model whose fields it has.

    The model must have every required field; of those that do, the one that knows most of the
    object's keys is taken, and among equals the one that asks for most. What fits none, or two
    alike, is a plain `Model`.
    """

    def wrap_best(value: Any, _parent: Mapping[str, Any]) -> Any:
        if not isinstance(value, dict):
            return value
        keys = value.keys()
        ranked = sorted(
            (
                (len(model._known & keys), len(model._required), index)
                for index, model in enumerate(models)
                if model._required <= keys and model._known & keys
            ),
            reverse=True,
        )
        alike = len(ranked) > 1 and ranked[0][:2] == ranked[1][:2]
        return Model(value) if alike or not ranked else models[ranked[0][2]](value)

    return wrap_best


def tagged(key: str, models: Mapping[str, type[Model]], otherwise: Wrap) -> Wrap:
    """Wraps an object in the model that a key of it names."""

    def wrap_tagged(value: Any, parent: Mapping[str, Any]) -> Any:
        if not isinstance(value, dict) or key not in value:
            return otherwise(value, parent)
        model = models.get(value[key])
        return Model(value) if model is None else model(value)

    return wrap_tagged


def tagged_beside(key: str, models: Mapping[str, type[Model]], otherwise: Wrap) -> Wrap:
    """Wraps an object in the model that a key of the object around it names."""

    def wrap_tagged(value: Any, parent: Mapping[str, Any]) -> Any:
        model = models.get(parent.get(key, ""))
        if model is None or not isinstance(value, dict):
            return otherwise(value, parent)
        return model(value)

    return wrap_tagged
