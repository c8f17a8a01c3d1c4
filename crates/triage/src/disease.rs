//! For which diseases a programme is: the names by which lists and forms call them.
//!
//! A name is known however it is written, with or without what stands in brackets behind it. A disease that nobody
//! named is nobody's: whoever has it is not written to with the words of another.

use crate::intake::spellings;

/// The names in a line that somebody wrote down.
pub fn names(line: &str) -> impl Iterator<Item = &str> {
    let names = line.split(['、', ',', '，', ';', '\n']);
    names.map(str::trim).filter(|name| !name.is_empty())
}

/// Whether one of the names in a line is this disease.
pub fn is_named(line: &str, disease: &str) -> bool {
    let asked = spellings(disease);
    names(line).any(|name| {
        let [known, _] = spellings(name);
        !known.is_empty() && asked.contains(&known)
    })
}

#[cfg(test)]
mod tests {
    use super::is_named;

    #[test]
    fn a_disease_is_known_however_it_is_written() {
        let line = "新型コロナウイルス感染症、COVID-19";
        for (disease, known) in [
            ("COVID-19", true),
            ("ｃｏｖｉｄ１９", true),
            ("新型コロナウイルス感染症（確定例）", true),
            ("新型コロナウイルス", false),
            ("麻しん", false),
            ("", false),
            ("？", false),
        ] {
            assert_eq!(is_named(line, disease), known, "{disease}");
        }
        assert!(!is_named("", "麻しん"));
        assert!(!is_named("？、（）", "・"));
    }
}
