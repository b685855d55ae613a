//! Setting a sandbox up.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use jsonwebtoken::DecodingKey;
use uuid::Uuid;

use crate::access;
use crate::config::{Config, Seed};
use crate::rate_limits::RateLimits;
use crate::sandbox::Sandbox;

/// Sets up a [`Sandbox`]; made by [`Sandbox::builder`].
#[derive(Clone)]
pub struct Builder {
    config: Config,
    addr: SocketAddr,
    seed: String,
    signing_key: Option<Vec<u8>>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            config: Config::default(),
            addr: (Ipv4Addr::LOCALHOST, 0).into(),
            seed: "empty".to_owned(),
            signing_key: None,
        }
    }
}

impl Builder {
    /// Listens here instead of on a free port of 127.0.0.1.
    pub fn addr(mut self, addr: SocketAddr) -> Self {
        self.addr = addr;
        self
    }

    /// Accepts requests whose `Host` is this name, too; a request is otherwise for `localhost`, for a loopback address
    /// or for the address that it came in on.
    pub fn allow_host(mut self, name: &str) -> Self {
        self.config.hosts.push(name.to_owned());
        self
    }

    /// Accepts this secret key alone, instead of any that starts with `sk_`.
    pub fn api_key(mut self, key: &str) -> Self {
        self.config.api_key = Some(key.to_owned());
        self
    }

    /// Accepts this public key alone, instead of any that starts with `pk_`.
    pub fn public_api_key(mut self, key: &str) -> Self {
        self.config.public_api_key = Some(key.to_owned());
        self
    }

    /// Checks the signature of user tokens with this RSA public key, in PEM. Without it only their claims are
    /// checked.
    pub fn signing_key(mut self, pem: &[u8]) -> Self {
        self.signing_key = Some(pem.to_vec());
        self
    }

    /// The channels of the environment; any other is unknown. Without it every UUID is a channel.
    pub fn channels(mut self, channels: impl IntoIterator<Item = Uuid>) -> Self {
        self.config.channels = Some(channels.into_iter().collect());
        self
    }

    /// Enforces the published rate limits.
    pub fn rate_limits(self, enforced: bool) -> Self {
        match enforced {
            true => self.rate_limits_of(RateLimits::published()),
            false => Self {
                config: Config {
                    rate_limits: None,
                    ..self.config
                },
                ..self
            },
        }
    }

    /// Enforces these rate limits.
    pub fn rate_limits_of(mut self, limits: RateLimits) -> Self {
        self.config.rate_limits = Some(limits);
        self
    }

    /// Contents of the world at the start and after a reset: `"empty"` (the default) or `"demo"`.
    pub fn seed(mut self, name: &str) -> Self {
        self.seed = name.to_owned();
        self
    }

    /// Number of requests the journal keeps, the latest ones; 10,000 by default, 0 keeps none.
    ///
    /// However many, their bodies together take at most 256 MiB: larger ones push older requests out.
    pub fn journal_capacity(mut self, requests: usize) -> Self {
        self.config.journal_capacity = requests;
        self
    }

    /// Most bytes that a user's properties may take as JSON; 262,144 by default.
    pub fn max_properties_bytes(mut self, bytes: usize) -> Self {
        self.config.max_properties_bytes = bytes;
        self
    }

    /// After how long a bulk operation that nobody polls finishes; 10 seconds by default.
    ///
    /// A polled one goes a step further with every poll, however fast they follow.
    pub fn bulk_settles_after(mut self, after: Duration) -> Self {
        self.config.bulk_settles_after = after;
        self
    }

    /// Wants all four ids in the body of every guide action, as the older API description has it.
    pub fn strict_guide_ids(mut self, strict: bool) -> Self {
        self.config.strict_guide_ids = strict;
        self
    }

    /// Starts the sandbox.
    ///
    /// # Errors
    /// If the address cannot be listened on, there is no such seed, the signing key is none, or an allowed host is not
    /// a name alone.
    pub fn start(self) -> io::Result<Sandbox> {
        let mut config = self.config;
        config.seed = Seed::named(&self.seed).ok_or_else(|| {
            let message = format!("there is no seed {:?}: it is demo or empty", self.seed);
            io::Error::new(io::ErrorKind::InvalidInput, message)
        })?;
        for host in &mut config.hosts {
            *host = access::host_name(host).ok_or_else(|| {
                let message = format!(
                    "{host:?} is not a host name, such as sandbox or knock.test, without a port"
                );
                io::Error::new(io::ErrorKind::InvalidInput, message)
            })?;
        }
        if let Some(pem) = self.signing_key {
            let key = DecodingKey::from_rsa_pem(&pem).map_err(|error| {
                let message = format!("the signing key is no RSA public key in PEM: {error}");
                io::Error::new(io::ErrorKind::InvalidInput, message)
            })?;
            config.signing_key = Some(key);
        }
        Sandbox::launch(config, self.addr)
    }
}
