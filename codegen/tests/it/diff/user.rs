/// Uses whatever the base has, in the ways in which users do.
async fn finds(client: &larkspur::Client) -> larkspur::Result<i64> {
    let filter = Filter::new("red").depth(3).label(Label::new().text("a"));
    let request = Find::new("shelf", "name", 3)
        .page_token("page")
        .mode(FindMode::Fast)
        .weight(7)
        .filter(filter);
    let lives: std::time::Duration = Find::LIFETIME;
    let answer: FindResponse = request.clone().send(client).await?;
    let more: Option<Find> = request.next(&answer).ok().flatten();
    let owner: Option<String> = answer.owner.clone();
    let items: Vec<Thing> = answer.items.clone();
    for thing in items {
        let id: String = thing.id;
        let tags: Vec<String> = thing.tags;
        let parts: Vec<String> = thing.parts;
        let text: Option<String> = thing.label.and_then(|label| label.text);
        drop((id, tags, parts, text));
    }
    let open = matches!(answer.state, Some(FindResponseState::Open | FindResponseState::Closed));
    drop((lives, more, owner, open));
    let total: i64 = answer.total;
    Ok(total)
}

fn explains(error: &larkspur::Error) -> &'static str {
    match error.code_as() {
        Some(ErrorCode::BadThing) => "bad",
        _ if error.status() == Some(404) => "gone",
        _ => "other",
    }
}

async fn fetches(client: &larkspur::Client) -> larkspur::Result<larkspur::ByteStream> {
    Fetch::new("thing").range(0..10).send(client).await
}

async fn removes(client: &larkspur::Client) -> larkspur::Result<()> {
    Remove::new("thing").send(client).await
}
