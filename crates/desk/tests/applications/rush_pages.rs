//! Twenty doctors at once at their pages, as browsers press: each application is decided by one of them, what was taken
//! back counts for nothing, and each person's phone gets one message that tells the final decision.

use std::collections::BTreeMap;

use accounts::Role;
use axum::http::StatusCode;
use base::id::{ApplicationId, MessageId, OfficeId};
use base::phone::PhoneNumber;
use desk::application::State;
use desk::document::Decision;
use desk::store;
use messaging::outbox::{Answer, Outbox};

use crate::house::{House, ORG, applicant, confirmed, not_needed, phoned};
use crate::model::words;
use crate::office::somebody;
use crate::staff::{AT, Browser, Office, with_doctor};

const DOCTORS: usize = 20;
const APPLICATIONS: u32 = 120;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_doctors_at_their_pages_decide_each_once_and_each_is_told_once() {
    let mut says = with_doctor();
    says.hours.capacity = None;
    for office in Office::each(says).await {
        let mut people = BTreeMap::new();
        for n in 0..APPLICATIONS {
            people.insert(office.house.apply(n).await, n);
        }
        let thief = office.browser("ben").await;
        let mut doctors = Vec::new();
        for n in 0..DOCTORS {
            doctors.push(office.browser(&format!("doctor{n}")).await);
        }
        let doctors = doctors.into_iter().map(|doctor| {
            let judging = Judging {
                windows: [doctor.clone(), doctor],
                thief: thief.clone(),
            };
            tokio::spawn(judging.all())
        });
        let mut decided = BTreeMap::new();
        for doctor in doctors.collect::<Vec<_>>() {
            for (id, decision) in doctor.await.unwrap() {
                assert_eq!(decided.insert(id, decision), None, "{id} was decided by two");
            }
        }
        assert!(decided.keys().eq(people.keys()), "everything was decided");
        office.house.settle().await;
        for (id, decision) in &decided {
            let seen = office.house.see(*id).await;
            assert_eq!(seen.state, State::Final);
            assert_eq!(seen.decided.unwrap().decision, *decision);
        }
        release(&office.house).await;
        let told = handed_over(&office.house).await;
        assert_eq!(told.len(), people.len(), "one message for each person");
        for (id, decision) in &decided {
            let seen = office.house.see(*id).await;
            let text = &told[&applicant(people[id]).phone.unwrap()];
            assert!(text.contains(words(decision)), "{decision:?}: {text}");
            assert!(
                text.contains(&seen.reference.to_string()),
                "somebody else's: {text}"
            );
        }
    }
}

/// A doctor with two windows of one session, as if a key had bounced, and somebody who has none of the applications.
struct Judging {
    windows: [Browser; 2],
    thief: Browser,
}

impl Judging {
    /// Decides until nothing waits, and says what stands in the end.
    async fn all(mut self) -> Vec<(ApplicationId, Decision)> {
        let mut decided = Vec::new();
        let mut at = self.windows[0].post(&format!("{AT}/next"), &[]).await;
        while !at.location().contains("?done=") {
            let id = at.opened();
            let (mut decision, mut next) = self.decide(id).await;
            if id.get() % 5 == 0 {
                let number = [("number", "1")];
                let undone = self.windows[0].post(&format!("{AT}/{id}/undo"), &number).await;
                assert!(
                    undone.location().ends_with("done=undone"),
                    "{}",
                    undone.location()
                );
                (decision, next) = self.decide(id).await;
            }
            decided.push((id, decision));
            at = next;
        }
        decided
    }

    /// Two windows and somebody else press at once. One of the windows decides; its answer leads on.
    async fn decide(&mut self, id: ApplicationId) -> (Decision, crate::browser::Seen) {
        let [one, two] = &mut self.windows;
        let review = one.get(&format!("{AT}/{id}")).await.hidden("review");
        let all = [confirmed(), not_needed(), phoned()];
        let n = usize::try_from(id.get()).unwrap();
        let (first, second) = (all[n % 3].clone(), all[(n + 1) % 3].clone());
        let (mine, bounced, stolen) = tokio::join!(
            press(one, id, (&*review, first.code())),
            press(two, id, (&*review, second.code())),
            press(&mut self.thief, id, (&*review, second.code()))
        );
        assert_eq!(stolen.status, StatusCode::CONFLICT, "{}", stolen.body);
        match (mine.status, bounced.status) {
            (StatusCode::SEE_OTHER, StatusCode::CONFLICT) => (first, mine),
            (StatusCode::CONFLICT, StatusCode::SEE_OTHER) => (second, bounced),
            other => panic!("{other:?}"),
        }
    }
}

async fn press(
    browser: &mut Browser,
    id: ApplicationId,
    (review, act): (&str, &str),
) -> crate::browser::Seen {
    let fields = [("review", review), ("comment", ""), ("act", act)];
    browser.post(&format!("{AT}/{id}/act"), &fields).await
}

/// Two of the head office lock each list, and press its button at once.
async fn release(house: &House) {
    const HEADQUARTERS: OfficeId = OfficeId::HEADQUARTERS;
    // Any page with a form: the other one may have changed the list's own meanwhile.
    const FORM: &str = "/desks/new";
    let mut one = somebody(house, "honcho", HEADQUARTERS, &[Role::Sender]).await;
    let mut two = somebody(house, "honcho2", HEADQUARTERS, &[Role::Sender]).await;
    let desk = format!("/outcomes/desks/{}", house.id());
    for decision in [confirmed(), not_needed(), phoned()] {
        let outcome = [("outcome", decision.code())];
        let lock = format!("{desk}/lock");
        let (a, b) = tokio::join!(
            one.submit(FORM, &lock, &outcome),
            two.submit(FORM, &lock, &outcome)
        );
        let locked = if a.status == StatusCode::SEE_OTHER { &a } else { &b };
        let list = locked.leads_to().to_owned();
        let seal = one.get(&list).await.hidden("seal");
        let send = format!("{list}/send");
        let sealed = [("seal", seal.as_str())];
        let (a, b) = tokio::join!(one.submit(FORM, &send, &sealed), two.submit(FORM, &send, &sealed));
        assert_eq!(a.leads_to(), b.leads_to(), "one broadcast");
        assert!(a.leads_to().starts_with("/broadcasts/"), "{}", a.leads_to());
    }
    let live = store::live_lists(&house.db, ORG, house.id()).await.unwrap();
    assert!(live.lists.is_empty(), "everybody was told");
}

/// What a carrier gets until nothing is left: to whom, and the whole text. No part comes twice.
async fn handed_over(house: &House) -> BTreeMap<PhoneNumber, String> {
    let node = house.db.join().await.unwrap().unwrap();
    let outbox = Outbox::new(house.db.clone(), node, false);
    let account = outbox.account("demo@nowhere").await.unwrap();
    let mut texts: BTreeMap<MessageId, (PhoneNumber, BTreeMap<u8, String>)> = BTreeMap::new();
    let mut answers = Vec::new();
    loop {
        let claimed = outbox.exchange(account, answers, Vec::new(), 50).await.unwrap();
        if claimed.submissions.is_empty() {
            break;
        }
        answers = Vec::new();
        for one in claimed.submissions {
            let carrier_message_id = format!("{}-{}", one.part.message, one.part.part_no);
            answers.push((one.part, Answer::Taken { carrier_message_id }));
            let (_, parts) = texts.entry(one.part.message).or_insert((one.to, BTreeMap::new()));
            assert_eq!(
                parts.insert(one.part.part_no, one.text),
                None,
                "a part came twice"
            );
        }
    }
    let mut told = BTreeMap::new();
    for (to, parts) in texts.into_values() {
        let text: String = parts.into_values().collect();
        assert_eq!(told.insert(to, text), None, "somebody was told twice");
    }
    told
}
