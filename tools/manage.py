"""A management command of one service, on the stack that runs: `make manage s=points c="verify_ledger"`.

Reads S and C from the environment, where make puts `s` and `c`, so that no shell reads them a second time; the
command's words are told apart as a shell does. Ends with the command's own exit code.
"""

import os
import shlex
import sys

from tools.stack.layout import PACKAGES
from tools.target import running


def main(service: str, text: str) -> int:
    """Runs the command.

    :raises SystemExit: there is no such service, no command, or no stack; the text is a sentence.
    """
    if service not in PACKAGES:
        sys.exit(f"s={service} is no service: it is one of {', '.join(PACKAGES)}")
    try:
        arguments = shlex.split(text)
    except ValueError as problem:
        sys.exit(f"c={text} cannot be read: {str(problem).lower()}")
    if not arguments:
        sys.exit(f's={service} needs a command: make manage s={service} c="help" lists them')
    target = running()
    if not target.is_up():
        sys.exit("no stack is up here: make up starts one")
    # What a person sets for the command; the services' own processes are not told it.
    variables = {name: os.environ[name] for name in ("OPERATOR_PASSWORD",) if name in os.environ}
    return target.manage(service, *arguments, env=variables)


if __name__ == "__main__":
    sys.exit(main(os.environ.get("S", ""), os.environ.get("C", "")))
