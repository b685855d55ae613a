//! The report: what became of the users.

use std::io::{self, Write};

use knock::bulk::BulkSummary;

/// Format of a report.
#[derive(Clone, Copy, Default)]
pub(crate) enum Format {
    #[default]
    Text,
    Json,
    Csv,
}

impl Format {
    pub fn named(name: &str) -> Result<Self, String> {
        match name {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            "csv" => Ok(Self::Csv),
            _ => Err(format!("a report is text, json or csv, not {name:?}")),
        }
    }
}

/// One thing that did not go well.
struct Line {
    kind: &'static str,
    /// The records, counted from 1: `7`, or `1-1000`; empty where it is not known.
    records: String,
    id: String,
    reason: String,
}

impl Line {
    fn cells(&self) -> [&str; 4] {
        [self.kind, &self.records, &self.id, &self.reason]
    }
}

/// Writes what became of a run. Of a dry run, `is_dry`.
pub(crate) fn write_report(
    summary: &BulkSummary,
    format: Format,
    is_dry: bool,
    output: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Text => {
            for line in lines(summary) {
                let [kind, records, id, reason] = line.cells();
                match (kind, id) {
                    ("failed", id) => writeln!(output, "user {id}: {reason}")?,
                    ("bad_record", "") => writeln!(output, "record {records}: {reason}")?,
                    ("bad_record", id) => writeln!(output, "record {records} ({id}): {reason}")?,
                    _ => writeln!(output, "records {records}: {reason}")?,
                }
            }
            let dry = if is_dry { "nothing was sent: " } else { "" };
            writeln!(output, "{dry}{summary}")?;
        }
        Format::Json => {
            serde_json::to_writer(&mut *output, summary)?;
            writeln!(output)?;
        }
        Format::Csv => {
            let mut table = csv::Writer::from_writer(&mut *output);
            table.write_record(["kind", "records", "id", "reason"])?;
            for line in lines(summary) {
                table.write_record(line.cells())?;
            }
            table.flush()?;
        }
    }
    output.flush()
}

fn lines(summary: &BulkSummary) -> impl Iterator<Item = Line> {
    let bad = summary.bad_records.iter().map(|bad| Line {
        kind: "bad_record",
        records: (bad.position + 1).to_string(),
        id: bad.id.clone().unwrap_or_default(),
        reason: bad.reason.clone(),
    });
    let failed = summary.failures.iter().map(|failure| Line {
        kind: "failed",
        records: String::new(),
        id: failure.id.clone(),
        reason: failure.reason.to_string(),
    });
    let lost = summary.unacknowledged.iter().map(|chunk| Line {
        kind: "not_acknowledged",
        records: format!("{}-{}", chunk.first + 1, chunk.end),
        id: String::new(),
        reason: chunk.reason.clone(),
    });
    bad.chain(failed).chain(lost)
}
