//! A directory with an empty database, where commands are given.

use std::path::PathBuf;

use base::clock::Clock;
use db::testing::TestDatabase;

use super::list::{self, Person, TEMPLATE, TO};
use super::process::{Program, todoke};
use super::runtime;

pub(crate) struct Place {
    pub(crate) database: TestDatabase,
}

impl Place {
    /// Nothing is there before the first command.
    pub(crate) fn sqlite() -> Self {
        Self {
            database: TestDatabase::not_made(Clock::System),
        }
    }

    /// `None` where there is no PostgreSQL; `bin/test` brings one.
    pub(crate) fn postgres() -> Option<Self> {
        let database = runtime().block_on(TestDatabase::postgres(Clock::System));
        if database.is_none() {
            eprintln!("TEST_PG_URL is not set: PostgreSQL is not tested (bin/test does)");
        }
        database.map(|database| Self { database })
    }

    /// The same before the first command.
    pub(crate) fn postgres_not_made() -> Option<Self> {
        let database = runtime().block_on(TestDatabase::postgres_not_made(Clock::System));
        database.map(|database| Self { database })
    }

    /// One of each kind that is there.
    pub(crate) fn each() -> Vec<Self> {
        let mut all = vec![Self::sqlite()];
        all.extend(Self::postgres());
        all
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.database.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// A CSV list of these people.
    pub(crate) fn list(&self, name: &str, people: &[Person]) -> PathBuf {
        self.write(name, list::csv(people))
    }

    /// `--database` and `--key-file` of this place.
    pub(crate) fn database_flags(&self) -> [String; 4] {
        let key = self.database.options.key_file.display().to_string();
        [
            "--database".to_owned(),
            self.database.address(),
            "--key-file".to_owned(),
            key,
        ]
    }

    fn with_database(&self, program: Program) -> Program {
        let flags = self.database_flags();
        let program = flags.iter().fold(program, Program::arg);
        program.in_directory(self.database.directory.path())
    }

    /// `todoke send` of a list, with the usual column and template and without a carrier.
    pub(crate) fn send(&self, list: &std::path::Path) -> Program {
        self.send_text(list, TEMPLATE)
    }

    pub(crate) fn send_text(&self, list: &std::path::Path, template: &str) -> Program {
        let program = todoke()
            .arg("send")
            .arg(list)
            .args(&["--to", TO, "--template", template, "--json"]);
        self.with_database(program)
    }

    pub(crate) fn serve(&self) -> Program {
        let anywhere = [
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--resident-listen",
            "127.0.0.1:0",
        ];
        self.with_database(todoke().args(&anywhere))
    }

    /// `todoke admin …`
    pub(crate) fn admin(&self, args: &[&str]) -> Program {
        self.with_database(todoke().arg("admin")).args(args)
    }
}
