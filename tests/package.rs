//! Contents of the crate for a Rust program: its sources and nothing else, and no C library.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Runs cargo and returns what it printed.
fn cargo(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO"));
    // The tests' own build says in the environment how it is done.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") {
            command.env_remove(name);
        }
    }
    let output = command.args(arguments).current_dir(folder).output();
    let output = output.expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo {arguments:?}: {said}");
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}

/// Makes the package of the crate and unpacks it below a folder.
fn package(folder: &Path) -> PathBuf {
    let made = folder.join("made");
    let made_text = made.to_str().expect("UTF-8");
    let options = [
        "--no-verify",
        "--allow-dirty",
        "--offline",
        "--target-dir",
        made_text,
    ];
    cargo(
        Path::new(ROOT),
        &[&["package", "--package", "knock-client"], &options[..]].concat(),
    );
    let name = concat!("knock-client-", env!("CARGO_PKG_VERSION"));
    let archive = made.join("package").join(format!("{name}.crate"));
    let mut unpack = Command::new("tar");
    unpack.arg("xzf").arg(archive).arg("-C").arg(folder);
    assert!(unpack.status().expect("tar runs").success());
    folder.join(name)
}

/// The paths of the files in a folder, from there.
fn files_below(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let inside = path.strip_prefix(folder).expect("a path below");
                found.insert(inside.display().to_string());
            }
        }
    }
    found
}

#[test]
fn the_package_has_the_library_and_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = files_below(&package(folder.path()));
    let made_by_cargo = [
        "Cargo.toml",
        "Cargo.toml.orig",
        "Cargo.lock",
        ".cargo_vcs_info.json",
    ];
    let documents = ["README.md", "CHANGELOG.md", "LICENSE", "docs/bulk.md"];
    for document in documents {
        assert!(files.contains(document), "no {document} in {files:?}");
    }
    let unexpected: Vec<_> = files
        .iter()
        .filter(|file| !file.starts_with("src/"))
        .filter(|file| !made_by_cargo.contains(&file.as_str()))
        .filter(|file| !documents.contains(&file.as_str()))
        .collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");
    assert!(files.contains("src/lib.rs"));
}

/// A program with a path dependency on the unpacked package.
fn program(folder: &Path) {
    let package = package(folder);
    // The versions that were tested, which are there.
    fs::copy(package.join("Cargo.lock"), folder.join("Cargo.lock")).expect("a copy");
    fs::create_dir(folder.join("src")).expect("a new folder");
    let main = r#"fn main() { println!("{:?}", knock::Client::new("sk_test").map(|_| ())); }"#;
    fs::write(folder.join("src/main.rs"), main).expect("a program");
    let manifest = format!(
        "[package]\nname = \"program\"\nedition = \"2024\"\n\
         [dependencies]\nknock-client = {{ path = {package:?} }}\n\
         [workspace]\n[profile.dev]\ndebug = false\n"
    );
    fs::write(folder.join("Cargo.toml"), manifest).expect("a manifest");
}

#[test]
fn a_rust_program_builds_from_the_package_and_builds_no_c_library() {
    let folder = tempfile::tempdir().expect("a folder");
    program(folder.path());
    // Kept, so that the dependencies are built once.
    let target = Path::new(ROOT).join("target/package-test");
    let target = target.to_str().expect("UTF-8");
    let built = cargo(
        folder.path(),
        &[
            "build",
            "--offline",
            "--message-format=json",
            "--target-dir",
            target,
        ],
    );
    let artifacts = built
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .filter(|message| message["reason"] == "compiler-artifact")
        .filter(|message| message["target"]["name"] == "knock");
    let files: Vec<PathBuf> = artifacts
        .flat_map(|message| {
            serde_json::from_value::<Vec<PathBuf>>(message["filenames"].clone()).expect("paths")
        })
        .collect();
    assert!(!files.is_empty());
    for file in files {
        let extension = file.extension().and_then(|extension| extension.to_str());
        assert!(
            matches!(extension, Some("rlib" | "rmeta")),
            "{}",
            file.display()
        );
    }
}
