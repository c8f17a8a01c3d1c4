//! The house in order: rules that a reviewer would otherwise have to remember.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use messaging::message::MessageState;

use crate::support::repository;

/// Longest file. What is longer is read by nobody as a whole.
const LINES: usize = 500;

/// Longer ones, each with its reason.
const LONG: &[(&str, &str)] = &[
    (
        "crates/server/src/routes.rs",
        "every URL on one page; nothing depends on their order",
    ),
    (
        "crates/smpp/src/smsc/tests.rs",
        "one test a habit of a carrier; nothing depends on their order",
    ),
    (
        "crates/smpp/src/session/tests.rs",
        "one test a way in which a session can end",
    ),
];

/// Every crate and the crates of ours that it may know.
const IMPORTS: &[(&str, &[&str])] = &[
    ("smpp", &[]),
    ("base", &[]),
    ("certificate", &[]),
    ("photo", &[]),
    ("db", &["base"]),
    ("web", &["base"]),
    ("accounts", &["base", "db", "web"]),
    ("lists", &["base", "db", "web"]),
    ("messaging", &["accounts", "base", "db", "lists", "web"]),
    (
        "desk",
        &[
            "accounts",
            "base",
            "certificate",
            "db",
            "lists",
            "messaging",
            "photo",
            "web",
        ],
    ),
    (
        "triage",
        &["accounts", "base", "db", "desk", "lists", "messaging", "web"],
    ),
    ("carrier", &["base", "messaging", "smpp"]),
    (
        "server",
        &[
            "accounts",
            "base",
            "carrier",
            "db",
            "desk",
            "lists",
            "messaging",
            "photo",
            "smpp",
            "triage",
            "web",
        ],
    ),
];

/// Files below `folder` with one of these endings, as paths from the root; nothing that was installed or built.
fn files(folder: &str, endings: &[&str]) -> Vec<String> {
    let root = repository();
    let mut folders = vec![root.join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() && !["target", "node_modules", ".git"].contains(&name) {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) && path.is_file() {
                found.push(path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

fn text(path: &str) -> String {
    std::fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn sources() -> Vec<(String, String)> {
    let all = files("crates", &[".rs"]).into_iter();
    all.map(|path| (path.clone(), text(&path))).collect()
}

fn exists(path: &str) -> bool {
    repository().join(path).exists()
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The dependencies under this heading of a manifest.
fn section(manifest: &str, heading: &str) -> BTreeSet<String> {
    let lines = manifest.lines().skip_while(|line| *line != heading).skip(1);
    let own = lines.take_while(|line| !line.starts_with('['));
    let name = |line: &str| line.split(['.', '=', ' ']).next().unwrap_or_default().to_owned();
    own.filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(name)
        .collect()
}

#[test]
fn no_source_is_longer_than_one_can_read() {
    let in_src: Vec<_> = sources()
        .into_iter()
        .filter(|(path, _)| path.contains("/src/"))
        .collect();
    let long: BTreeMap<&str, usize> = in_src
        .iter()
        .map(|(path, text)| (path.as_str(), text.lines().count()))
        .filter(|(_, lines)| *lines > LINES)
        .collect();
    for (path, lines) in &long {
        assert!(
            LONG.iter().any(|(known, _)| known == path),
            "{path} has {lines} lines"
        );
    }
    for (path, _) in LONG {
        assert!(
            long.contains_key(path),
            "{path} is not that long any more: strike it off"
        );
    }
}

#[test]
fn nothing_is_left_undone_printed_for_debugging_or_silenced() {
    // Put together here, so that this file does not hold what it looks for.
    let words = [
        "TO-DO",
        "FIX-ME",
        "XX-X",
        "db-g!(",
        "to-do!(",
        "unimple-mented!(",
        "#[al-low(",
        "#![al-low(",
    ];
    let words = words.map(|word| word.replace('-', ""));
    for (path, text) in sources() {
        for (number, line) in (1..).zip(text.lines()) {
            for word in &words {
                let found = line.match_indices(word.as_str()).any(|(at, _)| {
                    let letter = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
                    let inside = word.chars().all(char::is_alphanumeric)
                        && (letter(line[..at].chars().next_back())
                            || letter(line[at + word.len()..].chars().next()));
                    !inside
                });
                assert!(!found, "{path}:{number}: {}", line.trim());
            }
        }
    }
}

#[test]
fn unsafe_code_is_forbidden_in_every_crate() {
    for (name, _) in IMPORTS {
        let path = format!("crates/{name}/src/lib.rs");
        assert!(text(&path).contains("#![forbid(unsafe_code)]"), "{path}");
    }
    assert!(text("crates/server/src/main.rs").contains("#![forbid(unsafe_code)]"));
}

#[test]
fn crates_know_whom_they_may_and_only_db_names_a_driver() {
    let folders: BTreeSet<String> = std::fs::read_dir(repository().join("crates"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(
        folders,
        IMPORTS.iter().map(|(name, _)| (*name).to_owned()).collect()
    );
    for (name, may) in IMPORTS {
        let manifest = text(&format!("crates/{name}/Cargo.toml"));
        for dependency in section(&manifest, "[dependencies]") {
            let ours = IMPORTS.iter().any(|(ours, _)| *ours == dependency);
            assert!(
                !ours || may.contains(&dependency.as_str()),
                "{name} may not know {dependency}"
            );
        }
    }
    let drivers = [
        "rus-qlite",
        "tokio_post-gres",
        "tokio-post-gres",
        "deadpool_post-gres",
    ]
    .map(|name| {
        let at = name.rfind('-').unwrap();
        format!("{}{}", &name[..at], &name[at + 1..])
    });
    for (path, text) in sources()
        .into_iter()
        .filter(|(path, _)| !path.starts_with("crates/db/"))
    {
        for driver in &drivers {
            assert!(!text.contains(driver.as_str()), "{path} names {driver}");
        }
    }
}

/// Several crates have programs for their tests: without one named, cargo refuses to choose.
#[test]
fn the_first_command_of_the_readme_starts_this_program() {
    assert!(text("README.md").contains("\ncargo run -- demo "));
    let starts = |line: &str| line.strip_prefix("default-run = ").map(str::to_owned);
    let named: Vec<String> = IMPORTS
        .iter()
        .flat_map(|(name, _)| {
            text(&format!("crates/{name}/Cargo.toml"))
                .lines()
                .filter_map(starts)
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(named, ["\"todoke\""]);
}

#[test]
fn every_dependency_has_its_line() {
    let (manifest, lines) = (text("Cargo.toml"), text("docs/dependencies.md"));
    let outside = section(&manifest, "[workspace.dependencies]");
    assert!(outside.len() > 30, "{outside:?}");
    for name in outside
        .iter()
        .filter(|name| !IMPORTS.iter().any(|(ours, _)| ours == *name))
    {
        assert!(
            lines.contains(&format!("| {name} |")),
            "{name} has no line in docs/dependencies.md"
        );
    }
    for (name, _) in IMPORTS {
        let manifest = text(&format!("crates/{name}/Cargo.toml"));
        for heading in ["[dependencies]", "[dev-dependencies]"] {
            for dependency in section(&manifest, heading) {
                assert!(
                    outside.contains(&dependency) || dependency == *name,
                    "{name}: {dependency} is not among the workspace's dependencies"
                );
            }
        }
    }
    let package: serde_json::Value = serde_json::from_str(&text("tests/package.json")).unwrap();
    let npm = ["dependencies", "devDependencies"]
        .map(|kind| package[kind].as_object().cloned().unwrap_or_default());
    let npm = npm.iter().flat_map(|all| all.keys().cloned());
    let requirements = text("tests/requirements.txt");
    let named = |line: &str| line.split(['=', ' ', '[']).next().unwrap_or_default().to_owned();
    let pypi = requirements
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(named);
    for name in npm.chain(pypi) {
        assert!(
            lines.contains(&format!("\n| {name} ")),
            "{name} has no line in docs/dependencies.md"
        );
    }
}

#[test]
fn every_type_and_table_of_the_glossary_exists() {
    let code: String = sources()
        .into_iter()
        .filter(|(path, _)| path.contains("/src/"))
        .map(|(_, text)| text)
        .collect();
    let schema: String = files("crates/db/migrations", &[".sql"])
        .iter()
        .map(|path| text(path))
        .collect();
    let declared = |name: &str| {
        ["struct", "enum", "type", "trait", "numeric_id! {\n"]
            .iter()
            .any(|kind| {
                let word = format!("{kind} {name}");
                code.match_indices(&word).any(|(at, _)| {
                    !code[at + word.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_')
                })
            })
            || code.contains(&format!("    {name}\n}}"))
            || code.split("words! {").skip(1).any(|made| {
                let mut lines = made.lines().skip(1).map(str::trim);
                lines.find(|line| !line.starts_with("///")) == Some(&format!("{name} {{"))
            })
    };
    let glossary = text("docs/glossary.md");
    let mut seen = 0;
    for row in glossary
        .lines()
        .filter(|line| line.starts_with('|') && !line.starts_with("|---"))
    {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        let [_, _, types, tables] = cells.as_slice() else {
            panic!("not four cells: {row}")
        };
        for name in quoted(types) {
            let mut segments = name.split("::");
            let first = segments.next().unwrap();
            let known = if first.starts_with(char::is_uppercase) {
                declared(first)
            } else {
                code.contains(&format!("fn {first}(")) || code.contains(&format!("mod {first};"))
            };
            assert!(known, "the glossary's `{name}` does not exist");
            if let Some(member) = segments.next() {
                let members = [
                    format!("fn {member}("),
                    format!("    {member},"),
                    format!(" {member}:"),
                    format!("    {member} "),
                ];
                assert!(
                    members.iter().any(|form| code.contains(form.as_str())),
                    "the glossary's `{name}` does not exist"
                );
            }
            seen += 1;
        }
        for name in quoted(tables) {
            let (table, column) = name.split_once('.').unwrap_or((name, ""));
            let there = if let Some(ending) = name.strip_prefix('…') {
                schema.contains(&format!("{ending} TEXT"))
            } else {
                schema
                    .split(&format!("CREATE TABLE {table} ("))
                    .nth(1)
                    .is_some_and(|rest| rest.split(';').next().unwrap().contains(&format!("    {column}")))
                    || schema.contains(&format!("ALTER TABLE {table} ADD COLUMN {column} "))
            };
            assert!(there, "the glossary's table `{name}` does not exist");
        }
    }
    assert!(seen > 40, "{seen} types");
}

#[test]
fn every_state_is_explained() {
    let statuses = text("docs/statuses.md");
    for state in MessageState::ALL {
        let row = format!("| `{}` | {} |", state.as_str(), state.label());
        assert!(statuses.contains(&row), "docs/statuses.md has no row {row}");
    }
    assert!(statuses.contains("`not_sent`"));
}

fn is_source(word: &str) -> bool {
    Path::new(word).extension().is_some_and(|end| end == "rs")
}

/// Names of files and folders in a line of the map: `phone/scan.rs`, `session/`.
fn places(line: &str) -> impl Iterator<Item = &str> {
    let letter = |c: char| c.is_ascii_alphanumeric() || "_./-".contains(c);
    line.split(move |c| !letter(c)).filter(|word| {
        let name = word.trim_end_matches('/');
        !name.is_empty()
            && name.chars().any(|c| c.is_ascii_lowercase())
            && (word.ends_with('/') || is_source(word))
    })
}

#[test]
fn the_map_shows_what_is_there() {
    let map = text("ARCHITECTURE.md");
    let tree = map.split("```").nth(1).unwrap();
    let (mut seen, mut at) = (0, String::new());
    for line in tree.lines().filter(|line| line.contains(['/', '.'])) {
        let indent = line.len() - line.trim_start().len();
        let first = places(line)
            .next()
            .unwrap_or_else(|| panic!("no place in {line}"));
        match indent {
            0 => assert!(exists(first), "{first}"),
            2 => {
                at = format!("crates/{first}");
                assert!(exists(&at), "{at}");
            }
            _ => {
                for name in places(line) {
                    let found = [format!("{at}src/{name}"), format!("{at}{name}")]
                        .iter()
                        .any(|path| exists(path));
                    assert!(found, "{at}: {name}");
                }
            }
        }
        seen += 1;
    }
    assert!(seen > 20, "{seen} lines");
    for (name, _) in IMPORTS {
        assert!(tree.contains(&format!("\n  {name}/")), "{name} is not on the map");
    }
}

#[test]
fn documents_name_files_that_exist() {
    let documents = files("docs", &[".md"]).into_iter().chain(
        [
            "README.md",
            "README.ja.md",
            "ARCHITECTURE.md",
            "CONTRIBUTING.md",
            "CHANGELOG.md",
            "SECURITY.md",
        ]
        .map(String::from)
        .into_iter()
        .filter(|path| exists(path)),
    );
    for document in documents {
        let content = text(&document);
        let folder = Path::new(&document).parent().unwrap().to_path_buf();
        for link in content
            .split("](")
            .skip(1)
            .map(|rest| rest.split(')').next().unwrap())
        {
            let target = link.split('#').next().unwrap();
            let local = !target.is_empty() && !target.contains(':');
            let path: PathBuf = folder.join(target);
            assert!(
                !local || exists(path.to_str().unwrap()),
                "{document} links to {target}"
            );
        }
        let paths = quoted(&content).filter(|word| {
            is_source(word) && word.contains('/') && !word.contains(['<', '*', ' ', '…', '{'])
        });
        for word in paths {
            let mut places = vec![word.to_owned(), format!("crates/{word}")];
            places.extend(
                IMPORTS
                    .iter()
                    .map(|(name, _)| format!("crates/{name}/src/{word}")),
            );
            assert!(places.iter().any(|path| exists(path)), "{document} names {word}");
        }
    }
}

#[test]
fn nothing_of_the_machine_it_was_written_on_is_named() {
    let machine = ["/wo-rk/", "/ro-ot/", "/ho-me/"].map(|path| path.replace('-', ""));
    let endings = [
        ".rs", ".md", ".toml", ".sql", ".html", ".css", ".js", ".mjs", ".py", ".sh", ".json", ".txt", ".yml",
    ];
    let mut all = files(".", &endings);
    all.extend(files("bin", &[""]));
    for path in all {
        let Ok(content) = std::fs::read_to_string(repository().join(&path)) else {
            continue;
        };
        for place in &machine {
            assert!(!content.contains(place.as_str()), "{path} names {place}");
        }
    }
}

#[test]
fn tests_wait_for_conditions_and_not_for_time() {
    // The helper that looks again and again is the one place that pauses.
    let word = ["sle", "ep("].concat();
    for (path, text) in sources().iter().filter(|(path, _)| path.contains("/tests/")) {
        let may = path.ends_with("tests/it/support/mod.rs");
        assert!(may || !text.contains(&word), "{path}");
    }
}

#[test]
fn the_table_of_asvs_names_tests_that_exist_and_every_test_stands_in_it() {
    let table = text("docs/asvs.md");
    let (mut named, mut seen) = (BTreeSet::new(), 0);
    for row in table.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [id, what, proof] = cells.as_slice() else {
            panic!("not three cells: {row}")
        };
        if *id == "ASVS" {
            continue;
        }
        assert!(!what.is_empty(), "{row}");
        let tests: Vec<&str> = quoted(proof).filter(|word| word.contains("::")).collect();
        assert!(
            !tests.is_empty() || proof.starts_with("not yet: "),
            "{id} has neither a test nor a reason"
        );
        for test in tests {
            let (file, name) = test.split_once("::").unwrap();
            let source = text(&format!("crates/{file}"));
            assert!(source.contains(&format!("fn {name}(")), "docs/asvs.md: {test}");
            named.insert(name.to_owned());
        }
        seen += 1;
    }
    assert!(seen > 30, "{seen} rows");
    // Put together here, so that this line is no such test.
    let beginning = ["fn as", "vs_"].concat();
    for (path, source) in sources() {
        for (at, _) in source.match_indices(&beginning) {
            let name = source[at + 3..].split('(').next().unwrap();
            assert!(named.contains(name), "{path}: {name} has no row in docs/asvs.md");
        }
    }
}
