//! Every SQL statement of this slice, organisation first.

mod answers;
mod applications;
mod day;
mod deciding;
mod desks;
mod forms;
mod handovers;
mod history;
mod looks;
mod outcome;
mod outcome_lists;
mod quality;
mod requests;
mod reviews;
mod sending;
mod settle;
mod tellings;
mod twins;
mod visits;

pub use answers::{Saved, Submitted, save, submit};
pub use applications::{
    ApplicationEvent, Begun, Changed, NewApplication, application, application_by_reference,
    application_events, application_of_link, applications, begin, is_birth_date, keep, parked, received,
};
pub use day::{Counted, HourCount, counted};
pub use deciding::{KeptDecision, LastDecision, Told, correct, decisions, last_decisions, undo};
pub use desks::{
    DeskRow, NotKept, add_desk, add_desk_version, approve_desk, desk, desk_authors, desk_by_key,
    desk_version, desk_versions, desks, document, in_force, install, now_in_force, save_desk_draft,
    set_closed, withdraw_desk,
};
pub use forms::{FormVersion, add_version, current_form, versions};
pub use handovers::{Handover, HandoverKind, carried_over, case_of, confirmed_since};
pub use history::{RequestTrace, requests_about};
pub use looks::{Look, Looked, look, looks, looks_wanted};
pub use outcome::{
    Answered, MessageContact, RaisedFlag, Unanswered, answered_since, answers_of, contacts_of_messages,
    due_before, erase_before, last_answers, red_flags_since, unanswered,
};
pub use outcome_lists::{
    Kind, Live, LiveList, OutcomeList, live_lists, lock, on_list, on_live_list, open_again, outcome_list,
    outcome_lists, text_of,
};
pub(crate) use outcome_lists::{Way, keep_text, locked_by_rule, still_on, take_list, tell};
pub use quality::{Quality, QualityLine, quality};
pub use requests::{
    SeenRequest, ask, ask_by, link_of, past_requests, see_request, set_language, tie_message, withdraw,
};
pub use reviews::{Act, Claimed, Done, Mine, Review, Wanted, act, claim, renew, reviews, unpark};
pub use sending::{
    Precheck, Submitted as ApplicationSubmitted, counted_today, expire, precheck,
    submit as submit_application, withdraw_application,
};
pub use settle::{called_back, settle};
pub use tellings::not_sent;
pub use twins::{Alike, Twin, add_photo_key, twins};
pub use visits::{OpenRequest, Tried, end_visit, try_birth_date, visit};

/// Every statement by name, for the test that prepares each on both databases.
pub fn statements() -> impl Iterator<Item = &'static (&'static str, db::Sql)> {
    answers::ALL
        .iter()
        .chain(applications::ALL)
        .chain(day::ALL)
        .chain(deciding::ALL)
        .chain(desks::ALL)
        .chain(desks::sql::ALL)
        .chain(forms::ALL)
        .chain(handovers::ALL)
        .chain(history::ALL)
        .chain(looks::ALL)
        .chain(outcome::ALL)
        .chain(outcome_lists::ALL)
        .chain(quality::ALL)
        .chain(requests::ALL)
        .chain(reviews::ALL)
        .chain(sending::ALL)
        .chain(settle::ALL)
        .chain(tellings::ALL)
        .chain(twins::ALL)
        .chain(visits::ALL)
}

fn json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("numbers and texts always become JSON")
}
