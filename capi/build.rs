//! Gives the shared library its name for the loader, as cargo-c does, so that programs linked
//! with a plain `cargo build` find the installed one, and refuse one with another ABI.

#[path = "src/abi_version.rs"]
mod abi_version;

use abi_version::KNOCK_ABI_VERSION;

fn main() {
    println!("cargo::rerun-if-changed=src/abi_version.rs");
    let target = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    match target.as_str() {
        "linux" | "android" | "freebsd" | "netbsd" | "openbsd" | "dragonfly" => {
            println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libknock.so.{KNOCK_ABI_VERSION}");
        }
        "macos" => {
            println!(
                "cargo::rustc-cdylib-link-arg=-Wl,-install_name,@rpath/libknock.{KNOCK_ABI_VERSION}.dylib"
            );
        }
        _ => {}
    }
}
