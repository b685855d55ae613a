//! The private key that user tokens are signed with.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::rsa::KeyPair;
use ring::signature::RSA_PKCS1_SHA256;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use zeroize::{Zeroize, Zeroizing};

use crate::error::{Error, Result};

/// The variable of the environment that holds the key.
const VARIABLE: &str = "KNOCK_SIGNING_KEY";
const PEM_START: &str = "-----BEGIN";

/// A signing key of a Knock environment: an RSA private key of 2,048 to 8,192 bits.
///
/// Keys are made in the Knock dashboard. `Debug` does not show the key, and its text is
/// overwritten in memory once it has been read.
///
/// ```no_run
/// use knock::user_token::SigningKey;
///
/// let key = SigningKey::from_env()?;
/// let token = key.sign("jane")?;
/// println!("{}", token.token());
/// # Ok::<(), knock::Error>(())
/// ```
pub struct SigningKey {
    key: KeyPair,
}

impl SigningKey {
    /// Reads a key: PEM, or base64 of PEM, as the dashboard shows both. PKCS#8 (`BEGIN PRIVATE
    /// KEY`) and PKCS#1 (`BEGIN RSA PRIVATE KEY`) are accepted, and PEM with its line breaks
    /// written as `\n`.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::ErrorKind::Config) for text that is no such key. The message does not
    /// show the key.
    pub fn new(text: &str) -> Result<Self> {
        let pem = pem_of(text.trim())?;
        if let Some(problem) = wrong_label(&pem) {
            return Err(refused(problem));
        }
        let mut der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| {
            refused("is not complete PEM; copy all of it, with its BEGIN and END lines")
        })?;
        let key = match &der {
            PrivateKeyDer::Pkcs8(der) => KeyPair::from_pkcs8(der.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(der) => KeyPair::from_der(der.secret_pkcs1_der()),
            _ => return Err(refused("is not an RSA key")),
        };
        der.zeroize();
        let key = key.map_err(|rejected| {
            refused(match rejected.to_string().as_str() {
                "TooSmall" => "is an RSA key of under 2,048 bits, which is too short",
                "TooLarge" => "is an RSA key of over 8,192 bits, which is too long",
                "WrongAlgorithm" => "is not an RSA key",
                _ => "is not a valid RSA private key",
            })
        })?;
        Ok(Self { key })
    }

    /// Reads the key in `KNOCK_SIGNING_KEY`.
    ///
    /// # Errors
    ///
    /// [`Config`](crate::ErrorKind::Config) where the variable is missing or holds no key.
    pub fn from_env() -> Result<Self> {
        match std::env::var(VARIABLE) {
            Ok(text) if !text.trim().is_empty() => Self::new(&Zeroizing::new(text)),
            _ => Err(Error::config(format!(
                "there is no signing key; set signing_key, or {VARIABLE} in the environment"
            ))),
        }
    }

    /// The signature of a message by RS256.
    pub(super) fn signature(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message,
                &mut signature,
            )
            .map_err(|_| refused("cannot sign; it is damaged"))?;
        Ok(signature)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").finish_non_exhaustive()
    }
}

fn refused(problem: &str) -> Error {
    Error::config(format!("the signing key {problem}"))
}

/// The PEM in the text, decoded where it is base64 of PEM.
fn pem_of(text: &str) -> Result<Zeroizing<String>> {
    if text.starts_with(PEM_START) {
        // Variables of the environment often have their line breaks escaped.
        return Ok(Zeroizing::new(text.replace("\\n", "\n")));
    }
    let packed = Zeroizing::new(text.split_whitespace().collect::<String>());
    let decoded = STANDARD.decode(packed.as_bytes()).ok().map(Zeroizing::new);
    decoded
        .and_then(|bytes| String::from_utf8(bytes.to_vec()).ok())
        .map(|pem| Zeroizing::new(pem.trim_start().to_owned()))
        .filter(|pem| pem.starts_with(PEM_START))
        .ok_or_else(|| refused("is neither PEM (-----BEGIN PRIVATE KEY-----) nor base64 of PEM"))
}

/// The reason for which PEM with this label is no signing key.
fn wrong_label(pem: &str) -> Option<&'static str> {
    let label = pem.strip_prefix(PEM_START)?.trim_start();
    let starts = |label_of: &str| label.starts_with(label_of);
    if starts("PUBLIC KEY") || starts("RSA PUBLIC KEY") {
        Some("is a public key; tokens are signed with the private one")
    } else if starts("CERTIFICATE") {
        Some("is a certificate; tokens are signed with a private key")
    } else if starts("ENCRYPTED PRIVATE KEY") || pem.contains("Proc-Type: 4,ENCRYPTED") {
        Some("is encrypted with a passphrase; decrypt it first")
    } else if starts("EC PRIVATE KEY") || starts("DSA PRIVATE KEY") {
        Some("is not an RSA key")
    } else if starts("OPENSSH PRIVATE KEY") {
        Some("is in the form of OpenSSH; turn it into PEM (ssh-keygen -p -m PEM)")
    } else {
        None
    }
}
