//! The look keeps its promises: vendored tokens unchanged, colours readable, nothing inline.
#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

const TOKENS: &str = include_str!("../static/vendor/digital-go-jp-design-tokens/tokens.css");
const STYLES: &str = include_str!("../static/todoke.css");
const TEXT_MIN: f64 = 4.5;
const GRAPHIC_MIN: f64 = 3.0;

#[test]
fn the_vendored_tokens_are_the_published_ones() {
    let hash: Vec<String> = Sha256::digest(TOKENS)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(
        hash.concat(),
        "ec3fb5b1e881d1bdf076feff29fe15a32269353c7a9cef40194f1eff0c3d7a90"
    );
}

#[test]
fn the_styles_stay_small_and_at_home() {
    // One answer over a poor line, about 9 kB compressed. Charts and the record on paper came with 3 kB, the groups of
    // the navigation with half a one.
    assert!(STYLES.len() <= 42_000, "{} bytes", STYLES.len());
    for forbidden in ["@import", "url(", "http:", "https:", "!important"] {
        assert!(!STYLES.contains(forbidden), "{forbidden} in the styles");
    }
}

/// Every `--name: value` of the tokens and of the styles.
fn variables() -> HashMap<&'static str, &'static str> {
    let lines = TOKENS.lines().chain(STYLES.lines());
    let declarations = lines.filter_map(|line| line.trim().strip_prefix("--")?.split_once(':'));
    declarations
        .map(|(name, value)| (name, value.trim().trim_end_matches(';')))
        .collect()
}

/// The colour of `var(--name)` or `#rrggbb`; nothing for what is not one solid colour.
fn colour(value: &str, variables: &HashMap<&str, &str>) -> Option<[f64; 3]> {
    let value = value.trim();
    if let Some(name) = value
        .strip_prefix("var(--")
        .and_then(|rest| rest.strip_suffix(')'))
    {
        let value = variables
            .get(name)
            .unwrap_or_else(|| panic!("--{name} is not defined"));
        return colour(value, variables);
    }
    let digits = value.strip_prefix('#')?;
    let channel = |at: usize| Some(f64::from(u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()?) / 255.0);
    Some([channel(0)?, channel(2)?, channel(4)?])
}

/// Contrast ratio by WCAG 2.2, from 1 to 21.
fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let linear = |part: f64| {
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    };
    let luminance =
        |[red, green, blue]: [f64; 3]| 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// Selector and declarations of every rule without rules inside.
fn rules() -> Vec<(&'static str, HashMap<&'static str, &'static str>)> {
    let blocks = STYLES.split('}').filter_map(|block| {
        let (before, body) = block.rsplit_once('{')?;
        Some((before.rsplit(['{', '/']).next()?.trim(), body))
    });
    let declarations = |body: &'static str| {
        body.split(';')
            .filter_map(|line| line.trim().split_once(':'))
            .map(|(name, value)| (name, value.trim()))
    };
    blocks
        .map(|(selector, body)| (selector, declarations(body).collect()))
        .collect()
}

#[test]
fn text_can_be_read_on_its_ground() {
    let variables = variables();
    let mut checked = 0;
    for (selector, rule) in rules() {
        let (Some(ink), Some(ground)) = (rule.get("color"), rule.get("background")) else {
            continue;
        };
        let (Some(ink), Some(ground)) = (colour(ink, &variables), colour(ground, &variables)) else {
            continue;
        };
        let ratio = contrast(ink, ground);
        assert!(ratio >= TEXT_MIN, "{selector}: {ratio:.2}");
        checked += 1;
    }
    assert!(checked > 25, "only {checked} rules were understood");
}

#[test]
fn text_can_be_read_where_it_inherits_its_ground() {
    let pairs = [
        ("ink", "white"),
        ("ink-soft", "white"),
        ("key", "white"),
        ("key", "key-wash"),
        ("ink", "key-wash"),
        ("error", "white"),
        ("error", "color-primitive-red-50"),
        ("key", "color-primitive-red-50"),
        ("ink", "color-primitive-yellow-50"),
        ("color-primitive-yellow-1100", "color-primitive-yellow-50"),
        ("ink", "color-primitive-green-50"),
        ("color-primitive-green-900", "key-wash"),
        ("color-neutral-solid-gray-700", "key-wash"),
        ("color-neutral-solid-gray-700", "wash"),
        ("ink", "wash"),
        ("ink-strong", "color-primitive-yellow-200"),
    ];
    assert_pairs(&pairs, TEXT_MIN);
}

#[test]
fn borders_icons_and_bars_can_be_seen() {
    let pairs = [
        ("line-input", "white"),
        ("color-neutral-solid-gray-420", "white"),
        ("color-primitive-blue-600", "white"),
        ("color-primitive-green-700", "white"),
        ("color-primitive-light-blue-600", "white"),
        ("color-primitive-red-900", "white"),
        ("color-primitive-purple-600", "white"),
        ("color-primitive-yellow-700", "white"),
        ("color-primitive-yellow-900", "white"),
        ("color-primitive-orange-600", "white"),
        ("color-neutral-solid-gray-500", "white"),
        ("color-neutral-black", "white"),
        ("color-neutral-black", "color-primitive-yellow-300"),
    ];
    assert_pairs(&pairs, GRAPHIC_MIN);
}

fn assert_pairs(pairs: &[(&str, &str)], least: f64) {
    let variables = variables();
    for (ink, ground) in pairs {
        let of = |name: &str| colour(&format!("var(--{name})"), &variables).unwrap();
        let ratio = contrast(of(ink), of(ground));
        assert!(ratio >= least, "{ink} on {ground}: {ratio:.2}");
    }
}

fn templates(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                templates(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

#[test]
fn no_template_needs_what_the_security_policy_forbids() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["templates", "examples/gallery/templates"] {
        for path in templates(&root.join(folder)) {
            let html = std::fs::read_to_string(&path).unwrap();
            for forbidden in [
                " style=",
                "<style",
                "<script>",
                " onclick=",
                "javascript:",
                "|safe",
            ] {
                assert!(!html.contains(forbidden), "{forbidden} in {}", path.display());
            }
        }
    }
}
