//! The certificate authorities that a client trusts.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};

use crate::error::{Error, Result};
use crate::transport::settings::Settings;

const FILE: &str = "SSL_CERT_FILE";
const DIRECTORIES: &str = "SSL_CERT_DIR";
/// A bundle has a quarter of a megabyte; what is larger than this is something else.
const MOST_BYTES: u64 = 16 << 20;

type Certificates = Vec<CertificateDer<'static>>;

/// The bundled authorities, and beside them those of `ca_file`, of `SSL_CERT_FILE`, and of the
/// files in `SSL_CERT_DIR`. `variable` reads the environment, which is of no concern to a client
/// that encrypts nothing.
pub(super) fn trusted(
    settings: &Settings,
    encrypts: bool,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<RootCertStore> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    if let Some(path) = settings.ca_file {
        add(&mut roots, "ca_file", path, read_file(path))?;
    }
    let set = |name| variable(name).filter(|value| encrypts && !value.is_empty());
    if let Some(path) = set(FILE) {
        let path = Path::new(&path);
        add(&mut roots, FILE, path, read_file(path))?;
    }
    for path in set(DIRECTORIES).iter().flat_map(std::env::split_paths) {
        if !path.as_os_str().is_empty() {
            add(&mut roots, DIRECTORIES, &path, read_directory(&path))?;
        }
    }
    Ok(roots)
}

/// Adds what was read from a path, which `name` gave.
fn add(
    roots: &mut RootCertStore,
    name: &str,
    path: &Path,
    certificates: io::Result<Certificates>,
) -> Result<()> {
    let wrong = |what: &str| Error::config(format!("{name} {}: {what}", path.display()));
    let certificates = certificates.map_err(|error| wrong(&error.to_string()).caused_by(&error))?;
    // A bundle may have some that are of no use here.
    match roots.add_parsable_certificates(certificates) {
        (0, 0) => Err(wrong("holds no certificate in PEM form")),
        (0, _) => Err(wrong("holds no certificate that can be used")),
        _ => Ok(()),
    }
}

/// Reads a file, and nothing that could make a program wait, such as a pipe.
fn read_file(path: &Path) -> io::Result<Certificates> {
    let metadata = fs::metadata(path)?;
    if metadata.is_dir() {
        return Err(io::Error::other(
            "is a directory; SSL_CERT_DIR of the environment takes directories",
        ));
    }
    if !metadata.is_file() {
        return Err(io::Error::other("is not a regular file"));
    }
    let mut text = Vec::new();
    File::open(path)?
        .take(MOST_BYTES + 1)
        .read_to_end(&mut text)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(io::Error::other(
            "is larger than 16 MiB; it must be a PEM file",
        ));
    }
    let certificates: Result<_, pem::Error> = CertificateDer::pem_slice_iter(&text).collect();
    certificates.map_err(|error| io::Error::other(error.to_string()))
}

/// Reads the files of a directory. It may have others beside certificates, and names one
/// certificate several times.
fn read_directory(path: &Path) -> io::Result<Certificates> {
    let mut all = Certificates::new();
    for entry in fs::read_dir(path)? {
        for certificate in read_file(&entry?.path()).unwrap_or_default() {
            if !all.contains(&certificate) {
                all.push(certificate);
            }
        }
    }
    Ok(all)
}
