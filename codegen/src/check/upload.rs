//! Checks that the endpoints and fields named by `upload:` exist and have compatible types.

use crate::characters::quote;
use crate::finding;
use crate::model::{Api, Body, Endpoint, Field, Module, Origin, Place, Step, Type, TypeKind, Upload};
use crate::read::Reader;

pub(super) fn check(reader: &mut Reader<'_>, api: &Api) {
    for (module, endpoint) in api.endpoints() {
        let Some(upload) = &endpoint.upload else { continue };
        let steps = upload
            .steps()
            .map(|(key, step)| resolve_step(reader, api, module, endpoint, key, step));
        let [Some(prepare), Some(part), Some(finish)] = steps else {
            continue;
        };
        let resolved = ResolvedUpload {
            api,
            endpoint,
            upload,
            prepare,
            part,
            finish,
        };
        for (origin, message) in resolved.find_violations() {
            let subject = format!("{} upload: ", endpoint.id);
            reader.report_about(finding::UPLOAD_FIELD, origin, &subject, &message, None);
        }
    }
}

/// Returns the endpoint of a step; reports one that is missing or in another project.
fn resolve_step<'a>(
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
        Some(_) => (format!("{} is in another project", quote(&step.endpoint)), None),
        // It may be defined in a file that was not parsed.
        None if !reader.complete => return None,
        None => (
            format!("unknown endpoint {}", quote(&step.endpoint)),
            Some("add its entry or correct the id".into()),
        ),
    };
    let subject = format!("{} upload.{key}: ", endpoint.id);
    reader.report_about(finding::UPLOAD_ENDPOINT, step.origin, &subject, &message, help);
    None
}

/// An upload with its resolved endpoints.
struct ResolvedUpload<'a> {
    api: &'a Api,
    endpoint: &'a Endpoint,
    upload: &'a Upload,
    prepare: &'a Endpoint,
    part: &'a Endpoint,
    finish: &'a Endpoint,
}

/// The position and message of a violation.
type Violation = (Origin, String);

impl ResolvedUpload<'_> {
    fn find_violations(&self) -> Vec<Violation> {
        let mut violations = Vec::new();
        self.check_prepare(&mut violations);
        self.check_part(&mut violations);
        self.check_finish(&mut violations);
        self.check_codes(&mut violations);
        violations
    }

    /// Its required fields must be fields of the single-call request.
    fn check_prepare(&self, violations: &mut Vec<Violation>) {
        let given: Vec<&Field> = self.endpoint.fields.iter().collect();
        let source = "the single-call request";
        self.check_required_fields(&self.upload.prepare, self.prepare, &given, source, violations);
        let fields = self.api.response_fields(self.prepare);
        for (key, name) in [
            ("block_size", &self.upload.block_size),
            ("block_count", &self.upload.block_count),
        ] {
            if !fields.iter().any(|field| field.key == *name && field.ty == Type::Int) {
                let id = &self.prepare.id;
                let message = format!("the response of `{id}` has no int {} for `{key}`", quote(name));
                violations.push((self.upload.prepare.origin, message));
            }
        }
    }

    /// Its required fields must be in the response of `prepare` or describe the part.
    fn check_part(&self, violations: &mut Vec<Violation>) {
        let (step, part) = (&self.upload.part, self.part);
        let files = part.fields.iter().filter(|field| field.ty == Type::File).count();
        if part.body != Body::Multipart || files != 1 {
            let message = format!("`{}` takes {files} files: expected exactly one", part.id);
            violations.push((step.origin, message));
        }
        let number = |field: &&Field| field.key == self.upload.number && field.ty == Type::Int;
        let number = part.fields.iter().find(number);
        if number.is_none() {
            let message = format!("`{}` has no int {} for `number`", part.id, quote(&self.upload.number));
            violations.push((step.origin, message));
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
        self.check_required_fields(
            step,
            part,
            &given,
            "the response of `prepare` or the part (`of_file`)",
            violations,
        );
    }

    /// Its required fields must be in the response of `prepare`, and its response must contain that of the single-call endpoint.
    fn check_finish(&self, violations: &mut Vec<Violation>) {
        let (step, finish) = (&self.upload.finish, self.finish);
        let given: Vec<&Field> = self.api.response_fields(self.prepare).iter().collect();
        self.check_required_fields(step, finish, &given, "the response of `prepare`", violations);
        let returned = self.api.response_fields(finish);
        for field in self.api.response_fields(self.endpoint) {
            if !returned.iter().any(|other| self.is_compatible(other, field)) {
                let (id, whole, key) = (&finish.id, &self.endpoint.id, quote(&field.key));
                let message = format!("the response of `{id}` does not have the field {key} of `{whole}`");
                violations.push((step.origin, message));
            }
        }
    }

    fn check_codes(&self, violations: &mut Vec<Violation>) {
        let documents = |endpoint: &Endpoint, code| endpoint.errors.iter().any(|error| error.code == Some(code));
        for code in self.upload.restart.iter().copied() {
            if !documents(self.part, code) && !documents(self.finish, code) {
                let (part, finish) = (&self.part.id, &self.finish.id);
                let message = format!("neither `{part}` nor `{finish}` documents the code {code} in `restart`");
                violations.push((self.upload.origin, message));
            }
        }
    }

    fn check_required_fields(
        &self,
        step: &Step,
        target: &Endpoint,
        given: &[&Field],
        source: &str,
        violations: &mut Vec<Violation>,
    ) {
        for field in target.fields.iter().filter(|field| field.required) {
            if field.place != Place::Body && field.place != Place::Query {
                let message = format!(
                    "`{}` requires {}, which is neither in the query nor in the body",
                    target.id,
                    quote(&field.key)
                );
                violations.push((step.origin, message));
            } else if !given.iter().any(|other| self.is_compatible(other, field)) {
                let (id, key) = (&target.id, quote(&field.key));
                let message = format!("`{id}` requires {key}, but no field of that name and type is in {source}");
                violations.push((step.origin, message));
            }
        }
    }

    /// Returns whether two fields have the same key and wire type.
    fn is_compatible(&self, one: &Field, other: &Field) -> bool {
        one.key == other.key && self.wire_type(&one.ty) == self.wire_type(&other.ty)
    }

    fn wire_type(&self, ty: &Type) -> Type {
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
