"""Types of options that several commands share."""

from typing import Any

import click


class NumberList(click.ParamType[tuple[Any, ...]]):
    """Comma-separated numbers."""

    def __init__(self, number: type[int] | type[float]) -> None:
        self.number = number
        self.name = "integers" if number is int else "numbers"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[Any, ...]:
        """Turn ``1,7`` into ``(1, 7)``."""
        if isinstance(value, tuple):
            return value
        try:
            return tuple(self.number(part) for part in value.split(",") if part.strip())
        except ValueError:
            self.fail(f"{value!r} is not a list of {self.name} such as 1,7", param, ctx)


INTEGERS = NumberList(int)
NUMBERS = NumberList(float)


class PackChoice(click.ParamType[str | int]):
    """``auto``, ``off`` or a number."""

    name = "auto|off|K"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str | int:
        """Turn ``4`` into 4."""
        if value in ("auto", "off") or isinstance(value, int):
            return value  # type: ignore[no-any-return]
        try:
            return int(value)
        except ValueError:
            self.fail(f"{value!r} is not auto, off or a number", param, ctx)


PACK = PackChoice()


class NameList(click.ParamType[tuple[str, ...]]):
    """Comma-separated names."""

    name = "names"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Turn ``a,b`` into ``("a", "b")``."""
        if isinstance(value, tuple):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())


NAMES = NameList()
