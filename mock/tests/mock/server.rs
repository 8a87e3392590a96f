use larkspur_codegen::Source;
use larkspur_mock::{Mock, StartError};
use tokio::net::TcpStream;

use crate::client::{Outcome, get};

#[tokio::test]
async fn it_listens_on_loopback() -> Outcome {
    let mock = Mock::start().await?;
    assert!(mock.base_url().starts_with("http://127.0.0.1:"), "{}", mock.base_url());
    Ok(())
}

#[tokio::test]
async fn nobody_listens_once_it_is_shut_down() -> Outcome {
    let mock = Mock::start().await?;
    let address = mock.base_url().trim_start_matches("http://").to_owned();
    TcpStream::connect(&address).await?;
    mock.shut_down().await;
    assert!(TcpStream::connect(&address).await.is_err());
    Ok(())
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() -> Outcome {
    let mock = Mock::start().await?;
    let port: u16 = mock.base_url().rsplit(':').next().unwrap_or_default().parse()?;
    let error = Mock::builder()
        .port(port)
        .start()
        .await
        .err()
        .ok_or("the port was given twice")?;
    assert!(error.to_string().contains(&format!("127.0.0.1:{port}")), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_wrong_spec_gives_its_findings() {
    let mut source = Source::new();
    source.add("spec/im/v1/file.yaml", "endpoints: 7");
    let error = Mock::builder().spec(source).start().await.err();
    assert!(matches!(error, Some(StartError::Spec(_))), "{error:?}");
}

#[tokio::test]
async fn many_mocks_run_side_by_side() -> Outcome {
    let (one, two) = (Mock::start().await?, Mock::start().await?);
    let path = "/open-apis/im/v1/files/a";
    let own = get(one.base_url(), path).token(one.tenant_token()).send().await?;
    let strange = get(two.base_url(), path).token(one.tenant_token()).send().await?;
    assert_eq!((own.status, strange.code()), (200, Some(99991663)));
    Ok(())
}
