//! What asks again who sits there: rules and limits of sending, money, files.

use axum::http::StatusCode;
use base::clock::MINUTE;

use crate::host::Host;

#[tokio::test]
async fn asvs_7_5_3_rules_limits_and_files_ask_again_after_five_minutes() {
    let host = Host::new().await;
    let mut head = host.browser("honcho").await;
    host.clock.advance(5 * MINUTE);
    for path in [
        "/usage/summary.csv",
        "/usage/summary.xlsx",
        "/usage/lines.csv",
        "/usage/lines.xlsx",
    ] {
        let led = head.get(&format!("{path}?month=2026-11")).await;
        assert_eq!(led.status, StatusCode::SEE_OTHER, "{path}");
        assert!(led.location().starts_with("/step-up?next=/usage"), "{path}");
    }
    for (page, action, field) in [
        ("/organisation/sending", "/organisation/sending", ("above", "5")),
        ("/organisation/limits", "/organisation/limits", ("day_parts", "5")),
        ("/organisation/limits", "/organisation/release", ("", "")),
        ("/organisation/limits", "/organisation/mode", ("mode", "training")),
        (
            "/organisation/senders",
            "/organisation/senders",
            ("number", "0005012345"),
        ),
        ("/organisation/tariffs", "/organisation/tariffs", ("price", "3.3")),
        ("/exports", "/exports/rule", ("rows", "5")),
        (
            "/organisation/retention",
            "/organisation/retention/holds",
            ("reason", "訴訟"),
        ),
    ] {
        let fields = [field];
        let fields = if field.0.is_empty() { &[][..] } else { &fields[..] };
        let led = head.submit(page, action, fields).await;
        assert_eq!(led.status, StatusCode::SEE_OTHER, "{action}: {}", led.body);
        assert!(led.location().starts_with("/step-up?next="), "{action}");
    }
    // To stop everything is never made to wait.
    let stopped = head
        .submit(
            "/organisation/limits",
            "/organisation/stop",
            &[("reason", "誤送信")],
        )
        .await;
    assert_eq!(stopped.location(), "/organisation/limits?done=stopped");
}
