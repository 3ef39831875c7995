//! The storage host, which serves the presigned URLs that the media host redirects to.

use reqwest::{Client, Method};
use rhombus_clips_sim::WrongRegion;
use rhombus_clips_tests::sha256_hex;

use super::{Setup, header};

/// Starts a service that redirects; returns the presigned URL of the file.
async fn presigned() -> (Setup, String) {
    let setup = Setup::with(|it| it.media_redirects = true).await;
    let response = setup.get().send().await.unwrap();
    assert_eq!(response.status(), 302);
    let url = header(&response, "location").unwrap().to_owned();
    assert!(response.bytes().await.unwrap().is_empty());
    (setup, url)
}

#[tokio::test]
async fn a_presigned_url_has_the_file_without_a_key() {
    let (setup, url) = presigned().await;
    let path = format!("/storage/{}/{}.mp4", setup.region(), setup.uuid);
    let start = format!("{}{path}?signature=", setup.service.storage_url());
    assert!(url.starts_with(&start), "{url}");
    let client = Client::new();
    let bytes = client.get(&url).send().await.unwrap();
    let bytes = bytes.bytes().await.unwrap();
    assert_eq!(setup.record["sha256Hex"], *sha256_hex(&bytes));
    let range = client.get(&url).header("range", "bytes=7-");
    let range = range.send().await.unwrap();
    assert_eq!(range.status(), 206);
    assert_eq!(range.bytes().await.unwrap(), bytes[7..]);

    let logged = setup.service.requests().pop().unwrap();
    assert_eq!(logged.operation.as_deref(), Some("storage"));
    assert_eq!(logged.clip_uuid, Some(setup.uuid.clone()));
    assert!(!logged.has_api_key);
    // The signature is as good as a key.
    assert_eq!(logged.path, path);
    setup.service.verify_operation("media").count(1);
    setup.service.verify_operation("storage").count(2);
}

#[tokio::test]
async fn a_signature_is_needed_and_that_of_the_file() {
    let (setup, url) = presigned().await;
    let (plain, signature) = url.split_once('?').unwrap();
    let other = setup.service.add(super::large());
    for (url, expected) in [
        (url.clone(), 200),
        (url.replace(".mp4", ".jpeg"), 200),
        (plain.to_owned(), 403),
        (format!("{plain}?signature=0"), 403),
        (format!("{plain}?other={signature}"), 403),
        (url.replace(&setup.uuid, &other), 403),
        (url.replace(".mp4", ""), 404),
    ] {
        let response = Client::new().get(&url).send().await.unwrap();
        assert_eq!(response.status().as_u16(), expected, "{url}");
    }
    let response = Client::new().post(&url).send().await.unwrap();
    assert_eq!(response.status(), 405);
}

#[tokio::test]
async fn a_key_beside_the_signature_is_refused() {
    let (setup, url) = presigned().await;
    let response = setup.authorized(Method::GET, url).send().await.unwrap();
    assert_eq!(response.status(), 400);
    // As of a client that follows the redirect with all headers of its request.
    let careless = Client::new().get(setup.url());
    let careless = careless.header("x-auth-scheme", "api-token");
    let careless = careless.header("x-auth-apikey", setup.service.api_key());
    assert_eq!(careless.send().await.unwrap().status(), 400);
    let logged = setup.service.requests().pop().unwrap();
    assert_eq!(logged.operation.as_deref(), Some("storage"));
    assert!(logged.has_api_key);
}

#[tokio::test]
async fn only_a_file_is_redirected_to() {
    let setup = Setup::with(|it| {
        it.media_redirects = true;
        it.wrong_region = WrongRegion::Forbidden;
    })
    .await;
    let response = Client::new().get(setup.url()).send().await.unwrap();
    assert_eq!(response.status(), 401);
    let path = setup.path(setup.other_region());
    assert_eq!(setup.status_of(&path).await, 403);
    let unknown = setup.path(setup.region()).replace(&setup.uuid, "A");
    assert_eq!(setup.status_of(&unknown).await, 404);
    setup.service.verify_operation("storage").count(0);
}
