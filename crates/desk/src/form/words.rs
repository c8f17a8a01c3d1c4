//! The engine's own words, in the languages of `words/`. What a language lacks is shown in やさしい日本語.

use std::collections::HashMap;
use std::sync::LazyLock;

use web::Language;

use super::texts::{Shown, Texts};

macro_rules! words {
    ($($name:ident $code:literal,)*) => {
        /// Something that pages of forms say, whatever the form.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        #[expect(missing_docs, reason = "the sentence itself stands in words/ja.json under the same name")]
        pub enum Word { $($name),* }

        impl Word {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name in the files.
            pub fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }
        }
    };
}

words! {
    Language "language",
    LanguageJump "language_jump",
    Unreviewed "unreviewed",
    Partly "partly",
    StartTitle "start_title",
    StartLead "start_lead",
    BirthDate "birth_date",
    BirthHelp "birth_help",
    Era "era",
    Western "western",
    Year "year",
    Month "month",
    Day "day",
    StartButton "start_button",
    StartTries "start_tries",
    NotMine "not_mine",
    BirthWrong "birth_wrong",
    TooOftenTitle "too_often_title",
    TooOften "too_often",
    LockedTitle "locked_title",
    Locked "locked",
    ExpiredTitle "expired_title",
    Expired "expired",
    EarlyTitle "early_title",
    Early "early",
    BrokenTitle "broken_title",
    Broken "broken",
    BusyTitle "busy_title",
    Busy "busy",
    StaleTitle "stale_title",
    Stale "stale",
    Again "again",
    Begin "begin",
    Resumed "resumed",
    EmergencyNote "emergency_note",
    Progress "progress",
    Next "next",
    Back "back",
    Later "later",
    LaterTitle "later_title",
    LaterText "later_text",
    Saved "saved",
    Required "required",
    Optional "optional",
    Unknown "unknown",
    Yes "yes",
    No "no",
    AllThatFit "all_that_fit",
    Today "today",
    Yesterday "yesterday",
    OtherDay "other_day",
    DayHelp "day_help",
    CellDayHelp "cell_day_help",
    Row "row",
    AddRow "add_row",
    RemoveRow "remove_row",
    CheckTitle "check_title",
    CheckLead "check_lead",
    Change "change",
    ChangeWhat "change_what",
    Unanswered "unanswered",
    Send "send",
    StopTitle "stop_title",
    StopText "stop_text",
    Call119 "call_119",
    StopCentre "stop_centre",
    StopNoted "stop_noted",
    StopOn "stop_on",
    StopBack "stop_back",
    DoneTitle "done_title",
    DoneCall "done_call",
    DoneWorse "done_worse",
    DoneAt "done_at",
    DoneChange "done_change",
    Leave "leave",
    LeftTitle "left_title",
    Left "left",
    ErrNothingChosen "err_nothing_chosen",
    ErrNothingTyped "err_nothing_typed",
    ErrNoDay "err_no_day",
    ErrNotAnOption "err_not_an_option",
    ErrAlone "err_alone",
    ErrNotANumber "err_not_a_number",
    ErrNotWhole "err_not_whole",
    ErrPlaces "err_places",
    ErrRange "err_range",
    ErrTooLong "err_too_long",
    ErrNotADay "err_not_a_day",
    ErrNoEra "err_no_era",
    ErrNoSuchDay "err_no_such_day",
    ErrOtherEra "err_other_era",
    ErrTooEarly "err_too_early",
    ErrTooLate "err_too_late",
    ErrNotAPhone "err_not_a_phone",
    ErrRowWithout "err_row_without",
    ErrTooManyRows "err_too_many_rows",
    MissingTitle "missing_title",
    Missing "missing",
    AboutService "about_service",
    UnreadableTitle "unreadable_title",
    Unreadable "unreadable",
    TooLargeTitle "too_large_title",
    TooLarge "too_large",
    FailedTitle "failed_title",
    Failed "failed",
    FailedNumber "failed_number",
    NoDeskTitle "no_desk_title",
    NoDesk "no_desk",
    ApplyStale "apply_stale",
    ApplyBusy "apply_busy",
    ApplyProgress "apply_progress",
    ApplyBack "apply_back",
    TopEmergency "top_emergency",
    TopAbout "top_about",
    TopNeeded "top_needed",
    TopNotDone "top_not_done",
    TopHours "top_hours",
    TopElsewhere "top_elsewhere",
    TopStart "top_start",
    TopStatus "top_status",
    ResumeHere "resume_here",
    ResumeButton "resume_button",
    AllDay "all_day",
    FromTo "from_to",
    CutOff "cut_off",
    CutOffOver "cut_off_over",
    LeftToday "left_today",
    WaitMinutes "wait_minutes",
    WaitHours "wait_hours",
    WaitNextDay "wait_next_day",
    Within "within",
    LastDay "last_day",
    ClosedTitle "closed_title",
    FullTitle "full_title",
    StoppedTitle "stopped_title",
    OpensAt "opens_at",
    ClosedForGood "closed_for_good",
    Stopped "stopped",
    ChooseOrganisation "choose_organisation",
    ChooseOrganisationLead "choose_organisation_lead",
    ConsentTitle "consent_title",
    ConsentLead "consent_lead",
    ConsentAgree "consent_agree",
    ConsentButton "consent_button",
    ErrNoConsent "err_no_consent",
    WayHeading "way_heading",
    WayCorrect "way_correct",
    ApplyStopNoted "apply_stop_noted",
    NameTitle "name_title",
    NameLead "name_lead",
    FamilyName "family_name",
    GivenName "given_name",
    FamilyKana "family_kana",
    GivenKana "given_kana",
    KanaHelp "kana_help",
    Name "name",
    Kana "kana",
    Age "age",
    ErrNoName "err_no_name",
    ErrNoKana "err_no_kana",
    BirthWhy "birth_why",
    GuardianTitle "guardian_title",
    GuardianHelp "guardian_help",
    ProxyTitle "proxy_title",
    ProxyLead "proxy_lead",
    ProxyLabel "proxy_label",
    ProxyOwn "proxy_own",
    ProxyFamily "proxy_family",
    ProxyCarer "proxy_carer",
    ProxyOther "proxy_other",
    ProxyName "proxy_name",
    ProxyNameHelp "proxy_name_help",
    ErrNoProxyName "err_no_proxy_name",
    AddressTitle "address_title",
    Postcode "postcode",
    PostcodeHelp "postcode_help",
    FindPlace "find_place",
    PlaceFilled "place_filled",
    PlaceUnknown "place_unknown",
    PlaceChoose "place_choose",
    Area "area",
    AreaHelp "area_help",
    Rest "rest",
    RestHelp "rest_help",
    ErrPostcode "err_postcode",
    ErrNoArea "err_no_area",
    ErrNoRest "err_no_rest",
    PhoneTitle "phone_title",
    PhoneWhy "phone_why",
    PhoneCode "phone_code",
    SendCode "send_code",
    ErrLandline "err_landline",
    ErrNoMobile "err_no_mobile",
    CodeTitle "code_title",
    CodeHelp "code_help",
    CodeButton "code_button",
    CodeMissing "code_missing",
    CodeAgain "code_again",
    CodeOtherNumber "code_other_number",
    CodeResent "code_resent",
    CodeWait "code_wait",
    CodeWrong "code_wrong",
    CodeExpired "code_expired",
    CodeTooMany "code_too_many",
    CodeCannotReach "code_cannot_reach",
    CodeNotNow "code_not_now",
    KitTitle "kit_title",
    KitLabel "kit_label",
    KitHelp "kit_help",
    KitSearch "kit_search",
    KitSearchHelp "kit_search_help",
    KitSearchButton "kit_search_button",
    KitFound "kit_found",
    KitOther "kit_other",
    KitOtherName "kit_other_name",
    ErrNoKit "err_no_kit",
    GroupPerson "group_person",
    GroupEligibility "group_eligibility",
    GroupQuestions "group_questions",
    GroupKit "group_kit",
    GroupPhotos "group_photos",
    PhotoCount "photo_count",
    PhotoOf "photo_of",
    ApplyCheckLead "apply_check_lead",
    ApplySend "apply_send",
    ArrivedTitle "arrived_title",
    ArrivedOver "arrived_over",
    Reference "reference",
    ReferenceKeep "reference_keep",
    NextHeading "next_heading",
    ResultToday "result_today",
    ResultBy "result_by",
    NextSteps "next_steps",
    NextDelivery "next_delivery",
    SmsHeading "sms_heading",
    SmsSender "sms_sender",
    SmsNever "sms_never",
    SmsSampleLabel "sms_sample_label",
    SmsSample "sms_sample",
    PrintHint "print_hint",
    FamilyHeading "family_heading",
    FamilyText "family_text",
    FamilyButton "family_button",
    StatusLater "status_later",
    WithdrawLink "withdraw_link",
    WithdrawTitle "withdraw_title",
    WithdrawLead "withdraw_lead",
    WithdrawButton "withdraw_button",
    WithdrawKeep "withdraw_keep",
    StateWithdrawn "state_withdrawn",
    WithdrawnTitle "withdrawn_title",
    WithdrawnText "withdrawn_text",
    OverTitle "over_title",
    OverText "over_text",
    GateLead "gate_lead",
    ApplyLocked "apply_locked",
    InvitedLead "invited_lead",
    InvitedUsedTitle "invited_used_title",
    InvitedUsed "invited_used",
    InvitedOver "invited_over",
    InvitedLocked "invited_locked",
    InvitedNotNow "invited_not_now",
    ApplyLeft "apply_left",
    ResultTitle "result_title",
    ResultOverTitle "result_over_title",
    ResultOver "result_over",
    ResultContact "result_contact",
    ResultUntil "result_until",
    CertificateButton "certificate_button",
    ThenResubmit "then_resubmit",
    ThenClinic "then_clinic",
    ThenPhone "then_phone",
    ThenNothing "then_nothing",
    ThenCase "then_case",
    ThenCertificate "then_certificate",
    ThenDelivery "then_delivery",
    AgainTitle "again_title",
    AgainAsked "again_asked",
    AgainUntil "again_until",
    AgainStart "again_start",
    AgainCheckLead "again_check_lead",
    AgainSend "again_send",
    StatusLead "status_lead",
    StatusButton "status_button",
    StatusSince "status_since",
    ReferenceHelp "reference_help",
    LastDigits "last_digits",
    LastDigitsHelp "last_digits_help",
    ErrReference "err_reference",
    ErrLast "err_last",
    ErrStatusWrong "err_status_wrong",
    BackToDesk "back_to_desk",
    StateReceived "state_received",
    StateReceivedText "state_received_text",
    StateLooked "state_looked",
    StateLookedText "state_looked_text",
    StateDecided "state_decided",
    StateSoonText "state_soon_text",
    StateDecidedText "state_decided_text",
    StateOpenResult "state_open_result",
    StateBack "state_back",
    StateBackText "state_back_text",
    AccessibilityTitle "accessibility_title",
    AccessAim "access_aim",
    AccessAimText "access_aim_text",
    AccessTested "access_tested",
    AccessTestedText "access_tested_text",
    AccessLimits "access_limits",
    AccessLimitsText "access_limits_text",
    AccessElse "access_else",
    AccessElseText "access_else_text",
    AccessContact "access_contact",
    NotNowKept "not_now_kept",
}

/// Each language's files: of forms, and of desks.
const FILES: [(Language, [&str; 2]); 9] = [
    (
        Language::Japanese,
        [
            include_str!("../../words/ja.json"),
            include_str!("../../words/apply/ja.json"),
        ],
    ),
    (
        Language::EasyJapanese,
        [
            include_str!("../../words/ja-easy.json"),
            include_str!("../../words/apply/ja-easy.json"),
        ],
    ),
    (
        Language::English,
        [
            include_str!("../../words/en.json"),
            include_str!("../../words/apply/en.json"),
        ],
    ),
    (
        Language::Chinese,
        [
            include_str!("../../words/zh.json"),
            include_str!("../../words/apply/zh.json"),
        ],
    ),
    (
        Language::Vietnamese,
        [
            include_str!("../../words/vi.json"),
            include_str!("../../words/apply/vi.json"),
        ],
    ),
    (
        Language::Portuguese,
        [
            include_str!("../../words/pt.json"),
            include_str!("../../words/apply/pt.json"),
        ],
    ),
    (
        Language::Filipino,
        [
            include_str!("../../words/tl.json"),
            include_str!("../../words/apply/tl.json"),
        ],
    ),
    (
        Language::Nepali,
        [
            include_str!("../../words/ne.json"),
            include_str!("../../words/apply/ne.json"),
        ],
    ),
    (
        Language::Korean,
        [
            include_str!("../../words/ko.json"),
            include_str!("../../words/apply/ko.json"),
        ],
    ),
];

type Dictionary = HashMap<String, String>;

fn read(files: &[&str]) -> Dictionary {
    let each = files
        .iter()
        .map(|json| -> Dictionary { serde_json::from_str(json).expect("a test reads every file of words") });
    each.flatten().collect()
}

static WORDS: LazyLock<HashMap<&'static str, Texts>> = LazyLock::new(|| {
    let files: Vec<(Language, Dictionary)> = FILES
        .iter()
        .map(|(language, files)| (*language, read(files)))
        .collect();
    let texts = Word::ALL.iter().map(|word| {
        let found = files.iter().filter_map(|(language, words)| {
            Some((language.code().to_owned(), words.get(word.code())?.clone()))
        });
        let texts = Texts::try_from(found.collect::<std::collections::BTreeMap<_, _>>());
        (word.code(), texts.expect("the languages are ours"))
    });
    texts.collect()
});

impl Word {
    /// On a page in this language.
    pub fn shown(self, page: Language) -> Shown {
        WORDS[self.code()].shown(page)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::form::texts::without_reading;

    /// `{name}` in a sentence.
    fn places(text: &str) -> BTreeSet<&str> {
        let inside = text.split('{').skip(1);
        inside.filter_map(|rest| rest.split('}').next()).collect()
    }

    #[test]
    fn every_language_has_every_word_and_no_other() {
        let japanese = super::read(&FILES[0].1);
        for (language, files) in FILES {
            let words = super::read(&files);
            for code in words.keys() {
                assert!(
                    Word::ALL.iter().any(|word| word.code() == code),
                    "{language:?} {code}"
                );
            }
            for word in Word::ALL {
                let text = words.get(word.code()).unwrap_or_else(|| {
                    panic!("{language:?} lacks {}", word.code());
                });
                assert_eq!(
                    places(text),
                    places(&japanese[word.code()]),
                    "{language:?} {}",
                    word.code()
                );
                assert!(!text.trim().is_empty());
            }
        }
    }

    #[test]
    fn easy_japanese_has_readings() {
        for word in Word::ALL {
            let shown = word.shown(Language::EasyJapanese);
            assert_eq!(without_reading(shown.plain()), None, "{}", word.code());
        }
    }
}
