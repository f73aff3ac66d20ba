"""Who and what for: dimensions of the calls made within a block."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from types import TracebackType
from typing import NamedTuple, Optional, Union

from . import _names

Dimensions = dict[str, Union[str, dict[str, str]]]


class _Entered(NamedTuple):
    """A block that was entered in this context, or in the one that this context was copied from."""

    by: scope
    dimensions: Dimensions
    outer: Optional[_Entered]


_current: ContextVar[Optional[_Entered]] = ContextVar("tacho_scope", default=None)


def current() -> Dimensions:
    """The dimensions in force here. Not to be changed in place."""
    innermost = _current.get()
    return {} if innermost is None else innermost.dimensions


def dimensions(labels: Mapping[str, object] | None, **values: object) -> Dimensions:
    """What was given, as text; what is `None` is left out."""
    given: Dimensions = {name: _names.text(value) for name, value in values.items() if value is not None}
    if labels is not None and not isinstance(labels, Mapping):
        given["labels"] = {_names.UNREADABLE: ""}
    elif labels:
        given["labels"] = {
            _names.text(name): _names.text(value) for name, value in labels.items() if value is not None
        }
    return given


def merged(outer: Dimensions, inner: Dimensions) -> Dimensions:
    """Both, where `inner` wins; labels one by one."""
    both = {**outer, **inner}
    labels = {**_labels(outer), **_labels(inner)}
    if labels:
        both["labels"] = labels
    return both


def _labels(of: Dimensions) -> dict[str, str]:
    labels = of.get("labels")
    return labels if isinstance(labels, dict) else {}


class scope:
    """Attributes the calls made within a `with` block: `with tacho.scope(user="u_42"): ...`.

    Blocks nest: an inner one wins where both say something, and labels add up. Threads and tasks see the
    blocks they were started in, as `contextvars` has it; one `scope` may be entered by several of them.
    """

    def __init__(
        self,
        *,
        user: str | None = None,
        feature: str | None = None,
        session: str | None = None,
        project: str | None = None,
        labels: Mapping[str, object] | None = None,
    ) -> None:
        self._given = dimensions(labels, user=user, feature=feature, session=session, project=project)

    def __enter__(self) -> None:
        # What to go back to is kept with the context, and not in `self`, which others may enter meanwhile.
        _current.set(_Entered(self, merged(current(), self._given), _current.get()))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        entered = _current.get()
        while entered is not None and entered.by is not self:
            entered = entered.outer
        # Some frameworks leave a block in another context than they entered it in. If that context never saw
        # the block, there is nothing to undo.
        if entered is not None:
            _current.set(entered.outer)
