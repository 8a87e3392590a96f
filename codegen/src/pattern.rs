//! Regular expressions of field values. The engine takes time proportional to the length of the value.

use regex_lite::{Regex, RegexBuilder};

/// Maximum size of a compiled pattern in bytes; the runtime has the same limit.
const MAX_COMPILED_BYTES: usize = 100_000;

/// Maximum length of a pattern in bytes.
const MAX_BYTES: usize = 1000;

/// Compiles a pattern.
///
/// # Errors
///
/// The reason why it is invalid, unsupported or too large.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    if pattern.len() > MAX_BYTES {
        return Err(format!("longer than {MAX_BYTES} bytes"));
    }
    let builder = RegexBuilder::new(pattern).size_limit(MAX_COMPILED_BYTES).build();
    builder.map_err(|error| error.to_string())
}

/// Returns whether a text matches a pattern. An invalid pattern, which the loader rejects, restricts nothing.
pub fn matches(pattern: &str, text: &str) -> bool {
    compile(pattern).map_or(true, |pattern| pattern.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_large_and_invalid_patterns() {
        for pattern in [
            "[a-z",
            "(a",
            "a{1,100000}",
            "(a{1,99}){1,99}",
            "(?=a)",
            r"(a)\1",
            "[^[\\]]+",
        ] {
            assert!(compile(pattern).is_err(), "{pattern}");
        }
        assert!(compile(&"a".repeat(MAX_BYTES + 1)).is_err());
    }

    #[test]
    fn matches_part_unless_anchored() {
        assert!(matches("b+", "abc"));
        assert!(!matches("^b+$", "abc"));
        assert!(matches("^[^\\[\\]]+$", "中文"));
    }
}
