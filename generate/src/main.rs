//! Writes every generated file.

use std::fs;
use std::io;

fn main() -> io::Result<()> {
    for (file, text) in knock_generate::files() {
        let path = knock_generate::root().join(&file);
        if fs::read_to_string(&path).is_ok_and(|known| known == text) {
            continue;
        }
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&path, text)?;
        println!("wrote {file}");
    }
    Ok(())
}
