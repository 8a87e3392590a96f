//! Endpoints of this crate, called like those of the SDK.
//!
//! `cargo run --package own-endpoints` calls them at a mock server and checks the results.

/// The code that the build script generated from spec/.
mod api {
    include!(concat!(env!("OUT_DIR"), "/larkspur.rs"));
}

use std::error::Error;
use std::path::Path;

use api::crm::v1::ErrorCode;
use api::crm::v1::contact::{Create, List};
use api::types::ContactKind;
use larkspur::Client;
use larkspur_codegen::Source;
use larkspur_mock::{Failure, Mock};

type Outcome = Result<(), Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome {
    let mock = start_mock().await?;
    let client = Client::builder()
        .app(mock.app_id(), mock.app_secret())
        .base_url(mock.base_url())
        .build()?;
    create_and_list(&client).await?;
    match_documented_error(&client, &mock).await?;
    reject_invalid_request(&client, &mock).await
}

/// Starts a mock server with the endpoints of this crate and those of the SDK.
async fn start_mock() -> Result<Mock, Box<dyn Error>> {
    let spec = Source::read_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("spec"))?;
    Ok(Mock::builder().add_spec(spec).start().await?)
}

async fn create_and_list(client: &Client) -> Outcome {
    let created = Create::new("c-100", "Ada")
        .kind(ContactKind::Engineer)
        .send(client)
        .await?;
    println!(
        "created {} with the id {}",
        created.contact.name, created.contact.contact_id
    );

    let first = List::new("c-100").page_size(2);
    let page = first.clone().send(client).await?;
    println!("the first page has {} contacts", page.items.len());
    if let Some(next) = first.next(&page)? {
        println!("the next page has {} contacts", next.send(client).await?.items.len());
    }
    Ok(())
}

async fn match_documented_error(client: &Client, mock: &Mock) -> Outcome {
    mock.fail_next("crm.v1.contact.create", Failure::code(7_000_001))?;
    let error = match Create::new("c-100", "Ada").send(client).await {
        Ok(_) => return Err("expected the injected failure".into()),
        Err(error) => error,
    };
    match error.code_as() {
        Some(ErrorCode::NameTaken) => println!("refused: that name is taken"),
        _ => return Err(error.into()),
    }
    Ok(())
}

async fn reject_invalid_request(client: &Client, mock: &Mock) -> Outcome {
    let before = mock.requests().len();
    let request = Create::new("c-100", "").labels(["a", "b", "c", "d"]);
    match request.send(client).await {
        Err(error) => println!("not sent: {error}"),
        Ok(_) => return Err("an empty name was accepted".into()),
    }
    if mock.requests().len() != before {
        return Err("an invalid request was sent".into());
    }
    Ok(())
}
