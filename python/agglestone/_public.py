"""Makes a public class show itself, and not the classes it is composed of, in what Python says of its methods."""

from __future__ import annotations

from ._typing import Any, C

_FUNCTION: Any = type(lambda: None)


def public(cls: C) -> C:
    """Gives a class its inherited methods as its own: a wrong call then names the class that the caller knows."""
    for base in cls.__mro__[1:-1]:
        for name, function in vars(base).items():
            if isinstance(function, _FUNCTION) and name not in vars(cls):
                own = _FUNCTION(
                    function.__code__,
                    function.__globals__,
                    name,
                    function.__defaults__,
                    function.__closure__,
                )
                own.__kwdefaults__ = function.__kwdefaults__
                own.__annotations__ = function.__annotations__
                own.__doc__ = function.__doc__
                own.__qualname__ = f"{cls.__name__}.{name}"
                setattr(cls, name, own)
    return cls
