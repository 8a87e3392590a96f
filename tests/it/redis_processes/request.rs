//! Endpoints of the test's own, with limits that can be seen at work within seconds.

use larkspur::endpoint::{EndpointInfo, Method, Request, TokenKind, Window};
use larkspur::wire::{Encode, FieldInfo, Fields};
use larkspur_codegen::Source;
use larkspur_mock::Mock;

use super::Outcome;

/// As the mock server enforces it, and a day that no test fills: so Redis retains every call for inspection.
pub static SECOND: EndpointInfo = EndpointInfo::new("quota.v1.call.second", Method::Post, "/open-apis/quota/v1/second")
    .tokens(&[TokenKind::Tenant])
    .limits(&[Window::new(40, 1), Window::new(10_000, 86_400)]);
/// With a window that no spec can state, so the mock server does not enforce it: the test does.
pub static SECONDS: EndpointInfo =
    EndpointInfo::new("quota.v1.call.seconds", Method::Post, "/open-apis/quota/v1/seconds")
        .tokens(&[TokenKind::Tenant])
        .limits(&[Window::new(40, 1), Window::new(150, 5), Window::new(10_000, 86_400)]);
/// No window.
pub static FREE: EndpointInfo =
    EndpointInfo::new("quota.v1.call.free", Method::Post, "/open-apis/quota/v1/free").tokens(&[TokenKind::Tenant]);
/// For users, no window.
pub static USER: EndpointInfo =
    EndpointInfo::new("quota.v1.call.user", Method::Post, "/open-apis/quota/v1/user").tokens(&[TokenKind::User]);

const SPEC: &str = "
doc: Endpoints for a test of limits.
endpoints:
  second: { summary: Call., http: POST /open-apis/quota/v1/second, tokens: [tenant], limits: [40/second] }
  seconds: { summary: Call., http: POST /open-apis/quota/v1/seconds, tokens: [tenant], limits: [40/second] }
  free: { summary: Call., http: POST /open-apis/quota/v1/free, tokens: [tenant] }
  user: { summary: Call., http: POST /open-apis/quota/v1/user, tokens: [user] }
";

/// A mock server with these endpoints.
pub async fn mock(set_up: impl FnOnce(larkspur_mock::Builder) -> larkspur_mock::Builder) -> Outcome<Mock> {
    let mut spec = Source::new();
    spec.add("spec/quota/v1/call.yaml", SPEC);
    Ok(set_up(Mock::builder().add_spec(spec)).start().await?)
}

/// A call without fields.
pub struct Call(pub &'static EndpointInfo);

impl Request for Call {
    fn endpoint(&self) -> &'static EndpointInfo {
        self.0
    }
}

impl Fields for Call {
    fn fields(&self) -> &'static [FieldInfo] {
        &[]
    }

    fn value(&self, _: usize) -> Option<&dyn Encode> {
        None
    }
}
