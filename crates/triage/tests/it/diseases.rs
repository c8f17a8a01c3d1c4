//! Whoever is notified belongs to the programme of the disease that is written there; else to the one that was chosen.

use axum::http::StatusCode;
use base::id::{CaseId, ProgrammeId};
use db::{Sql, params};
use lists::calls::{Due, about, open_calls};
use triage::case::{Case, EventKind};
use triage::decision::Route;
use triage::programme::examples;
use triage::reach::ContactRule;
use triage::store::events::events;
use triage::store::programmes::{install_in, programmes, set_diseases};
use triage::store::reach::{Candidates, candidates};
use triage::store::search::{Filter, listed};
use triage::store::twins;

use crate::host::{Browser, Host, each_host};
use crate::people::{ORG, opened};
use crate::reach::watched;

/// Both examples, approved; the one of measles comes second.
pub(crate) async fn two_programmes(host: &Host) -> (i64, i64) {
    let now = host.db.now();
    for example in examples() {
        let installed = host.db.write(move |tx| {
            let example = example.clone();
            Box::pin(async move { install_in(tx, ORG, &example, None, now).await })
        });
        installed.await.unwrap();
    }
    let all = programmes(&host.db, ORG).await.unwrap();
    let id = |name: &str| all.iter().find(|one| one.name.contains(name)).unwrap().id.get();
    (id("新型コロナ"), id("麻しん"))
}

/// In the order in which they came in.
pub(crate) async fn everybody(host: &Host) -> Vec<Case> {
    let (mut found, _) = listed(&host.db, ORG, Filter::default(), None).await.unwrap();
    found.sort_by_key(|case| case.id);
    found
}

pub(crate) const MIXED: &str = "\
氏名,生年月日,性別,電話番号,疾患名,症状,ワクチン回数,最終接触日,発病日
見本 一,1985/4/3,男,090-1234-5601,麻疹（疑い）,なし,2,2026/9/19,
見本 二,1985/4/3,男,090-1234-5602,麻しん,なし,1,2026/9/19,
見本 三,1985/4/3,男,090-1234-5603,ＣＯＶＩＤ－１９,発熱,3,,2026/9/20
見本 四,1985/4/3,男,090-1234-5604,,発熱,3,,2026/9/20
見本 五,1985/4/3,男,090-1234-5605,水痘,発熱,3,,2026/9/20
";

#[tokio::test]
async fn everybody_of_a_mixed_list_goes_to_the_programme_of_their_disease() {
    each_host(async |host| {
        let (covid, measles) = two_programmes(&host).await;
        let mut asaka = host.browser("asaka").await;
        let taken = asaka
            .upload("/intake/new", "/intake", "朝.csv", MIXED.as_bytes())
            .await;
        let check = taken.location.split('?').next().unwrap().to_owned();
        let page = asaka.get(&taken.location).await;
        page.shows("「麻しんの接触者の健康観察（例）」で振り分ける人</dt><dd>2人");
        page.shows("「新型コロナウイルス感染症（2022年の例）」で振り分ける人</dt><dd>2人");
        page.shows("どの振り分け規則の疾患でもない人</dt><dd>1人");
        page.shows("書かれている疾患名: 水痘");
        let chosen = covid.to_string();
        let fields = [("programme", chosen.as_str())];
        let done = asaka.submit(&check, &format!("{check}/register"), &fields).await;
        assert!(done.location.contains("people=5&twins=0"), "{}", done.location);
        let cases = everybody(&host).await;
        let of = |name: &str| {
            let named = |case: &&Case| {
                case.notification
                    .as_ref()
                    .is_some_and(|told| told.person.name == name)
            };
            cases.iter().find(named).unwrap()
        };
        let programme =
            ["見本 一", "見本 二", "見本 三", "見本 四", "見本 五"].map(|name| of(name).programme);
        assert_eq!(programme, [measles, measles, covid, covid, 0]);
        // The rules of measles ask for the last contact and the symptoms.
        assert_eq!(
            of("見本 一").decided.route,
            Route::CentreSms,
            "{:?}",
            of("見本 一").decided
        );
        assert_eq!(
            of("見本 二").decided.route,
            Route::Physician,
            "{:?}",
            of("見本 二").decided
        );
        // Nobody is written to with the words of another disease.
        assert_eq!(of("見本 五").decided.route, Route::CentrePhone);
        let lost = asaka.get(&format!("/cases/{}", of("見本 五").id)).await;
        lost.shows("疾患名「水痘」の有効な振り分け規則がないため");
        let again = asaka
            .submit("/cases/new", &format!("{check}/register"), &fields)
            .await;
        assert!(again.location.ends_with("done=nothing"), "{}", again.location);
    })
    .await;
}

#[tokio::test]
async fn the_head_office_says_which_diseases_are_whose_and_what_is_chosen_first() {
    each_host(async |host| {
        let (covid, measles) = two_programmes(&host).await;
        let (mut asaka, mut honcho) = (host.browser("asaka").await, host.browser("honcho").await);
        let add = async |browser: &mut Browser, name: &str, disease: &str| -> Case {
            let fields = [("name", name), ("birth", "1985/4/3"), ("disease", disease)];
            let added = browser.submit("/cases/new", "/cases", &fields).await;
            assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
            let id = added.location.split(['/', '?']).nth(2).unwrap().parse().unwrap();
            opened(&host.db, CaseId::new(id)).await
        };
        assert_eq!(
            add(&mut asaka, "見本 一", "").await.programme,
            covid,
            "the first of two"
        );
        assert_eq!(add(&mut asaka, "見本 二", "はしか").await.programme, measles);
        let lost = add(&mut asaka, "見本 三", "水痘").await;
        assert_eq!(lost.programme, 0);
        let nobody = asaka.submit("/cases", "/cases/take-over", &[]).await;
        assert!(nobody.location.contains("people=0"), "{}", nobody.location);
        assert_eq!(opened(&host.db, lost.id).await.programme, 0, "still nobody's");

        let diseases = format!("/programmes/{measles}/diseases");
        let fields = [("diseases", "麻しん、 水痘 ,,"), ("default", "yes")];
        let refused = asaka.submit("/cases/new", &diseases, &fields).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "a centre does not say it");
        let saved = honcho.submit("/cases/new", &diseases, &fields).await;
        assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.body);
        asaka.get("/programmes").await.shows("既定の規則。麻しん、水痘");
        assert_eq!(
            add(&mut asaka, "見本 四", "").await.programme,
            measles,
            "the default"
        );
        assert_eq!(
            add(&mut asaka, "見本 五", "麻疹").await.programme,
            0,
            "no longer named"
        );
        let moved = asaka.submit("/cases", "/cases/take-over", &[]).await;
        assert!(moved.location.contains("people=1"), "{}", moved.location);
        assert_eq!(opened(&host.db, lost.id).await.programme, measles);

        let other = format!("/programmes/{covid}/diseases");
        honcho
            .submit("/cases/new", &other, &[("diseases", ""), ("default", "yes")])
            .await;
        let kept = programmes(&host.db, ORG).await.unwrap();
        let defaults: Vec<i64> = kept
            .iter()
            .filter(|one| one.is_default)
            .map(|one| one.id.get())
            .collect();
        assert_eq!(defaults, [covid], "there is one");
        let case = add(&mut asaka, "見本 六", "風しん").await;
        assert_eq!(
            case.programme, covid,
            "it does not say for what it is, so it takes everybody"
        );
        asaka.get(&format!("/cases/{}", case.id)).await.shows("風しん");
    })
    .await;
}

/// Corrects what somebody's form says.
async fn corrected(host: &Host, browser: &mut Browser, case: &Case, fields: &[(&str, &str)]) -> Case {
    let correct = format!("/cases/{}/correct", case.id);
    let version = case.version.to_string();
    let mut all = vec![("version", version.as_str()), ("why", "医療機関に確認")];
    all.extend(fields);
    let done = browser.submit(&correct, &correct, &all).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    opened(&host.db, case.id).await
}

/// Whether the texts of a programme would go to a case.
async fn is_gathered(host: &Host, case: &Case, programme: i64) -> bool {
    let mut found = false;
    for route in [Route::CentreSms, Route::HeadOfficeSms] {
        let wanted = Candidates {
            office: None,
            but: None,
            route,
            programme,
            most: 10,
        };
        let all = candidates(&host.db, ORG, wanted).await.unwrap();
        found |= all.contains(&case.id);
    }
    found
}

#[tokio::test]
async fn whose_disease_is_corrected_gets_the_words_of_the_right_one() {
    each_host(async |host| {
        let (covid, measles) = two_programmes(&host).await;
        let mut asaka = host.browser("asaka").await;
        let list = "\
氏名,生年月日,性別,電話番号,疾患名,症状,ワクチン回数,最終接触日,重症化リスク因子,入院の必要性
見本 一,1985/4/3,男,090-1234-5601,コロナ,なし,2,2026/9/19,なし,なし
見本 一,1985/4/3,男,090-1234-5601,はしか,なし,2,2026/9/19,なし,なし
見本 二,1985/4/3,男,,コロナ,発熱,2,2026/9/19,なし,なし
";
        let taken = asaka
            .upload("/intake/new", "/intake", "朝.csv", list.as_bytes())
            .await;
        let check = taken.location.split('?').next().unwrap().to_owned();
        let done = asaka.submit(&check, &format!("{check}/register"), &[]).await;
        assert!(done.location.contains("people=3&twins=0"), "{}", done.location);
        let cases = everybody(&host).await;
        let of = |name: &str, programme: i64| {
            let wanted = |case: &&Case| {
                let told = case.notification.as_ref();
                case.programme == programme && told.is_some_and(|told| told.person.name == name)
            };
            cases.iter().find(wanted).unwrap()
        };
        let (wrong, right) = (of("見本 一", covid), of("見本 一", measles));
        assert!(is_gathered(&host, wrong, covid).await, "{:?}", wrong.decided);

        let fields = [
            ("name", "見本 一"),
            ("birth", "1985/4/3"),
            ("sex", "男"),
            ("number1", "090-1234-5601"),
            ("disease", "麻しん"),
            ("symptoms", "なし"),
            ("doses", "2"),
            ("exposed", "2026/9/19"),
            ("riskfactors", "なし"),
            ("needsadmission", "なし"),
        ];
        let now = corrected(&host, &mut asaka, wrong, &fields).await;
        assert_eq!(now.programme, measles);
        assert_eq!(now.decided, right.decided, "as the rules of measles say");
        assert!(!is_gathered(&host, &now, covid).await);
        // By the keys of measles the two are one person: the later waits for a look, and is written to then.
        let pairs = twins::pending(&host.db, ORG, None, 10).await.unwrap();
        let pairs: Vec<_> = pairs.iter().map(|pair| (pair.earlier, pair.later)).collect();
        assert_eq!(pairs, [(wrong.id.min(right.id), wrong.id.max(right.id))]);
        assert!(is_gathered(&host, if now.id < right.id { &now } else { right }, measles).await);
        let kept = events(&host.db, ORG, now.id).await.unwrap();
        let kinds: Vec<EventKind> = kept.iter().map(|event| event.kind).collect();
        assert!(
            kinds.ends_with(&[EventKind::Corrected, EventKind::Decided]),
            "{kinds:?}"
        );
        let record = asaka.get(&format!("/cases/{}", now.id)).await;
        record.shows("疾患名の訂正により、振り分け規則「麻しんの接触者の健康観察（例）」に移した");

        // With the disease as it is, the programme stays; and whoever is on the call list is told the right words.
        let phoned = of("見本 二", covid);
        watched(&host.db, ContactRule::default()).await;
        let call = async || {
            let all = open_calls(&host.db, ORG, None, Due::Now, (50, 0)).await.unwrap();
            let call = all
                .iter()
                .find(|call| call.person.contains("見本 二"))
                .unwrap()
                .id;
            about(&host.db, ORG, call)
                .await
                .unwrap()
                .programme
                .map(ProgrammeId::get)
        };
        assert_eq!(call().await, Some(covid));
        let same = [("name", "見本 二"), ("birth", "1985/4/4"), ("disease", "コロナ")];
        let case = corrected(&host, &mut asaka, phoned, &same).await;
        assert_eq!((case.programme, call().await), (covid, Some(covid)));
        let other = [("name", "見本 二"), ("birth", "1985/4/4"), ("disease", "麻疹")];
        let case = corrected(&host, &mut asaka, &case, &other).await;
        assert_eq!((case.programme, call().await), (measles, Some(measles)));
        let nobodys = [("name", "見本 二"), ("birth", "1985/4/4"), ("disease", "水痘")];
        let case = corrected(&host, &mut asaka, &case, &nobodys).await;
        assert_eq!((case.programme, case.decided.route), (0, Route::CentrePhone));
    })
    .await;
}

/// What the migration does to programmes that are there already.
const MIGRATION: &str = include_str!("../../../db/migrations/0042_programme_diseases.sql");

#[tokio::test]
async fn an_example_of_before_names_its_diseases_too() {
    each_host(async |host| {
        two_programmes(&host).await;
        let installed = programmes(&host.db, ORG).await.unwrap();
        for one in &installed {
            let nothing = (String::new(), false);
            set_diseases(&host.db, ORG, one.id, nothing).await.unwrap();
        }
        let updates = MIGRATION
            .split(';')
            .filter_map(|one| Some(&one[one.find("UPDATE")?..]));
        for update in updates {
            let done = host
                .db
                .write(move |tx| Box::pin(tx.execute(Sql(update), params![])));
            assert_eq!(done.await.unwrap(), 1, "{update}");
        }
        assert_eq!(programmes(&host.db, ORG).await.unwrap(), installed);
    })
    .await;
}
