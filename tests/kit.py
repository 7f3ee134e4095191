"""What the tests of modules and recipes stand on: a machine of their own, whose files are real and whose commands are
told what to answer."""

import hashlib
import os
import subprocess
import sys
from contextlib import contextmanager

import yaml

from cloudboot.errors import CloudbootError
from cloudboot.module import Boot, Stage
from cloudboot.system import actions
from cloudboot.system.actions import Outcome
from cloudboot.system.door import System
from cloudboot.system.journal import Journal, Journaled
from cloudboot.system.live import Live
from cloudboot.system.plan import Plan
from cloudboot.values import Host, Instance, Os

HOLD = (
    "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.lockf(f, fcntl.LOCK_EX); print('held', flush=True); input()"
)
DISTROS = {
    "debian": Os("debian", "debian", "12", "bookworm", "Debian GNU/Linux"),
    "ubuntu": Os("ubuntu", "debian", "24.04", "noble", "Ubuntu"),
    "fedora": Os("fedora", "redhat", "40", "", "Fedora Linux"),
    "rhel": Os("rhel", "redhat", "9.4", "", "Red Hat Enterprise Linux"),
    "opensuse": Os("opensuse-leap", "suse", "15.6", "", "openSUSE Leap"),
    "alpine": Os("alpine", "alpine", "3.20", "", "Alpine Linux"),
    "arch": Os("arch", "arch", "", "", "Arch Linux"),
    "gentoo": Os("gentoo", "gentoo", "", "", "Gentoo"),
}
PASSWD = "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"


class Stop(BaseException):
    """The power went."""


class Machine:
    """A backend over a scratch root. Files are real. A command is answered from ``answers`` (its first words, as text,
    to an `Outcome`, an exit status or stdout), else with success; what it would have done may be given as a function of
    this machine. Owners that the scratch root does not know are remembered in ``owners`` instead of set."""

    def __init__(self, root, files=None, answers=None, tools=()):
        self.root, self.answers = str(root), dict(answers or {})
        self.live = Live(self.root)
        self.live._can_run = lambda program: True
        self.actions, self.owners, self.said, self.told = [], {}, [], []
        self.stop_at, self.stop_before = 0, False
        self.stdin = b""  # of the last query
        for path, text in {"/etc/passwd": PASSWD, "/etc/group": "root:x:0:\n", **(files or {})}.items():
            self.put(path, text)
        for tool in tools:
            self.put(f"/usr/bin/{tool}", "", 0o755)

    def put(self, path, text, mode=0o644):
        at = self.root + path
        os.makedirs(os.path.dirname(at), exist_ok=True)
        with open(at, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        os.chmod(at, mode)

    def read(self, path):
        return self.live.read(path)

    def look(self, path):
        return self.live.look(path)

    def names(self, path):
        return self.live.names(path)

    def text(self, path):
        data = self.live.read(path)
        return None if data is None else data.decode()

    def mode(self, path):
        return self.live.look(path).mode

    def query(self, argv, timeout, stdin=b""):
        self.stdin = stdin
        return self._answer(argv, Outcome(False, 127))

    def _answer(self, argv, otherwise):
        line = " ".join(argv)
        for start in sorted(self.answers, key=len, reverse=True):
            if line == start or line.startswith(start + " "):
                answer = self.answers[start]
                if callable(answer):
                    answer = answer(self, argv)
                if isinstance(answer, Outcome):
                    return answer
                if isinstance(answer, int):
                    return Outcome(True, answer)
                return Outcome(True, stdout=(answer or "").encode())
        return otherwise

    def perform(self, action):
        self.stop_at -= 1
        if self.stop_at == 0 and self.stop_before:
            raise Stop
        outcome = self._perform(action)
        if self.stop_at == 0:
            raise Stop
        return outcome

    def _perform(self, action):
        self.actions.append(action)
        if type(action).__name__ == "Say":
            self.said.append(action.text if isinstance(action.text, str) else action.text.reveal())
            return Outcome(True)
        if isinstance(action, actions.Run):
            return self._answer(action.argv, Outcome(True))
        if isinstance(action, actions.TakeName):
            return self._answer(("take name", action.name), Outcome(True))
        if isinstance(action, actions.Fetch):
            answer = self.answers.get(action.url, b"")
            if isinstance(answer, CloudbootError):
                raise answer
            return Outcome(True, stdout=answer if isinstance(answer, bytes) else answer.encode())
        if isinstance(action, actions.Tell):
            answer = self.answers.get(f"{action.service}{action.path}", b"")
            if isinstance(answer, CloudbootError):
                raise answer
            self.told.append(action)
            return Outcome(True, stdout=answer)
        if isinstance(action, actions.Draw):
            seed = hashlib.sha256(f"{action.name} {len(self.actions)}".encode()).digest() * 4
            drawn = "".join(action.alphabet[b % len(action.alphabet)] for b in seed)
            return Outcome(True, stdout=drawn[: action.length].encode())
        if getattr(action, "owner", None):
            self.owners[action.path] = action.owner
            action = action.but(owner=None)
            if isinstance(action, actions.SetAccess) and action.mode is None:
                return Outcome(True)
        return self.live.perform(action)

    @property
    def commands(self):
        """Every command that ran, as its words joined by blanks."""
        return [" ".join(a.argv) for a in self.actions if isinstance(a, actions.Run)]

    def tree(self, *without):
        """Path, mode and content of everything, for comparing machines."""
        found = {}
        for folder, folders, names in os.walk(self.root):
            for name in folders + names:
                path = os.path.join(folder, name)
                inside = path[len(self.root) :]
                if inside.startswith(tuple(without)) if without else False:
                    continue
                what = os.lstat(path).st_mode
                content = os.readlink(path) if os.path.islink(path) else ""
                if os.path.isfile(path) and not os.path.islink(path):
                    with open(path, "rb") as file:
                        content = file.read()
                found[inside] = (what, content)
        return found


def boot_of(config, *, os="debian", instance=None, host=None, stage=Stage.CONFIG, first=True, **more):
    """A `Boot` for a module: ``config`` is YAML or a mapping."""
    if isinstance(config, str):
        config = yaml.safe_load(config) or {}
    return Boot(stage, host or Host(os=DISTROS[os]), instance or Instance("i-1"), config, first, **more)


def apply(module, config, machine, *, journal=None, **about):
    """Runs a module as a boot would, with a journal of its own where none is given; the `System` it was handed, whose
    ``notes`` and ``left`` tell what it had to say."""
    boot = boot_of(config, **about).but(stage=module.stage)
    step = f"{boot.instance.id}/{module.name}"
    journal = journal or Journal(os.path.join(machine.root, ".journal"), readonly=True)
    resumed = step in journal.begun
    journal.begin([step])
    system = System(Journaled(machine, journal, step, resumed))
    options, problems = module.read(boot.config)
    system.notes.extend(str(p) for p in problems)
    module.apply(system, options, boot)
    return system


def plan(module, config, machine, **about):
    """What a module would do, as the steps of a `Plan`; the machine is left alone."""
    over = Plan(machine)
    boot = boot_of(config, **about).but(stage=module.stage)
    module.apply(System(over), module.read(boot.config)[0], boot)
    return over.steps


def example(module_file):
    """The example document of a plug-in's docstring: its indented lines."""
    lines = (module_file.__doc__ or "").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("    "))
    block = []
    for line in lines[start:]:
        if line.strip() and not line.startswith("    "):
            break
        block.append(line[4:])
    return "\n".join(block)


def calls(work):
    """How many calls of Python and C functions the work makes."""
    count = [0]

    def count_one(frame, event, arg):
        if event in ("call", "c_call"):
            count[0] += 1

    before = sys.getprofile()
    sys.setprofile(count_one)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count[0]


@contextmanager
def taking_at_most(size):
    """A disk on which no file grows beyond so many bytes: half of a larger one is taken, as by a disk that fills up."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def held_by_another(path):
    """Another process that holds a lock on the file until it is killed or its input ends."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"held\n"
    return process
