//! What a reader would miss.

use super::{Reporter, fields};
use crate::finding;
use crate::model::Api;

pub(super) fn check(reporter: &mut Reporter<'_>, api: &Api) {
    for (_, endpoint) in api.endpoints() {
        if endpoint.docs.is_none() {
            let help = "add `docs: https://open.feishu.cn/document/...`";
            reporter.endpoint(finding::MISSING_DOCS_LINK, endpoint, "it has no link to its page", help);
        }
        if endpoint.summary.is_none() {
            let help = "add `summary: ...`, a line of your own";
            reporter.endpoint(finding::MISSING_SUMMARY, endpoint, "it has no summary", help);
        }
    }
    for (subject, field) in fields(api).filter(|(_, field)| field.doc.is_none()) {
        let help = "add `doc: ...`, a line of your own";
        reporter.report(
            finding::MISSING_FIELD_DOC,
            field.origin,
            format!("{subject} has no doc"),
            help,
        );
    }
}
