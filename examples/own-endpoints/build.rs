//! Generates Rust from the YAML files in spec/.

fn main() {
    larkspur_codegen::build::generate("spec");
}
