"""Azure's instance metadata service and, on the same port, its wireserver; and the document of a provisioning disc."""

import base64
import json
import subprocess
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

from tools.mock_cloud.server import Answer

ID = "0a1b2c3d-1111-2222-3333-444455556666"
VERSIONS = ("2019-06-01", "2021-08-01", "2023-11-15")
WIRE_VERSIONS = ("2015-04-05", "2012-11-30")
BAG = "comp=certificates&incarnation=1"
OVF, WA = "http://schemas.dmtf.org/ovf/environment/1", "http://schemas.microsoft.com/windowsazure"


class Azure:
    """``health`` is what was reported to the wireserver: (state, status, description). ``rate`` is how many requests a
    second the metadata service answers; ``certificates`` are PEM texts that it has for the machine; ``reprovision`` is
    the document of an owner who takes the machine out of a pool. ``wire_versions`` are those of the wireserver's
    protocol, the preferred one first; None for one that has no list."""

    def __init__(self, instance, versions=VERSIONS, rate=None, certificates=(), wire_versions=WIRE_VERSIONS):
        self.instance, self.versions, self.rate, self.wire_versions = instance, versions, rate, wire_versions
        self.incarnation, self.health, self._times = 1, [], []
        self.certificates, self.ciphers = tuple(certificates), ("DES_EDE3_CBC", "AES128_CBC")
        self.reprovision = None

    def __call__(self, request):
        if request.path.startswith("/metadata/"):
            return self._imds(request)
        spoken = WIRE_VERSIONS if self.wire_versions is None else self.wire_versions
        if request.path.startswith("/machine") and request.headers.get("x-ms-version") not in spoken:
            return Answer(400, "x-ms-version is missing, or none that is spoken here")
        if request.path == "/" and request.query == "comp=versions" and self.wire_versions is not None:
            return Answer(200, version_list(self.wire_versions), {"Content-Type": "text/xml; charset=utf-8"})
        if request.path.rstrip("/") == "/machine" and request.query == "comp=goalstate":
            return Answer(200, goal_state(self.incarnation, bool(self.certificates)))
        if request.path == "/machine/mock-container/mock-role" and request.query == BAG:
            return self._bag(request)
        if request.path == "/machine" and request.query == "comp=health" and request.method == "POST":
            return self._health_xml(request.body.decode())
        if request.path == "/provisioning/health" and request.method == "POST":
            told = json.loads(request.body)
            details = told.get("details", {})
            self.health.append((told["state"], details.get("subStatus", ""), details.get("description", "")))
            return Answer(201)
        return Answer(404)

    def _imds(self, request):
        if request.headers.get("metadata") != "true" or "x-forwarded-for" in request.headers:
            return Answer(400, "Bad request: a required header is missing")
        if request.path == "/metadata/versions":
            return Answer(200, json.dumps({"apiVersions": self.versions}))
        now = time.monotonic()
        self._times = [t for t in self._times if now - t < 1]
        if self.rate and len(self._times) >= self.rate:
            return Answer(429, "", {"Retry-After": "1"})
        self._times.append(now)
        asked = dict(pair.partition("=")[::2] for pair in request.query.split("&"))
        if asked.get("api-version") not in self.versions:
            return Answer(400, json.dumps({"newest-versions": self.versions}))
        if request.path == "/metadata/reprovisiondata":
            return Answer(200, self.reprovision) if self.reprovision else Answer(404)
        if request.path != "/metadata/instance":
            return Answer(404)
        told = (
            self.instance
            if asked.get("extended") == "true"
            else {k: v for k, v in self.instance.items() if k != "extended"}
        )
        return Answer(200, json.dumps(told), {"Content-Type": "application/json"})

    def _health_xml(self, text):
        if f"<GoalStateIncarnation>{self.incarnation}<" not in text or "<ContainerId>mock-container<" not in text:
            return Answer(400)
        root = ElementTree.fromstring(text)
        if root.findtext("Container/RoleInstanceList/Role/InstanceId") != "mock-role":
            return Answer(400)
        health = root.find("Container/RoleInstanceList/Role/Health")
        state, status = health.findtext("State"), health.findtext("Details/SubStatus", "")
        if state not in ("Ready", "NotReady") or (state == "NotReady") != bool(status):
            return Answer(400)
        self.health.append((state, status, health.findtext("Details/Description", "")))
        return Answer(200)

    def _bag(self, request):
        """The certificates in a PKCS#12 without a password, in a CMS message for whoever asks."""
        der, cipher = request.headers.get("x-ms-guest-agent-public-x509-cert"), request.headers.get("x-ms-cipher-name")
        if not der or cipher not in self.ciphers:
            return Answer(400)
        with tempfile.TemporaryDirectory() as folder:
            recipient = Path(folder, "recipient.pem")
            recipient.write_text(f"-----BEGIN CERTIFICATE-----\n{der}\n-----END CERTIFICATE-----\n")
            certs = openssl(
                "pkcs12", "-export", "-nokeys", "-passout", "pass:", stdin="".join(self.certificates).encode()
            )
            words = "-aes128" if cipher == "AES128_CBC" else "-des3"
            bag = openssl("cms", "-encrypt", "-binary", "-outform", "DER", words, str(recipient), stdin=certs)
        return Answer(
            200,
            '<?xml version="1.0" encoding="utf-8"?><CertificateFile><Version>2012-11-30</Version>'
            "<Incarnation>1</Incarnation><Format>Pkcs7BlobWithPfxContents</Format><Data>"
            f"{base64.encodebytes(bag).decode()}</Data></CertificateFile>",
        )


def openssl(*words, stdin=b""):
    return subprocess.run(["openssl", *words], input=stdin, capture_output=True, check=True).stdout


def certificate(key):
    """A certificate for the owner's private key (PEM), as the platform makes one of a public key that it is given."""
    return openssl(
        "req", "-x509", "-new", "-key", "/dev/stdin", "-subj", "/CN=owner", "-days", "30", stdin=key
    ).decode()


def version_list(versions):
    """As the platform writes it: with a byte order mark."""
    preferred, *_ = listed = [f"<Version>{version}</Version>" for version in versions]
    return (
        f'\ufeff<?xml version="1.0" encoding="utf-8"?><Versions><Preferred>{preferred}</Preferred>'
        f"<Supported>{''.join(listed)}</Supported></Versions>"
    )


def goal_state(incarnation, certificates=False):
    bag = (
        f"<Configuration><Certificates>http://168.63.129.16:80/machine/mock-container/mock-role?{BAG}"
        "</Certificates></Configuration>".replace("&", "&amp;")
        if certificates
        else ""
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?><GoalState><Incarnation>{incarnation}</Incarnation><Container>'
        "<ContainerId>mock-container</ContainerId><RoleInstanceList><RoleInstance><InstanceId>mock-role</InstanceId>"
        f"{bag}</RoleInstance></RoleInstanceList></Container></GoalState>"
    )


def instance(name="web-07", nics=1, user_data=b"", keys=("ssh-ed25519 AAAAC3Mock ops",), custom=False, macs=(), id=ID):
    """What the metadata service says, of made-up values."""
    macs = [mac.replace(":", "").upper() for mac in macs] or [f"00155D00000{i + 1}" for i in range(nics)]
    interfaces = [
        {"macAddress": mac,
         "ipv4": {"ipAddress": [{"privateIpAddress": f"10.{i}.0.{4 + n}", "publicIpAddress": ""} for n in range(i + 1)],
                  "subnet": [{"address": f"10.{i}.0.0", "prefix": "20"}]},
         "ipv6": {"ipAddress": [{"privateIpAddress": "fd00::4"}] if i == 0 else []}}
        for i, mac in enumerate(macs)
    ]  # fmt: skip
    compute = {
        "location": "westexample", "name": name, "vmId": id, "zone": "2",
        "platformFaultDomain": "0", "userData": base64.b64encode(user_data).decode(),
        "osProfile": {"adminUsername": "opsadmin", "computerName": name, "disablePasswordAuthentication": "true"},
        "publicKeys": [{"keyData": key, "path": "/home/opsadmin/.ssh/authorized_keys"} for key in keys],
    }  # fmt: skip
    return {"compute": compute, "network": {"interface": interfaces},
            "extended": {"compute": {"hasCustomData": custom, "ppsType": "None"}}}  # fmt: skip


def environment(
    name="disc-07", user="discadmin", password="", custom_data=b"", keys=(), platform="", linux="", fingerprints=()
):
    """An ``ovf-env.xml``."""
    listed = "".join(
        f"<PublicKey><Fingerprint>00</Fingerprint><Path>/k</Path><Value>{key}</Value></PublicKey>" for key in keys
    )
    listed += "".join(
        f"<PublicKey><Fingerprint>{mark}</Fingerprint><Path>/k</Path></PublicKey>" for mark in fingerprints
    )
    custom = base64.encodebytes(custom_data).decode()
    return f"""<?xml version="1.0" encoding="utf-8"?>
<Environment xmlns="{OVF}" xmlns:w="{WA}">
  <w:ProvisioningSection><w:Version>1.0</w:Version>
    <LinuxProvisioningConfigurationSet xmlns="{WA}">
      <ConfigurationSetType>LinuxProvisioningConfiguration</ConfigurationSetType>
      <HostName>{name}</HostName><UserName>{user}</UserName><UserPassword>{password}</UserPassword>
      <SSH><PublicKeys>{listed}</PublicKeys></SSH><CustomData>{custom}</CustomData>{linux}
    </LinuxProvisioningConfigurationSet>
  </w:ProvisioningSection>
  <w:PlatformSettingsSection><w:PlatformSettings>{platform}</w:PlatformSettings></w:PlatformSettingsSection>
</Environment>""".encode()
