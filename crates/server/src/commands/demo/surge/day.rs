//! The day itself: what clinics, health centres, the head office, residents and callers do, quarter of an hour by
//! quarter of an hour. Everything goes through the functions that pages go through; what `todoke serve` does by itself
//! (receipts, first contact, standing orders) it does here too, beside all of this.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base::clock::{HOUR, MINUTE, Millis, japan_midnight};
use base::id::{BroadcastId, CaseId, ListId, OfficeId, OrgId, StaffId};
use db::DbError;
use indicatif::ProgressBar;
use lists::choice::Household;
use messaging::broadcast::{Origin, StartError};
use messaging::links::Token;
use messaging::message::MessageState;
use messaging::pages::Desk;
use messaging::pages::roll::{self, Version};
use messaging::release::Hours;
use messaging::store as sent;
use smpp::smsc::Smsc;
use tokio::task::JoinSet;
use triage::case::CaseSource;
use triage::decision::Route;
use triage::gather::{Gathering, OnlyIf, name, start};
use triage::order::{NewOrder, release};
use triage::reach::ProgrammeRules;
use triage::store::twins::{Judge, Verdict};
use triage::store::{cases, orders, reach, twins};

use super::callers::{Callers, Calling};
use super::intake::Intake;
use super::people::{Chance, List, Told};
use super::{Failure, People};

pub(super) const ORG: OrgId = OrgId::FIRST;

/// One step of the first day, and of the day after, on which nothing new comes in.
pub(super) const STEPS: (Millis, Millis) = (15 * MINUTE, 30 * MINUTE);
/// From when to when each day is played, after midnight in Japan.
const PLAYED: (Millis, Millis) = (8 * HOUR + 30 * MINUTE, 20 * HOUR);
/// Until when the second day is: everybody of the first has then had a whole day.
const SECOND_DAY_ENDS: Millis = 18 * HOUR + 30 * MINUTE;
/// From when one carrier swallows what becomes of messages, before its line is cut; of a small wave it takes an hour
/// until that is more than a few bad numbers.
pub(super) const SILENT_FROM: Millis = OUTAGE.0;
pub(super) const SILENT_FROM_OF_FEW: Millis = OUTAGE.0 - HOUR;
/// The line of one carrier is cut for two hours.
const OUTAGE: (Millis, Millis) = (13 * HOUR, 15 * HOUR);
/// When callers are at their telephones.
const CALLS: (Millis, Millis) = (9 * HOUR, 20 * HOUR);
/// How long one call takes, with its notes.
const ONE_CALL: Millis = 8 * MINUTE;
/// Of a thousand residents on whose phone the message is, so many open the page behind it.
const OPENERS: u64 = 780;
/// How long at most it takes them.
const OPENED_WITHIN: u64 = 8 * 60;
/// How long after the last call everybody is looked at once more.
const LAST_LOOK: Millis = 10 * MINUTE;
/// Standing orders let so many go at a time: what the rule lets go without a second person.
const PER_RELEASE: u32 = 100;
/// Pairs that are looked at in one go.
const PAIRS: u32 = 500;
/// How long a step waits for what is under way before it is taken as it is: a line may be cut.
const PATIENCE: Duration = Duration::from_mins(1);

/// Everything that the day is played with.
pub(super) struct World {
    pub(super) desk: Desk,
    pub(super) people: People,
    /// The health centres that take part.
    pub(super) centres: Vec<OfficeId>,
    /// Who telephones, by centre; the first of them takes lists in.
    pub(super) staff: Vec<Vec<StaffId>>,
    pub(super) programme: i64,
    pub(super) version: Version,
    /// The carriers; the line of the last one is cut.
    pub(super) carriers: Vec<Arc<Smsc>>,
    /// One of so many whom somebody would telephone asks for a message.
    pub(super) one_asks_of: i64,
    /// When the last carrier falls silent.
    pub(super) silent_from: Millis,
    /// Longest time from an answer to its receipt.
    pub(super) receipts: Duration,
    pub(super) seed: u64,
    /// Where it is said how far the day is.
    pub(super) bar: ProgressBar,
    /// Texts that came on phones, until somebody opens the page.
    pub(super) phones: Arc<Mutex<Vec<String>>>,
}

/// What is known in the end, besides the database and the carriers' logs.
#[derive(Default)]
pub(super) struct Played {
    /// The truth of each row that was uploaded.
    pub(super) told: HashMap<(ListId, u32), Told>,
    /// Lists and rows that were uploaded.
    pub(super) lists: u64,
    pub(super) rows: u64,
    /// What was written, by gatherings and standing orders.
    pub(super) broadcasts: Vec<BroadcastId>,
    /// How many the outage put on the call list, and everybody whose message it lost.
    pub(super) lost: usize,
    pub(super) lost_people: BTreeSet<CaseId>,
    /// When the carrier's line was cut, and was there again.
    pub(super) outage: Option<(Millis, Millis)>,
    /// What callers did.
    pub(super) calls: Calling,
}

/// Plays both days.
pub(super) async fn play(world: &World, lists: Vec<List>) -> Result<Played, Failure> {
    let midnight = japan_midnight(world.desk.db.now());
    let mut day = Day {
        world,
        midnight,
        lists: lists.into(),
        played: Played::default(),
        callers: Callers::new(world),
        chance: Chance(world.seed ^ 0x5EED),
        opening: Vec::new(),
        open: HashSet::new(),
    };
    day.give_orders().await?;
    let mut at = PLAYED.0;
    while at < PLAYED.1 {
        day.step(at, STEPS.0).await?;
        at += STEPS.0;
    }
    let tomorrow = 24 * HOUR;
    day.move_to(tomorrow + PLAYED.0).await?;
    let mut at = PLAYED.0;
    while at < SECOND_DAY_ENDS {
        day.step(tomorrow + at, STEPS.1).await?;
        at += STEPS.1;
    }
    // Whose time came in the last step is looked at when it is over, as in every other.
    day.move_to(tomorrow + at).await?;
    day.watch().await?;
    // What came of the last calls is looked at minutes later.
    day.move_to(tomorrow + at + LAST_LOOK).await?;
    day.watch().await?;
    day.played.calls = std::mem::take(&mut day.callers.calling);
    Ok(day.played)
}

struct Day<'w> {
    world: &'w World,
    midnight: Millis,
    lists: VecDeque<List>,
    played: Played,
    callers: Callers<'w>,
    chance: Chance,
    /// Which link is opened when.
    opening: Vec<(Millis, Token)>,
    /// Broadcasts of which something is still to be handed over.
    open: HashSet<BroadcastId>,
}

impl Day<'_> {
    fn now(&self) -> Millis {
        self.world.desk.db.now() - self.midnight
    }

    /// Every second centre's people are written to by a standing order; the head office gathers the others.
    async fn give_orders(&self) -> Result<(), Failure> {
        let world = self.world;
        for office in world.centres.iter().step_by(2) {
            let order = NewOrder {
                office: *office,
                programme: world.programme,
                route: Route::HeadOfficeSms,
                version: world.version,
                per_release: PER_RELEASE,
                per_day: 20_000,
                hours: Hours::DAYTIME,
                by: world.people.head,
            };
            orders::add(&world.desk.db, ORG, order).await?;
        }
        Ok(())
    }

    /// What happens in one step, which begins at `at`.
    async fn step(&mut self, at: Millis, length: Millis) -> Result<(), Failure> {
        let time = at % (24 * HOUR);
        self.move_to(at).await?;
        if at == OUTAGE.1 {
            self.line_is_back().await;
        }
        if at == self.world.silent_from {
            self.fall_silent();
        }
        self.take_lists(at).await?;
        self.watch().await?;
        if time % HOUR == 0 {
            self.gather().await?;
        }
        let released = release(&self.world.desk, ORG).await;
        released.map_err(|_| Failure::Nothing("一括の指示を実行できませんでした。".to_owned()))?;
        self.approve().await?;
        if at == OUTAGE.0 {
            self.cut_the_line().await?;
        }
        self.settle().await?;
        self.residents_open(length).await?;
        self.hand_over_lost().await?;
        if (CALLS.0..CALLS.1).contains(&time) {
            self.callers
                .step(usize::try_from(length / ONE_CALL).unwrap_or(1).max(1))
                .await?;
        }
        self.tell(at);
        Ok(())
    }

    /// Skips what is left until this moment. Who looks on in a browser stays signed in.
    async fn move_to(&self, at: Millis) -> Result<(), Failure> {
        let ahead = at - self.now();
        if ahead > 0 {
            self.world.desk.db.clock().advance(ahead);
            self.world.desk.accounts.skipped(ahead).await?;
        }
        Ok(())
    }

    /// Each centre takes its list in, all at the same time.
    async fn take_lists(&mut self, at: Millis) -> Result<(), Failure> {
        let mut uploads = JoinSet::new();
        while self.lists.front().is_some_and(|list| list.at <= at) {
            let Some(list) = self.lists.pop_front() else { break };
            let world = self.world;
            let intake = Intake {
                desk: world.desk.clone(),
                office: world.centres[list.centre],
                by: world.staff[list.centre][0],
                programme: world.programme,
                one_asks_of: world.one_asks_of,
            };
            uploads.spawn(async move { intake.take(list).await });
        }
        while let Some(done) = uploads.join_next().await {
            let taken = done.map_err(|error| Failure::Nothing(error.to_string()))??;
            self.played.lists += 1;
            for (line, told) in taken.rows {
                self.played.rows += 1;
                self.played.told.insert((taken.list, line), told);
            }
        }
        self.decide_twins().await
    }

    /// Somebody who knows the people looks at who may be one person, until no pair is left: of three cases of one
    /// person, the third is asked about when the second has gone into the first.
    async fn decide_twins(&self) -> Result<(), Failure> {
        let db = &self.world.desk.db;
        let judge = Judge {
            by: self.world.people.head,
            office: OfficeId::HEADQUARTERS,
        };
        loop {
            let mut decided = 0;
            for pair in twins::pending(db, ORG, None, PAIRS).await? {
                let both = cases::cases(db, ORG, &[pair.earlier, pair.later]).await?;
                let persons: Vec<Option<u32>> = both.iter().map(|case| self.person(case.source)).collect();
                let verdict = if persons.len() == 2 && persons[0].is_some() && persons[0] == persons[1] {
                    Verdict::Same { kept: pair.earlier }
                } else {
                    Verdict::Distinct
                };
                decided += usize::from(twins::decide(db, ORG, pair, verdict, judge).await?);
            }
            if decided == 0 {
                return Ok(());
            }
        }
    }

    fn person(&self, source: CaseSource) -> Option<u32> {
        match source {
            CaseSource::Row { list, line } => self.played.told.get(&(list, line)).map(|told| told.person),
            _ => None,
        }
    }

    async fn watch(&self) -> Result<(), Failure> {
        triage::jobs::watch_by_programmes(&self.world.desk.db, ORG).await?;
        Ok(())
    }

    /// The head office writes to everybody who waits.
    async fn gather(&mut self) -> Result<(), Failure> {
        let (desk, world) = (&self.world.desk, self.world);
        let wanted = reach::Candidates {
            office: None,
            but: None,
            route: Route::HeadOfficeSms,
            programme: world.programme,
            most: triage::limits::GATHERED,
        };
        let ids = reach::candidates(&desk.db, ORG, wanted).await?;
        let gathering = Gathering::of(&desk.db, ORG, &ids).await?;
        if gathering.cases.is_empty() {
            return Ok(());
        }
        let vault = desk.db.vault(ORG).await?;
        let offices = desk.accounts.offices(ORG).await?;
        let names: HashMap<OfficeId, String> = offices
            .into_iter()
            .map(|office| (office.id, office.name.to_string()))
            .collect();
        let head = OfficeId::HEADQUARTERS;
        let roll = gathering.roll(&vault, head, world.version, Household::Each, &names);
        let unsaid = |_| Failure::Nothing("一括の連絡を確かめられませんでした。".to_owned());
        let judged = roll::judge(desk, roll)
            .await
            .map_err(unsaid)?
            .map_err(Failure::Nothing)?;
        if judged.rows.is_empty() {
            return Ok(());
        }
        let name = name(None, judged.rows.len());
        let by = Some(world.people.head);
        let new = judged
            .broadcast(desk, name, Origin::Browser, by)
            .await
            .map_err(unsaid)?;
        match start(&desk.db, &gathering, &judged, new, OnlyIf::Waiting, false).await {
            // A standing order was faster.
            Ok(_) | Err(StartError::NoRows | StartError::AllLeftOut(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// A second person looks at what has to be approved, and lets it go.
    async fn approve(&mut self) -> Result<(), Failure> {
        let db = &self.world.desk.db;
        for waiting in sent::awaiting_approval(db, ORG, 500).await? {
            sent::approve(db, ORG, waiting.id, self.world.people.approver).await?;
        }
        let since = self.midnight;
        for one in sent::broadcasts_between(db, ORG, since, db.now() + 1).await? {
            if !self.played.broadcasts.contains(&one.id) {
                self.played.broadcasts.push(one.id);
                self.open.insert(one.id);
            }
        }
        Ok(())
    }

    /// The carrier whose line will be cut is out of order already: it takes messages and swallows what becomes of them.
    fn fall_silent(&self) {
        if let Some(carrier) = self.world.carriers.last() {
            carrier.set_silent(true);
        }
    }

    /// In the middle of a gathering, when the carrier has taken some of it and told of few.
    async fn cut_the_line(&mut self) -> Result<(), Failure> {
        let Some(carrier) = self.world.carriers.last() else {
            return Ok(());
        };
        let before = carrier.counters().accepted;
        let wanted = before + 60;
        let looks = tokio::time::timeout(Duration::from_secs(10), async {
            while carrier.counters().accepted < wanted {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        // Of a small wave there are not so many: then the line is cut as it stands.
        let _ = looks.await;
        carrier.set_outage(true);
        let now = self.world.desk.db.now();
        self.played.outage = Some((now, now));
        Ok(())
    }

    /// Binding again may take half a minute of real time, which would be hours of this day: nothing is skipped before.
    async fn line_is_back(&mut self) {
        if let Some(carrier) = self.world.carriers.last() {
            let before = carrier.counters().binds;
            carrier.set_silent(false);
            carrier.set_outage(false);
            let bound = tokio::time::timeout(PATIENCE, async {
                while carrier.counters().binds == before {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            });
            // What is not bound in a minute is seen in the figures.
            let _ = bound.await;
            tokio::time::sleep(self.world.receipts).await;
        }
        if let Some((_, back)) = &mut self.played.outage {
            *back = self.world.desk.db.now();
        }
    }

    /// Waits until nothing is under way, and the receipts have come that come at once: no moment is skipped in which
    /// the program had something to do.
    async fn settle(&mut self) -> Result<(), Failure> {
        let db = &self.world.desk.db;
        let settled = tokio::time::timeout(PATIENCE, async {
            loop {
                let mut done = Vec::new();
                for id in &self.open {
                    if !is_under_way(db, *id).await? {
                        done.push(*id);
                    }
                }
                for id in done {
                    self.open.remove(&id);
                }
                if self.open.is_empty() {
                    return Ok::<(), DbError>(());
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        if let Ok(settled) = settled.await {
            settled?;
        }
        tokio::time::sleep(self.world.receipts).await;
        Ok(())
    }

    /// Residents read what came on their phones; most of them open the page behind it, some hours later.
    async fn residents_open(&mut self, length: Millis) -> Result<(), Failure> {
        let db = &self.world.desk.db;
        let texts = match self.world.phones.lock() {
            Ok(mut phones) => std::mem::take(&mut *phones),
            Err(_) => Vec::new(),
        };
        for text in texts {
            let Some((_, token)) = text.split_once("/l/") else {
                continue;
            };
            let Some(token) = Token::in_address(token) else {
                continue;
            };
            if self.chance.of_thousand(OPENERS) {
                let minutes = i64::try_from(self.chance.below(OPENED_WITHIN)).unwrap_or(0);
                self.opening.push((db.now() + minutes * MINUTE, token));
            }
        }
        let until = db.now() + length;
        let (due, later) = std::mem::take(&mut self.opening)
            .into_iter()
            .partition(|(at, _)| *at < until);
        self.opening = later;
        let due: Vec<(Millis, Token)> = due;
        for (_, token) in due {
            sent::open_link(db, token.index(db)).await?;
        }
        Ok(())
    }

    /// The head office sees on its page that a carrier is out of order, and hands everybody concerned over.
    async fn hand_over_lost(&mut self) -> Result<(), Failure> {
        let db = &self.world.desk.db;
        let rules = ProgrammeRules::of(db, ORG).await?;
        for lost in triage::outage::lost(db, ORG).await? {
            // What the button does, on the people that are counted here.
            self.played.lost += triage::jobs::telephone(db, ORG, &rules, &lost.cases).await?;
            self.played.lost_people.extend(lost.cases);
        }
        Ok(())
    }

    fn tell(&self, at: Millis) {
        let (hour, minute) = (at / HOUR % 24, at / MINUTE % 60);
        let day = if at < 24 * HOUR { "1日目" } else { "2日目" };
        self.world.bar.set_message(format!(
            "{day} {hour}:{minute:02}  発生届 {}件  送った配信 {}  電話 {}件",
            self.played.rows,
            self.played.broadcasts.len(),
            self.callers.calling.calls
        ));
        self.world.bar.tick();
    }
}

async fn is_under_way(db: &db::Db, id: BroadcastId) -> Result<bool, DbError> {
    let Some(broadcast) = sent::broadcast(db, ORG, id).await? else {
        return Ok(false);
    };
    let counts = sent::counts(db, ORG, &broadcast, db.now()).await?;
    let under_way = |state| {
        matches!(
            state,
            MessageState::Held | MessageState::Queued | MessageState::Submitting
        )
    };
    Ok(counts.count(under_way) > 0)
}
