//! Gives the shared library its name for the loader, as cargo-c does: programs find it by that name,
//! which has the version of the ABI in it, and refuse one with another.

#[path = "src/abi_version.rs"]
mod abi_version;

use std::env;
use std::path::Path;

use abi_version::KNOCK_ABI_VERSION;

fn main() {
    println!("cargo::rerun-if-changed=src/abi_version.rs");
    let target = env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    match target.as_str() {
        "linux" | "android" | "freebsd" | "netbsd" | "openbsd" | "dragonfly" => {
            let name = format!("libknock.so.{KNOCK_ABI_VERSION}");
            println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,{name}");
            link_beside("libknock.so", &name);
        }
        "macos" => {
            let name = format!("libknock.{KNOCK_ABI_VERSION}.dylib");
            println!("cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/{name}");
            link_beside("libknock.dylib", &name);
        }
        _ => {}
    }
}

/// Links the name for the loader to the library that cargo is about to build, so that programs that
/// are linked against it there start.
#[cfg(unix)]
fn link_beside(library: &str, name: &str) {
    let out = env::var_os("OUT_DIR").unwrap_or_default();
    // From target/release/build/knock-capi-…/out.
    let Some(folder) = Path::new(&out).ancestors().nth(3) else {
        return;
    };
    let link = folder.join(name);
    let linked = std::os::unix::fs::symlink(library, &link);
    if let Err(error) = linked
        && !link.is_symlink()
    {
        println!("cargo::warning=no {}: {error}", link.display());
    }
}

#[cfg(not(unix))]
fn link_beside(_: &str, _: &str) {}
