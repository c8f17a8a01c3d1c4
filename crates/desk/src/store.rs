//! Every SQL statement of this slice, organisation first.

mod answers;
mod forms;
mod history;
mod outcome;
mod requests;
mod visits;

pub use answers::{Saved, Submitted, save, submit};
pub use history::{RequestTrace, requests_about};
pub use forms::{FormVersion, add_version, current_form, versions};
pub use outcome::{
    Answered, MessageContact, RaisedFlag, Unanswered, answered_since, answers_of, contacts_of_messages,
    due_before, erase_before, last_answers, red_flags_since, unanswered,
};
pub use requests::{
    SeenRequest, ask, ask_by, link_of, past_requests, see_request, set_language, tie_message, withdraw,
};
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
