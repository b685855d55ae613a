"""sdk.py knock_client|knockapi BASE_URL get|put|feed CALLS: this library from Python, or Knock's own package.

The two have the same interface.
"""

import sys

package, base_url, work, calls = sys.argv[1:]
if package == "knock_client":
    from knock_client import Knock

    client = Knock(api_key="sk_test_12345", base_url=base_url, pacing={str(tier): 1e6 for tier in range(1, 6)})
else:
    from knockapi import Knock

    client = Knock(api_key="sk_test_12345", base_url=base_url)

for _ in range(int(calls)):
    if work == "put":
        answer = client.users.update("jane", name="Jane Doe", email="jane@ingen.net", extra_body={"plan": "pro"})
        assert answer.id == "jane"
    elif work == "feed":
        assert len(client.users.feeds.list_items("jane", "feed", page_size=50).entries) == 50
    else:
        assert client.users.get("jane").id == "jane"
