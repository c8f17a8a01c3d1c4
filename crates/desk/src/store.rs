//! Every SQL statement of this slice, organisation first.

mod answers;
mod forms;
mod history;
mod outcome;
mod requests;
mod visits;

pub use answers::{Saved, Submitted, save, submit};
pub use forms::{FormVersion, add_version, versions};
pub use history::{RequestTrace, requests_about};
pub use outcome::{
    Answered, MessageContact, RaisedFlag, Unanswered, answers_of, contacts_of_messages, erase_before,
    red_flags_since, unanswered,
};
pub use requests::{SeenRequest, ask, link_of, see_request, set_language, tie_message, withdraw};
pub use visits::{OpenRequest, Tried, end_visit, try_birth_date, visit};

/// Every statement by name, for the test that prepares each on both databases.
pub fn statements() -> impl Iterator<Item = &'static (&'static str, db::Sql)> {
    answers::ALL
        .iter()
        .chain(forms::ALL)
        .chain(history::ALL)
        .chain(outcome::ALL)
        .chain(requests::ALL)
        .chain(visits::ALL)
}
