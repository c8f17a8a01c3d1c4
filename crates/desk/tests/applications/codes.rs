//! Codes for numbers: who gets one, what reading it back brings, and that no budget is passed by one, however many ask
//! at once.

use std::net::{IpAddr, Ipv4Addr};

use accounts::alarms::open_alarms;
use accounts::{Role, SourceAddress};
use base::clock::{DAY, MINUTE, SECOND};
use base::id::{ApplicationId, MessageId, OfficeId};
use base::phone::PhoneNumber;
use db::Db;
use desk::code_limit::CodeLimit;
use desk::proof::{Challenge, passed};
use desk::store::budgets::{AddressBudgets, Budgets, admit_address, admit_address_with, forget_old};
use desk::store::code_limits;
use desk::store::phone_codes::{CodeChecked, CodeSent, check, send, send_within};
use web::Language;

use crate::house::{HEAD, House, ORG, desk_over, says};
use crate::office::somebody;

const MANY: Budgets = Budgets {
    number: 1_000,
    application: 1_000,
    desk: 1_000,
    organisation: 1_000,
    all: 1_000,
};

fn phone(n: u32) -> PhoneNumber {
    PhoneNumber::from_e164(&format!("+81901200{n:04}")).unwrap()
}

impl House {
    async fn draft(&self, n: u32) -> ApplicationId {
        self.begun(self.content(n)).await.id
    }

    async fn ask(&self, id: ApplicationId, n: u32) -> CodeSent {
        send(&self.desk, ORG, id, phone(n), Language::Japanese)
            .await
            .unwrap()
    }

    async fn read_back(&self, id: ApplicationId, n: u32, typed: &str) -> CodeChecked {
        check(&self.db, ORG, id, phone(n), typed).await.unwrap()
    }

    /// The code that was sent last, as it stands on the phone.
    pub(crate) async fn newest_code(&self) -> String {
        let newest = self.db.next_number("messages").await.unwrap() - 1;
        let message = messaging::store::message(&self.db, ORG, MessageId::new(newest)).await;
        let text = message.unwrap().unwrap().text;
        let code = text.split("確認コード ").nth(1).unwrap();
        code.chars().take(6).collect()
    }
}

#[tokio::test]
async fn asvs_6_6_2_a_code_shows_who_holds_the_number_and_counts_once() {
    for house in House::each(says()).await {
        let id = house.draft(1).await;
        assert_eq!(house.read_back(id, 1, "000000").await, CodeChecked::Expired);
        assert_eq!(house.ask(id, 1).await, CodeSent::Sent);
        let code = house.newest_code().await;
        let until = house.clock.now() + MINUTE;
        assert_eq!(house.ask(id, 1).await, CodeSent::Wait { until });

        // It is good for this application and this number alone.
        let other = house.draft(2).await;
        assert_eq!(house.read_back(other, 1, &code).await, CodeChecked::Expired);
        assert_eq!(house.read_back(id, 2, &code).await, CodeChecked::Expired);
        let wrong = if code == "123456" { "654321" } else { "123456" };
        assert_eq!(
            house.read_back(id, 1, wrong).await,
            CodeChecked::Wrong { left: 4 }
        );
        let typed = format!(" {}-{} ", &code[..3], &code[3..]);
        assert_eq!(house.read_back(id, 1, &typed).await, CodeChecked::Right);
        assert_eq!(house.read_back(id, 1, &code).await, CodeChecked::Expired);

        // Ten minutes, and a new one takes the place of the old.
        house.clock.advance(MINUTE);
        assert_eq!(house.ask(id, 1).await, CodeSent::Sent);
        let old = house.newest_code().await;
        house.clock.advance(MINUTE);
        assert_eq!(house.ask(id, 1).await, CodeSent::Sent);
        let code = house.newest_code().await;
        if old != code {
            assert_eq!(house.read_back(id, 1, &old).await, CodeChecked::Wrong { left: 3 });
        }
        house.clock.advance(10 * MINUTE);
        assert_eq!(house.read_back(id, 1, &code).await, CodeChecked::Expired);
        assert_eq!(
            house.ask(id, 1).await,
            CodeSent::TooMany,
            "three a day for a number"
        );
    }
}

#[tokio::test]
async fn asvs_6_6_2_another_code_gives_no_more_tries() {
    for house in House::each(says()).await {
        let id = house.draft(1).await;
        assert_eq!(house.ask(id, 1).await, CodeSent::Sent);
        let code = house.newest_code().await;
        let wrong = if code == "123456" { "654321" } else { "123456" };
        for left in [4, 3] {
            assert_eq!(house.read_back(id, 1, wrong).await, CodeChecked::Wrong { left });
        }
        house.clock.advance(MINUTE + SECOND);
        assert_eq!(house.ask(id, 1).await, CodeSent::Sent);
        let code = house.newest_code().await;
        let wrong = if code == "123456" { "654321" } else { "123456" };
        let tries = (0..6).map(|_| house.read_back(id, 1, wrong));
        let came = futures_util::future::join_all(tries).await;
        let wrong = came
            .iter()
            .filter(|one| matches!(one, CodeChecked::Wrong { .. }))
            .count();
        assert_eq!(wrong, 2, "{came:?}");
        assert_eq!(house.read_back(id, 1, &code).await, CodeChecked::TooMany);
        house.clock.advance(2 * MINUTE);
        assert_eq!(
            house.ask(id, 2).await,
            CodeSent::TooMany,
            "nor does another number"
        );
        house.clock.advance(DAY);
        assert_eq!(house.ask(id, 1).await, CodeSent::Sent);
    }
}

/// All at once, on two nodes where there can be two.
async fn at_once(house: &House, asked: Vec<(ApplicationId, u32)>, budgets: Budgets) -> Vec<CodeSent> {
    let mut nodes: Vec<Db> = vec![house.db.clone()];
    if house.database.address().starts_with("postgres") {
        nodes.push(house.database.open().await.unwrap());
    }
    let tasks: Vec<_> = asked
        .into_iter()
        .enumerate()
        .map(|(at, (id, n))| {
            let desk = desk_over(&nodes[at % nodes.len()]);
            tokio::spawn(async move {
                let asked = (id, phone(n), Language::English);
                send_within(&desk, ORG, asked, budgets).await.unwrap()
            })
        })
        .collect();
    let mut came = Vec::new();
    for task in tasks {
        came.push(task.await.unwrap());
    }
    came
}

fn sent(came: &[CodeSent]) -> usize {
    came.iter().filter(|one| **one == CodeSent::Sent).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn asvs_6_6_3_fifty_at_once_never_pass_a_budget_by_one() {
    for house in House::each(says()).await {
        let mut all = Vec::new();
        for n in 0..50 {
            all.push((house.draft(n).await, n));
        }
        let before = house.db.next_number("messages").await.unwrap();
        let desk = Budgets { desk: 7, ..MANY };
        let came = at_once(&house, all.clone(), desk).await;
        assert_eq!(sent(&came), 7, "{came:?}");
        let stopped = came.iter().filter(|one| **one == CodeSent::NoBudget).count();
        assert_eq!(stopped, 43);
        let made = house.db.next_number("messages").await.unwrap() - before;
        assert_eq!(made, 7, "what was not counted was not sent");
        let alarms = open_alarms(&house.db, ORG, 10).await.unwrap();
        let told: Vec<&str> = alarms.iter().map(|one| one.kind.as_str()).collect();
        assert_eq!(told, ["codes_stopped"], "told once");

        // One number that fifty applications name.
        house.clock.advance(DAY);
        let one: Vec<_> = all.iter().map(|(id, _)| (*id, 99)).collect();
        assert_eq!(
            sent(&at_once(&house, one, Budgets { number: 3, ..MANY }).await),
            3
        );

        // One application, pressed fifty times.
        house.clock.advance(DAY);
        let pressed = vec![all[0]; 50];
        assert_eq!(sent(&at_once(&house, pressed, MANY).await), 1);

        // Everybody together; the next hour is another.
        house.clock.advance(DAY);
        let everybody = Budgets { all: 5, ..MANY };
        assert_eq!(sent(&at_once(&house, all.clone(), everybody).await), 5);
        house.clock.advance(60 * MINUTE);
        assert_eq!(sent(&at_once(&house, all[10..14].to_vec(), everybody).await), 4);
        house.clock.advance(3 * DAY);
        forget_old(&house.db).await.unwrap();
    }
}

#[tokio::test]
async fn codes_that_nobody_reads_are_noticed() {
    for house in House::each(says()).await {
        for n in 0..50 {
            let id = house.draft(n).await;
            let asked = (id, phone(n), Language::Japanese);
            assert_eq!(
                send_within(&house.desk, ORG, asked, MANY).await.unwrap(),
                CodeSent::Sent
            );
        }
        let alarms = open_alarms(&house.db, ORG, 10).await.unwrap();
        assert_eq!(alarms.len(), 1);
        assert_eq!(alarms[0].kind, "codes_unread");
        assert!(alarms[0].detail.as_deref().unwrap().contains("50通"));
    }
}

#[tokio::test]
async fn nothing_is_sent_while_everything_stands_still() {
    for house in House::each(says()).await {
        let id = house.draft(1).await;
        messaging::store::stop_all(&house.db, ORG, HEAD, "誤送信")
            .await
            .unwrap();
        assert_eq!(house.ask(id, 1).await, CodeSent::NoBudget);
        assert_eq!(house.ask(ApplicationId::new(999), 1).await, CodeSent::CannotReach);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_address_without_a_proof_of_work_asks_less_often() {
    let budgets = AddressBudgets {
        address: (12, 2),
        range: (20, 4),
        unproved: 5,
    };
    let at = |last: u8, net: u8| SourceAddress(IpAddr::V4(Ipv4Addr::new(192, 0, net, last)));
    for house in House::each(says()).await {
        let ask = async |source: SourceAddress, proved: bool, times: usize| {
            let asked = (0..times).map(|_| admit_address_with(&house.db, ORG, (source, proved), budgets));
            let came = futures_util::future::join_all(asked).await;
            came.into_iter().filter(|one| *one.as_ref().unwrap()).count()
        };
        assert_eq!(ask(at(1, 2), false, 50).await, 2);
        assert_eq!(ask(at(1, 2), true, 50).await, 12);
        assert_eq!(ask(at(2, 2), true, 50).await, 8, "the range is full");
        assert_eq!(ask(at(3, 2), false, 50).await, 2, "the range without is full");
        assert_eq!(ask(at(1, 3), false, 50).await, 1, "everybody without is full");
        house.clock.advance(60 * MINUTE);
        assert_eq!(ask(at(1, 2), false, 50).await, 2);
    }
}

#[tokio::test]
async fn a_proof_of_work_counts_once_for_what_it_was_made_for() {
    for house in House::each(says()).await {
        let db = &house.db;
        let proof = Challenge::new(db, "code 1 7").solved();
        assert!(!passed(db, "code 1 8", &proof).await.unwrap());
        assert!(!passed(db, "code 1 7", &proof[..proof.len() - 2]).await.unwrap());
        for broken in ["", "...", "a.b.c.d", "9.9.9.9-9", "1.0123456789abcdef..0"] {
            assert!(!passed(db, "code 1 7", broken).await.unwrap());
        }
        assert!(passed(db, "code 1 7", &proof).await.unwrap());
        assert!(!passed(db, "code 1 7", &proof).await.unwrap(), "once");
        let late = Challenge::new(db, "code 1 7").solved();
        house.clock.advance(31 * MINUTE);
        assert!(!passed(db, "code 1 7", &late).await.unwrap());
    }
}

#[tokio::test]
async fn an_organisation_sets_how_many_codes_are_sent_and_from_where_they_are_asked_for() {
    for house in House::each(says()).await {
        let page = "/organisation/codes";
        let mut admin = somebody(&house, "admin", OfficeId::HEADQUARTERS, &[Role::Administrator]).await;
        admin.get(page).await.shows(r#"value="20000""#);
        let refused = admin.change(page, &[("number", "0"), ("desk", "たくさん")]).await;
        assert_eq!(refused.status, 422);
        refused.shows("「1つの電話番号あて（1日）」は、2から20までの数を入力してください。");
        refused.shows("「1つの窓口（1時間）」は、10から6,000までの数を入力してください。");
        refused.shows("たくさん");
        let unchanged = admin.change(page, &[]).await;
        assert_eq!(unchanged.leads_to(), page);
        let saved = admin
            .change(page, &[("number", "２"), ("address_unproved", "2")])
            .await;
        admin.get(saved.location()).await.shows("上限を保存しました");
        let kept = code_limits(&house.db, ORG).await.unwrap();
        assert_eq!(
            (kept.of(CodeLimit::Number), kept.of(CodeLimit::AddressUnproved)),
            (2, 2)
        );
        assert_eq!(kept.of(CodeLimit::Range), CodeLimit::Range.usual());

        let id = house.draft(1).await;
        for _ in 0..2 {
            assert_eq!(house.ask(id, 1).await, CodeSent::Sent);
            house.clock.advance(MINUTE);
        }
        assert_eq!(
            house.ask(id, 1).await,
            CodeSent::TooMany,
            "two a day for a number now"
        );
        let source = SourceAddress(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 9)));
        let mut admitted = Vec::new();
        for _ in 0..3 {
            admitted.push(admit_address(&house.db, ORG, source, false).await.unwrap());
        }
        assert_eq!(admitted, [true, true, false]);
    }
}
