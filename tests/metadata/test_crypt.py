import pytest

from cloudboot.metadata.crypt import sha512_crypt


@pytest.mark.parametrize(
    ("password", "salt", "known"),
    [  # from crypt(3) of glibc
        ("Hello world!", "saltstring",
         "$6$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"),
        ("", "s", "$6$s$.ZBEl9liET9mKM6jGxl//vp8wOnIJwfkp.7sG2Ahu2q68bf4LasDRE6k5T5NPzLqBFx3oUbMl6xWpBsFfgm6.."),
        ("pässwörd" * 9, "0123456789abcdefXYZ",
         "$6$0123456789abcdef$lJlTeQd/KhmZrw8ZG5RHAfBFsKu6UYBrKbFjuvhLd/OiRUxSP18s/bkeT60PE8afZKq9mG4jfdF1PbFRPff/V."),
    ],
)  # fmt: skip
def test_a_hash_is_what_crypt_makes_of_it(password, salt, known):
    assert sha512_crypt(password, salt) == known
