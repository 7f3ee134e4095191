"""ec2: a Nitro machine of Amazon's, its metadata service with tokens."""

from tools.clouds import Cloud, given
from tools.mock_cloud.ec2 import Ec2, example

ID, UUID = "i-0mock00000000001", "ec2e1916-9099-7caf-fd21-012345abcdef"


def firmware(wishes):
    return {
        0: {"vendor": "Amazon EC2", "version": "1.0"},
        1: {"manufacturer": "Amazon EC2", "product": "t3.mock", "serial": UUID, "uuid": UUID},
        2: {"manufacturer": "Amazon EC2", "asset": wishes.id or ID},
        3: {"manufacturer": "Amazon EC2", "asset": "Amazon EC2"},
    }


def answers(wishes):
    about = given(
        name=wishes.id, hostname=wishes.hostname, user_data=wishes.user_data, keys=wishes.keys, macs=wishes.macs
    )
    return Ec2(wishes.tree or example(**about), rate=wishes.rate)


CLOUD = Cloud(
    "ec2",
    "Amazon EC2: metadata service with tokens (IMDSv2)",
    firmware,
    answers,
    at=("169.254.169.254:80",),
    network="169.254.169.0/24",
)
