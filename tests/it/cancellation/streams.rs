//! Streams of pages, and waits for a task, that are dropped while they are under way.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use larkspur::endpoint::{EndpointInfo, Method, Request, TokenKind};
use larkspur::pagination::{Items, Paged};
use larkspur::polling::{PollRequest, Poller, State, Task};
use larkspur::wire::{Decode, Encode, FieldInfo, Fields, FieldsMut, Unknown, object, object_mut};
use larkspur::{Client, Result};

use super::calls::{Setting, WINDOW};
use super::points::at_each;
use crate::support::{Recorded, Reply};

static LIST: EndpointInfo = EndpointInfo::new("test.v1.sample.list", Method::Get, "/open-apis/list")
    .tokens(&[TokenKind::Tenant])
    .limits(&[WINDOW]);

request!(List, LIST, { token: Option<String> = FieldInfo::query("token") });

static GET: EndpointInfo = EndpointInfo::new("test.v1.sample.get", Method::Get, "/open-apis/get")
    .tokens(&[TokenKind::Tenant])
    .limits(&[WINDOW]);

request!(Get, GET, {});

/// The response to both.
#[derive(Clone)]
pub struct Answer {
    pub list: Vec<i64>,
    pub next: Option<String>,
    pub state: Option<i64>,
    pub unknown: Unknown,
}

impl Fields for Answer {
    fn fields(&self) -> &'static [FieldInfo] {
        static FIELDS: [FieldInfo; 3] = [
            FieldInfo::body("list"),
            FieldInfo::body("next"),
            FieldInfo::body("state"),
        ];
        &FIELDS
    }

    fn value(&self, index: usize) -> Option<&dyn Encode> {
        Some(match index {
            0 => &self.list,
            1 => &self.next,
            2 => &self.state,
            _ => return None,
        })
    }
}

impl FieldsMut for Answer {
    fn value_mut(&mut self, index: usize) -> Option<&mut dyn Decode> {
        Some(match index {
            0 => &mut self.list,
            1 => &mut self.next,
            2 => &mut self.state,
            _ => return None,
        })
    }

    fn unknown_mut(&mut self) -> &mut Unknown {
        &mut self.unknown
    }
}

object!(Answer);
object_mut!(Answer { list, next, state });

impl Paged for List {
    type Page = Answer;
    type Item = i64;

    fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
        }
    }

    const KEYS: [&'static str; 3] = ["more", "next", "list"];

    fn following(page: &Answer) -> (Option<bool>, &str) {
        (Some(page.next.is_some()), page.next.as_deref().unwrap_or_default())
    }

    fn items(page: Answer) -> Vec<i64> {
        page.list
    }
}

impl PollRequest for Get {
    type Response = Answer;
    const ENDPOINT: &'static EndpointInfo = &GET;
    const TASK: Task = Task::new(&["state"], &[State::Int(0)]);
}

async fn read(client: &Client) -> Result<()> {
    let mut items = Items::new(client, List { token: None });
    while let Some(item) = items.next().await {
        item?;
    }
    Ok(())
}

async fn wait(client: &Client) -> Result<()> {
    let wait = Poller::new(client, Get {});
    wait.interval(Duration::from_millis(2)).await.map(drop)
}

fn two_pages(call: &Recorded) -> Reply {
    Reply::data(match call.target.contains("second") {
        false => r#"{"list":[1,2],"next":"second"}"#,
        true => r#"{"list":[3]}"#,
    })
}

#[tokio::test]
async fn dropped_page_stream_leaves_nothing() {
    let dropped = at_each(async |point| {
        let setting = Setting::answering(two_pages).await;
        let is_over = point.drop(read(&setting.client)).await.is_some();
        setting.is_sound(read).await;
        is_over
    })
    .await;
    // Each of two calls: as any call.
    assert!(dropped >= 2 * 6, "it was dropped at {dropped} points only");
}

#[tokio::test]
async fn dropped_poller_leaves_nothing() {
    let dropped = at_each(async |point| {
        let asked = AtomicUsize::new(0);
        let setting = Setting::answering(move |_| {
            let under_way = asked.fetch_add(1, Ordering::SeqCst).is_multiple_of(2);
            Reply::data(if under_way { r#"{"state":1}"# } else { r#"{"state":0}"# })
        })
        .await;
        let is_over = point.drop(wait(&setting.client)).await.is_some();
        setting.is_sound(wait).await;
        is_over
    })
    .await;
    // Two calls, and the pause between them.
    assert!(dropped >= 2 * 7, "it was dropped at {dropped} points only");
}
