use std::time::Duration;

use larkspur_mock::Mock;

use crate::support::client::{Outcome, Response, get};
use crate::support::spec;

const NOTES: &str = "/open-apis/test/v1/notes";

async fn list(mock: &Mock) -> Result<Response, Box<dyn std::error::Error>> {
    get(mock.base_url(), NOTES).token(mock.tenant_token()).send().await
}

fn status_and_reset(response: &Response) -> (u16, Option<i64>, Option<String>, Option<String>) {
    let (status, code) = response.outcome();
    (
        status,
        code,
        response.header("x-ogw-ratelimit-limit"),
        response.header("x-ogw-ratelimit-reset"),
    )
}

fn refused(limit: &str, reset: &str) -> (u16, Option<i64>, Option<String>, Option<String>) {
    (429, Some(99991400), Some(limit.to_owned()), Some(reset.to_owned()))
}

#[tokio::test]
async fn exhausted_window_refuses_with_reset() -> Outcome {
    let mock = spec::notes().stopped_clock().start().await?;
    for _ in 0..2 {
        assert_eq!(list(&mock).await?.status, 200);
    }
    assert_eq!(status_and_reset(&list(&mock).await?), refused("2", "1"));
    Ok(())
}

#[tokio::test]
async fn window_resets_after_its_duration() -> Outcome {
    let mock = spec::notes().stopped_clock().start().await?;
    for _ in 0..2 {
        list(&mock).await?;
    }
    mock.advance(Duration::from_secs(1));
    assert_eq!(list(&mock).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn enforces_all_windows_of_endpoint() -> Outcome {
    let mock = spec::notes().stopped_clock().start().await?;
    for _ in 0..3 {
        assert_eq!(list(&mock).await?.status, 200);
        mock.advance(Duration::from_secs(10));
    }
    assert_eq!(status_and_reset(&list(&mock).await?), refused("3", "30"));
    Ok(())
}

#[tokio::test]
async fn reports_latest_reset_of_full_windows() -> Outcome {
    let mock = spec::notes().stopped_clock().start().await?;
    list(&mock).await?;
    mock.advance(Duration::from_secs(10));
    list(&mock).await?;
    list(&mock).await?;
    assert_eq!(status_and_reset(&list(&mock).await?), refused("3", "50"));
    Ok(())
}

#[tokio::test]
async fn refused_call_does_not_count() -> Outcome {
    let mock = spec::notes().stopped_clock().start().await?;
    for _ in 0..5 {
        list(&mock).await?;
    }
    mock.advance(Duration::from_secs(1));
    assert_eq!(list(&mock).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn apps_have_separate_windows() -> Outcome {
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
async fn rate_limits_can_be_disabled() -> Outcome {
    let mock = spec::notes().stopped_clock().rate_limits(false).start().await?;
    for _ in 0..9 {
        assert_eq!(list(&mock).await?.status, 200);
    }
    Ok(())
}
