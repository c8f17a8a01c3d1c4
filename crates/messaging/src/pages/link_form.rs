//! The form of a page that links lead to: what may stand in it, and who may fill it in.

use accounts::{SignedIn, Staff};
use base::id::{LinkTargetId, OfficeId, OrgId};
use base::merge::MessageTemplate;
use base::text;
use serde::Deserialize;
use web::form::Field;
use web::{Errors, PageError};

use super::{Desk, failed};
use crate::limits::LINK_NAME_LETTERS;
use crate::links::{HostPattern, TargetName, TargetUrl, parse_link_field};
use crate::store::{self, LinkTarget};

/// Where links lead is for the head office to say: everybody's texts lead there.
pub(super) fn may_change(staff: &Staff) -> bool {
    staff.office == OfficeId::HEADQUARTERS
}

/// What may not be changed is not there to be changed.
pub(super) fn require_change(session: &SignedIn) -> Result<(), PageError> {
    if may_change(&session.staff) {
        Ok(())
    } else {
        Err(PageError::Forbidden)
    }
}

/// The page of this number, of the person's organisation.
pub(super) async fn load(desk: &Desk, session: &SignedIn, id: LinkTargetId) -> Result<LinkTarget, PageError> {
    store::link_target(&desk.db, session.staff.org, id)
        .await
        .map_err(failed)?
        .ok_or(PageError::NotFound)
}

/// Names of the templates in use whose text asks for the page.
pub(super) async fn named_in(desk: &Desk, org: OrgId, name: &TargetName) -> Result<Vec<String>, PageError> {
    let templates = store::templates(&desk.db, org).await.map_err(failed)?;
    let asks = |text: &str| {
        let template = MessageTemplate::parse(text);
        template.is_ok_and(|template| {
            let mut asked = template
                .fields()
                .iter()
                .filter_map(|field| parse_link_field(field));
            asked.any(|asked| asked == *name)
        })
    };
    Ok(templates
        .into_iter()
        .filter(|template| template.current.content.texts().any(|(_, text)| asks(text)))
        .map(|template| template.name)
        .collect())
}

/// What the person typed.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Typed {
    /// Only where the page is new: the name stands in templates and does not change.
    #[serde(default)]
    pub(super) name: String,
    pub(super) url: String,
    /// The version that stood in the form; nothing for a new page.
    #[serde(default)]
    pub(super) version: i64,
}

impl Typed {
    /// A name that templates can use.
    pub(super) fn accept_name(&self, errors: &mut Errors) -> Option<TargetName> {
        let name = TargetName::parse(&self.name);
        let letters = name.as_ref().map_or(0, |name| name.as_str().chars().count());
        if letters == 0 {
            errors.add("name", "案内ページの名前を入力してください。");
        } else if letters > LINK_NAME_LETTERS {
            let over = letters - LINK_NAME_LETTERS;
            errors.add(
                "name",
                format!(
                    "案内ページの名前が{over}文字長すぎます。{LINK_NAME_LETTERS}文字までにしてください。"
                ),
            );
        } else if self.name.chars().any(text::is_control) {
            errors.add(
                "name",
                "案内ページの名前に目に見えない制御文字があります。入力し直してください。",
            );
        } else if self.name.contains(['{', '}']) {
            errors.add("name", "案内ページの名前に { と } は使えません。除いてください。");
        } else {
            return name;
        }
        None
    }

    /// An address that links may lead to.
    pub(super) fn accept_url(&self, allowed: &[HostPattern], errors: &mut Errors) -> Option<TargetUrl> {
        TargetUrl::parse(&self.url, allowed)
            .map_err(|problem| errors.add("url", problem))
            .ok()
    }

    pub(super) fn name_field(&self, errors: &Errors) -> Field {
        Field::text("name", "名前")
            .required()
            .support(format!(
                "文面に {{{{リンク 名前}}}} と書きます。受け取る人には見えません。{LINK_NAME_LETTERS}文字まで。"
            ))
            .value(&self.name)
            .errors(errors)
    }

    pub(super) fn url_field(&self, allowed: &[HostPattern], errors: &Errors) -> Field {
        let hosts: Vec<String> = allowed.iter().map(ToString::to_string).collect();
        Field::text("url", "ページのアドレス")
            .required()
            .support(format!(
                "https:// から始まるアドレスを、ブラウザーのアドレス欄から写してください。案内できるのは {} のページです。",
                hosts.join("、")
            ))
            .value(&self.url)
            .autocomplete("url")
            .errors(errors)
    }
}
