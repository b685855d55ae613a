//! The tool as a program, a sandbox for it, and files to import.
#![allow(dead_code, reason = "every test file uses a part of it")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use knock_sandbox::Sandbox;
use serde_json::Value;
use tempfile::TempDir;

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_knock-import");

/// A sandbox, and a folder with a file.
pub struct Scene {
    pub sandbox: Sandbox,
    pub folder: TempDir,
    pub file: PathBuf,
}

/// Result of a run.
#[derive(Debug)]
pub struct Done {
    pub status: i32,
    pub report: String,
    pub said: String,
}

impl Scene {
    pub fn new(name: &str, text: impl AsRef<[u8]>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        Self {
            sandbox: Sandbox::start(),
            folder,
            file,
        }
    }

    /// The file that keeps the state unless another is given.
    pub fn state(&self) -> PathBuf {
        let mut name = self.file.clone().into_os_string();
        name.push(".state.json");
        name.into()
    }

    /// The tool with the file and these arguments.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).arg(&self.file);
        self.equip(&mut command);
        command
    }

    /// Gives a command the sandbox.
    pub fn equip(&self, command: &mut Command) {
        command
            .env("KNOCK_API_KEY", "sk_test")
            .env("KNOCK_BASE_URL", self.sandbox.url())
            .stdin(Stdio::null());
    }

    pub fn run(&self, arguments: &[&str]) -> Done {
        done(&mut self.command(arguments))
    }

    pub fn ids(&self) -> Vec<String> {
        let id = |user: &Value| user["id"].as_str().unwrap().to_owned();
        self.sandbox.users().iter().map(id).collect()
    }

    /// The user, as JSON without what the service adds.
    pub fn user(&self, id: &str) -> Value {
        let users = self.sandbox.users();
        let mut user = users.into_iter().find(|user| user["id"] == id).unwrap();
        let fields = user.as_object_mut().unwrap();
        fields.retain(|key, value| {
            !value.is_null() && key != "__typename" && key != "updated_at" && key != "created_at"
        });
        user
    }
}

pub fn done(command: &mut Command) -> Done {
    let output = command.output().unwrap();
    Done {
        status: output.status.code().unwrap_or(-1),
        report: String::from_utf8(output.stdout).unwrap(),
        said: String::from_utf8(output.stderr).unwrap(),
    }
}
