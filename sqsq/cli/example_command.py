"""Commands whose help ends with examples."""

from typing import Any

import click


class ExampleCommand(click.Command):
    """A command with examples at the end of its help, a line each."""

    def __init__(self, *arguments: Any, examples: tuple[str, ...] = (), **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        with formatter.section("Examples" if len(self.examples) > 1 else "Example"):
            for line in self.examples:
                formatter.write(f"{'':>{formatter.current_indent}}{line}\n")
