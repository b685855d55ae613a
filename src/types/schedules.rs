//! Schedules: workflows that run for a user at set times.

use super::page::page;
use super::{Field, JsonObject, PageInfo, Recipient};
use crate::model::object::model;
use crate::model::open_enum::open_enum;

open_enum! {
    /// Frequency of a schedule.
    pub enum ScheduleFrequency {
        /// Every so many hours.
        Hourly = "hourly",
        /// Every so many days.
        Daily = "daily",
        /// Every so many weeks.
        Weekly = "weekly",
        /// Every so many months.
        Monthly = "monthly",
    }
}

open_enum! {
    /// A day of the week.
    pub enum Weekday {
        /// Monday.
        Monday = "mon",
        /// Tuesday.
        Tuesday = "tue",
        /// Wednesday.
        Wednesday = "wed",
        /// Thursday.
        Thursday = "thu",
        /// Friday.
        Friday = "fri",
        /// Saturday.
        Saturday = "sat",
        /// Sunday.
        Sunday = "sun",
    }
}

model! {
    /// A rule by which a schedule recurs, in the recipient's time zone.
    pub struct ScheduleRepeatRule => {
        /// The name of this type in the API.
        pub type_name as "__typename": Field<String>,
        /// The unit of the interval.
        pub frequency: ScheduleFrequency,
        /// Number of units between two runs. 1 by default.
        pub interval: Field<i64>,
        /// The days of the week to run on.
        pub days: Field<Vec<Weekday>>,
        /// The day of the month to run on.
        pub day_of_month: Field<i64>,
        /// The hour to run at, 0 to 23. 0 by default.
        pub hours: Field<i64>,
        /// The minute to run at, a multiple of 5. 0 by default.
        pub minutes: Field<i64>,
    }
}

model! {
    /// A workflow that runs for a recipient at set times.
    pub struct Schedule => {
        /// The name of this type in the API: `Schedule`.
        pub type_name as "__typename": Field<String>,
        /// The id of the schedule, a UUID.
        pub id: String,
        /// The key of the workflow.
        pub workflow: String,
        /// The recipient that the workflow runs for.
        pub recipient: Recipient,
        /// The actor that causes it.
        pub actor: Field<Recipient>,
        /// Rules by which it recurs. Empty for a schedule that runs once.
        pub repeats: Vec<ScheduleRepeatRule>,
        /// The data that the workflow is triggered with.
        pub data: Field<JsonObject>,
        /// The tenant that it runs for.
        pub tenant: Field<String>,
        /// Time of the last run, RFC 3339.
        pub last_occurrence_at: Field<String>,
        /// Time of the next run, RFC 3339.
        pub next_occurrence_at: Field<String>,
        /// Creation time, RFC 3339.
        pub inserted_at: String,
        /// Time of the last change, RFC 3339.
        pub updated_at: String,
    }
}

model! {
    /// A page of schedules.
    #[derive(Default)]
    pub struct ListSchedulesResponse => {
        /// The schedules of this page, the newest first.
        pub entries: Vec<Schedule>,
        /// Position of this page in the list.
        pub page_info: PageInfo,
    }
}

page!(ListSchedulesResponse of Schedule: entries, page_info);
