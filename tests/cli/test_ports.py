"""Two runners that start in the same second never choose the same port."""

import subprocess
import sys

from cli import ports

CHOOSE = (
    "from cli import ports; import sys; print(ports.choose(int(sys.argv[1]), set()), flush=True); input()"
)


def test_a_chosen_port_is_nobody_elses_until_its_runner_ends() -> None:
    wanted = ports.free()
    with subprocess.Popen(
        [sys.executable, "-c", CHOOSE, str(wanted)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        chosen = int(other.stdout.readline())
        assert chosen != wanted, "this process has it, although nothing listens there"
        assert ports.choose(chosen, set()) != chosen, "the other one has it"
        other.communicate("\n")
    assert ports.choose(chosen, set()) == chosen


def test_a_runner_may_take_its_own_port_again() -> None:
    port = ports.free()
    assert ports.choose(port, set()) == port
    assert ports.choose(port, {port}) != port
