"""azure: a machine of Microsoft's: metadata service, wireserver, and a provisioning disc of UDF."""

from tools.boots.seed import laid_out, udf
from tools.clouds import Cloud
from tools.mock_cloud.azure import Azure, environment, instance

ID, TAG = "0a1b2c3d-1111-2222-3333-444455556666", "7783-7084-3265-9085-8269-3286-77"


def firmware(wishes):
    system = {"manufacturer": "Microsoft Corporation", "product": "Virtual Machine", "uuid": wishes.id or ID}
    return {1: system, 3: {"manufacturer": "Microsoft Corporation", "asset": TAG}}


def answers(wishes):
    about = instance(wishes.hostname, keys=wishes.keys, macs=wishes.macs, id=wishes.id or ID, custom=True)
    for nic in about["network"]["interface"]:
        nic["ipv6"]["ipAddress"] = []  # QEMU's network has no server of DHCPv6
    return Azure(wishes.tree or about, rate=wishes.rate)


def media(wishes, folder):
    document = environment(wishes.hostname, "opsadmin", custom_data=wishes.user_data, keys=wishes.keys)
    return [udf(laid_out({"ovf-env.xml": document}, folder / "disc"), folder / "disc.iso", "rd_rdfe_stable.260101")]


CLOUD = Cloud(
    "azure",
    "Microsoft Azure: metadata service, wireserver, provisioning disc",
    firmware,
    answers,
    at=("169.254.169.254:80", "168.63.129.16:80"),
    media=media,
    network="168.0.0.0/7",
)
