//! Searches everything that the low-level client returns.

use std::error::Error as StdError;

use rhombus_clips_api::types::GetClipWithProgressRequest;
use rhombus_clips_api::{
    BodyTooLarge, Client, ClientInfo as _, ContentCodingError, Credentials, InvalidCredentials,
    Operation, Settings,
};
use rhombus_clips_sim::{Response, Service};
use rhombus_clips_tests::canary::{KEY, KeySearch, Spelling, spellings};
use std::iter::successors;

const ERROR: &str = "error of the low-level client";
const RESPONSE: &str = "response of the low-level client";

pub(crate) async fn search(search: &mut KeySearch) {
    check_credentials(search);
    for operation in Operation::ALL {
        search.check_debug("rhombus_clips_api::Operation", operation);
        search.check_debug("rhombus_clips_api::Effect", &operation.effect());
    }
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let settings = Settings::from(Credentials::api_token(KEY).unwrap()).with_body_limit(4096);
    search.check_debug("rhombus_clips_api::Settings", &settings);
    let client = Client::new_with_client(service.base_url(), http, settings);
    search.check_debug("rhombus_clips_api::Client", &client);
    search.check_debug("rhombus_clips_api::Settings", client.inner());
    for spelling in spellings() {
        for response in responses(&spelling) {
            service.respond_next(response);
            send_request(search, &client).await;
        }
    }
    service.pause_listening().await;
    send_request(search, &client).await;
}

fn check_credentials(search: &mut KeySearch) {
    let partner = |client| Credentials::partner_api_token(KEY, client).unwrap();
    for credentials in [
        Credentials::api_token(KEY).unwrap(),
        Credentials::api_token(KEY)
            .unwrap()
            .with_client_certificate(),
        partner(None),
        partner(Some("AAAAAAAAAAAAAAAAAAAAAA")).with_client_certificate(),
    ] {
        search.check_debug("rhombus_clips_api::Credentials", &credentials);
        for spelling in spellings() {
            let redacted = credentials.redact(&spelling.text());
            search.check_text("rhombus_clips_api::Credentials", &redacted);
        }
    }
    let rejected: [InvalidCredentials; 2] = [
        Credentials::api_token(format!("{KEY}\n")).unwrap_err(),
        Credentials::partner_api_token(KEY, Some("line\n")).unwrap_err(),
    ];
    for rejected in rejected {
        search.check_error("rhombus_clips_api::InvalidCredentials", &rejected);
    }
}

fn responses(spelling: &Spelling) -> Vec<Response> {
    let (echo, in_json) = (spelling.text(), spelling.in_json());
    let body = |text: String| Response::status(200).body(text);
    let mut responses = vec![
        body(format!(
            r#"{{"clip": {{"title": "{in_json}", "{in_json}": 1}}, "errorMsg": "{in_json}"}}"#
        )),
        body(format!(r#"{{"clip": "{in_json}"}}"#)),
        body(format!("<p>{echo}</p>")),
        body(echo.repeat(4096)),
        Response::close(),
    ];
    if spelling.fits_header() {
        responses.extend([
            body("{}".to_owned()).header("x-echo", echo.as_str()),
            body("{}".to_owned()).header("content-encoding", echo.as_str()),
            Response::status(307).header("location", format!("https://elsewhere.example/?{echo}")),
            Response::status(403).header("www-authenticate", echo),
        ]);
    }
    responses
}

async fn send_request(search: &mut KeySearch, client: &Client) {
    let request = GetClipWithProgressRequest::new("AAAAAAAAAAAAAAAAAAAAAA");
    match client.get_clip_with_progress(&request).await {
        Ok(response) => {
            search.check_debug(RESPONSE, &response);
            search.check_debug(RESPONSE, response.headers());
            let response = response.into_inner();
            search.check_debug(RESPONSE, &response);
            search.check_text(RESPONSE, &serde_json::to_string(&response).unwrap());
        }
        Err(error) => {
            let causes = successors(error.source(), |error| (*error).source());
            for cause in causes {
                if let Some(error) = cause.downcast_ref::<BodyTooLarge>() {
                    search.check_error("rhombus_clips_api::BodyTooLarge", error);
                }
                if let Some(error) = cause.downcast_ref::<ContentCodingError>() {
                    search.check_error("rhombus_clips_api::ContentCodingError", error);
                }
            }
            search.check_error(ERROR, &error);
        }
    }
}
