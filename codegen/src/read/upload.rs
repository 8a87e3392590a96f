//! How a file is sent in parts.

use super::Reader;
use super::endpoint::Request;
use super::value::Entries;
use crate::model::{Response, Step, Type, Upload};
use crate::yaml::Node;
use crate::{finding, format};

impl Reader<'_> {
    /// Reads `upload:`. What it names is looked for once all endpoints are known.
    pub(super) fn upload(
        &mut self,
        entries: &Entries<'_>,
        request: &Request,
        response: Option<&Response>,
    ) -> Option<Upload> {
        let node = entries.get("upload")?;
        if !matches!(response, None | Some(Response::Json { .. })) {
            let message = "`upload:` goes with a response that has fields";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("upload"), message);
        }
        let mut files = request.fields.iter().filter(|field| field.ty == Type::File);
        let limited = |count: Option<u64>| count.is_some();
        if !matches!((files.next(), files.next()), (Some(file), None) if limited(file.bounds.max_bytes)) {
            let message =
                "`upload:` goes with a multipart body that has one file, of which `max_bytes` says how large it may be";
            self.report(finding::KEY_NOT_APPLICABLE, entries.origin_of("upload"), message);
        }
        self.inside("upload", |reader| {
            let entries = reader.entries(node, format::UPLOAD.names)?;
            let prepare = reader.needed(&entries, "prepare", Self::step);
            let part = reader.needed(&entries, "part", Self::step);
            let finish = reader.needed(&entries, "finish", Self::step);
            let mut named = |key: &str| reader.optional(&entries, key, Self::text);
            let [block_size, block_count, number] = ["block_size", "block_count", "number"].map(&mut named);
            Some(Upload {
                block_size: block_size.unwrap_or_else(|| "block_size".to_owned()),
                block_count: block_count.unwrap_or_else(|| "block_num".to_owned()),
                number: number.unwrap_or_else(|| "seq".to_owned()),
                restart: reader.list(&entries, "restart", |reader, node| reader.each(node, Self::error_code)),
                prepare: prepare?,
                part: part?,
                finish: finish?,
                origin: node.origin,
            })
        })
    }

    fn step(&mut self, node: &Node) -> Option<Step> {
        Some(Step {
            endpoint: self.endpoint_id(node)?,
            origin: node.origin,
        })
    }
}
