//! Committed files are those that the generator writes.

use std::fs;

#[test]
fn generated_files_are_up_to_date() {
    for (file, generated) in knock_generate::files() {
        let path = knock_generate::root().join(&file);
        let committed = fs::read_to_string(&path).unwrap_or_default();
        let line = committed
            .lines()
            .zip(generated.lines())
            .position(|(a, b)| a != b);
        assert!(
            committed == generated,
            "{file} is not what the generator writes, from line {}; run `cargo run -p knock-generate`",
            line.map_or("its end".into(), |line| (line + 1).to_string())
        );
    }
}
