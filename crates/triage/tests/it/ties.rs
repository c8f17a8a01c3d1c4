//! What reaching ties together: calls that end by themselves, corrected numbers, an outage, programmes.

use std::sync::Arc;

use axum::http::StatusCode;
use base::clock::{DAY, HOUR, MINUTE};
use base::date::CalendarDate;
use base::id::StaffId;
use lists::calls::{CallAttempt, CallOutcome, CallResult, Due, Mark, Marked, mark, open_calls};
use messaging::message::{MessageState, Outcome};
use messaging::resend::Again;
use messaging::store;
use triage::case::FirstContact;
use triage::decision::Route;
use triage::outage::send_again;
use triage::programme::Content;
use triage::reach::ContactRule;
use triage::store::changes::{Changed, hand_over};
use triage::store::events::messages;
use triage::store::programmes::{Draft, add_programme};
use triage::store::search::{Filter, listed};
use triage::store::take_over::{Chooses, Taker, Taking, take_over, without_programme};

use crate::host::each_host;
use crate::people::{ASAKA, HANAKO, KAWAGUCHI, ORG, by_form, each, hand, opened, person};
use crate::reach::{Bulk, Carrier, arrive, desk, gather, somebody, text, watched};

#[tokio::test]
async fn a_call_ends_by_itself_when_the_sms_arrives_unless_somebody_has_it() {
    each(async |db| {
        let (desk, version) = (desk(&db), text(&db).await);
        let rule = ContactRule::default();
        let ids = arrive(&db, ASAKA, (0..2).map(somebody).collect()).await;
        gather(&desk, version).await;
        let carrier = Carrier::of(&db).await;
        let parts = carrier.take().await;
        // Nothing is heard for a day: somebody has to telephone both.
        db.clock().advance(DAY + HOUR);
        watched(&db, rule).await;
        let calls = open_calls(&db, ORG, None, Due::Now, (50, 0)).await.unwrap();
        assert_eq!(calls.len(), 2);
        // One of them is being telephoned when both receipts come.
        let (vault, now) = (db.vault(ORG).await.unwrap(), db.now());
        let held = calls[0].id;
        db.write(move |tx| {
            let vault = std::sync::Arc::clone(&vault);
            Box::pin(async move {
                let which = lists::calls::Which::This(held);
                lists::calls::take(tx, ORG, &vault, None, HANAKO, which, now)
                    .await
                    .map(drop)
            })
        })
        .await
        .unwrap();
        for part in &parts {
            carrier.says(part, Outcome::Delivered).await;
        }
        db.clock().advance(HOUR);
        let renewed = lists::calls::renew(&db, ORG, None, HANAKO, held).await.unwrap();
        assert!(matches!(renewed, lists::calls::Taken::Yours { .. }));
        watched(&db, rule).await;
        for id in &ids {
            assert_eq!(opened(&db, *id).await.contact, FirstContact::Delivered);
        }
        let open = open_calls(&db, ORG, None, Due::Now, (50, 0)).await.unwrap();
        assert_eq!(open.iter().map(|call| call.id).collect::<Vec<_>>(), [held]);
        let about = lists::calls::about(&db, ORG, held).await.unwrap();
        assert!(about.reached_at.is_some(), "whoever has it is told");
        assert_eq!(about.programme.map(base::id::ProgrammeId::get), Some(1));
        let ended = lists::calls::call(&db, ORG, None, calls[1].id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            ended.closed.map(|(outcome, by, _)| (outcome, by)),
            Some((CallOutcome::NotNeeded, None))
        );
        let told = lists::calls::events(&db, ORG, None, ended.id).await.unwrap();
        assert!(
            told[0].note.as_deref().unwrap().contains("SMSが届いた"),
            "{:?}",
            told[0].note
        );
        // Once the lease is over, it ends too.
        db.clock().advance(HOUR);
        triage::jobs::watch_by_programmes(&db, ORG).await.unwrap();
        assert!(
            open_calls(&db, ORG, None, Due::Now, (50, 0))
                .await
                .unwrap()
                .is_empty()
        );
    })
    .await;
}

#[tokio::test]
async fn a_message_for_a_corrected_number_belongs_to_the_case_and_first_contact_starts_anew() {
    each(async |db| {
        let (desk, version) = (desk(&db), text(&db).await);
        let ids = arrive(&db, ASAKA, vec![somebody(0)]).await;
        let sent = gather(&desk, version).await;
        let old = sent.started.fates[0].message;
        let wrong = lists::numbers::NewWrong {
            phone: base::phone::parse("090-1200-0000").unwrap().number,
            kind: lists::numbers::WrongKind::WrongNumber,
            person: lists::contacts::PersonKeys::default(),
            corrected: Some(base::phone::parse("090-1200-9999").unwrap().number),
            reason: "家族から電話".to_owned(),
            message: Some(old),
            office: ASAKA,
            by: Some(HANAKO),
        };
        let done = messaging::correction::report_wrong(&db, ORG, wrong)
            .await
            .unwrap();
        assert_eq!((done.effect.cancelled, done.effect.made), (1, 1));
        let made = db.now();
        db.clock().advance(HOUR);
        watched(&db, ContactRule::default()).await;
        let case = opened(&db, ids[0]).await;
        assert_eq!(case.contact, FirstContact::Written);
        let all = messages(&db, ORG, ids[0]).await.unwrap();
        assert_eq!(all.len(), 2);
        // It waits for somebody's look; then it leaves, and its arrival is the first contact.
        let resumed = store::resume(&db, ORG, done.waiting[0], Some(HANAKO))
            .await
            .unwrap();
        assert!(resumed.unwrap());
        let carrier = Carrier::of(&db).await;
        let parts = carrier.take().await;
        assert_eq!(parts.len(), 1);
        carrier.says(&parts[0], Outcome::Delivered).await;
        db.clock().advance(HOUR);
        watched(&db, ContactRule::default()).await;
        let case = opened(&db, ids[0]).await;
        assert_eq!(case.contact, FirstContact::Delivered);
        assert!(case.contact_at.unwrap() > made);
    })
    .await;
}

#[tokio::test]
async fn what_an_outage_left_unknown_is_sent_once_more_by_a_person_with_a_reason() {
    each(async |db| {
        let (desk, version) = (desk(&db), text(&db).await);
        let ids = arrive(&db, ASAKA, (0..3).map(somebody).collect()).await;
        let sent = gather(&desk, version).await;
        let carrier = Carrier::of(&db).await;
        let parts = carrier.take().await;
        carrier.says(&parts[0], Outcome::Delivered).await;
        // Nobody knows of the others.
        db.clock().advance(74 * HOUR);
        carrier.outbox.close_overdue().await.unwrap();
        let olds: Vec<_> = sent.started.fates.iter().map(|fate| fate.message).collect();
        let again = |reason: &str| Again {
            org: ORG,
            office: base::id::OfficeId::HEADQUARTERS,
            by: HANAKO,
            reason: reason.to_owned(),
            hold: 0,
            messages: olds.clone(),
        };
        let made = send_again(&db, again("障害が復旧したため")).await.unwrap();
        assert_eq!(
            (made.broadcasts.len(), made.pairs.len()),
            (1, 2),
            "who has it gets nothing"
        );
        let broadcast = store::broadcast(&db, ORG, made.broadcasts[0])
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            broadcast.resend,
            Some(("silent".to_owned(), "障害が復旧したため".to_owned()))
        );
        let mut counts = Vec::new();
        for id in &ids {
            counts.push(messages(&db, ORG, *id).await.unwrap().len());
        }
        counts.sort_unstable();
        assert_eq!(counts, [1, 2, 2], "the new messages are the cases' own");
        // Pressed twice: they are on their way.
        assert!(send_again(&db, again("もう一度")).await.is_err());
        let (old, new) = made.pairs[0];
        let standings = store::standings(&db, ORG, &[old, new]).await.unwrap();
        let states: Vec<MessageState> = standings.iter().map(|one| one.state).collect();
        assert_eq!(states, [MessageState::Unconfirmed, MessageState::Queued]);
    })
    .await;
}

#[tokio::test]
async fn cases_without_a_programme_are_taken_over_and_decided_anew() {
    each(async |db| {
        let new = |office, n| by_form(office, somebody(n));
        let all = vec![new(ASAKA, 1), new(ASAKA, 2), new(KAWAGUCHI, 3)];
        let added = triage::store::cases::add(&db, ORG, 0, &triage::decision::WithoutRules, None, all).await;
        let ids = added.unwrap().cases;
        assert_eq!(without_programme(&db, ORG, Some(ASAKA)).await.unwrap(), 2);
        let whose = |scope| Taker {
            scope,
            by: StaffId::new(7),
            office: ASAKA,
        };
        let chooses: Arc<Chooses> = Arc::new(|_| {
            Some(Taking {
                programme: 1,
                rules: Arc::new(Bulk),
                words: "引き継いだ".to_owned(),
            })
        });
        let taken_over = async |scope| {
            take_over(&db, ORG, whose(scope), Arc::clone(&chooses))
                .await
                .unwrap()
        };
        assert_eq!(taken_over(Some(ASAKA)).await, 2);
        let taken = opened(&db, ids[0]).await;
        assert_eq!((taken.programme, taken.decided.route), (1, Route::HeadOfficeSms));
        let other = opened(&db, ids[2]).await;
        assert_eq!((other.programme, other.decided.route), (0, Route::CentrePhone));
        assert_eq!(taken_over(Some(ASAKA)).await, 0);
        assert_eq!(taken_over(None).await, 1);
        assert_eq!(without_programme(&db, ORG, None).await.unwrap(), 0);
        // Twins are known within the programme from now on.
        let again = triage::store::cases::add(&db, ORG, 1, &Bulk, None, vec![new(ASAKA, 1)]).await;
        assert_eq!(again.unwrap().twins, 1);
        db.clock().advance(MINUTE);
    })
    .await;
}

#[tokio::test]
async fn the_programme_of_new_cases_is_chosen_where_there_are_several() {
    each_host(async |host| {
        let mut ids = Vec::new();
        for name in ["新型コロナ", "麻しん"] {
            let draft = Draft {
                title: "はじめ".to_owned(),
                from: CalendarDate::new(2022, 1, 1).unwrap(),
                content: Content::blank(),
            };
            let added = add_programme(&host.db, ORG, name.to_owned(), draft, HANAKO).await;
            ids.push(added.unwrap());
        }
        let mut asaka = host.browser("asaka").await;
        asaka.get("/cases/new").await.shows("麻しん");
        asaka.get("/intake/new").await.shows("麻しん");
        let list = "氏名,電話番号\n試験 一子,090-1200-0001\n".as_bytes();
        let taken = asaka.upload("/intake/new", "/intake", "朝.csv", list).await;
        let (check, chosen) = taken.location.split_once("?programme=").unwrap();
        assert_eq!(chosen, ids[0].to_string(), "the first, where nothing is in force");
        let page = asaka.get(&format!("{check}?programme={}", ids[1])).await;
        assert_eq!(page.hidden("programme"), ids[1].to_string());
        let second = ids[1].to_string();
        let fields = [("programme", second.as_str())];
        let done = asaka
            .submit("/cases/new", &format!("{check}/register"), &fields)
            .await;
        assert!(done.location.contains("people=1"), "{}", done.location);
        let (found, _) = listed(&host.db, ORG, Filter::default(), None).await.unwrap();
        assert_eq!(found[0].programme, ids[1].get());
    })
    .await;
}

#[tokio::test]
async fn callers_of_a_programme_say_what_the_head_office_wrote() {
    each_host(async |host| {
        let draft = Draft {
            title: "はじめ".to_owned(),
            from: CalendarDate::new(2022, 1, 1).unwrap(),
            content: Content::blank(),
        };
        let added = add_programme(&host.db, ORG, "麻しん".to_owned(), draft, HANAKO).await;
        let id = added.unwrap();
        let page = format!("/programmes/{id}/script");
        let mut head = host.browser("honcho").await;
        head.get(&page)
            .await
            .shows("はじめから入っている言葉が使われます");
        let fields = [
            ("language", "ja"),
            ("seen", "0"),
            ("text", "療養の期間を伝えます。\n連絡先を伝えます。"),
            ("from", "2022-01-01"),
        ];
        let saved = head.submit(&page, &page, &fields).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
        head.get(&page)
            .await
            .shows("<li lang=\"ja\">連絡先を伝えます。</li>");
        let late = head.submit(&page, &page, &fields).await;
        assert_eq!(late.status, StatusCode::CONFLICT, "somebody was faster");
        let mut asaka = host.browser("asaka").await;
        let refused = asaka.submit("/cases/new", &page, &fields).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND);
        let own = store::call_script(&host.db, ORG, id, "ja").await.unwrap();
        assert!(own.unwrap().text.contains("連絡先"));
        assert_eq!(store::call_script(&host.db, ORG, id, "en").await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_call_goes_along_with_its_case_once_nobody_has_it() {
    each(async |db| {
        let mut people = vec![
            person("固定 一", "", "1950/1/1", ""),
            person("固定 二", "", "1951/1/1", ""),
        ];
        for (one, number) in people.iter_mut().zip(["048-123-4567", "048-123-4568"]) {
            one.person.landlines = vec![number.to_owned()];
        }
        let ids = arrive(&db, ASAKA, people).await;
        watched(&db, ContactRule::default()).await;
        let at = async |office| -> Vec<base::id::CallId> {
            let mut all = open_calls(&db, ORG, Some(office), Due::Now, (50, 0))
                .await
                .unwrap();
            all.extend(
                open_calls(&db, ORG, Some(office), Due::Later, (50, 0))
                    .await
                    .unwrap(),
            );
            all.iter().map(|call| call.id).collect()
        };
        let calls = at(ASAKA).await;
        assert_eq!(calls.len(), 2);
        let of = async |call| lists::calls::call(&db, ORG, None, call).await.unwrap().unwrap();
        let (vault, now, held) = (db.vault(ORG).await.unwrap(), db.now(), calls[0]);
        db.write(move |tx| {
            let vault = std::sync::Arc::clone(&vault);
            Box::pin(async move {
                let which = lists::calls::Which::This(held);
                lists::calls::take(tx, ORG, &vault, Some(ASAKA), HANAKO, which, now)
                    .await
                    .map(drop)
            })
        })
        .await
        .unwrap();
        for id in &ids {
            let seen = hand(&opened(&db, *id).await);
            let over = hand_over(
                &db,
                ORG,
                seen,
                KAWAGUCHI,
                std::sync::Arc::new(Bulk),
                "転居".to_owned(),
            );
            assert_eq!(over.await.unwrap(), Changed::Done);
        }
        assert_eq!(
            (at(ASAKA).await, at(KAWAGUCHI).await),
            (vec![held], vec![calls[1]])
        );
        triage::jobs::watch_by_programmes(&db, ORG).await.unwrap();
        assert_eq!(at(ASAKA).await, [held], "whoever is speaking goes on");
        let tried = Mark {
            result: CallResult::Tried {
                attempt: CallAttempt::NoAnswer,
                due: Some(db.now() + HOUR),
            },
            note: Some("午後にかけ直す".to_owned()),
            by: HANAKO,
        };
        assert_eq!(
            mark(&db, ORG, Some(ASAKA), held, tried).await.unwrap(),
            Marked::Kept
        );
        triage::jobs::watch_by_programmes(&db, ORG).await.unwrap();
        assert_eq!(at(KAWAGUCHI).await.len(), 2);
        assert_eq!(
            (at(ASAKA).await.len(), of(held).await.tries),
            (0, 1),
            "with what was tried"
        );
    })
    .await;
}
