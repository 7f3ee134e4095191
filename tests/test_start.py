import json

from cloudboot.start import prepare


def test_the_status_says_what_is_being_waited_for_and_since_when(tmp_path):
    job = prepare(str(tmp_path), quiet=True)
    status = tmp_path / "run/cloudboot/status.json"
    job.machine.waiting("apt-get (process 812) holds /var/lib/dpkg/lock")
    waiting = json.loads(status.read_text())["waiting"]
    assert waiting["for"] == "apt-get (process 812) holds /var/lib/dpkg/lock"
    assert waiting["since"] > 0
    job.machine.waiting("")
    assert json.loads(status.read_text())["waiting"] is None
