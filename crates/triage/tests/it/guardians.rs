//! A child's guardian is written to; a relative of an adult never is.

use lists::calls::{CallReason, Due, open_calls};
use lists::choice::Household;
use triage::notification::CaseNotification;
use triage::reach::ContactRule;

use crate::people::{ASAKA, ORG, each, person};
use crate::reach::{arrive, desk, gathered, text, watched};

const OWN: &str = "090-1234-5678";
const GUARDIANS: &str = "080-1111-2222";

fn with_guardian(name: &str, birth: &str, number: &str) -> CaseNotification {
    let mut one = person(name, "", birth, number);
    one.person.guardian_mobiles = vec![base::phone::parse(GUARDIANS).unwrap().number];
    one
}

#[tokio::test]
async fn a_child_is_written_to_at_the_guardians_number() {
    each(async |db| {
        let desk = desk(&db);
        let version = text(&db).await;
        arrive(&db, ASAKA, vec![with_guardian("佐藤 翔", "2018/5/5", OWN)]).await;
        let (_, judged) = gathered(&desk, version, Household::Each).await;
        let numbers: Vec<String> = judged.rows.iter().map(|row| row.to.national()).collect();
        assert_eq!(numbers, [GUARDIANS], "not the child's own phone");
    })
    .await;
}

#[tokio::test]
async fn an_adults_relative_is_not_written_to_and_known_to_whoever_telephones() {
    each(async |db| {
        let desk = desk(&db);
        let version = text(&db).await;
        let mut at_home = with_guardian("佐藤 花子", "1985/4/3", "");
        at_home.person.landlines = vec!["048-123-4567".to_owned()];
        let nowhere = with_guardian("鈴木 健", "1986/4/3", "");
        let with_phone = with_guardian("高橋 実", "1987/4/3", OWN);
        arrive(&db, ASAKA, vec![at_home, nowhere, with_phone]).await;
        watched(&db, ContactRule::default()).await;
        let (_, judged) = gathered(&desk, version, Household::Each).await;
        let numbers: Vec<String> = judged.rows.iter().map(|row| row.to.national()).collect();
        assert_eq!(numbers, [OWN]);
        let calls = open_calls(&db, ORG, None, Due::Now, (50, 0)).await.unwrap();
        let call = |reason: CallReason| calls.iter().find(|call| call.reason == reason).unwrap();
        let own = call(CallReason::Landline);
        assert_eq!(own.number.as_deref(), Some("048-123-4567"));
        assert!(!own.note.as_deref().unwrap().contains("保護者"));
        let relative = call(CallReason::NoNumber);
        assert_eq!(relative.number.as_deref(), Some(GUARDIANS));
        let note = relative.note.as_deref().unwrap();
        assert!(note.contains("保護者・緊急連絡先のものです"), "{note}");
    })
    .await;
}
