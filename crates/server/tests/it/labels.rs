//! The page of the audit trail has a word for everything that the trail may hold.

use std::collections::BTreeMap;

use accounts::audit::Action;
use todoke::actions::ACTIONS;
use todoke::routes::STAFF_ROUTES;

/// Every action code that the source writes down, and where. An action is made by naming both of its fields, or by a
/// `const fn action` or a constructor of [`accounts::Route`]; all take the code as the first text.
fn written() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (path, text) in super::tidy::sources() {
        if !path.contains("/src/") {
            continue;
        }
        let text = text.split("#[cfg(test)]").next().unwrap().to_owned();
        for beginning in ["code: \"", "action(\"", "action(\n    \""] {
            for (at, _) in text.match_indices(beginning) {
                let rest = &text[at + beginning.len()..];
                let code = rest.split('"').next().unwrap();
                let before = &text[text[..at].rfind(';').unwrap_or(0)..at];
                if before.contains("Action") {
                    found.insert(code.to_owned(), path.clone());
                }
            }
        }
        // Nobody makes one of something that this test cannot see.
        for (at, _) in text.match_indices("Action { code, label }") {
            let before = &text[..at];
            let inside = &before[before.rfind("fn ").unwrap()..];
            let known = ["action(", "look(", "change("];
            assert!(
                known.iter().any(|name| inside.starts_with(&format!("fn {name}"))),
                "{path}: {inside}"
            );
        }
    }
    found
}

#[test]
fn every_action_that_the_trail_may_hold_has_a_label() {
    let routes = STAFF_ROUTES.iter().filter_map(accounts::Route::action);
    let others = ACTIONS.iter().copied().flatten().copied();
    let labelled: Vec<Action> = routes.chain(accounts::audit_actions::ALL).chain(others).collect();
    let written = written();
    for expected in [
        "session.sign_in",
        "admin.office_add",
        "invitation.join",
        "review.open",
        "incident.report",
    ] {
        assert!(written.contains_key(expected), "{expected} in {written:?}");
    }
    for (code, path) in &written {
        let label = labelled.iter().find(|action| action.code == code);
        let label = label.unwrap_or_else(|| panic!("{code} of {path} has no label"));
        assert!(!label.label.is_ascii(), "{code}: {}", label.label);
    }
    for one in &labelled {
        let other = labelled
            .iter()
            .find(|other| other.label == one.label && other.code != one.code);
        let (one, other) = (one.code, other.map(|other| other.code));
        assert!(other.is_none(), "{one} and {other:?} read the same");
    }
}
