//! Which organisation a command is for: it has to be said only where there are several.

use accounts::{Accounts, Organisation};
use base::id::OrgId;

use super::Failure;

/// The organisation with this name or number; without either, the only one.
pub(super) async fn chosen(accounts: &Accounts, wanted: Option<&str>) -> Result<OrgId, Failure> {
    choose(&accounts.organisations().await?, wanted).map_err(Failure::WrongUse)
}

fn choose(all: &[Organisation], wanted: Option<&str>) -> Result<OrgId, String> {
    let names = |some: &[&Organisation]| {
        let names = some.iter().map(|org| format!("{}（{}）", org.name, org.id));
        names.collect::<Vec<_>>().join("、")
    };
    let meant = |org: &&Organisation| {
        wanted.is_none_or(|wanted| org.name.as_str() == wanted || org.id.to_string() == wanted)
    };
    let found: Vec<&Organisation> = all.iter().filter(meant).collect();
    match (found.as_slice(), wanted) {
        ([one], _) => Ok(one.id),
        (several, None) => Err(format!(
            "組織がいくつもあります。--organisation で選んでください: {}",
            names(several)
        )),
        ([], Some(wanted)) => Err(format!(
            "組織「{wanted}」がありません。あるのは {} です。",
            names(&all.iter().collect::<Vec<_>>())
        )),
        (several, Some(wanted)) => Err(format!(
            "「{wanted}」に当てはまる組織がいくつもあります。--organisation に番号を指定してください: {}",
            names(several)
        )),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]
    use super::*;

    fn organisation(id: i64, name: &str) -> Organisation {
        Organisation {
            id: OrgId::new(id),
            name: accounts::Name::parse(name).unwrap(),
            people: 0,
            offices: 1,
            word: None,
        }
    }

    #[test]
    fn one_organisation_goes_without_saying_and_of_several_exactly_one_is_meant() {
        let all = [
            organisation(1, "みどり県"),
            organisation(2, "あおば市"),
            organisation(3, "あおば市"),
        ];
        assert_eq!(choose(&all[..1], None).unwrap(), OrgId::FIRST);
        assert_eq!(choose(&all, Some("みどり県")).unwrap(), OrgId::FIRST);
        assert_eq!(choose(&all, Some("3")).unwrap(), OrgId::new(3));
        let missing = choose(&all, None).unwrap_err();
        assert!(
            missing.contains("--organisation") && missing.contains("みどり県（1）"),
            "{missing}"
        );
        let unknown = choose(&all[..1], Some("きたの町")).unwrap_err();
        assert!(unknown.contains("組織「きたの町」がありません"), "{unknown}");
        let ambiguous = choose(&all, Some("あおば市")).unwrap_err();
        assert!(
            ambiguous.contains("番号") && !ambiguous.contains("みどり県"),
            "{ambiguous}"
        );
    }
}
