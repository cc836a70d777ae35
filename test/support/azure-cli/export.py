"""
Prints, as JSON, what the Azure CLI takes: the arguments of the commands in the file that is named, one a line, as its own
parser has them. README.md beside this file says how.
"""

import json
import sys

from azure.cli.core import __version__, get_default_cli

# Nothing that anybody types.
HIDDEN = ["--cmd", "--___SUBSCRIPTION"]
# Of every command, so that the stand-in knows them by itself.
GLOBAL = ["--verbose", "--debug", "--only-show-errors", "--output", "--query", "--subscription"]


class Loaded(Exception):
    pass


def parser_of(name):
    cli = get_default_cli()
    invocation = cli.invocation_cls(
        cli_ctx=cli,
        parser_cls=cli.parser_cls,
        commands_loader_cls=cli.commands_loader_cls,
        help_cls=cli.help_cls,
    )
    cli.invocation = invocation

    def stop(_args):
        raise Loaded

    invocation.parser.parse_args = stop
    try:
        invocation.execute(name.split())
    except Loaded:
        pass
    return cli, invocation.parser.subparser_map[name]


def arguments_of(name):
    cli, parser = parser_of(name)
    required_without_ids = ids_of(cli).get(name, {"required": []})["required"]
    found = {}
    for action in parser._actions:
        names = [str(option) for option in action.option_strings]
        if "--help" in names or names[:1] in ([each] for each in HIDDEN):
            continue
        # Of `account show` this one has further names.
        if names[:1] in ([each] for each in GLOBAL) and len(names) < 3:
            continue
        found[names[0] if names else action.dest] = clean(
            {
                "aliases": names[1:],
                "values": values_of(action),
                "required": bool(action.required),
                "requiredWithoutIds": action.dest in required_without_ids,
                "choices": sorted(str(each) for each in action.choices) if action.choices else [],
            }
        )
    return found


def values_of(action):
    """How many values it takes, in argparse's words; one where it says nothing. None is left out."""
    return 1 if action.nargs is None else action.nargs


def clean(entry):
    return {key: value for key, value in entry.items() if value not in ([], False)}


def ids_of(cli):
    """Which arguments a resource id may stand for: `az` keeps that to itself (azure.cli.core.commands.arm)."""
    for handlers in cli._event_handlers.values():
        for handler in handlers:
            cells = dict(zip(handler.__code__.co_freevars, handler.__closure__ or ()))
            if "ids_metadata" in cells:
                return cells["ids_metadata"].cell_contents
    return {}


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        names = [line.strip() for line in file if line.strip()]
    table = {name: arguments_of(name) for name in names}
    print(json.dumps({"azureCli": __version__, "commands": table}, indent=2))
