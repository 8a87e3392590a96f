//! Answers that come in pages, and nobody can turn them.

use super::Reporter;
use crate::finding;
use crate::model::{Api, Response, Type, TypeKind};

pub(super) fn check(reporter: &mut Reporter<'_>, api: &Api) {
    for (_, endpoint) in api.endpoints().filter(|(_, endpoint)| endpoint.pagination.is_none()) {
        let token = endpoint.fields.iter().find(|field| field.key == "page_token");
        if let Some(token) = token
            && let Response::Json { ty, .. } = endpoint.response
            && let TypeKind::Object(fields) = &api.type_def(ty).kind
            && fields
                .iter()
                .any(|field| field.key == "has_more" && field.ty == Type::Bool)
        {
            let message = format!(
                "{}: it takes `page_token` and answers `has_more`, and declares no pagination",
                endpoint.id
            );
            let help = "add `pagination: {}`, or name the fields where they differ from the usual ones";
            reporter.report(finding::MISSING_PAGINATION, token.origin, message, help);
        }
    }
}
