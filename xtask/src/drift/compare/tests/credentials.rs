//! Tests of the credentials, which the client sends whatever the document says.

use super::*;

/// Returns a document whose operation has parameters and the usual security scheme.
fn with_parameters(parameters: Value) -> Value {
    json!({
        "security": [{ "ApiKeyAuth": [] }],
        "paths": { "/a": { "post": { "operationId": "getA", "parameters": parameters } } },
        "components": { "securitySchemes": {
            "ApiKeyAuth": { "type": "apiKey", "in": "header", "name": "x-auth-apikey" },
        } },
    })
}

/// Compares the parameters of two operations; the overlay removes those of ours.
fn compare_hidden(ours: Value, theirs: Value) -> Vec<String> {
    let overlaid = with_parameters(json!([]));
    compare_overlaid(&with_parameters(ours), overlaid, &with_parameters(theirs))
}

fn scheme_header(schema: Value) -> Value {
    json!([{ "in": "header", "name": "x-auth-scheme", "required": true, "schema": schema }])
}

fn four_values() -> Value {
    let values = ["api-token", "api", "partner-api-token", "partner-api"];
    json!({ "type": "string", "enum": values, "default": "api-token" })
}

/// The scheme as documented before it was an enumeration.
fn fixed_length() -> Value {
    json!({ "type": "string", "minLength": 9, "maxLength": 9, "default": "api-token" })
}

fn breaking(findings: Vec<String>) -> Vec<String> {
    let breaking = findings.into_iter();
    breaking
        .filter(|line| line.starts_with("breaking"))
        .collect()
}

#[test]
fn a_component_that_becomes_an_inline_enumeration_is_not_breaking() {
    let inline = with_parameters(scheme_header(four_values()));
    let mut component = with_parameters(json!([{ "$ref": "#/components/parameters/Scheme" }]));
    component["components"]["parameters"] =
        json!({ "Scheme": scheme_header(fixed_length())[0].clone() });
    let overlaid = with_parameters(json!([]));
    let findings = compare_overlaid(&component, overlaid, &inline);
    assert!(!findings.is_empty());
    assert_eq!(breaking(findings), NO_FINDINGS);
}

#[test]
fn a_value_that_is_no_longer_accepted_is_breaking() {
    let rejected = |ours: Value, theirs: Value| {
        breaking(compare_hidden(scheme_header(ours), scheme_header(theirs)))
    };
    let message = |values: &str| {
        [format!(
            "breaking changed Credentials: x-auth-scheme: the client sends {values} no longer accepted"
        )]
    };
    let mut three = four_values();
    three["enum"].as_array_mut().unwrap().remove(2);
    assert_eq!(
        rejected(four_values(), three),
        message("\"partner-api-token\", which is")
    );
    assert_eq!(
        rejected(four_values(), fixed_length()),
        message("\"api\", \"partner-api-token\", \"partner-api\", which are")
    );
    let text = |keyword: &str, value: Value| json!({ "type": "string", keyword: value });
    for (theirs, values) in [
        (
            text("maxLength", json!(11)),
            "\"partner-api-token\", which is",
        ),
        (text("minLength", json!(4)), "\"api\", which is"),
        (
            text("pattern", json!("^(partner-)?api-token$")),
            "\"api\", \"partner-api\", which are",
        ),
        (text("default", json!("bearer")), "\"api-token\", which is"),
    ] {
        assert_eq!(rejected(four_values(), theirs), message(values));
    }
    let harmless = [
        text("pattern", json!("^[a-z-]+$")),
        text("default", json!("api")),
        json!({ "type": "string", "enum": ["api", "partner-api", "api-token", "partner-api-token", "new"] }),
    ];
    for theirs in harmless {
        assert_eq!(rejected(four_values(), theirs), NO_FINDINGS);
    }
    // A value that was not documented before either has not changed.
    assert_eq!(rejected(fixed_length(), fixed_length()), NO_FINDINGS);
}

#[test]
fn a_header_that_is_renamed_or_moved_is_breaking() {
    let parameter = |location: &str, name: &str| json!([{ "in": location, "name": name, "required": true, "schema": four_values() }]);
    for (location, name) in [
        ("header", "x-auth-method"),
        ("query", "x-auth-scheme"),
        ("cookie", "X-Auth-Scheme"),
    ] {
        assert_eq!(
            compare_hidden(scheme_header(four_values()), parameter(location, name)),
            [format!(
                "breaking changed Credentials: the client sends the header x-auth-scheme, \
                 which is now the {location} {name}"
            )]
        );
    }
    assert_eq!(
        compare_hidden(
            scheme_header(four_values()),
            parameter("header", "X-Auth-Scheme")
        ),
        [
            "docs changed : name: \"x-auth-scheme\" -> \"X-Auth-Scheme\"; \
             the generated types do not contain it"
        ]
    );
}

#[test]
fn a_header_that_is_dropped_is_harmless() {
    assert_eq!(
        compare_hidden(scheme_header(four_values()), json!([])),
        [
            "docs removed : header parameter x-auth-scheme removed; the client goes on sending it; \
             the generated types do not contain it"
        ]
    );
    let other = json!([{ "in": "header", "name": "x-tenant", "required": true, "schema": {} }]);
    assert_eq!(
        breaking(compare_hidden(scheme_header(four_values()), other)),
        ["breaking added Client::get_a: required header parameter added: x-tenant"]
    );
}

#[test]
fn a_hidden_parameter_that_the_client_does_not_send_must_not_be_required() {
    let trace = |required: bool| json!([{ "in": "header", "name": "x-trace", "required": required, "schema": {} }]);
    assert_eq!(
        breaking(compare_hidden(trace(false), trace(true))),
        [
            "breaking changed Client::get_a: header parameter x-trace is now required, \
             but the overlay removes it from the arguments"
        ]
    );
}

#[test]
fn a_hidden_property_must_not_be_required() {
    let request = |required: Value| {
        let properties = json!({ "a": {}, "b": {} });
        document(&json!({ "Request": { "properties": properties, "required": required } }))
    };
    let (ours, theirs) = (request(json!([])), request(json!(["b"])));
    let mut overlaid = ours.clone();
    let schema = &mut overlaid["components"]["schemas"]["Request"];
    schema["properties"].as_object_mut().unwrap().remove("b");
    assert_eq!(
        compare_overlaid(&ours, overlaid, &theirs),
        ["breaking changed Request::b: now required in requests, \
             but the overlay removes it from the types"]
    );
}

/// Compares two security schemes, each with its name in the document.
fn compare_schemes(ours: (&str, Value), theirs: (&str, Value)) -> Vec<String> {
    let [ours, theirs] = [ours, theirs].map(|(name, scheme)| {
        let mut document = with_parameters(json!([]));
        document["security"] = json!([{ name: [] }]);
        document["components"]["securitySchemes"] = json!({ name: scheme });
        document
    });
    compare_overlaid(&ours, ours.clone(), &theirs)
}

fn api_key(location: &str, name: &str) -> Value {
    json!({ "type": "apiKey", "in": location, "name": name })
}

#[test]
fn a_security_scheme_is_compared_by_its_header() {
    let key = || api_key("header", "x-auth-apikey");
    assert_eq!(compare_schemes(("A", key()), ("B", key())), NO_FINDINGS);
    assert_eq!(
        compare_schemes(("A", key()), ("A", api_key("header", "X-Auth-ApiKey"))),
        ["docs changed Credentials: name: x-auth-apikey -> X-Auth-ApiKey"]
    );
    assert_eq!(
        compare_schemes(("A", key()), ("A", api_key("header", "x-key"))),
        ["breaking changed Credentials: name: x-auth-apikey -> x-key"]
    );
    assert_eq!(
        compare_schemes(("A", key()), ("A", api_key("query", "x-auth-apikey"))),
        ["breaking changed Credentials: in: header -> query"]
    );
    assert_eq!(
        breaking(compare_schemes(
            ("A", key()),
            ("B", api_key("header", "x-key"))
        )),
        [
            "breaking removed Client::get_a: credentials apikey header x-auth-apikey are no longer accepted"
        ]
    );
}

#[test]
fn alternatives_matter_as_long_as_the_client_is_accepted() {
    let alternatives = |security: Value| {
        let mut document = with_parameters(json!([]));
        document["security"] = security;
        document["components"]["securitySchemes"]["Token"] =
            json!({ "type": "http", "scheme": "bearer" });
        document
    };
    let compare = |ours: Value, theirs: Value| {
        let (ours, theirs) = (alternatives(ours), alternatives(theirs));
        compare_overlaid(&ours, ours.clone(), &theirs)
    };
    let (key, token) = (json!({ "ApiKeyAuth": [] }), json!({ "Token": [] }));
    assert_eq!(
        compare(json!([key, token]), json!([key])),
        ["docs removed Client::get_a: credentials Token are no longer accepted, others are"]
    );
    assert_eq!(
        compare(json!([key]), json!([key, token])),
        ["additive added Client::get_a: credentials Token are now accepted"]
    );
    let mut theirs = alternatives(json!([key, token]));
    theirs["components"]["securitySchemes"]["Token"]["scheme"] = json!("basic");
    let ours = alternatives(json!([key, token]));
    assert_eq!(
        compare_overlaid(&ours, ours.clone(), &theirs),
        ["docs changed Credentials: scheme: bearer -> basic"]
    );
    let both = json!({ "ApiKeyAuth": [], "Token": [] });
    assert_eq!(
        breaking(compare(json!([key]), json!([both]))),
        ["breaking removed Client::get_a: credentials ApiKeyAuth are no longer accepted"]
    );
}

/// Returns a document with a second operation, both with the given parameters.
fn with_second_operation(first: Value, second: Value) -> Value {
    let mut document = with_parameters(first);
    document["paths"]["/b"] = json!({ "post": { "operationId": "getB", "parameters": second } });
    document
}

/// Compares two documents with the same operations; formats class and message of each finding.
fn compare_all(ours: &Value, overlaid: Value, theirs: &Value) -> Vec<String> {
    let overlaid = OverlaidFragment::new(ours.clone(), overlaid);
    let operations = [list_operations(ours), list_operations(theirs)];
    let pairs: Vec<_> = operations[0].iter().zip(&operations[1]).collect();
    let findings = compare(ours, theirs, &pairs, &overlaid).into_iter();
    findings
        .map(|found| format!("{} {}", found.class, found.message))
        .collect()
}

/// Adds a parameter to the second operation. The overlay removes the header from the first one.
fn compare_added_elsewhere(parameter: Value) -> Vec<String> {
    let first = || scheme_header(four_values());
    let ours = with_second_operation(first(), json!([]));
    let theirs = with_second_operation(first(), json!([parameter]));
    let overlaid = with_second_operation(json!([]), json!([]));
    compare_all(&ours, overlaid, &theirs)
}

#[test]
fn a_header_that_the_overlay_removes_elsewhere_is_no_argument() {
    let header = |schema: Value| scheme_header(schema)[0].clone();
    for schema in [four_values(), json!({ "type": "string" })] {
        assert_eq!(
            compare_added_elsewhere(header(schema)),
            [
                "docs header parameter added: x-auth-scheme; the client sends it already; \
                 the generated types do not contain it"
            ]
        );
    }
    assert_eq!(
        compare_added_elsewhere(header(json!({ "enum": ["api", "api-token"] }))),
        [
            "breaking x-auth-scheme: the client sends \"partner-api-token\", \"partner-api\", \
             which are not accepted"
        ]
    );
    let other = json!({ "in": "query", "name": "x-auth-scheme", "schema": {} });
    assert_eq!(
        compare_added_elsewhere(other),
        ["breaking query parameter added: x-auth-scheme"]
    );
}

#[test]
fn parameters_of_an_operation_without_a_method_are_not_hidden() {
    let page = |required: bool| json!([{ "in": "query", "name": "page", "required": required, "schema": {} }]);
    let ours = with_second_operation(page(false), json!([]));
    let theirs = with_second_operation(page(true), page(true));
    let mut overlaid = ours.clone();
    overlaid["paths"].as_object_mut().unwrap().remove("/a");
    assert_eq!(
        compare_all(&ours, overlaid, &theirs),
        [
            "breaking required query parameter added: page",
            "docs query parameter page is now required; the generated types do not contain it",
        ]
    );
}
