//! One SQL text for both databases.
//!
//! Parameters are `$1`, `$2`, … and are integers or text. Many rows travel as one JSON array of arrays and
//! are unfolded by `{each $1}`, which gives one row `each.value` per element (in SQLite's binary form where it is an
//! array: as text it would be parsed once more for each row); `each.value ->> 0` is a text
//! on PostgreSQL, so numbers are written `CAST(each.value ->> 0 AS {bigint})`.
//!
//! | word | SQLite | PostgreSQL |
//! |---|---|---|
//! | `{bigint}` | `INTEGER` | `BIGINT` |
//! | `{strict}` | `STRICT` | |
//! | `{strict_clustered}` | `STRICT, WITHOUT ROWID` | |
//! | `{each $n}` | `jsonb_each(?n) AS each` | `jsonb_array_elements($n::text::jsonb) AS each(value)` |
//! | `{skip_locked t}` | | `FOR UPDATE OF t SKIP LOCKED` |
//! | `{locked t}` | | `FOR UPDATE OF t` |
//! | `{swept_often t}` | | `t` is vacuumed when one row of a hundred has changed, not one of five |
//! | `{append_only t}` | triggers that refuse every change of a row of `t`; on PostgreSQL also the rights to it | |

use std::fmt::Write as _;

const INFALLIBLE: &str = "writing to a String does not fail";

/// One statement of one slice: a named constant, prepared on both databases by a test.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sql(pub &'static str);

/// Declares named statements and `ALL`, the list of them that the preparing test walks.
#[macro_export]
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $text:expr;)*) => {
        $($(#[$doc])* const $name: $crate::Sql = $crate::Sql($text);)*

        /// Every statement of this store by name, for the test that prepares each on both databases.
        pub const ALL: &[(&str, $crate::Sql)] = &[$((stringify!($name), $name)),*];
    };
}

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// The text as this database takes it.
    pub(crate) fn render(self, sql: &str) -> String {
        let mut out = String::with_capacity(sql.len() + 64);
        let mut rest = sql;
        while let Some(open) = rest.find('{') {
            self.push_plain(&mut out, &rest[..open]);
            let close = rest[open..].find('}').map_or(rest.len(), |at| open + at);
            self.push_word(&mut out, &rest[open + 1..close]);
            rest = rest.get(close + 1..).unwrap_or("");
        }
        self.push_plain(&mut out, rest);
        out
    }

    /// SQLite numbers `?1`; its `$1` would be a name, numbered by first appearance.
    fn push_plain(self, out: &mut String, text: &str) {
        match self {
            Self::Sqlite => out.extend(text.chars().map(|c| if c == '$' { '?' } else { c })),
            Self::Postgres => out.push_str(text),
        }
    }

    fn push_word(self, out: &mut String, word: &str) {
        let (name, argument) = word.split_once(' ').unwrap_or((word, ""));
        match (name, self) {
            ("bigint", Self::Sqlite) => out.push_str("INTEGER"),
            ("bigint", Self::Postgres) => out.push_str("BIGINT"),
            ("strict", Self::Sqlite) => out.push_str("STRICT"),
            ("strict_clustered", Self::Sqlite) => out.push_str("STRICT, WITHOUT ROWID"),
            ("each", Self::Sqlite) => {
                write!(out, "jsonb_each({}) AS each", argument.replace('$', "?")).expect(INFALLIBLE);
            }
            ("each", Self::Postgres) => {
                write!(
                    out,
                    "jsonb_array_elements({argument}::text::jsonb) AS each(value)"
                )
                .expect(INFALLIBLE);
            }
            ("skip_locked", Self::Postgres) => {
                write!(out, "FOR UPDATE OF {argument} SKIP LOCKED").expect(INFALLIBLE);
            }
            ("locked", Self::Postgres) => write!(out, "FOR UPDATE OF {argument}").expect(INFALLIBLE),
            ("swept_often", Self::Postgres) => write!(
                out,
                "ALTER TABLE {argument} SET (autovacuum_vacuum_scale_factor = 0.01,
                    autovacuum_vacuum_threshold = 1000, autovacuum_analyze_scale_factor = 0.02);"
            )
            .expect(INFALLIBLE),
            ("append_only", _) => out.push_str(&self.append_only(argument)),
            ("strict" | "strict_clustered", Self::Postgres)
            | ("skip_locked" | "locked" | "swept_often", Self::Sqlite) => {}
            // A word that neither knows stays visible and fails the test that prepares every statement.
            _ => write!(out, "{{{word}}}").expect(INFALLIBLE),
        }
    }

    /// Rows of `table` are added and never changed, whoever is connected; who owns the database can take the
    /// triggers away, and is found out by what the rows themselves say of each other.
    fn append_only(self, table: &str) -> String {
        match self {
            Self::Sqlite => {
                let trigger = |change: &str| {
                    format!(
                        "CREATE TRIGGER {table}_no_{change} BEFORE {change} ON {table}
                        BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END;\n"
                    )
                };
                trigger("update") + &trigger("delete")
            }
            Self::Postgres => format!(
                "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '23001';
                END $$;
                CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table}
                    FOR EACH ROW EXECUTE FUNCTION refuse_change();
                CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
                    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
                REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM CURRENT_USER;"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_become_each_databases_own() {
        let sql = "SELECT CAST(each.value ->> 0 AS {bigint}) FROM {each $2} WHERE x = $1 {skip_locked p}";
        assert_eq!(
            Dialect::Sqlite.render(sql),
            "SELECT CAST(each.value ->> 0 AS INTEGER) FROM jsonb_each(?2) AS each WHERE x = ?1 "
        );
        assert_eq!(
            Dialect::Postgres.render(sql),
            "SELECT CAST(each.value ->> 0 AS BIGINT) FROM jsonb_array_elements($2::text::jsonb) AS each(value) \
             WHERE x = $1 FOR UPDATE OF p SKIP LOCKED"
        );
    }

    #[test]
    fn an_unknown_word_stays_visible() {
        assert_eq!(Dialect::Sqlite.render("a {nonsense} b"), "a {nonsense} b");
    }
}
