//! SDK for the Feishu / Lark Open Platform.
