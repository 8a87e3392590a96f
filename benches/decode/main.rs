//! What decoding costs compared with a serde derive: the same response into the same fields.
//!
//! `cargo bench --bench decode` prints the time of both; their medians must stay within a factor of 1.1.

// The types of a benchmark need no documentation.
#![allow(missing_docs)]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use larkspur::wire;

/// Types as the generator writes them.
mod listed;

/// The same types with a derive.
mod derived;

/// A page of 1000 entries with 20 fields each, some nested, as the platform would send it.
fn page() -> String {
    let mut json = String::from(r#"{"items":["#);
    for index in 0..1000 {
        let comma = if index == 0 { "" } else { "," };
        let _ = write!(json, "{comma}{}", entry(index));
    }
    json.push_str(r#"],"has_more":true,"page_token":"MTY1NTA3MTA1OXw3MTA4NDc2MDc1NzkyOTI0Nabcef"}"#);
    json
}

fn entry(index: usize) -> String {
    format!(
        r#"{{"token":"boxcnrHpsg1QDqXAAAyachab{index:04}","name":"季度报告 {index}.docx",
"parent_token":"fldbcO1UuPz8VwnpPx5a92abcef","url":"https://feishu.cn/docx/boxcnrHpsg1QDqXAAAyachab{index:04}",
"kind":"{kind}","size":{size},"version":{index},"created_time":1652066345,"modified_time":1652066999,
"ratio":0.{index:04},"score":{index}.25,"shared":true,"locked":false,"description":"line one\nline two",
"mime":"application/pdf","owner":{{"id":"ou_b13d41c02edc52ce66aaae67bf1ab{index:04}","name":"张三","en_name":"San Zhang",
"avatar":"https://foo.icon.com/xxxx","active":true}},"tags":["alpha","beta","gamma"],
"changes":[{{"at":1652066345,"by":"ou_b13d41c02edc52","action":"create"}},{{"at":1652066999,"by":"ou_b13d41c02edc52","action":"edit"}}],
"counts":{{"comments":3,"views":{index}}},"note":null}}"#,
        kind = ["docx", "sheet", "file"][index % 3],
        size = index * 1021,
    )
    .replace('\n', "")
}

fn decode(criterion: &mut Criterion) {
    let json = page();
    let mut group = criterion.benchmark_group("decode");
    group.throughput(Throughput::Bytes(json.len() as u64));
    group.bench_function("derive", |bencher| {
        bencher.iter(|| serde_json::from_slice::<derived::Page>(black_box(json.as_bytes())));
    });
    group.bench_function("field_list", |bencher| {
        bencher.iter(|| {
            let mut page = <listed::Page as wire::Decode>::blank();
            wire::from_json(black_box(json.as_bytes()), &mut page).map(|()| page)
        });
    });
    group.finish();
}

criterion_group!(benches, decode);
criterion_main!(benches);
