"""Messages of a real rsyslog with our configuration, to a real receiver that goes away and comes back."""

import glob
import os
import socket
import subprocess
import time

import pytest

from cloudboot.values import Instance
from modules import rsyslog
from tests import kit, needs

RECEIVERS = {
    "relp": 'module(load="imrelp")\ninput(type="imrelp" port="{port}" tls="{tls}" {names})\n',
    "tcp": 'global(defaultNetstreamDriver="gtls" defaultNetstreamDriverCAFile="{ca}" '
    'defaultNetstreamDriverCertFile="{cert}" defaultNetstreamDriverKeyFile="{key}")\n'
    'module(load="imtcp" streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="anon")\n'
    'input(type="imtcp" port="{port}")\n',
}
NAMES = 'tls.caCert="{ca}" tls.myCert="{cert}" tls.myPrivKey="{key}" tls.authMode="certvalid"'
SECONDS = 60.0
LOST = {"relp": 0, "tcp": 300}
"""How many messages may be lost when a receiver goes: TCP does not say which of those under way have arrived."""


class Central:
    """A machine that logs, and the server that it logs to, in a folder."""

    def __init__(self, folder, protocol, tls):
        self.folder, self.protocol, self.running = str(folder), protocol, {}
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self.port = taken.getsockname()[1]
        for name in ("ca", "server", "machine"):
            self.certify(name)
        self.receiver(protocol, tls)
        self.machine(protocol, tls)

    def path(self, name):
        return f"{self.folder}/{name}"

    def certify(self, name):
        about = [
            "-subj",
            f"/CN={name}.example.org",
            "-keyout",
            self.path(f"{name}.key"),
            "-out",
            self.path(f"{name}.pem"),
        ]
        by = ["-CA", self.path("ca.pem"), "-CAkey", self.path("ca.key")] if name != "ca" else []
        words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", "-days", "2", *about, *by]
        alternative = ["-addext", f"subjectAltName=DNS:{name}.example.org", "-addext", "basicConstraints=critical,CA:"]
        alternative[-1] += "TRUE" if name == "ca" else "FALSE"
        subprocess.run([*words, *alternative], check=True, capture_output=True)

    def receiver(self, protocol, tls):
        about = {"ca": self.path("ca.pem"), "cert": self.path("server.pem"), "key": self.path("server.key")}
        names = NAMES.format(**about) if tls else ""
        text = RECEIVERS[protocol].format(port=self.port, tls="on" if tls else "off", names=names, **about)
        form = 'template(name="raw" type="string" string="%rawmsg%\\n")\n'
        self.write("receiver.conf", f'{text}{form}*.* action(type="omfile" file="{self.path("got")}" template="raw")\n')

    def machine(self, protocol, tls):
        """Our configuration in the place of a distribution's, its paths within the folder."""
        own = kit.Machine(self.path("own"), tools=("rsyslogd", "systemctl"))
        names = {"ca_cert": "ca.pem", "cert": "machine.pem", "key": "machine.key"} if tls else {}
        known = {"permitted_peer": "server.example.org", **{k: self.text(v) for k, v in names.items()}} if tls else {}
        target = {"host": "127.0.0.1", "port": self.port, "protocol": protocol, "tls": tls, "match": "user.*", **known}
        kit.apply(rsyslog.MODULE, {"rsyslog": {"remotes": {"central": target}}}, own, instance=Instance('i-"7]'))
        text = own.text("/etc/rsyslog.d/20-cloudboot.conf").replace('"/etc/', f'"{own.root}/etc/')
        text = text.replace('"/var/spool', f'"{own.root}/var/spool').replace('Interval="5"', 'Interval="1"')
        text = text.replace('resumeIntervalMax="60"', 'resumeIntervalMax="1"')
        load = f'module(load="imuxsock" SysSock.Use="off")\ninput(type="imuxsock" Socket="{self.path("log")}")\n'
        self.write("sender.conf", f'{load}{text}\n*.* action(type="omfile" file="{self.path("local")}")\n')

    def write(self, name, text):
        with open(self.path(name), "w") as file:
            file.write(text)

    def start(self, name):
        words = ["rsyslogd", "-n", "-f", self.path(f"{name}.conf"), "-i", self.path(f"{name}.pid")]
        with open(self.path(f"{name}.out"), "wb") as out:
            self.running[name] = subprocess.Popen(words, stdout=out, stderr=out)

    def stop(self, name):
        process = self.running.pop(name)
        process.terminate()
        process.wait(SECONDS)

    def say(self, *texts):
        """Messages of programs, to the machine's socket."""
        wait_for(lambda: os.path.exists(self.path("log")), self)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
            log.connect(self.path("log"))
            for text in texts:
                log.send(f"<14>Nov 28 20:00:00 app[7]: {text}".encode())

    def text(self, name):
        with open(self.path(name)) as file:
            return file.read()

    def got(self):
        return self.text("got").splitlines() if os.path.exists(self.path("got")) else []

    def arrived(self, texts):
        return set(texts) & {line.rpartition("] ")[2] for line in self.got()}


def wait_for(is_so, central):
    end = time.monotonic() + SECONDS
    while not is_so():
        outs = [central.path(f"{name}.out") for name in ("sender", "receiver")]
        said = "".join(open(out).read() for out in outs if os.path.exists(out))
        assert time.monotonic() < end, f"{central.got()[-3:]} {said}"
        time.sleep(0.05)


def needed():
    needs.programs("rsyslogd", "openssl")
    for part in ("omrelp", "lmnsd_gtls"):
        needs.path(next(iter(glob.glob(f"/usr/lib*/*/rsyslog/{part}.so")), f"/usr/lib/rsyslog/{part}.so"))


@pytest.fixture(params=[("relp", False), ("relp", True), ("tcp", True)], ids=["relp", "relp with TLS", "tcp with TLS"])
def central(request, tmp_path):
    needed()
    here = Central(tmp_path, *request.param)
    yield here
    for name in list(here.running):
        here.stop(name)


def test_messages_wait_for_a_server_that_is_away_and_bear_the_instances_id(central):
    central.start("receiver")
    central.start("sender")
    central.say("first")
    wait_for(lambda: central.arrived(["first"]), central)
    assert 'app 7 - [instance@32473 id="i-\\"7\\]"] first' in central.got()[0]
    central.stop("receiver")
    many = [f"while away {n}" for n in range(1000)]
    central.say(*many)
    central.start("receiver")
    wait_for(lambda: len(central.arrived(many)) >= len(many) - LOST[central.protocol], central)


def test_messages_survive_a_restart_of_the_machine_while_the_server_is_away(central):
    central.start("sender")
    many = [f"before {n}" for n in range(1000)]
    central.say(*many)
    wait_for(lambda: os.path.exists(central.path("local")) and "before 999" in central.text("local"), central)
    central.stop("sender")
    assert any("cloudboot-central" in name for name in os.listdir(central.path("own/var/spool/rsyslog")))
    central.start("sender")
    central.start("receiver")
    wait_for(lambda: len(central.arrived(many)) == len(many), central)
