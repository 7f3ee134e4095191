from cloudboot.datasource import Probe
from cloudboot.datasources.none import DATASOURCE
from cloudboot.values import Host


def asked(settings):
    return DATASOURCE.fetch(Probe(Host(), settings, "network", None, None, None, None))


def test_no_machine_is_recognised_as_one_of_no_cloud():
    assert DATASOURCE.detect(Host(), {"metadata": {}}) is None


def test_without_configuration_it_is_an_instance_that_asks_for_nothing():
    instance = asked({})
    assert (instance.id, instance.datasource, instance.user_data) == ("iid-datasource-none", "none", b"")


def test_the_configuration_may_hold_what_a_cloud_would_say():
    instance = asked({"metadata": {"instance-id": "i-1", "local-hostname": "web1"}, "userdata_raw": "#cloud-config\n"})
    assert (instance.id, instance.hostname, instance.user_data) == ("i-1", "web1", b"#cloud-config\n")
    assert asked({"metadata": "text", "userdata_raw": None}).id == "iid-datasource-none"
