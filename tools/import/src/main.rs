//! Imports users from a file, or deletes them: a tool for a terminal and for cron.

mod arguments;
mod decode;
mod import;
mod input;
mod meter;
mod quotes;
mod report;
mod shell;
mod state;
mod table;

use std::env;
use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use arguments::{Asked, HELP, parse};

/// A failure, in words.
type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// Exit status where nothing was tried.
const NOTHING_TRIED: u8 = 2;

fn main() -> ExitCode {
    let asked = match parse(lexopt::Parser::from_env()) {
        Ok(asked) => asked,
        Err(error) => {
            tell(format_args!(
                "knock-import: {error}; see knock-import --help"
            ));
            return NOTHING_TRIED.into();
        }
    };
    let text = match asked {
        Asked::Help => HELP,
        Asked::Version => concat!("knock-import ", env!("CARGO_PKG_VERSION"), "\n"),
        Asked::Import(arguments) => {
            let words: Vec<_> = env::args_os().collect();
            return match import::import(&arguments, &words, &mut io::stdout()) {
                Ok(status) => status.into(),
                Err(error) => {
                    tell(format_args!("knock-import: {error}"));
                    NOTHING_TRIED.into()
                }
            };
        }
    };
    match io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Says something on standard error, whether or not anybody listens.
fn tell(text: impl Display) {
    let _ = writeln!(io::stderr(), "{text}");
}
