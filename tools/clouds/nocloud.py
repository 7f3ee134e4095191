"""nocloud: a machine of a hypervisor without a cloud, its seed on an ISO image labelled cidata."""

import json

from tools.boots.seed import iso, laid_out
from tools.clouds import Cloud


def media(wishes, folder):
    meta = {"instance-id": wishes.id or "i-nocloud-1", "local-hostname": wishes.hostname, "public-keys": wishes.keys}
    files = wishes.tree or {"meta-data": json.dumps(meta), "user-data": wishes.user_data}
    return [iso(laid_out(files, folder / "cidata"), folder / "cidata.iso")]


CLOUD = Cloud("nocloud", "NoCloud: a seed on a labelled disk", media=media)
