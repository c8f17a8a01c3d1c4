//! Every SQL statement of this slice, organisation first.

mod actions;
mod advice;
pub(crate) mod again;
pub(crate) mod allowances;
mod broadcasts;
mod call_scripts;
pub(crate) mod corrections;
pub(crate) mod discarded;
pub mod exports;
mod home;
pub(crate) mod incidents;
pub(crate) mod leaving;
pub(crate) mod link_people;
mod links;
mod messages;
pub mod outage;
pub(crate) mod outbox;
mod overview;
mod person;
pub(crate) mod release;
pub(crate) mod replacements;
pub(crate) mod replies;
pub(crate) mod reply_inbox;
mod reply_places;
pub mod retention;
pub(crate) mod send_rules;
mod senders;
mod staff_numbers;
mod standing;
pub(crate) mod strays;
mod tariffs;
mod templates;
mod usage;
mod work;

pub(crate) use actions::{NewEvent, add_event, discard_in, pause_in};
pub use actions::{broadcast_events, discard, pause, resume, settle};
pub use advice::{SavedAdvice, advice_settings, save_advice, saved_advice};
pub use allowances::{NewLimit, limits, set_limits, used, used_by_office};
pub(crate) use broadcasts::{
    NewMessage, end_broadcast, insert_broadcast, insert_messages, recognise, recognised,
};
pub use broadcasts::{broadcast, broadcasts_between, counts};
pub use call_scripts::{CallScript, call_script, call_scripts, save_call_script};
pub use home::{
    KnownCarrier, LongestWaiting, Queued, is_somebody_there, known_carriers, longest_waiting, queued,
};
pub use incidents::{
    FoundMessage, Neighbour, broadcasts_of_list, concerned, held_by, incident, incident_lines,
    incident_of_list, incidents as newest_incidents, incidents_not_closed, messages_to_number, neighbours,
};
pub(crate) use leaving::lacks_room;
pub use link_people::{
    DeskLink, HeldLink, count_try, desk_link, forget_desk_person, free_desk_link, hold_desk_link,
    use_desk_link,
};
pub use links::{
    LinkCounts, LinkState, LinkTarget, LinkTargetVersion, NewLink, Opening, SeenLink, add_desk_link,
    add_link_target, add_link_target_version, insert_links, link_counts, link_states, link_target,
    link_target_versions, link_targets, open_link, retire_link_target, see_link,
};
pub(crate) use messages::open_phone;
pub use messages::{
    Attempt, MessageFacts, MessageFilter, MessageHistory, MessageRow, MessageStanding, Part, ReceiptRow,
    message, message_facts, messages, receipts_of, standings,
};
pub use overview::{
    Progress, SameCause, any_tried, causes, counts_between, latest_of_list, lists_sent_since, progress,
    template_names,
};
pub use person::person_records;
pub use release::{
    Asked, Awaiting, Decided, SampleMessage, approve, asked, awaiting_approval, first_wave, give_back,
    open_hours, sample,
};
pub use replacements::{Replacement, replacements_in, replacements_of};
pub use reply_inbox::{
    ReplyTo, mark_reply, replies, replies_to, reply, reply_count, reply_rule, save_reply_rule, unread_replies,
};
pub use reply_places::{move_replies, place_replies, unplaced_replies};
pub use send_rules::{
    ApprovedVersion, KeptRule, all_approved, approve_version, approved_versions, found_send_rule,
    save_send_rule, send_rule, send_rules,
};
pub use senders::{add_sender, end_sender, senders};
pub(crate) use staff_numbers::is_staff_number;
pub use staff_numbers::{
    StaffNumber, confirm_staff_number, enter_staff_number, forget_staff_number, staff_number, staff_numbers,
};
pub(crate) use standing::standing_in;
pub use standing::{Review, close_review, open_review, release_all, reviews, set_mode, standing, stop_all};
pub(crate) use tariffs::dearest_price_in;
pub use tariffs::{NewTariff, accounts as carrier_accounts, add_tariff, tariffs};
pub use templates::{
    TemplateDraft, TemplateRow, add_draft, add_template, add_template_version, archive_template,
    choosable_templates, follows_from_decision, rename_template, template, template_version,
    template_versions, templates,
};

pub use usage::{UsageLine, UsageSum, usage_lines, usage_sums};
pub use work::{MessagesMade, made_by_hour};

/// Every statement by name, for the test that prepares each on both databases.
pub fn statements() -> impl Iterator<Item = &'static (&'static str, db::Sql)> {
    actions::ALL
        .iter()
        .chain(advice::ALL)
        .chain(again::ALL)
        .chain(allowances::ALL)
        .chain(broadcasts::ALL)
        .chain(call_scripts::ALL)
        .chain(corrections::ALL)
        .chain(discarded::ALL)
        .chain(exports::ALL)
        .chain(home::ALL)
        .chain(incidents::ALL)
        .chain(leaving::ALL)
        .chain(link_people::ALL)
        .chain(links::ALL)
        .chain(messages::ALL)
        .chain(outage::ALL)
        .chain(outbox::ALL)
        .chain(overview::ALL)
        .chain(retention::ALL)
        .chain(senders::ALL)
        .chain(staff_numbers::ALL)
        .chain(standing::ALL)
        .chain(release::ALL)
        .chain(replacements::ALL)
        .chain(replies::ALL)
        .chain(reply_inbox::ALL)
        .chain(reply_places::ALL)
        .chain(send_rules::ALL)
        .chain(strays::ALL)
        .chain(tariffs::ALL)
        .chain(templates::ALL)
        .chain(usage::ALL)
        .chain(work::ALL)
}
