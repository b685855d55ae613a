//! `include/knock.h`: the C functions of `capi/src`, as cbindgen sees them.

pub fn text() -> String {
    let root = crate::root();
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml"))
        .expect("cbindgen.toml is a configuration");
    let bindings = cbindgen::Builder::new()
        .with_crate(root.join("capi"))
        .with_config(config)
        .generate()
        .expect("capi/src has what a C header can say");
    let mut text = Vec::new();
    bindings.write(&mut text);
    String::from_utf8(text).expect("a header is UTF-8")
}
