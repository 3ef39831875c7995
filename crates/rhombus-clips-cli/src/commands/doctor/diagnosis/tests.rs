use super::*;

fn failure(kind: ErrorKind, root_cause: RootCause) -> RequestFailure {
    RequestFailure {
        kind,
        message: "text".to_owned(),
        status: None,
        hints: Vec::new(),
        retry_after: None,
        date: None,
        root_cause,
    }
}

fn context() -> RequestContext {
    RequestContext {
        endpoint_url: Region::Us.base_url().to_owned(),
        proxy: Proxy::None,
        scheme: "api-token",
        now: UNIX_EPOCH + Duration::from_secs(1_000_000_000),
    }
}

/// Returns exit code and advice.
fn diagnose_error(failure: &RequestFailure, context: &RequestContext) -> (u8, String) {
    let checks = diagnose(Some(failure), context, Duration::ZERO);
    let check = checks.last().unwrap();
    let CheckStatus::Error(code) = check.status else {
        panic!("{check:?}");
    };
    assert_eq!(check.message, "text");
    (code.code(), check.advice.clone().unwrap_or_default())
}

#[test]
fn an_unknown_clip_means_that_the_service_is_reachable() {
    let elapsed = Duration::from_millis(12);
    let expected = [Check::ok("service", "responded in 12 ms; API key accepted")];
    assert_eq!(diagnose(None, &context(), elapsed), expected);
    let not_found = failure(ErrorKind::NotFound, RootCause::Unknown);
    assert_eq!(diagnose(Some(&not_found), &context(), elapsed), expected);
    let service_error = failure(ErrorKind::Service, RootCause::Unknown);
    let checks = diagnose(Some(&service_error), &context(), elapsed);
    assert_eq!(checks[0].status, CheckStatus::Warning);
}

#[test]
fn a_rejected_key_suggests_the_other_region() {
    let mut rejected = failure(ErrorKind::Authentication, RootCause::Unknown);
    let mut context = context();
    for (endpoint_url, unknown_key, other) in [
        (
            Region::Us.base_url(),
            Hint::UseRegion(Region::Eu),
            "--region eu",
        ),
        (
            Region::Eu.base_url(),
            Hint::UseRegion(Region::Us),
            "--region us",
        ),
        ("https://gateway.example", Hint::CheckRegion, "--region"),
    ] {
        context.endpoint_url = endpoint_url.to_owned();
        for (hints, word) in [
            (vec![Hint::CheckApiKey, Hint::CheckRegion], "console"),
            (vec![unknown_key], "most likely a key of another region"),
        ] {
            rejected.hints = hints;
            let (code, advice) = diagnose_error(&rejected, &context);
            assert_eq!(code, 5);
            assert!(advice.contains(other) && advice.contains(word), "{advice}");
        }
    }
    rejected.hints = vec![Hint::CheckAuthScheme];
    let (_, advice) = diagnose_error(&rejected, &context);
    assert!(advice.contains("the scheme api-token"));
}

#[test]
fn connection_advice_depends_on_root_cause_and_proxy() {
    let mut context = context();
    for (root_cause, word) in [
        (RootCause::DnsFailure, "DNS server"),
        (RootCause::ConnectionRefused, "connection refused"),
        (RootCause::HostUnreachable, "host unreachable"),
        (RootCause::Unknown, "firewall"),
    ] {
        let (code, advice) = diagnose_error(&failure(ErrorKind::Connection, root_cause), &context);
        assert!(code == 1 && advice.contains(word), "{advice}");
    }
    context.proxy = Proxy::Through {
        address: "http://p:1".to_owned(),
        source: "ALL_PROXY".to_owned(),
    };
    for (root_cause, word) in [
        (RootCause::ConnectionRefused, "http://p:1 (from ALL_PROXY)"),
        (RootCause::ProxyAuthentication, "to ALL_PROXY"),
        (RootCause::ProxyRejected, "rejected the connection"),
    ] {
        let (_, advice) = diagnose_error(&failure(ErrorKind::Connection, root_cause), &context);
        assert!(advice.contains(word), "{advice}");
    }
}

#[test]
fn tls_advice_depends_on_the_hint() {
    for (hint, word) in [
        (Hint::AddRootCertificate, "authority"),
        (Hint::CheckClock, "2001-09-09 01:46:40 UTC"),
        (Hint::CheckBaseUrl, "host and port of the endpoint"),
        (Hint::CheckClientCertificate, "auth_type = cert"),
    ] {
        let mut rejected = failure(ErrorKind::Tls, RootCause::Unknown);
        rejected.hints = vec![hint];
        let (code, advice) = diagnose_error(&rejected, &context());
        assert!(code == 1 && advice.contains(word), "{advice}");
    }
}

#[test]
fn temporary_failures_and_wrong_endpoints_are_distinguished() {
    let mut limited = failure(ErrorKind::RateLimited, RootCause::Unknown);
    limited.retry_after = Some(Duration::from_secs(7));
    assert!(diagnose_error(&limited, &context()).1.contains("in 7 s"));
    let mut unexpected = failure(ErrorKind::UnexpectedStatus, RootCause::Unknown);
    unexpected.status = Some(503);
    assert!(diagnose_error(&unexpected, &context()).1.contains("later"));
    unexpected.status = Some(404);
    assert!(
        diagnose_error(&unexpected, &context())
            .1
            .contains("endpoint")
    );
}

#[test]
fn a_clock_skew_of_minutes_is_a_warning() {
    let context = context();
    let mut rejected = failure(ErrorKind::Authentication, RootCause::Unknown);
    for (seconds, status) in [(299, CheckStatus::Ok), (301, CheckStatus::Warning)] {
        let skew = Duration::from_secs(seconds);
        for date in [context.now + skew, context.now - skew] {
            rejected.date = Some(date);
            let checks = diagnose(Some(&rejected), &context, Duration::ZERO);
            assert_eq!((checks[0].name, checks[0].status), ("clock", status));
        }
    }
}

#[test]
fn causes_are_classified_by_type_or_by_the_text_of_private_types() {
    let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
    assert_eq!(classify(&refused), Some(RootCause::ConnectionRefused));
    for (text, root_cause) in [
        ("dns error", Some(RootCause::DnsFailure)),
        (
            "tunnel error: proxy authorization required",
            Some(RootCause::ProxyAuthentication),
        ),
        ("unknown", None),
    ] {
        assert_eq!(classify(&*Box::<dyn StdError>::from(text)), root_cause);
    }
}
