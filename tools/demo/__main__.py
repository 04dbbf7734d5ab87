"""`python -m tools.demo`: plays a purchase on the stack that is up; exits with 1 where a step is not as promised."""

import sys

from tools.demo import page
from tools.demo.caller import NotAsPromised, sign_in
from tools.demo.steps import PASSWORD, Play
from tools.stack.layout import State
from tools.target import make_operator, running


def main() -> int:
    target = running()
    make_operator(target)
    email, password = target.settings["OPERATOR_EMAIL"], target.settings["OPERATOR_PASSWORD"]
    print("Each line: who, what, the answer's status, its time, and the request id that logs and messages carry.")
    try:
        operator, _ = sign_in(target.url, "operator", email, password)
        play = Play(target.url, operator, lambda as_of: target.manage("points", "expire_points", "--as-of", as_of))
        play.all_steps()
    except NotAsPromised as problem:
        print(f"\nnot as promised: {problem}", file=sys.stderr)
        return 1
    page.title("Done: everything was as promised. Look around")
    print(f"""
  {target.url}/docs/             the APIs of all services; sign in, authorize, try
  {target.url}/flower/points/    workers and queues (also auth, payments, warehouse)
  operator   {email}, the password is OPERATOR_PASSWORD in {State.default().env_name}
  member     {play.email}, password: {PASSWORD}""")
    return 0


if __name__ == "__main__":
    sys.exit(main())
