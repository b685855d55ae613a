//! Prints the address that it serves on, and serves until its input ends.

use std::io::{self, Read};

fn main() -> io::Result<()> {
    println!("http://{}", knock_benches::serve()?);
    io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
