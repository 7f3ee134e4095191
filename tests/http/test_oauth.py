from cloudboot.http.oauth import clock_ahead, signed


def test_a_request_without_a_consumer_is_not_signed():
    assert signed({}) == {} == signed({"consumer_key": ""})


def test_secrets_are_escaped_twice_and_no_two_requests_are_alike():
    about = {"consumer_key": "c", "token_key": "t", "token_secret": "a b&c"}
    first, second = (signed(about)["Authorization"] for _ in range(2))
    assert 'oauth_signature="%26a%2520b%2526c"' in first
    assert first != second


def test_the_time_is_the_servers():
    header = signed({"consumer_key": "c"}, 1e9)["Authorization"]
    now = signed({"consumer_key": "c"})["Authorization"]
    times = [int(h.partition('oauth_timestamp="')[2].partition('"')[0]) for h in (header, now)]
    assert 999_999_990 < times[0] - times[1] < 1_000_000_010


def test_a_date_is_a_clock_and_anything_else_is_none():
    assert clock_ahead("Fri, 01 Jan 2100 00:00:00 GMT") > 0
    assert clock_ahead("tomorrow") is None
