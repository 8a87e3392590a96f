//! A stand-in for the Feishu / Lark Open Platform that enforces the spec.
