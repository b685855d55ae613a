"""What is asked of the wheel, in an environment that has nothing else: no Rust, no package."""

from __future__ import annotations

import shutil
import sys
from importlib.metadata import distribution
from pathlib import Path

import knock_client
from knock_client import APIConnectionError, Knock

package = Path(knock_client.__file__).parent
assert Path(sys.prefix) in package.parents, f"{package} is not the wheel's"
assert shutil.which("cargo") is None, "cargo is there, so this shows nothing"

installed = distribution("knock-client")
assert installed.version == knock_client.__version__
assert installed.requires is None, "the package needs nothing but Python"
(tag,) = [line for line in (installed.read_text("WHEEL") or "").splitlines() if "Tag" in line]
assert tag.startswith("Tag: py3-none-") and not tag.endswith("-any"), tag
files = {file.name for file in installed.files or []}
assert {"py.typed", "LICENSE"} <= files, files

with Knock(api_key="sk_test", base_url="http://127.0.0.1:9", max_retries=0) as client:
    try:
        client.users.get("jane")
    except APIConnectionError as error:
        print(f"the wheel works: {error}")
