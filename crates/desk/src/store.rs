//! Every SQL statement of this slice, organisation first.

mod ahead;
mod answers;
mod applicants;
mod applications;
pub mod budgets;
mod certificates;
mod code_limits;
mod day;
mod deciding;
mod deliveries;
mod desk_links;
mod desks;
mod erase;
mod form_drafts;
mod forms;
mod handovers;
mod history;
mod looks;
mod outcome;
mod outcome_lists;
pub mod phone_codes;
mod photo_uploads;
mod photos;
mod proofs;
mod quality;
mod queues;
mod requests;
mod reviews;
mod sending;
mod settle;
mod tellings;
mod twins;
mod visits;

pub use ahead::{ahead_of, set_aside};
pub use answers::{Saved, Submitted, save, submit};
pub use applicants::{
    APPLICANT_ACTIONS, APPLICATION_LOCK, APPLICATION_OPEN, BirthTried, Entered, Entrance, StatusSeen,
    application_visit, end_application_visit, is_link_locked, let_in, see_status, set_application_language,
    try_application_birth,
};
pub use applications::{
    ApplicationEvent, Begun, Changed, NewApplication, application, application_by_reference,
    application_events, application_of_link, applications, begin, is_birth_date, keep, parked, ready,
    received, sent_back,
};
pub use certificates::{
    BirthChecked, IssueProblem, certificate_of_code, check_certificate, issue_certificate,
};
pub use code_limits::{code_limits, set_code_limits};
pub use day::{Counted, HourCount, counted, waits};
pub use deciding::{KeptDecision, LastDecision, Told, correct, decisions, last_decisions, undo};
pub use deliveries::{DeliveryList, delivered_on, delivery_lists, hand_over, waiting_deliveries};
pub use desk_links::{LinkTried, begin_by_link};
pub use desks::{
    DeskRow, NotKept, add_desk, add_desk_version, approve_desk, desk, desk_authors, desk_by_key,
    desk_version, desk_versions, desks, document, in_force, install, now_in_force, save_desk_draft,
    set_closed, withdraw_desk,
};
pub use erase::{due_applications, erase_applications};
pub use form_drafts::{
    add_form_draft, approve_form, form_draft, form_draft_authors, form_drafts, form_of, save_form_draft,
    withdraw_form, written,
};
pub use forms::{FormVersion, add_version, current_form, form_named, versions};
pub use handovers::{Handover, HandoverKind, carried_over, case_of, confirmed_since};
pub use history::{RequestTrace, requests_about};
pub use looks::{Look, Looked, look, looks, looks_wanted};
pub use outcome::{
    Answered, MessageContact, RaisedFlag, Unanswered, answered_since, answers_of, cleared_flags,
    contacts_of_messages, due_before, erase_before, last_answers, red_flags_since, unanswered,
};
pub use outcome_lists::{
    Kind, Live, LiveList, OutcomeList, live_lists, lock, on_list, on_live_list, open_again, outcome_list,
    outcome_lists, text_of,
};
pub(crate) use outcome_lists::{Way, keep_text, locked_by_rule, still_on, take_list, tell};
pub use photo_uploads::{
    Arrived, NewUpload, PhotoUpload, arrived_whole, begin_upload, end_overdue_uploads, end_upload, keep_part,
    upload_bytes, upload_parts,
};
pub use photos::{
    AlikePhoto, Masked, NewPhoto, PhotoAdded, PhotoRow, PhotoSize, add_photo, due_photos, erase_photos,
    kept_photos, mask_photo, photo_bytes, photos_asked, photos_hinted, photos_missing, photos_of,
    remove_photo,
};
pub(crate) use proofs::spend_proof;
pub use quality::{Quality, QualityLine, quality};
pub use queues::{
    Pace, Queues, Waiting, decided_since, keys_on, pace, queues, ready_count, received_count, set_keys,
};
pub use requests::{
    SeenRequest, ask, ask_by, link_of, past_requests, see_request, set_language, tie_message, withdraw,
};
pub use reviews::{Act, Claimed, Done, Mine, Review, Wanted, act, claim, leave, renew, reviews, unpark};
pub use sending::{
    Precheck, Submitted as ApplicationSubmitted, counted_today, expire, precheck,
    submit as submit_application, withdraw_application, withdraw_for,
};
pub use settle::{called_back, settle};
pub use tellings::not_sent;
pub use twins::{Alike, Twin, twinned, twins};
pub use visits::{OpenRequest, Tried, end_visit, try_birth_date, visit};

/// Every statement by name, for the test that prepares each on both databases.
pub fn statements() -> impl Iterator<Item = &'static (&'static str, db::Sql)> {
    answers::ALL
        .iter()
        .chain(ahead::ALL)
        .chain(applicants::ALL)
        .chain(applications::ALL)
        .chain(budgets::ALL)
        .chain(certificates::ALL)
        .chain(code_limits::ALL)
        .chain(day::ALL)
        .chain(deciding::ALL)
        .chain(deliveries::ALL)
        .chain(desks::ALL)
        .chain(desks::sql::ALL)
        .chain(erase::ALL)
        .chain(form_drafts::ALL)
        .chain(form_drafts::sql::ALL)
        .chain(forms::ALL)
        .chain(handovers::ALL)
        .chain(history::ALL)
        .chain(looks::ALL)
        .chain(outcome::ALL)
        .chain(outcome_lists::ALL)
        .chain(photo_uploads::ALL)
        .chain(photos::all())
        .chain(queues::ALL)
        .chain(phone_codes::ALL)
        .chain(proofs::ALL)
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
