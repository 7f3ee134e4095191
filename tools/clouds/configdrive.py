"""configdrive: a machine of nova's whose documents are on an ISO image that is attached to it."""

from tools.boots.seed import iso, laid_out
from tools.clouds import Cloud
from tools.clouds.openstack import about, firmware
from tools.mock_cloud.openstack import documents


def media(wishes, folder):
    files = {path.lstrip("/"): content for path, content in (wishes.tree or documents(**about(wishes))).items()}
    return [iso(laid_out(files, folder / "config-2"), folder / "config-2.iso", "config-2")]


CLOUD = Cloud("configdrive", "OpenStack: config drive", firmware, media=media)
