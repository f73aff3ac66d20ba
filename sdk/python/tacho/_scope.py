"""Who and what for: dimensions of the calls made within a block."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar, Token
from types import TracebackType
from typing import Union

Dimensions = dict[str, Union[str, dict[str, str]]]

_nothing: Dimensions = {}
_current: ContextVar[Dimensions] = ContextVar("tacho_scope", default=_nothing)


def current() -> Dimensions:
    """The dimensions in force here. Not to be changed in place."""
    return _current.get()


def dimensions(labels: Mapping[str, object] | None, **values: object) -> Dimensions:
    """What was given, as text; what is `None` is left out."""
    given: Dimensions = {name: str(value) for name, value in values.items() if value is not None}
    if labels:
        given["labels"] = {str(name): str(value) for name, value in labels.items() if value is not None}
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
    blocks they were started in, as `contextvars` has it.
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
        self._tokens: list[Token[Dimensions]] = []

    def __enter__(self) -> None:
        self._tokens.append(_current.set(merged(_current.get(), self._given)))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            _current.reset(self._tokens.pop())
        except ValueError:
            # Some frameworks leave a block in another context than they entered it in. That context never
            # saw the block, so there is nothing to undo.
            pass
