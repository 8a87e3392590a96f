use std::time::Duration;

use larkspur_mock::Mock;

use crate::support::client::{Outcome, Reply, get};
use crate::support::spec;

const NOTES: &str = "/open-apis/test/v1/notes";

async fn list(mock: &Mock) -> Result<Reply, Box<dyn std::error::Error>> {
    get(mock.base_url(), NOTES).token(mock.tenant_token()).send().await
}

fn told(reply: &Reply) -> (u16, Option<i64>, Option<String>, Option<String>) {
    let (status, code) = reply.outcome();
    (
        status,
        code,
        reply.header("x-ogw-ratelimit-limit"),
        reply.header("x-ogw-ratelimit-reset"),
    )
}

fn refused(limit: &str, reset: &str) -> (u16, Option<i64>, Option<String>, Option<String>) {
    (429, Some(99991400), Some(limit.to_owned()), Some(reset.to_owned()))
}

#[tokio::test]
async fn a_full_window_refuses_and_says_when_it_opens() -> Outcome {
    let mock = spec::notes().stopped_clock().start().await?;
    for _ in 0..2 {
        assert_eq!(list(&mock).await?.status, 200);
    }
    assert_eq!(told(&list(&mock).await?), refused("2", "1"));
    Ok(())
}

#[tokio::test]
async fn a_window_opens_again_when_its_time_is_over() -> Outcome {
    let mock = spec::notes().stopped_clock().start().await?;
    for _ in 0..2 {
        list(&mock).await?;
    }
    mock.advance(Duration::from_secs(1));
    assert_eq!(list(&mock).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn every_window_of_an_endpoint_is_in_force() -> Outcome {
    let mock = spec::notes().stopped_clock().start().await?;
    for _ in 0..3 {
        assert_eq!(list(&mock).await?.status, 200);
        mock.advance(Duration::from_secs(10));
    }
    assert_eq!(told(&list(&mock).await?), refused("3", "30"));
    Ok(())
}

#[tokio::test]
async fn of_several_full_windows_the_one_that_opens_last_is_told() -> Outcome {
    let mock = spec::notes().stopped_clock().start().await?;
    list(&mock).await?;
    mock.advance(Duration::from_secs(10));
    list(&mock).await?;
    list(&mock).await?;
    assert_eq!(told(&list(&mock).await?), refused("3", "50"));
    Ok(())
}

#[tokio::test]
async fn a_refused_call_does_not_count() -> Outcome {
    let mock = spec::notes().stopped_clock().start().await?;
    for _ in 0..5 {
        list(&mock).await?;
    }
    mock.advance(Duration::from_secs(1));
    assert_eq!(list(&mock).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn each_app_has_windows_of_its_own() -> Outcome {
    let mock = Mock::builder()
        .stopped_clock()
        .app("cli_a", "one")
        .app("cli_b", "two")
        .start()
        .await?;
    let path = "/open-apis/drive/v1/medias/boxcn1/download";
    let of_b = serde_json::json!({ "app_id": "cli_b", "app_secret": "two" });
    let token = crate::support::client::post(mock.base_url(), "/open-apis/auth/v3/tenant_access_token/internal");
    let token = token.json(&of_b).send().await?.json();
    for _ in 0..5 {
        get(mock.base_url(), path).token(mock.tenant_token()).send().await?;
    }
    assert_eq!(
        get(mock.base_url(), path)
            .token(mock.tenant_token())
            .send()
            .await?
            .status,
        429
    );
    let other = token["tenant_access_token"].as_str().unwrap_or_default();
    assert_eq!(get(mock.base_url(), path).token(other).send().await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn limits_can_be_switched_off() -> Outcome {
    let mock = spec::notes().stopped_clock().rate_limits(false).start().await?;
    for _ in 0..9 {
        assert_eq!(list(&mock).await?.status, 200);
    }
    Ok(())
}
