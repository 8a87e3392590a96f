//! Types that no endpoint uses: they would be code that nobody can reach.

use super::type_subject;
use crate::finding;
use crate::model::Api;
use crate::read::Reader;

pub(super) fn check(reader: &mut Reader<'_>, api: &Api) {
    for def in &api.types {
        if !def.in_request
            && !def.in_response
            && reader.types.named(def.module, &def.rust).is_some()
        {
            let help = Some("use it in a field or remove it".to_owned());
            let message = "no endpoint uses it";
            reader.report_about(
                finding::UNUSED_TYPE,
                def.origin,
                &type_subject(api, def),
                message,
                help,
            );
        }
    }
}
