"""Results as dicts, named and left out as asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from ._models import Model

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any


class Dump(NamedTuple):
    """How fields are named, and which are left out."""

    by_alias: bool
    """Whether fields have their names in JSON instead of those of their attributes."""
    exclude_unset: bool
    """Leaves out the fields that the server did not send."""
    exclude_defaults: bool
    """Leaves out the known fields that are None."""
    exclude_none: bool
    """Leaves out whatever is None."""

    def of(
        self,
        model: Model,
        include: Collection[str] | None = None,
        exclude: Collection[str] | None = None,
    ) -> dict[str, Any]:
        """The fields of a result, of those that are included and not excluded.

        Raises:
          TypeError: What is included or excluded is a mapping, which would be of nested fields.
        """
        if isinstance(include, (Mapping, str)) or isinstance(exclude, (Mapping, str)):
            raise TypeError("include and exclude take the names of fields, such as {'id', 'email'}")
        names = [(name, model._keys.get(name, name), True) for name in model._names]
        names += [(key, key, False) for key in model._data if key not in model._known]
        dumped: dict[str, Any] = {}
        for name, key, known in names:
            value = model.get(key)
            sent = key in model or not self.exclude_unset
            some = value is not None or not (self.exclude_none or (self.exclude_defaults and known))
            wanted = (include is None or name in include) and name not in (exclude or ())
            if sent and some and wanted:
                dumped[key if self.by_alias else name] = self._value(value)
        return dumped

    def _value(self, value: Any) -> Any:
        if isinstance(value, Model):
            return self.of(value)
        if isinstance(value, list):
            return [self._value(item) for item in value]
        if isinstance(value, dict):
            return {
                key: self._value(item)
                for key, item in value.items()
                if item is not None or not self.exclude_none
            }
        return value
