"""Builds the shared library with cargo and puts it into the wheel."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import sys_tags

# What cargo needs of the repository; a source distribution carries it under `rust/`.
RUST = (
    "Cargo.toml",
    "Cargo.lock",
    "LICENSE",
    "README.md",
    "capi",
    "cbindgen.toml",
    "include",
    "src",
    "benches",
    "examples",
    "generate",
    "sandbox",
    "tests",
    "tools",
)


class CustomBuildHook(BuildHookInterface):
    """Called by hatchling before a wheel or source distribution is made."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        sources = self._sources()
        if self.target_name == "sdist":
            found = ((sources / name, f"rust/{name}") for name in RUST)
            build_data["force_include"].update(
                {str(path): inside for path, inside in found if path.exists()}
            )
            return
        library = self._build(sources)
        if version == "editable":
            # An editable install runs from the sources, so the library stands beside them.
            shutil.copy2(library, Path(self.root, "src", "knock_client"))
        else:
            build_data["force_include"][str(library)] = f"knock_client/{library.name}"
            build_data["force_include"][str(sources / "LICENSE")] = "knock_client/LICENSE"
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{next(sys_tags()).platform}"

    def _sources(self) -> Path:
        """The Rust sources: inside a source distribution, or around this folder in a checkout."""
        for folder in (Path(self.root, "rust"), Path(self.root).parents[1]):
            if (folder / "Cargo.toml").exists():
                return folder
        raise RuntimeError("the Rust sources are missing; build from a checkout or an sdist")

    def _build(self, sources: Path) -> Path:
        """Builds the library and returns where it is."""
        cargo = os.environ.get("CARGO") or shutil.which("cargo")
        if cargo is None:
            raise RuntimeError("building knock-client takes Rust: see https://rustup.rs")
        profile = os.environ.get("KNOCK_CARGO_PROFILE", "release")
        command = [cargo, "build", "--profile", profile, "--locked", "--package", "knock-capi"]
        built = subprocess.run(
            [*command, "--message-format=json-render-diagnostics"],
            cwd=sources,
            stdout=subprocess.PIPE,
            check=True,
        )
        suffix = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")
        for line in built.stdout.splitlines():
            message = json.loads(line)
            if message["reason"] == "compiler-artifact" and message["target"]["name"] == "knock":
                for file in map(Path, message["filenames"]):
                    if file.suffix == suffix:
                        return file
        raise RuntimeError(f"cargo built no {suffix} library")
