//! A programme may belong to one office, as to a contractor: its people are that office's from the first word to the
//! end, wherever they were taken in; until the contract is over.

use accounts::OfficeKind;
use axum::http::StatusCode;
use base::clock::DAY;
use base::id::{OfficeId, ProgrammeId};
use triage::case::{Case, EventKind};
use triage::store::areas::set_areas;
use triage::store::cases::cases;
use triage::store::events::events;
use triage::store::owners::set_owner;

use crate::diseases::{MIXED, everybody, two_programmes};
use crate::host::{Browser, Host, each_host};
use crate::people::{HANAKO, ORG};

const NAME: &str = "みどり支援センター";

/// Both examples, a contractor, and its programme: the one of measles.
async fn owned(host: &Host) -> (i64, i64, OfficeId, Browser) {
    let (covid, measles) = two_programmes(host).await;
    let (midori, browser) = host.contractor(NAME, "midori").await;
    (covid, measles, midori, browser)
}

async fn says(honcho: &mut Browser, programme: i64, office: &str) {
    let page = format!("/programmes/{programme}");
    let fields = [("office", office)];
    let said = honcho.submit(&page, &format!("{page}/owner"), &fields).await;
    assert_eq!(said.location, format!("{page}?done=owner"), "{}", said.body);
}

async fn take_in(browser: &mut Browser, chosen: i64) -> String {
    let taken = browser
        .upload("/intake/new", "/intake", "朝.csv", MIXED.as_bytes())
        .await;
    let check = taken.location.split('?').next().unwrap().to_owned();
    let chosen = chosen.to_string();
    let fields = [("programme", chosen.as_str())];
    let done = browser
        .submit(&check, &format!("{check}/register"), &fields)
        .await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    done.location
}

fn of_programme(all: &[Case], programme: i64) -> Vec<&Case> {
    all.iter().filter(|case| case.programme == programme).collect()
}

#[tokio::test]
async fn people_of_an_owned_programme_are_the_owners_wherever_they_are_taken_in() {
    each_host(async |host| {
        let (covid, measles, midori, mut contractor) = owned(&host).await;
        let (mut asaka, mut honcho) = (host.browser("asaka").await, host.browser("honcho").await);
        let programme = format!("/programmes/{measles}");
        asaka.get(&programme).await.shows("登録した部署が担当します");
        let refused = asaka
            .submit("/cases/new", &format!("{programme}/owner"), &[("office", "2")])
            .await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "a centre does not say it");
        let unknown = honcho
            .submit(&programme, &format!("{programme}/owner"), &[("office", "99")])
            .await;
        unknown.shows("その部署は、いま使われていません");
        says(&mut honcho, measles, &midori.to_string()).await;
        let said = asaka.get(&programme).await;
        said.shows(&format!(
            "どの部署が登録しても、{NAME}が最初の連絡から終了まで担当します"
        ));

        let done = take_in(&mut asaka, covid).await;
        assert!(
            done.contains("people=5&twins=0") && done.ends_with("owned=2"),
            "{done}"
        );
        let told = asaka.get(&done).await;
        told.shows(&format!(
            "うち2人は、振り分け規則で決まっている{NAME}の担当です。この部署の患者の一覧には出ません。"
        ));
        told.shows(&format!("振り分け規則により{NAME}の担当になる人</dt><dd>2人"));
        let all = everybody(&host).await;
        for case in &all {
            let office = if case.programme == measles {
                midori
            } else {
                host.asaka
            };
            assert_eq!(case.office, office, "{:?}", case.programme);
            let record = format!("/cases/{}", case.id);
            let is_there = asaka.get(&record).await.status == StatusCode::OK;
            assert_eq!(
                is_there,
                office == host.asaka,
                "another office's record is not there"
            );
        }
        let own = of_programme(&all, measles)[0];
        contractor
            .get(&format!("/cases/{}", own.id))
            .await
            .shows("患者の記録");

        let fields = [("name", "見本 六"), ("birth", "1985/4/3"), ("disease", "麻しん")];
        let typed = asaka.submit("/cases/new", "/cases", &fields).await;
        assert_eq!(typed.location, format!("/cases?done=owned&owner={midori}"));
        asaka
            .get(&typed.location)
            .await
            .shows(&format!("振り分け規則により、{NAME}の担当です"));
        let last = everybody(&host).await.pop().unwrap();
        assert_eq!((last.programme, last.office), (measles, midori));
    })
    .await;
}

#[tokio::test]
async fn areas_take_nobody_away_from_the_owner_of_their_programme() {
    each_host(async |host| {
        let (_, measles, midori, mut contractor) = owned(&host).await;
        let mut honcho = host.browser("honcho").await;
        says(&mut honcho, measles, &midori.to_string()).await;
        let line = vec![(host.kawaguchi, "川口市".to_owned())];
        set_areas(&host.db, ORG, line).await.unwrap();
        let list = "氏名,生年月日,電話番号,所在地,疾患名\n\
            見本 一,1985/4/3,090-1234-5601,川口市青木2-1,麻しん\n\
            見本 二,1985/4/4,090-1234-5602,川口市青木2-2,コロナ\n";
        let taken = contractor
            .upload("/intake/new", "/intake", "朝.csv", list.as_bytes())
            .await;
        let check = taken.location.split('?').next().unwrap().to_owned();
        contractor
            .get(&taken.location)
            .await
            .shows("所在地が川口保健所の管内の人</dt><dd>1人");
        contractor.submit(&check, &format!("{check}/register"), &[]).await;
        let moved = contractor.submit(&check, &format!("{check}/move"), &[]).await;
        assert_eq!(moved.location, format!("{check}?done=handed-over&people=1"));
        let all = everybody(&host).await;
        let own = of_programme(&all, measles)[0];
        assert_eq!(own.office, midori, "stays with the owner");
        let record = contractor.get(&format!("/cases/{}", own.id)).await;
        record.hides("今いる所は、");
        assert!(all.iter().any(|case| case.office == host.kawaguchi));
    })
    .await;
}

#[tokio::test]
async fn after_the_last_day_new_people_are_the_office_that_takes_them_in() {
    each_host(async |host| {
        let (covid, measles, midori, _) = owned(&host).await;
        let mut honcho = host.browser("honcho").await;
        says(&mut honcho, measles, &midori.to_string()).await;
        host.db.clock().advance(DAY);
        let (mut asaka, mut honcho) = (host.browser("asaka").await, host.browser("honcho").await);
        let page = honcho.get(&format!("/programmes/{measles}")).await;
        page.shows("担当の部署では、いまはだれも働いていません");
        let done = take_in(&mut asaka, covid).await;
        assert!(done.starts_with("/cases?done=registered"), "{done}");
        assert!(
            everybody(&host)
                .await
                .iter()
                .all(|case| case.office == host.asaka)
        );
    })
    .await;
}

#[tokio::test]
async fn everybody_of_a_programme_goes_to_its_owner_and_back_with_one_button() {
    each_host(async |host| {
        let (covid, measles, midori, mut contractor) = owned(&host).await;
        let (mut asaka, mut honcho) = (host.browser("asaka").await, host.browser("honcho").await);
        take_in(&mut asaka, covid).await;
        set_owner(&host.db, ORG, ProgrammeId::new(measles), Some(midori), HANAKO)
            .await
            .unwrap();
        assert_eq!(asaka.get("/cases/hand-over").await.status, StatusCode::NOT_FOUND);
        let programme = honcho.get(&format!("/programmes/{measles}")).await;
        programme.shows("この規則の人のうち、ほかの部署にいる2人をまとめて引き継ぐ");
        let page = format!("/cases/hand-over?programme={measles}");
        let shown = honcho.get(&page).await;
        shown.shows("2人をまとめて引き継ぐ");
        shown.shows(&format!(r#"<option value="{midori}" selected>"#));
        shown.hides("コロナ");

        let press = async |browser: &mut Browser, from: OfficeId, to: OfficeId| {
            let (programme, from, to) = (measles.to_string(), from.to_string(), to.to_string());
            let field = format!("to-{programme}-{from}");
            let fields = [
                ("programme", programme.as_str()),
                ("from", &from),
                (field.as_str(), &to),
            ];
            browser.submit("/cases/new", "/cases/hand-over", &fields).await
        };
        let refused = press(&mut asaka, host.asaka, midori).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "only the head office");
        let nowhere = press(&mut honcho, host.asaka, host.asaka).await;
        nowhere.shows("だれも引き継いでいません");
        let done = press(&mut honcho, host.asaka, midori).await;
        assert_eq!(done.location, "/cases/hand-over?done=handed-over&people=2");
        honcho.get(&done.location).await.shows("2人を引き継ぎました");
        let again = press(&mut honcho, host.asaka, midori).await;
        assert!(again.location.ends_with("people=0"), "once");

        let all = everybody(&host).await;
        let others = all.iter().filter(|case| case.programme != measles);
        assert!(others.clone().all(|case| case.office == host.asaka));
        let ids: Vec<_> = of_programme(&all, measles).iter().map(|case| case.id).collect();
        for id in &ids {
            let history = events(&host.db, ORG, *id).await.unwrap();
            let last = history
                .iter()
                .find(|event| event.kind == EventKind::HandedOver)
                .unwrap();
            assert_eq!(last.detail.offices, Some((host.asaka, midori)));
            let words = last.detail.words.as_deref().unwrap();
            assert!(words.contains("麻しんの接触者"), "{words}");
            assert_eq!(
                contractor.get(&format!("/cases/{id}")).await.status,
                StatusCode::OK
            );
        }

        // The contract is over: the way back is the same, whatever stands there.
        host.db.clock().advance(DAY);
        let mut honcho = host.browser("honcho").await;
        let left = honcho.get(&format!("/cases/hand-over?office={midori}")).await;
        left.shows("この部署では、いまはだれも働いていません");
        let back = press(&mut honcho, midori, host.kawaguchi).await;
        assert!(back.location.ends_with("people=2"), "{}", back.location);
        let now = cases(&host.db, ORG, &ids).await.unwrap();
        assert!(now.iter().all(|case| case.office == host.kawaguchi));
        let offices = host.accounts.offices(ORG).await.unwrap();
        let contractors = offices
            .iter()
            .filter(|office| office.kind == OfficeKind::Contractor);
        assert_eq!(contractors.count(), 1, "the office itself stays in the history");
    })
    .await;
}
