//! How a file is sent in parts.

use super::comparison::{At, Comparison, Subject};
use super::quoted::{list, quoted};
use super::rules::*;
use crate::model::{Endpoint, Upload};

pub(super) fn compare(comparison: &mut Comparison<'_>, subject: &Subject, before: &Endpoint, after: &Endpoint) {
    match (&before.upload, &after.upload) {
        (None, Some(new)) => {
            comparison.report(
                &UPLOAD_ADDED,
                subject,
                At::New(new.origin),
                quoted(&new.prepare.endpoint),
            );
        }
        (Some(old), None) => {
            comparison.report(
                &UPLOAD_REMOVED,
                subject,
                At::Old(old.origin),
                quoted(&old.prepare.endpoint),
            );
        }
        (Some(old), Some(new)) if told(old) != told(new) => {
            let message = format!("{} → {}", list(told(old)), list(told(new)));
            comparison.report(&UPLOAD_CHANGED, subject, At::New(new.origin), message);
        }
        _ => {}
    }
}

fn told(upload: &Upload) -> Vec<String> {
    let steps = upload.steps().map(|(key, step)| format!("{key}: {}", step.endpoint));
    let fields = [&upload.block_size, &upload.block_count, &upload.number];
    let codes = upload.restart.iter().map(|code| format!("restart: {code}"));
    steps.into_iter().chain(fields.map(Clone::clone)).chain(codes).collect()
}
