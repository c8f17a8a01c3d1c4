//! One of two carriers takes messages and tells nothing of them: noticed on the home page, handed over to the call list
//! as a whole, and, the second time, sent once more as a whole. Over SMPP, with carriers that are simulated.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::StatusCode;
use base::clock::{Clock, MINUTE};
use base::id::OfficeId;
use carrier::{CarrierAccount, Carriers};
use db::Db;
use lists::calls::{Call, CallOutcome, CallResult, Due, Mark, Marked, mark, open_calls};
use messaging::outbox::Outbox;
use messaging::pages::Desk;
use messaging::pages::roll::Version;
use smpp::session::BindConfig;
use smpp::smsc::{Smsc, SmscConfig};
use triage::jobs::counted;
use triage::outage::lost;
use triage::reach::{ContactRule, OneRule, Standing};
use triage::store::cases;

use crate::people::{ASAKA, HANAKO, ORG, each_on};
use crate::reach::{arrive, desk, gather, somebody, text, watched};
use crate::reach_pages::Host;

/// So many people a wave; each carrier gets about a half.
const WAVE: u32 = 160;
/// What each carrier takes a second, so that both get something.
const RATE: u32 = 100;
const PATIENCE: Duration = Duration::from_mins(1);

/// Two carriers and the worker that is bound to both.
struct Lines {
    smscs: [Smsc; 2],
    carriers: Carriers,
}

impl Lines {
    async fn of(db: &Db) -> Self {
        let (mut smscs, mut accounts) = (Vec::new(), Vec::new());
        for (at, name) in [(1, "minato"), (2, "akebono")] {
            let config = SmscConfig {
                first_message_id: at << 40,
                journal: true,
                ..SmscConfig::default()
            };
            let smsc = Smsc::start(config).await.unwrap();
            let (host, port) = (smsc.address().ip().to_string(), smsc.address().port());
            let mut account = CarrierAccount::new(BindConfig::new(&host, port, name, "secret"));
            account.rate = Some(RATE);
            accounts.push(account);
            smscs.push(smsc);
        }
        let node = db.join().await.unwrap().unwrap();
        let outbox = Outbox::new(db.clone(), node, false);
        Self {
            smscs: smscs.try_into().ok().unwrap(),
            carriers: Carriers::start(outbox, &accounts, Vec::new()).await.unwrap(),
        }
    }

    fn akebono(&self) -> &Smsc {
        &self.smscs[1]
    }

    /// How often each number was written to, by the carriers' own journals.
    fn written(&self) -> BTreeMap<String, u32> {
        let mut numbers = BTreeMap::new();
        // Each text is two parts: the first one counts.
        for entry in self.smscs.iter().flat_map(Smsc::journal) {
            if entry.place.is_none_or(|place| place.part == 1) {
                *numbers.entry(entry.destination_addr).or_default() += 1;
            }
        }
        numbers
    }

    /// Waits until so many messages were taken, and everything that is told of them is kept.
    async fn settled(&self, db: &Db, messages: u32) {
        let told = || self.smscs.iter().map(|smsc| smsc.counters().receipts_answered);
        let sent = || self.smscs.iter().map(|smsc| smsc.counters().receipts_sent);
        let mut looks = tokio::time::interval(Duration::from_millis(20));
        let settled = async {
            loop {
                let taken: u32 = self.written().values().sum();
                if taken == messages && told().eq(sent()) && is_quiet(db).await {
                    return;
                }
                looks.tick().await;
            }
        };
        tokio::time::timeout(PATIENCE, settled).await.unwrap();
    }
}

/// Whether nothing waits for its turn or for its answer.
async fn is_quiet(db: &Db) -> bool {
    use messaging::message::MessageState as S;
    let mut waiting = 0;
    for broadcast in messaging::store::broadcasts_between(db, ORG, 0, i64::MAX)
        .await
        .unwrap()
    {
        let counts = messaging::store::counts(db, ORG, &broadcast, db.now())
            .await
            .unwrap();
        waiting += counts.count(|state| matches!(state, S::Held | S::Queued | S::Submitting));
    }
    waiting == 0
}

async fn wave(desk: &Desk, version: Version, from: u32) -> Vec<base::id::CaseId> {
    let ids = arrive(&desk.db, ASAKA, (from..from + WAVE).map(somebody).collect()).await;
    assert_eq!(gather(desk, version).await.people, WAVE as usize);
    ids
}

async fn calls(db: &Db) -> Vec<Call> {
    open_calls(db, ORG, None, Due::Now, (1_000, 0)).await.unwrap()
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one day, told in its order")]
async fn an_outage_is_noticed_and_its_people_are_called_or_written_to_as_a_whole() {
    each_on(Clock::skipping, async |db| {
        let (desk, version) = (desk(&db), text(&db).await);
        let host = Host::new(db.clone());
        let rule = ContactRule::default();
        let lines = Lines::of(&db).await;
        let mut ids = wave(&desk, version, 0).await;
        lines.settled(&db, WAVE).await;
        host.staff(OfficeId::HEADQUARTERS, "honcho").await;

        // The second carrier falls silent: it takes and delivers, and nothing is heard of it.
        lines.akebono().set_silent(true);
        ids.extend(wave(&desk, version, WAVE).await);
        lines.settled(&db, 2 * WAVE).await;
        assert!(
            lost(&db, ORG).await.unwrap().is_empty(),
            "receipts may take a while"
        );
        db.clock().advance(31 * MINUTE);
        watched(&db, rule).await;
        let found = lost(&db, ORG).await.unwrap();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].carrier.name.starts_with("akebono@"));
        let people = found[0].cases.len();
        let mut honcho = host.sign_in("honcho").await;
        honcho
            .get("/")
            .await
            .shows("携帯電話会社の障害かもしれません: akebono@");
        let page = honcho.get("/reach/outage").await;
        page.shows(&format!("患者{people}人を電話リストに入れる"));
        page.shows(&format!("届いたか分からない{people}人に送り直す"));
        let account = page.hidden("account");
        let to_calls = [("account", account.as_str())];
        for _ in 0..2 {
            let called = honcho
                .submit("/reach/outage", "/reach/outage/calls", &to_calls)
                .await;
            assert_eq!(called.status, StatusCode::SEE_OTHER, "{}", called.body);
            assert_eq!(calls(&db).await.len(), people, "all of them, and once");
        }
        honcho
            .get("/reach/outage")
            .await
            .shows(&format!("患者{people}人は、電話リストにいるか"));
        for call in calls(&db).await {
            let told = Mark {
                result: CallResult::Done(CallOutcome::Told),
                note: None,
                by: HANAKO,
            };
            assert_eq!(mark(&db, ORG, None, call.id, told).await.unwrap(), Marked::Kept);
        }
        db.clock().advance(6 * MINUTE);
        watched(&db, rule).await;

        // Again. This time the carrier is soon in order, and the head office writes once more.
        ids.extend(wave(&desk, version, 2 * WAVE).await);
        lines.settled(&db, 3 * WAVE).await;
        db.clock().advance(31 * MINUTE);
        watched(&db, rule).await;
        lines.akebono().set_silent(false);
        let mut honcho = host.sign_in("honcho").await;
        let again = lost(&db, ORG).await.unwrap();
        let unknown = again[0].unconfirmed.len();
        assert_eq!(unknown, again[0].cases.len(), "not those who were spoken to");
        honcho
            .get("/reach/outage")
            .await
            .shows(&format!("届いたか分からない{unknown}人に送り直す"));
        assert!(
            lines.written().values().all(|times| *times == 1),
            "nobody twice by itself"
        );
        let unsaid = honcho
            .submit("/reach/outage", "/reach/outage/resend", &to_calls)
            .await;
        assert_eq!(
            unsaid.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "not without a reason"
        );
        let fields = [
            ("account", account.as_str()),
            ("reason", "障害が復旧したため"),
            ("restored", "yes"),
        ];
        let sent = honcho
            .submit("/reach/outage", "/reach/outage/resend", &fields)
            .await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
        assert!(sent.location.starts_with("/broadcasts/"), "{}", sent.location);
        // From a page that was open before: there is no such form any more.
        let twice = honcho
            .submit("/me/password", "/reach/outage/resend", &fields)
            .await;
        assert_eq!(twice.location, "/reach/outage?done=nobody", "{}", twice.body);
        lines
            .settled(&db, 3 * WAVE + u32::try_from(unknown).unwrap())
            .await;
        db.clock().advance(10 * MINUTE);
        watched(&db, rule).await;
        let written = lines.written();
        assert_eq!(written.values().filter(|times| **times == 2).count(), unknown);
        assert!(written.values().all(|times| *times <= 2));
        let all = cases::cases(&db, ORG, &ids).await.unwrap();
        let standing: Vec<(Standing, u32)> = counted(all.iter(), &OneRule(rule)).into_iter().collect();
        assert_eq!(
            standing,
            [(Standing::Reached, 3 * WAVE)],
            "everybody is accounted for"
        );
        lines.carriers.stop().await;
    })
    .await;
}
