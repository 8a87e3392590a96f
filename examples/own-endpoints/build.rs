//! Turns the YAML below spec/ into Rust.

fn main() {
    larkspur_codegen::build::generate("spec");
}
