//! Every SQL statement of this slice, organisation first.

mod advice;
mod broadcasts;
mod links;
pub(crate) mod outbox;
mod overview;
mod templates;

pub use advice::{SavedAdvice, advice_settings, save_advice, saved_advice};
pub use broadcasts::{
    Attempt, MessageFilter, MessageHistory, MessageRow, MessageStanding, Part, ReceiptRow, broadcast,
    broadcast_events, broadcasts_between, counts, discard, message, messages, note, pause, resume, settle,
    standings,
};
pub(crate) use broadcasts::{
    NewMessage, end_broadcast, insert_broadcast, insert_messages, open_phone, recognise, recognised,
};
pub use links::{
    LinkCounts, LinkState, LinkTarget, LinkTargetVersion, NewLink, Opening, SeenLink, add_link_target,
    add_link_target_version, insert_links, link_counts, link_states, link_target, link_target_versions,
    link_targets, open_link, retire_link_target, see_link,
};
pub use overview::{
    Progress, SameCause, causes, counts_between, latest_of_list, lists_sent_since, progress, template_names,
};
pub use templates::{
    TemplateDraft, TemplateRow, add_draft, add_template, add_template_version, archive_template,
    rename_template, template, template_version, template_versions, templates,
};

/// Every statement by name, for the test that prepares each on both databases.
pub fn statements() -> impl Iterator<Item = &'static (&'static str, db::Sql)> {
    advice::ALL
        .iter()
        .chain(broadcasts::ALL)
        .chain(links::ALL)
        .chain(outbox::ALL)
        .chain(overview::ALL)
        .chain(templates::ALL)
}
