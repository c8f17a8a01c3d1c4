//! A desk over one database, people who apply, doctors, and the head office.

use accounts::Accounts;
use base::clock::{Clock, MINUTE};
use base::date::CalendarDate;
use base::id::{ApplicationId, DeskId, OfficeId, OrgId, OutcomeListId, StaffId};
use base::segment::Segmentation;
use db::Db;
use db::testing::TestDatabase;
use desk::application::{Application, Content, Given, PROVISIONAL};
use desk::document::{
    Decision, DeskDocument, Document, Outcome, ReasonCode, ReleaseRule, SecondLook, shipped,
};
use desk::release::{Gathering, Released, start};
use desk::store::{
    self, Act, ApplicationSubmitted, Begun, Claimed, DeskRow, Done, Mine, NewApplication, Wanted,
};
use desk::texts::publish;
use messaging::broadcast::{Origin, StartError};
use messaging::links::LinkSettings;
use messaging::pages::roll::{self, JudgedRoll};
use messaging::pages::{Desk, Sending, Tariff};
use web::Language;

pub(crate) use crate::answers::{START, applicant};
use crate::answers::{answered, eligible};

pub(crate) const ORG: OrgId = OrgId::FIRST;
pub(crate) const AUTHOR: StaffId = StaffId::new(1);
pub(crate) const APPROVER: StaffId = StaffId::new(2);
pub(crate) const HEAD: StaffId = StaffId::new(3);
pub(crate) const CLERK: StaffId = StaffId::new(4);

pub(crate) fn doctor(n: i64) -> StaffId {
    StaffId::new(10 + n)
}

pub(crate) fn confirmed() -> Decision {
    Decision::Confirmed
}

/// Refused, to be sent once more.
pub(crate) fn unclear() -> Decision {
    refused("K03")
}

/// Refused, nothing follows.
pub(crate) fn not_needed() -> Decision {
    refused("K01")
}

/// Refused, and telephoned.
pub(crate) fn phoned() -> Decision {
    refused("K04")
}

pub(crate) fn refused(code: &str) -> Decision {
    Decision::Refused(ReasonCode::parse(code).unwrap())
}

/// A desk with few questions: the one for test kits, with a doctor, and its results locked by the head office.
pub(crate) fn says() -> Document {
    let all = shipped().into_iter().map(|one| one.document.document().clone());
    let mut says = all.into_iter().find(|says| says.confirmed.delivers).unwrap();
    says.release = ReleaseRule::Locked;
    says.confirmed.opens_case = true;
    says.review.precheck = false;
    says.review.second_look = SecondLook::default();
    says
}

pub(crate) struct House {
    pub(crate) db: Db,
    pub(crate) clock: Clock,
    pub(crate) desk: Desk,
    pub(crate) row: DeskRow,
    pub(crate) document: DeskDocument,
    pub(crate) database: TestDatabase,
}

pub(crate) fn desk_over(db: &Db) -> Desk {
    Desk {
        db: db.clone(),
        accounts: Accounts::new(db.clone(), false),
        sending: Sending {
            simulated: false,
            sender: "0005000000".to_owned(),
            segmentation: Segmentation::Udh8,
            hold: 0,
            has_carrier: true,
            tariff: Tariff::default(),
        },
        links: LinkSettings::default(),
    }
}

impl House {
    /// One on each database that there is, at a desk that says this.
    pub(crate) async fn each(says: Document) -> Vec<Self> {
        let mut all = Vec::new();
        for database in TestDatabase::each(&Clock::manual(START)).await {
            all.push(Self::on(database, says.clone()).await);
        }
        all
    }

    pub(crate) async fn on(mut database: TestDatabase, says: Document) -> Self {
        let clock = Clock::manual(START);
        database.options.clock = clock.clone();
        let db = database.open().await.unwrap();
        let document = DeskDocument::of(says).unwrap();
        let day = CalendarDate::new(2026, 11, 1).unwrap();
        let new = ("最初".to_owned(), day, &document);
        let id = store::add_desk(&db, ORG, OfficeId::HEADQUARTERS, new, AUTHOR);
        let id = id.await.unwrap().unwrap();
        assert!(store::approve_desk(&db, ORG, (id, 1), 1, APPROVER).await.unwrap());
        let row = store::desk(&db, ORG, id).await.unwrap().unwrap();
        let made = publish(&db, ORG, (&row, &document), AUTHOR, Some(APPROVER))
            .await
            .unwrap();
        assert!(made > 5);
        Self {
            desk: desk_over(&db),
            db,
            clock,
            row,
            document,
            database,
        }
    }

    pub(crate) fn id(&self) -> DeskId {
        self.row.id
    }

    /// What somebody fills in who may apply.
    pub(crate) fn content(&self, n: u32) -> Content {
        let says = self.document.document();
        Content {
            consent: Some(Given {
                version: says.consent.version.clone(),
                at: self.clock.now(),
            }),
            eligibility: eligible(&self.document),
            applicant: applicant(n),
            answers: answered(self.document.form()),
            kit: None,
            known_by_link: false,
        }
    }

    pub(crate) async fn begun(&self, content: Content) -> Begun {
        let new = NewApplication {
            desk: self.id(),
            version: 1,
            office: self.row.office,
            language: Language::Japanese,
            content,
        };
        store::begin(&self.db, ORG, new).await.unwrap()
    }

    pub(crate) async fn submit(&self, id: ApplicationId) -> ApplicationSubmitted {
        store::submit_application(&self.db, ORG, id, &self.document)
            .await
            .unwrap()
    }

    /// Somebody applies.
    pub(crate) async fn apply(&self, n: u32) -> ApplicationId {
        let begun = self.begun(self.content(n)).await;
        assert_eq!(
            self.submit(begun.id).await,
            ApplicationSubmitted::Received(begun.reference)
        );
        begun.id
    }

    pub(crate) async fn see(&self, id: ApplicationId) -> Application {
        store::application(&self.db, ORG, id).await.unwrap().unwrap()
    }

    pub(crate) async fn claim(&self, staff: StaffId, wanted: Wanted) -> Claimed {
        claim(&self.db, self.id(), staff, wanted).await
    }

    /// The next one, which is there.
    pub(crate) async fn next(&self, staff: StaffId) -> Mine {
        match self.claim(staff, Wanted::Next).await {
            Claimed::Yours(id, lease) => Mine {
                id,
                review: lease.review,
                staff,
            },
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn act(&self, mine: Mine, act: Act) -> Done {
        store::act(&self.db, ORG, mine, (act, None), &self.document)
            .await
            .unwrap()
    }

    pub(crate) async fn correct(&self, id: ApplicationId, seen: i64, to: Decision, by: StaffId) -> Done {
        let given = (to, "写真を見直した".to_owned());
        store::correct(&self.db, ORG, (id, seen), given, by, &self.document)
            .await
            .unwrap()
    }

    /// Takes the next one and decides it; gives the application and the number of the decision.
    pub(crate) async fn decide(&self, staff: StaffId, decision: Decision) -> (ApplicationId, i64) {
        let mine = self.next(staff).await;
        match self.act(mine, Act::Decide(decision)).await {
            Done::Done(number) => (mine.id, number),
            other => panic!("{other:?}"),
        }
    }

    /// The time to take back goes by.
    pub(crate) async fn settle(&self) -> usize {
        self.clock.advance(PROVISIONAL);
        store::settle(&self.db, ORG).await.unwrap()
    }

    pub(crate) async fn lock(&self, kind: &store::Kind) -> Option<OutcomeListId> {
        store::lock(&self.db, ORG, self.id(), kind, Some(HEAD))
            .await
            .unwrap()
    }

    /// The list as the head office sees it before it presses.
    pub(crate) async fn gathered(&self, list: OutcomeListId) -> Option<(Gathering, JudgedRoll)> {
        let gathering = Gathering::of(&self.db, ORG, list).await.unwrap().ok()?;
        let vault = self.db.vault(ORG).await.unwrap();
        let judged = roll::judge(&self.desk, gathering.roll(&vault))
            .await
            .unwrap()
            .unwrap();
        Some((gathering, judged))
    }

    pub(crate) async fn press(
        &self,
        (gathering, judged): &(Gathering, JudgedRoll),
    ) -> Result<Released, StartError> {
        let name = gathering.name("結果");
        let new = judged
            .broadcast(&self.desk, name, Origin::Browser, Some(HEAD))
            .await
            .unwrap();
        start(&self.db, gathering, judged, new).await
    }

    /// Everybody of this kind is told.
    pub(crate) async fn release(&self, decision: Decision, corrects: bool) -> Released {
        let list = self.lock(&kind(decision, corrects)).await.unwrap();
        let plan = self.gathered(list).await.unwrap();
        self.press(&plan).await.unwrap()
    }

    /// Everything that was written to the person of an application, oldest first.
    pub(crate) async fn texts(&self, id: ApplicationId) -> Vec<String> {
        let mut texts = Vec::new();
        for decision in store::decisions(&self.db, ORG, id).await.unwrap() {
            if let Some((_, message)) = decision.told.and_then(|told| told.message) {
                let message = messaging::store::message(&self.db, ORG, message).await.unwrap();
                texts.push(message.unwrap().text);
            }
        }
        texts
    }

    pub(crate) fn minutes(&self, minutes: i64) {
        self.clock.advance(minutes * MINUTE);
    }
}

pub(crate) async fn claim(db: &Db, desk: DeskId, staff: StaffId, wanted: Wanted) -> Claimed {
    let (vault, now) = (db.vault(ORG).await.unwrap(), db.now());
    db.write(move |tx| {
        let vault = vault.clone();
        Box::pin(async move { store::claim(tx, ORG, &vault, (desk, wanted), staff, now).await })
    })
    .await
    .unwrap()
}

/// What people are told.
pub(crate) fn kind(decision: Decision, corrects: bool) -> store::Kind {
    store::Kind {
        outcome: Outcome::Decided(decision),
        corrects,
    }
}
