use super::*;

fn trouble(kind: ErrorKind, cause: Cause) -> Trouble {
    Trouble {
        kind,
        text: "text".to_owned(),
        status: None,
        body: String::new(),
        retry_after: None,
        date: None,
        cause,
    }
}

fn surroundings() -> Surroundings {
    Surroundings {
        endpoint_url: Region::Us.base_url().to_owned(),
        proxy: Proxy::None,
        scheme: "api-token",
        now: UNIX_EPOCH + Duration::from_secs(1_000_000_000),
    }
}

/// Exit code and advice.
fn advised(trouble: &Trouble, surroundings: &Surroundings) -> (u8, String) {
    let checks = diagnose(Some(trouble), surroundings, Duration::ZERO);
    let check = checks.last().unwrap();
    let Status::Error(code) = check.status else {
        panic!("{check:?}");
    };
    assert_eq!(check.message, "text");
    (code.code(), check.advice.clone().unwrap_or_default())
}

#[test]
fn a_clip_that_is_not_there_is_a_service_that_is() {
    let elapsed = Duration::from_millis(12);
    let expected = [Check::ok(
        "service",
        "answered in 12 ms and accepts the API key",
    )];
    assert_eq!(diagnose(None, &surroundings(), elapsed), expected);
    let none = trouble(ErrorKind::NotFound, Cause::Unknown);
    assert_eq!(diagnose(Some(&none), &surroundings(), elapsed), expected);
    let failure = trouble(ErrorKind::Service, Cause::Unknown);
    let checks = diagnose(Some(&failure), &surroundings(), elapsed);
    assert_eq!(checks[0].status, Status::Warning);
}

#[test]
fn a_refusal_suggests_the_other_region() {
    let mut refusal = trouble(ErrorKind::Authentication, Cause::Unknown);
    refusal.status = Some(403);
    let mut at = surroundings();
    for (endpoint_url, other) in [
        (Region::Us.base_url(), "--region eu"),
        (Region::Eu.base_url(), "--region us"),
        ("https://gateway.example", "--region"),
    ] {
        at.endpoint_url = endpoint_url.to_owned();
        for body in ["", "Invalid API key"] {
            refusal.body = body.to_owned();
            let (code, advice) = advised(&refusal, &at);
            assert_eq!(code, 5);
            assert!(advice.contains(other), "{advice}");
        }
    }
    refusal.status = Some(401);
    assert!(advised(&refusal, &at).1.contains("the scheme api-token"));
}

#[test]
fn no_connection_says_where_to_look() {
    let mut at = surroundings();
    for (cause, word) in [
        (Cause::Name, "name server"),
        (Cause::Refused, "nobody listens"),
        (Cause::Unreachable, "no way"),
        (Cause::Unknown, "firewall"),
    ] {
        let (code, advice) = advised(&trouble(ErrorKind::Connection, cause), &at);
        assert!(code == 1 && advice.contains(word), "{advice}");
    }
    at.proxy = Proxy::Through {
        address: "http://p:1".to_owned(),
        setting: "ALL_PROXY".to_owned(),
    };
    for (cause, word) in [
        (Cause::Refused, "http://p:1 of ALL_PROXY"),
        (Cause::ProxyPassword, "into ALL_PROXY"),
        (Cause::ProxyRefused, "does not connect to the service"),
    ] {
        let (_, advice) = advised(&trouble(ErrorKind::Connection, cause), &at);
        assert!(advice.contains(word), "{advice}");
    }
}

#[test]
fn without_tls_the_reason_counts() {
    for (cause, word) in [
        (Cause::UnknownIssuer, "authority"),
        (Cause::Expired, "2001-09-09 01:46:40 UTC"),
        (Cause::NotYetValid, "set the clock"),
        (Cause::OtherHost, "host of the endpoint"),
        (Cause::NoTls, "http://"),
        (Cause::Alert, "auth_type = cert"),
    ] {
        let (code, advice) = advised(&trouble(ErrorKind::Tls, cause), &surroundings());
        assert!(code == 1 && advice.contains(word), "{advice}");
    }
}

#[test]
fn what_passes_and_what_is_no_service_are_told_apart() {
    let mut limited = trouble(ErrorKind::RateLimited, Cause::Unknown);
    limited.retry_after = Some(Duration::from_secs(7));
    assert!(advised(&limited, &surroundings()).1.contains("in 7 s"));
    let mut odd = trouble(ErrorKind::UnexpectedStatus, Cause::Unknown);
    odd.status = Some(503);
    assert!(advised(&odd, &surroundings()).1.contains("later"));
    odd.status = Some(404);
    assert!(advised(&odd, &surroundings()).1.contains("endpoint"));
}

#[test]
fn a_clock_that_is_far_off_is_a_warning() {
    let at = surroundings();
    let mut refusal = trouble(ErrorKind::Authentication, Cause::Unknown);
    for (seconds, status) in [(299, Status::Ok), (301, Status::Warning)] {
        let apart = Duration::from_secs(seconds);
        for date in [at.now + apart, at.now - apart] {
            refusal.date = Some(date);
            let checks = diagnose(Some(&refusal), &at, Duration::ZERO);
            assert_eq!((checks[0].name, checks[0].status), ("clock", status));
        }
    }
}
