//! People at high risk of a later gathering do not wait behind an earlier one of the same office.

use triage::notification::CaseNotification;

use crate::people::{ASAKA, each, person};
use crate::reach::{Carrier, arrive, desk, gather, text};

fn aged(n: u32, born: u32) -> CaseNotification {
    let number = format!("090-1300-{n:04}");
    person(
        &format!("試験 {n}子"),
        &format!("シケン {n}"),
        &format!("{born}/4/3"),
        &number,
    )
}

#[tokio::test]
async fn whoever_is_at_high_risk_goes_before_what_was_gathered_earlier() {
    each(async |db| {
        let (desk, version) = (desk(&db), text(&db).await);
        arrive(&db, ASAKA, (0..30).map(|n| aged(n, 1990)).collect()).await;
        gather(&desk, version).await;
        let late = [aged(40, 1991), aged(41, 1940), aged(42, 1992), aged(43, 1945)];
        arrive(&db, ASAKA, late.to_vec()).await;
        gather(&desk, version).await;
        let taken = Carrier::of(&db).await.take().await;
        let whom = |at: usize| taken[at].text.split('様').next().unwrap_or_default().to_owned();
        assert_eq!([whom(0), whom(1)], ["試験 41子", "試験 43子"]);
        assert_eq!(whom(2), "試験 0子", "then the earlier broadcast");
        assert_eq!((taken.len(), whom(32)), (34, "試験 40子".to_owned()));
    })
    .await;
}
