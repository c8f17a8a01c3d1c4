//! Every SQL statement of this slice, organisation first.

mod actions;
mod advice;
mod broadcasts;
pub(crate) mod corrections;
pub(crate) mod discarded;
pub(crate) mod incidents;
mod links;
mod messages;
pub(crate) mod outbox;
mod overview;
pub(crate) mod strays;
mod templates;

pub(crate) use actions::{NewEvent, add_event, discard_in, pause_in};
pub use actions::{broadcast_events, discard, pause, resume, settle};
pub use advice::{SavedAdvice, advice_settings, save_advice, saved_advice};
pub(crate) use broadcasts::{
    NewMessage, end_broadcast, insert_broadcast, insert_messages, recognise, recognised,
};
pub use broadcasts::{broadcast, broadcasts_between, counts};
pub use incidents::{
    FoundMessage, Neighbour, broadcasts_of_list, concerned, held_by, incident, incident_lines,
    incident_of_list, incidents as newest_incidents, incidents_not_closed, messages_to_number, neighbours,
};
pub use links::{
    LinkCounts, LinkState, LinkTarget, LinkTargetVersion, NewLink, Opening, SeenLink, add_link_target,
    add_link_target_version, insert_links, link_counts, link_states, link_target, link_target_versions,
    link_targets, open_link, retire_link_target, see_link,
};
pub(crate) use messages::open_phone;
pub use messages::{
    Attempt, MessageFilter, MessageHistory, MessageRow, MessageStanding, Part, ReceiptRow, message, messages,
    standings,
};
pub use overview::{
    Progress, SameCause, any_broadcast, causes, counts_between, latest_of_list, lists_sent_since, progress,
    template_names,
};
pub use templates::{
    TemplateDraft, TemplateRow, add_draft, add_template, add_template_version, archive_template,
    rename_template, template, template_version, template_versions, templates,
};

/// Every statement by name, for the test that prepares each on both databases.
pub fn statements() -> impl Iterator<Item = &'static (&'static str, db::Sql)> {
    actions::ALL
        .iter()
        .chain(advice::ALL)
        .chain(broadcasts::ALL)
        .chain(corrections::ALL)
        .chain(discarded::ALL)
        .chain(incidents::ALL)
        .chain(links::ALL)
        .chain(messages::ALL)
        .chain(outbox::ALL)
        .chain(overview::ALL)
        .chain(strays::ALL)
        .chain(templates::ALL)
}
