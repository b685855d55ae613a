//! The sandbox as a program.

use std::error::Error;
use std::process::ExitCode;

use knock_sandbox::{Builder, RateLimits, Sandbox};
use lexopt::prelude::*;

const HELP: &str = "\
A stand-in for the Knock API on this machine.

Usage: knock-sandbox [OPTIONS]

Options:
  --addr HOST:PORT         Where to listen (default 127.0.0.1:4010; port 0 takes a free one)
  --allow-host NAME        Accept requests to this host name, too; repeat it
  --api-key KEY            The only secret key accepted (default: any that starts with sk_)
  --public-api-key KEY     The only public key accepted (default: any that starts with pk_)
  --signing-key FILE       RSA public key in PEM; checks the signature of user tokens
  --seed NAME              The world to start from: demo or empty (default)
  --channel UUID           A channel of the environment; repeat it. Any other is then unknown
  --rate-limits[=LIMITS]   Enforce the published limits, or others: =x10 for ten times as much,
                           =1=5,4=500 for requests a second by tier
  --journal N              Keep the latest N requests (default 10000)
  -h, --help               Show this

It answers under /v1 as the API does. Tests steer it under /_sandbox: POST seed, faults or reset,
GET requests, faults or stats.
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("knock-sandbox: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let Some(builder) = parse(lexopt::Parser::from_env())? else {
        print!("{HELP}");
        return Ok(());
    };
    let sandbox = builder.start()?;
    println!("listening on {}", sandbox.url());
    sandbox.wait();
    Ok(())
}

/// The arguments; none for help.
fn parse(mut arguments: lexopt::Parser) -> Result<Option<Builder>, Box<dyn Error>> {
    let mut builder = Sandbox::builder().addr(([127, 0, 0, 1], 4010).into());
    let mut channels = Vec::new();
    while let Some(argument) = arguments.next()? {
        builder = match argument {
            Long("addr") => {
                let addr = arguments.value()?.string()?;
                builder.addr(
                    addr.parse()
                        .map_err(|_| format!("--addr wants HOST:PORT, not {addr:?}"))?,
                )
            }
            Long("allow-host") => builder.allow_host(&arguments.value()?.string()?),
            Long("api-key") => builder.api_key(&arguments.value()?.string()?),
            Long("public-api-key") => builder.public_api_key(&arguments.value()?.string()?),
            Long("signing-key") => builder.signing_key(&std::fs::read(arguments.value()?)?),
            Long("seed") => builder.seed(&arguments.value()?.string()?),
            Long("channel") => {
                channels.push(arguments.value()?.parse()?);
                builder
            }
            Long("rate-limits") => match arguments.optional_value() {
                None => builder.rate_limits(true),
                Some(limits) => builder.rate_limits_of(RateLimits::parse(&limits.string()?)?),
            },
            Long("journal") => builder.journal_capacity(arguments.value()?.parse()?),
            Long("help") | Short('h') => return Ok(None),
            other => return Err(other.unexpected().into()),
        };
    }
    Ok(Some(match channels.is_empty() {
        true => builder,
        false => builder.channels(channels),
    }))
}
