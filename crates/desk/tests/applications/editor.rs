//! The desk editor at the browser: from a desk that ships to one in force, without a line of code.

use accounts::Role;
use axum::http::StatusCode;
use base::id::{DeskId, OfficeId};
use desk::document::{DeskDocument, shipped};
use desk::store;

use crate::browser::Browser;
use crate::house::{House, ORG, says};
use crate::office::somebody;

const HEADQUARTERS: OfficeId = OfficeId::HEADQUARTERS;

async fn writer(house: &House) -> Browser {
    somebody(
        house,
        "honcho",
        HEADQUARTERS,
        &[Role::Administrator, Role::Approver],
    )
    .await
}

async fn made(browser: &mut Browser) -> (DeskId, String) {
    let kits = shipped()
        .into_iter()
        .find(|one| one.document.document().confirmed.certificate.is_some())
        .unwrap();
    let model = format!("shipped-{}", kits.document.key());
    let fields = [
        ("model", model.as_str()),
        ("name", "証明書の再発行"),
        ("key", "again"),
    ];
    let seen = browser.submit("/desks/new", "/desks", &fields).await;
    let edit = seen.leads_to().to_owned();
    let id = edit.split('/').nth(2).unwrap().parse().unwrap();
    (DeskId::new(id), edit)
}

async fn document(house: &House, id: DeskId) -> DeskDocument {
    let row = store::desk_version(&house.db, ORG, (id, 1))
        .await
        .unwrap()
        .unwrap();
    DeskDocument::parse(&row.draft.document).unwrap()
}

#[tokio::test]
async fn a_desk_that_ships_becomes_another_one_and_holds_once_somebody_else_agrees() {
    for house in House::each(says()).await {
        let mut author = writer(&house).await;
        author.get("/desks").await.shows(&house.row.name);
        let (id, edit) = made(&mut author).await;
        let version = format!("/desks/{id}/versions/1");
        let before = document(&house, id).await;
        // Nothing changed: nothing is lost.
        let saved = author.change(&edit, &[]).await;
        assert_eq!(saved.leads_to(), version);
        assert_eq!(document(&house, id).await, before);
        let wrong = author
            .change(&edit, &[("f-hours-opens", "9時"), ("version-title", "")])
            .await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        wrong.shows("受付の開始: 時刻を 17:00 のように入力してください。");
        wrong.shows(r#"value="9時""#);
        let unfit = author
            .change(
                &edit,
                &[
                    ("f-hours-opens", "09:00"),
                    ("f-hours-cut_off", "08:00"),
                    ("f-reasons-0-telling-sms", "だめでした。"),
                ],
            )
            .await;
        unfit.shows("当日判定の締切: 当日判定の締切は、受付時間の中にしてください。");
        unfit.shows("{{受付番号}} を入れてください。");
        let changes = [
            ("f-hours-opens", "08:30"),
            ("f-hours-capacity", "５００"),
            ("version-title", "朝から"),
        ];
        assert_eq!(author.change(&edit, &changes).await.leads_to(), version);
        let says = document(&house, id).await.document().clone();
        assert_eq!(
            (says.hours.opens.to_string(), says.hours.capacity),
            ("08:30".to_owned(), Some(500))
        );
        author.get(&version).await.shows("承認できません");
        let row = store::desk_version(&house.db, ORG, (id, 1))
            .await
            .unwrap()
            .unwrap();
        let revision = row.revision.to_string();
        let approve = format!("{version}/approve");
        let own = author
            .submit(&version, &approve, &[("revision", &revision)])
            .await;
        assert_ne!(own.status, StatusCode::SEE_OTHER, "nobody approves their own");
        let mut approver = somebody(&house, "shonin", HEADQUARTERS, &[Role::Approver]).await;
        let stale = approver.submit(&version, &approve, &[("revision", "1")]).await;
        assert_eq!(stale.status, StatusCode::CONFLICT);
        let agreed = approver
            .submit(&version, &approve, &[("revision", &revision)])
            .await;
        assert_eq!(agreed.leads_to(), version);
        let now = store::now_in_force(&house.db, ORG, id).await.unwrap().unwrap();
        assert_eq!(now.version, 1);
        let kind = crate::house::kind(crate::house::confirmed(), false);
        assert!(store::text_of(&house.db, ORG, id, &kind).await.unwrap().is_some());
        author.get(&format!("/desks/{id}")).await.shows("いまの版");
    }
}

#[tokio::test]
async fn reasons_are_added_and_taken_away_and_keep_what_the_form_does_not_show() {
    for house in House::each(says()).await {
        let mut author = writer(&house).await;
        let (id, edit) = made(&mut author).await;
        let before = document(&house, id).await.document().clone();
        let less = author.change(&edit, &[("action", "remove-reasons-0")]).await;
        assert_eq!(less.status, StatusCode::OK);
        let mut form = less.form();
        form.insert("action".to_owned(), "add-reasons".to_owned());
        let more = post(&mut author, &edit, &form).await;
        let new = before.reasons.len() - 1;
        let mut form = more.form();
        for (name, text) in [
            ("code", "X99"),
            ("label", "別の理由"),
            (
                "telling.sms",
                "{{受付番号}}の方へ、{{日時}}、できません。電話000-000-0000へ。",
            ),
            (
                "telling.correction",
                "【訂正】{{受付番号}}の方へ、{{日時}}、できません。",
            ),
            ("telling.page", "できませんでした。"),
        ] {
            form.insert(
                format!("f-reasons-{new}-{}", name.replace('.', "-")),
                text.to_owned(),
            );
        }
        form.insert("action".to_owned(), "save".to_owned());
        let saved = post(&mut author, &edit, &form).await;
        assert_eq!(saved.leads_to(), format!("/desks/{id}/versions/1"));
        let after = document(&house, id).await.document().clone();
        assert_eq!(after.reasons[..new], before.reasons[1..]);
        assert_eq!(after.reasons[new].code.as_str(), "X99");
    }
}

async fn post(
    browser: &mut Browser,
    page: &str,
    form: &std::collections::BTreeMap<String, String>,
) -> crate::browser::Seen {
    let fields: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    browser.post(page, &fields).await
}

#[tokio::test]
async fn the_whole_document_is_told_its_mistakes_and_shown_as_residents_see_it() {
    for house in House::each(says()).await {
        let mut author = writer(&house).await;
        let (id, _) = made(&mut author).await;
        let version = format!("/desks/{id}/versions/1");
        let page = format!("{version}/json");
        let text = author.get(&page).await.form().remove("document").unwrap();
        let wrong = author
            .change(
                &page,
                &[("document", &text.replacen("\"opens\": \"", "\"opens\": \"x", 1))],
            )
            .await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        wrong.shows("行目の");
        let other = text.replacen("\"key\": \"again\"", "\"key\": \"other\"", 1);
        author
            .change(&page, &[("document", &other)])
            .await
            .shows("変えられません");
        let saved = author.change(&page, &[]).await;
        assert_eq!(saved.leads_to(), version);
        let kits = format!("/desks/{}/versions/1/preview", house.id());
        let first = author.get(&kits).await;
        first.shows("県内で受け取れますか");
        author
            .get(&format!("{kits}?lives_here=no"))
            .await
            .shows("この人は申請できず");
        let on = author.get(&format!("{kits}?lives_here=yes")).await;
        on.shows("どれにあてはまりますか");
        let through = format!("{kits}?lives_here=yes&why=symptoms&severe=no&risk=no");
        author.get(&through).await.shows("申請できる人です");
        author
            .get(&format!("{kits}?page-part=questions"))
            .await
            .shows("届け先について");
        let results = author.get(&format!("{kits}?page-part=results")).await;
        results.shows("検査キットの発送を手配しました");
        results.hides("{{受付番号}}");
    }
}

#[tokio::test]
async fn a_desk_is_closed_by_hand_and_a_version_withdrawn_with_a_reason() {
    for house in House::each(says()).await {
        let mut author = writer(&house).await;
        let page = format!("/desks/{}", house.id());
        let closed = author.submit(&page, &format!("{page}/close"), &[]).await;
        assert_eq!(closed.leads_to(), page);
        author.get(&page).await.shows("手動で閉鎖中");
        author
            .submit(&page, &format!("{page}/reopen"), &[])
            .await
            .leads_to();
        assert_eq!(
            store::desk(&house.db, ORG, house.id())
                .await
                .unwrap()
                .unwrap()
                .closed_at,
            None
        );
        let version = format!("{page}/versions/1");
        let silent = author
            .submit(&version, &format!("{version}/withdraw"), &[("reason", "")])
            .await;
        assert_ne!(silent.status, StatusCode::SEE_OTHER);
        let fields = [("reason", "まちがいがありました")];
        author
            .submit(&version, &format!("{version}/withdraw"), &fields)
            .await
            .leads_to();
        assert!(
            store::now_in_force(&house.db, ORG, house.id())
                .await
                .unwrap()
                .is_none()
        );
        author.get(&page).await.shows("いま使われている版はありません");
        // Another organisation's office sees nothing of it.
        let name = accounts::Name::parse("朝霞保健所").unwrap();
        let asaka = house.desk.accounts.add_office(ORG, name).await.unwrap();
        let mut other = somebody(&house, "asaka", asaka, &[Role::OfficeManager]).await;
        assert_eq!(other.get(&page).await.status, StatusCode::NOT_FOUND);
    }
}
