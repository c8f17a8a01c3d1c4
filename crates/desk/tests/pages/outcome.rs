//! What whoever asked reads and does.

use base::clock::DAY;
use base::id::{MessageId, OrgId, StaffId};
use db::vault::ERASED;
use desk::form::{Form, Shipped};
use desk::{NewRequest, store};

use crate::host::{ORG, Residents, START, case, key};

#[tokio::test]
async fn who_has_not_answered_is_listed_longest_first_and_page_by_page() {
    for residents in Residents::each().await {
        let mut asked = Vec::new();
        for id in 1..=5 {
            let new = NewRequest {
                subject: case(id),
                ..residents.request("observation")
            };
            asked.push(residents.ask_with(new).await.request);
            residents.clock.advance(1);
        }
        let all = store::unanswered(&residents.db, ORG, i64::MAX, None)
            .await
            .unwrap();
        assert_eq!(all.iter().map(|one| one.request).collect::<Vec<_>>(), asked);
        let rest = store::unanswered(&residents.db, ORG, i64::MAX, Some(&all[2]))
            .await
            .unwrap();
        assert_eq!(rest.iter().map(|one| one.request).collect::<Vec<_>>(), asked[3..]);
        let before = store::unanswered(&residents.db, ORG, START + 2, None)
            .await
            .unwrap();
        assert_eq!(before.len(), 2);
        let elsewhere = OrgId::new(2);
        assert!(
            store::unanswered(&residents.db, elsewhere, i64::MAX, None)
                .await
                .unwrap()
                .is_empty()
        );
    }
}

#[tokio::test]
async fn a_reminder_carries_the_same_link() {
    for residents in Residents::each().await {
        let first = residents.ask("observation").await;
        let second = residents.ask("observation").await;
        assert_ne!(first.token, second.token);
        let again = store::link_of(&residents.db, ORG, first.request).await.unwrap();
        assert_eq!(again, first.token);
        let tied = residents.db.write(move |tx| {
            Box::pin(async move { store::tie_message(tx, ORG, second.request, MessageId::new(99)).await })
        });
        tied.await.unwrap();
        let ids = [MessageId::new(99)];
        let contacts = store::contacts_of_messages(&residents.db, ORG, &ids)
            .await
            .unwrap();
        assert_eq!(contacts[&ids[0]].opened_at, None);
    }
}

#[tokio::test]
async fn a_new_version_is_asked_with_from_its_day_on_and_earlier_requests_keep_theirs() {
    for residents in Residents::each().await {
        let (mut browser, path) = residents.inside("observation").await;
        let document = Shipped::of("observation").unwrap().document;
        let changed = document.replacen("今日の健康観察", "毎日の健康観察", 1);
        let form = Form::parse(&changed).unwrap();
        let day = residents.clock.now() + DAY;
        let version = store::add_version(&residents.db, ORG, &form, day, StaffId::new(1)).await;
        assert_eq!(version.unwrap(), 2);
        let (mut today, same) = residents.inside("observation").await;
        today.get(&format!("{same}/begin")).await.shows("今日の健康観察");
        residents.clock.advance(DAY);
        let (mut tomorrow, new) = residents.inside("observation").await;
        tomorrow
            .get(&format!("{new}/begin"))
            .await
            .shows("毎日の健康観察");
        browser.give_birth_date(&path, "1985", "4", "3").await;
        browser
            .get(&format!("{path}/begin"))
            .await
            .shows("今日の健康観察");
        let versions = store::versions(&residents.db, ORG, &key("observation"))
            .await
            .unwrap();
        let told: Vec<(i64, bool)> = versions.iter().map(|one| (one.version, one.is_own)).collect();
        assert_eq!(told, [(2, true), (1, false)]);
        let (db, vault) = (residents.db.clone(), residents.db.vault(ORG).await.unwrap());
        let unknown = NewRequest {
            form: key("nothing"),
            ..residents.request("observation")
        };
        let asked = residents.db.write(move |tx| {
            let (db, vault, new) = (db.clone(), vault.clone(), unknown.clone());
            Box::pin(async move { store::ask(&db, tx, ORG, &vault, &new, START).await })
        });
        assert_eq!(asked.await.unwrap(), None);
    }
}

#[tokio::test]
async fn what_is_erased_is_gone_and_what_is_counted_stays() {
    for residents in Residents::each().await {
        let (mut browser, path) = residents.inside("observation").await;
        for (page, fields) in [
            ("emergency", vec![("emergency", "lips")]),
            ("measured", vec![("temperature", "36.8"), ("spo2", "97")]),
            ("symptoms", vec![("symptoms", "cough")]),
            ("intake", vec![("intake", "well")]),
            ("wish", vec![("call", "no"), ("note", "ひみつの言葉")]),
        ] {
            browser.post(&format!("{path}/q/{page}"), &fields).await;
        }
        browser.post(&format!("{path}/check"), &[]).await;
        let answered = store::answers_of(&residents.db, ORG, &case(7)).await.unwrap();
        assert_eq!(answered[0].red_flags().len(), 1);
        assert_eq!(
            store::erase_before(&residents.db, ORG, START, &[]).await.unwrap(),
            0
        );
        residents.clock.advance(4 * DAY);
        let now = residents.clock.now();
        assert_eq!(
            store::erase_before(&residents.db, ORG, now, &[]).await.unwrap(),
            1
        );
        assert_eq!(
            store::erase_before(&residents.db, ORG, now, &[]).await.unwrap(),
            0
        );
        let answered = store::answers_of(&residents.db, ORG, &case(7)).await.unwrap();
        assert!(answered[0].answers.is_empty());
        assert_eq!(answered[0].submitted_at, START);
        assert_eq!(residents.flags().await.len(), 1);
        let sealed = "SELECT answers_sealed FROM form_answers WHERE org_id = $1";
        let row = residents
            .db
            .query_opt(db::Sql(sealed), db::params![ORG])
            .await
            .unwrap();
        assert_eq!(row.unwrap().get::<String>(0).unwrap(), ERASED);
        // The link is one that there never was.
        let seen = browser.get(&path).await;
        seen.shows("生年月日");
    }
}

#[tokio::test]
async fn the_database_holds_no_answer_birth_date_or_link_in_the_open() {
    for residents in Residents::each().await {
        let (mut browser, path) = residents.inside("observation").await;
        let fields = [("call", "yes"), ("note", "ひみつの言葉")];
        browser.post(&format!("{path}/q/wish"), &fields).await;
        for table in ["form_requests", "form_answers", "form_flags", "form_visits"] {
            let columns = match table {
                "form_requests" => "token_index || birth_index || COALESCE(contact, '')",
                "form_answers" => "answers_sealed",
                "form_flags" => "code || level",
                _ => "secret_hash",
            };
            let sql: &'static str = Box::leak(format!("SELECT {columns} FROM {table}").into_boxed_str());
            for row in residents.db.query(db::Sql(sql), db::params![]).await.unwrap() {
                let text: String = row.get(0).unwrap();
                let letters = path.strip_prefix("/f/").unwrap();
                let cookie = browser.jar.values().next().unwrap();
                for secret in ["ひみつ", "1985", letters, cookie.as_str()] {
                    assert!(!text.contains(secret), "{table} holds {secret}");
                }
            }
        }
    }
}
