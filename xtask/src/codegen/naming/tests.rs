use super::*;

#[test]
fn a_name_depends_on_its_text_alone() {
    let cases = [
        (NameKind::Type, "Event_SavedClip", "EventSavedClip"),
        (NameKind::Type, "SavedClipX15B", "SavedClipX15b"),
        (NameKind::Type, "A_B", "Ab"),
        (NameKind::Type, "Option", "Option_"),
        (NameKind::Type, "Client", "Client_"),
        (NameKind::Type, "4K", "N4k"),
        (NameKind::Type, "a.b-c", "Abc"),
        (NameKind::Field, "clipLocationV2", "clip_location_v2"),
        (NameKind::Field, "type", "type_"),
        (NameKind::Field, "1080p", "n1080p"),
        (NameKind::Field, "_audioDevices", "_audio_devices"),
        (NameKind::Field, "extra", "extra_"),
        (NameKind::Field, "", "empty"),
        (NameKind::Variant, "ROLE_RESTRICTED", "RoleRestricted"),
        (NameKind::Variant, "CAMERA_R2_180", "CameraR2_180"),
        (NameKind::Variant, "360_VIEW", "N360View"),
        (NameKind::Variant, "SELF", "Self_"),
        (NameKind::Variant, "UNRECOGNIZED", "Unrecognized_"),
        (NameKind::Variant, "<=", "LessThanEqual"),
        (NameKind::Variant, "", "Empty"),
        (NameKind::Variant, "a\nb", "AB"),
        (NameKind::Variant, "\u{65e5}", "U65e5"),
        (
            NameKind::Method,
            "getClipWithProgress",
            "get_clip_with_progress",
        ),
        (NameKind::Method, "match", "match_"),
        (NameKind::Method, "post", "post_"),
        (NameKind::Parameter, "body", "body_"),
    ];
    for (kind, text, name) in cases {
        assert_eq!(kind.name(text), name, "{text:?}");
        assert!(syn::parse_str::<Ident>(name).is_ok(), "{name}");
        assert!(kind.accepts(name), "{kind:?} {name}");
    }
}

#[test]
fn a_name_that_was_given_is_accepted_from_the_overlay() {
    let texts = [
        "X2", "x2", "x_2", "R2_180", "R2-180", "r2_180", "type", "Type", "_", "", "4K", "4k",
    ];
    let kinds = [
        NameKind::Type,
        NameKind::Field,
        NameKind::Variant,
        NameKind::Method,
    ];
    for kind in kinds {
        let scope = name_scope(kind, texts.map(|text| (text, text)), &BTreeMap::new());
        let names: std::collections::BTreeSet<_> = scope.names.values().collect();
        assert_eq!(names.len(), texts.len(), "{scope:?}");
        for name in names {
            assert!(kind.accepts(name), "{kind:?} {name}");
            assert!(syn::parse_str::<Ident>(name).is_ok(), "{name}");
        }
    }
    for name in ["Foo_Bar", "a b", "foo", "Self", "Option", ""] {
        assert!(!NameKind::Type.accepts(name), "{name}");
    }
}

#[test]
fn the_usual_notation_keeps_the_name() {
    let names = |kind, texts: &[&'static str]| {
        name_scope(
            kind,
            texts.iter().map(|text| (*text, *text)),
            &BTreeMap::new(),
        )
    };
    let fields = names(NameKind::Field, &["M", "m", "a.b", "aB", "a_b"]);
    let expected = [
        ("M", "m_2"),
        ("a.b", "a_dot_b"),
        ("aB", "a_b"),
        ("a_b", "a_underscore_b"),
        ("m", "m"),
    ];
    let expected = expected.map(|(text, name)| (text.to_owned(), name.to_owned()));
    assert_eq!(fields.names, expected.into());
    assert_eq!(fields.conflicts.len(), 3);
    let variants = names(NameKind::Variant, &["A-B", "A_B", "COMPLETE", "complete"]);
    assert_eq!(variants.names["COMPLETE"], "Complete");
    assert_eq!(variants.names["complete"], "Complete2");
    assert_eq!(variants.names["A-B"], "AHyphenB");
}

#[test]
fn a_chosen_name_is_never_given_to_another_text() {
    let chosen = BTreeMap::from([("other".to_owned(), "Complete".to_owned())]);
    let scope = name_scope(
        NameKind::Variant,
        [("COMPLETE", "COMPLETE"), ("other", "other")],
        &chosen,
    );
    assert_eq!(scope.names["other"], "Complete");
    assert_eq!(scope.names["COMPLETE"], "Complete2");
}

#[test]
fn module_names_are_valid_file_names() {
    let cases = [
        ("Mod", "mod_"),
        ("Type", "type_"),
        ("Aux", "aux_"),
        ("Gen", "gen_"),
        ("Option_", "option_"),
        ("SavedClip", "saved_clip"),
    ];
    for (name, module) in cases {
        assert_eq!(module_name(name), module);
    }
}
