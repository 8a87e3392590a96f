//! Uploads in parts: whether what `upload:` names is there, and fits.

use crate::characters::quote;
use crate::finding;
use crate::model::{Api, Body, Endpoint, Field, Module, Origin, Place, Step, Type, TypeKind, Upload};
use crate::read::Reader;

pub(super) fn check(reader: &mut Reader<'_>, api: &Api) {
    for (module, endpoint) in api.endpoints() {
        let Some(upload) = &endpoint.upload else { continue };
        let steps = upload
            .steps()
            .map(|(key, step)| found(reader, api, module, endpoint, key, step));
        let [Some(prepare), Some(part), Some(finish)] = steps else {
            continue;
        };
        let steps = Steps {
            api,
            endpoint,
            upload,
            prepare,
            part,
            finish,
        };
        for (origin, message) in steps.faults() {
            let subject = format!("{} upload: ", endpoint.id);
            reader.report_about(finding::UPLOAD_FIELD, origin, &subject, &message, None);
        }
    }
}

/// The endpoint of a step.
fn found<'a>(
    reader: &mut Reader<'_>,
    api: &'a Api,
    module: &Module,
    endpoint: &Endpoint,
    key: &str,
    step: &Step,
) -> Option<&'a Endpoint> {
    let target = api.endpoints().find(|(_, target)| target.id == step.endpoint);
    let (message, help) = match target {
        Some((home, target)) if home.project == module.project => return Some(target),
        Some(_) => (
            format!("{} is an endpoint of another project", quote(&step.endpoint)),
            None,
        ),
        // It may stand in a file that could not be read.
        None if !reader.complete => return None,
        None => (
            format!("there is no endpoint {}", quote(&step.endpoint)),
            Some("write its entry too, or correct the id".into()),
        ),
    };
    let subject = format!("{} upload.{key}: ", endpoint.id);
    reader.report_about(finding::UPLOAD_ENDPOINT, step.origin, &subject, &message, help);
    None
}

/// An upload whose endpoints are there.
struct Steps<'a> {
    api: &'a Api,
    endpoint: &'a Endpoint,
    upload: &'a Upload,
    prepare: &'a Endpoint,
    part: &'a Endpoint,
    finish: &'a Endpoint,
}

/// Where something is wrong, and what.
type Fault = (Origin, String);

impl Steps<'_> {
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        self.check_prepare(&mut faults);
        self.check_part(&mut faults);
        self.check_finish(&mut faults);
        self.check_codes(&mut faults);
        faults
    }

    /// What it requires is said by the request that takes the whole.
    fn check_prepare(&self, faults: &mut Vec<Fault>) {
        let given: Vec<&Field> = self.endpoint.fields.iter().collect();
        let what = "the request that takes the whole";
        self.check_given(&self.upload.prepare, self.prepare, &given, what, faults);
        let fields = self.api.response_fields(self.prepare);
        for (key, name) in [
            ("block_size", &self.upload.block_size),
            ("block_count", &self.upload.block_count),
        ] {
            if !fields.iter().any(|field| field.key == *name && field.ty == Type::Int) {
                let id = &self.prepare.id;
                let message = format!("the answer of `{id}` has no int {} for `{key}`", quote(name));
                faults.push((self.upload.prepare.origin, message));
            }
        }
    }

    /// What it requires is in the answer to the first step, or says something of the part.
    fn check_part(&self, faults: &mut Vec<Fault>) {
        let (step, part) = (&self.upload.part, self.part);
        let files = part.fields.iter().filter(|field| field.ty == Type::File).count();
        if part.body != Body::Multipart || files != 1 {
            let message = format!("`{}` takes {files} files, and a part is one", part.id);
            faults.push((step.origin, message));
        }
        let number = |field: &&Field| field.key == self.upload.number && field.ty == Type::Int;
        let number = part.fields.iter().find(number);
        if number.is_none() {
            let message = format!("`{}` has no int {} for `number`", part.id, quote(&self.upload.number));
            faults.push((step.origin, message));
        }
        let own = part
            .fields
            .iter()
            .filter(|field| field.of_file.is_some() || field.ty == Type::File);
        let given: Vec<&Field> = self
            .api
            .response_fields(self.prepare)
            .iter()
            .chain(own)
            .chain(number)
            .collect();
        self.check_given(
            step,
            part,
            &given,
            "the answer to the first step or from the part (`of_file`)",
            faults,
        );
    }

    /// What it requires is in the answer to the first step, and it answers as the endpoint does that takes the whole.
    fn check_finish(&self, faults: &mut Vec<Fault>) {
        let (step, finish) = (&self.upload.finish, self.finish);
        let given: Vec<&Field> = self.api.response_fields(self.prepare).iter().collect();
        self.check_given(step, finish, &given, "the answer to the first step", faults);
        let returned = self.api.response_fields(finish);
        for field in self.api.response_fields(self.endpoint) {
            if !returned.iter().any(|other| self.is_alike(other, field)) {
                let (id, whole, key) = (&finish.id, &self.endpoint.id, quote(&field.key));
                let message = format!("`{id}` does not answer with {key} as `{whole}` does");
                faults.push((step.origin, message));
            }
        }
    }

    fn check_codes(&self, faults: &mut Vec<Fault>) {
        let documents = |endpoint: &Endpoint, code| endpoint.errors.iter().any(|error| error.code == Some(code));
        for code in self.upload.restart.iter().copied() {
            if !documents(self.part, code) && !documents(self.finish, code) {
                let (part, finish) = (&self.part.id, &self.finish.id);
                let message = format!("`restart`: neither `{part}` nor `{finish}` documents the code {code}");
                faults.push((self.upload.origin, message));
            }
        }
    }

    fn check_given(&self, step: &Step, target: &Endpoint, given: &[&Field], from: &str, faults: &mut Vec<Fault>) {
        for field in target.fields.iter().filter(|field| field.required) {
            if field.place != Place::Body && field.place != Place::Query {
                let message = format!(
                    "`{}` requires {} outside of query and body",
                    target.id,
                    quote(&field.key)
                );
                faults.push((step.origin, message));
            } else if !given.iter().any(|other| self.is_alike(other, field)) {
                let (id, key) = (&target.id, quote(&field.key));
                let message =
                    format!("`{id}` requires {key}, which nothing gives in that type: it can come from {from}");
                faults.push((step.origin, message));
            }
        }
    }

    /// Whether a value of one field can be that of the other: an enum is text or a number.
    fn is_alike(&self, one: &Field, other: &Field) -> bool {
        one.key == other.key && self.plain(&one.ty) == self.plain(&other.ty)
    }

    fn plain(&self, ty: &Type) -> Type {
        match ty {
            Type::Named(id) => match &self.api.type_def(*id).kind {
                TypeKind::StringEnum(_) => Type::String,
                TypeKind::IntEnum(_) => Type::Int,
                TypeKind::Object(_) => ty.clone(),
            },
            other => other.clone(),
        }
    }
}
