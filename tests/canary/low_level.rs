//! Everything that the low-level client hands out.

use std::error::Error as StdError;

use rhombus_clips_api::types::GetClipWithProgressRequest;
use rhombus_clips_api::{
    BodyTooLarge, Client, ClientInfo as _, Credentials, InvalidCredentials, Settings,
};
use rhombus_clips_sim::{Response, Service};
use rhombus_clips_tests::canary::{KEY, Search, echoes};
use std::iter::successors;

const ERROR: &str = "error of the low-level client";
const ANSWER: &str = "answer of the low-level client";

pub(crate) async fn search(search: &mut Search) {
    credentials(search);
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let settings = Settings::from(Credentials::api_token(KEY).unwrap()).with_body_limit(4096);
    search.debug("rhombus_clips_api::Settings", &settings);
    let client = Client::new_with_client(service.base_url(), http, settings);
    search.debug("rhombus_clips_api::Client", &client);
    search.debug("rhombus_clips_api::Settings", client.inner());
    for echo in echoes() {
        for answer in answers(&echo) {
            service.respond_next(answer.header("x-echo", echo.as_str()));
            ask(search, &client).await;
        }
    }
    service.pause_listening().await;
    ask(search, &client).await;
}

fn credentials(search: &mut Search) {
    let partner = |client| Credentials::partner_api_token(KEY, client).unwrap();
    for credentials in [
        Credentials::api_token(KEY).unwrap(),
        Credentials::api_token(KEY)
            .unwrap()
            .with_client_certificate(),
        partner(None),
        partner(Some("AAAAAAAAAAAAAAAAAAAAAA")).with_client_certificate(),
    ] {
        search.debug("rhombus_clips_api::Credentials", &credentials);
        for echo in echoes() {
            search.text("rhombus_clips_api::Credentials", &credentials.redact(&echo));
        }
    }
    let refused: [InvalidCredentials; 2] = [
        Credentials::api_token(format!("{KEY}\n")).unwrap_err(),
        Credentials::partner_api_token(KEY, Some("line\n")).unwrap_err(),
    ];
    for refused in refused {
        search.error("rhombus_clips_api::InvalidCredentials", &refused);
    }
}

fn answers(echo: &str) -> Vec<Response> {
    let body = |text: String| Response::status(200).body(text);
    vec![
        body(format!(
            r#"{{"clip": {{"title": "{echo}", "{echo}": 1}}, "errorMsg": "{echo}"}}"#
        )),
        body(format!(r#"{{"clip": "{echo}"}}"#)),
        body(format!("<p>{echo}</p>")),
        body(echo.repeat(4096)),
        Response::status(307).header("location", format!("https://elsewhere.example/?{echo}")),
        Response::status(403).header("www-authenticate", echo),
        Response::close(),
    ]
}

async fn ask(search: &mut Search, client: &Client) {
    let request = GetClipWithProgressRequest {
        clip_uuid: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
    };
    match client.get_clip_with_progress(&request).await {
        Ok(answer) => {
            search.debug(ANSWER, &answer);
            search.debug(ANSWER, answer.headers());
            let answer = answer.into_inner();
            search.debug(ANSWER, &answer);
            search.text(ANSWER, &serde_json::to_string(&answer).unwrap());
        }
        Err(error) => {
            let causes = successors(error.source(), |error| (*error).source());
            for cause in causes.filter_map(|cause| cause.downcast_ref::<BodyTooLarge>()) {
                search.error("rhombus_clips_api::BodyTooLarge", cause);
            }
            search.error(ERROR, &error);
        }
    }
}
