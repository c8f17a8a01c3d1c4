//! Where to go after signing in: a page of ours, and nowhere else.

/// A path of this host with its query, such as `/broadcasts/3?page=2`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct LocalPath(String);

/// Longer ones are not ours.
const LONGEST: usize = 2_000;
/// Pages that nobody wants to arrive at after signing in.
const PASSING: [&str; 6] = [
    "/sign-in",
    "/sign-in/second",
    "/sign-in/passkey",
    "/sign-out",
    "/setup",
    "/step-up",
];

impl LocalPath {
    /// The first page.
    pub(crate) fn home() -> Self {
        Self("/".to_owned())
    }

    /// Takes nothing that a browser could read as another host's address: one slash at the beginning, no
    /// backslash, nothing but visible ASCII.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let plain =
            text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        let local = text.starts_with('/') && !text.starts_with("//");
        let path = text.split(['?', '#']).next().unwrap_or_default();
        (plain && local && !PASSING.contains(&path)).then(|| Self(text.to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// As the value of a query's field.
    pub(crate) fn in_query(&self) -> String {
        let mut out = String::with_capacity(self.0.len());
        for byte in self.0.bytes() {
            if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
                out.push(char::from(byte));
            } else {
                out.push('%');
                out.push(char::from(b"0123456789ABCDEF"[usize::from(byte >> 4)]));
                out.push(char::from(b"0123456789ABCDEF"[usize::from(byte & 15)]));
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_paths_of_this_host() {
        for path in [
            "/",
            "/broadcasts/3?page=2&x=%20",
            "/lists#row-3",
            "/a//b",
            "/?next=https://evil.example",
        ] {
            assert_eq!(LocalPath::parse(path).map(|found| found.0), Some(path.to_owned()));
        }
        for elsewhere in [
            "",
            "broadcasts",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example/",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/\n/evil.example",
            "/配信",
            " /",
            "/sign-in?next=/sign-in",
            "/sign-out",
            "/setup",
            "/sign-in/second?next=/",
            "/step-up?next=/",
        ] {
            assert_eq!(LocalPath::parse(elsewhere), None, "{elsewhere:?}");
        }
    }

    #[test]
    fn a_path_travels_as_one_field() {
        let path = LocalPath::parse("/lists/3?page=2&x=%20+").map(|path| path.in_query());
        assert_eq!(path.as_deref(), Some("/lists/3%3Fpage%3D2%26x%3D%2520%2B"));
    }

    proptest! {
        #[test]
        fn whatever_is_taken_stays_on_this_host(text in "[/\\\\a-z.:@?#%\t ]{0,12}") {
            if let Some(path) = LocalPath::parse(&text) {
                let uri: axum::http::Uri = path.as_str().parse().expect("a path is an address");
                prop_assert!(uri.authority().is_none() && uri.scheme().is_none());
            }
        }
    }
}
