//! Conditions: what must hold when a notification is about to be sent.

use crate::model::object::request;
use crate::model::open_enum::open_enum;

request! {
    /// A condition that must hold when a notification is about to be sent.
    pub struct Condition => {
        /// The variable, a dotted path such as `recipient.muted_dos` or `data.severity`.
        pub variable: String,
        /// The comparison.
        pub operator: ConditionOperator,
        /// The value to compare with: a string, another JSON value, or null where the operator needs none.
        pub argument: serde_json::Value,
    }
}

impl Condition {
    /// Compares a variable with an argument.
    pub fn new(
        variable: impl Into<String>,
        operator: impl Into<ConditionOperator>,
        argument: impl Into<serde_json::Value>,
    ) -> Self {
        Self {
            variable: variable.into(),
            operator: operator.into(),
            argument: argument.into(),
            extra: Default::default(),
        }
    }
}

open_enum! {
    /// Comparison of a condition's variable with its argument.
    pub enum ConditionOperator {
        /// They are equal.
        EqualTo = "equal_to",
        /// They are not equal.
        NotEqualTo = "not_equal_to",
        /// The variable is greater.
        GreaterThan = "greater_than",
        /// The variable is less.
        LessThan = "less_than",
        /// The variable is greater, or they are equal.
        GreaterThanOrEqualTo = "greater_than_or_equal_to",
        /// The variable is less, or they are equal.
        LessThanOrEqualTo = "less_than_or_equal_to",
        /// The variable, a string or a list, contains the argument.
        Contains = "contains",
        /// The variable, a string or a list, does not contain the argument.
        NotContains = "not_contains",
        /// The variable is empty. The argument is ignored.
        Empty = "empty",
        /// The variable is not empty. The argument is ignored.
        NotEmpty = "not_empty",
        /// The variable is there. The argument is ignored.
        Exists = "exists",
        /// The variable is not there. The argument is ignored.
        NotExists = "not_exists",
        /// The variable, a list, contains every element of the argument.
        ContainsAll = "contains_all",
        /// The variable, a list, lacks some element of the argument.
        NotContainsAll = "not_contains_all",
        /// The variable is a timestamp. The argument is ignored.
        IsTimestamp = "is_timestamp",
        /// The variable is not a timestamp. The argument is ignored.
        IsNotTimestamp = "is_not_timestamp",
        /// The variable is a timestamp that is not before the argument.
        IsTimestampOnOrAfter = "is_timestamp_on_or_after",
        /// The variable is a timestamp before the argument.
        IsTimestampBefore = "is_timestamp_before",
        /// The variable is a timestamp whose date is not before the argument's.
        IsTimestampOnOrAfterDate = "is_timestamp_on_or_after_date",
        /// The variable is a timestamp whose date is before the argument's.
        IsTimestampBeforeDate = "is_timestamp_before_date",
        /// The variable is a timestamp between the two of the argument.
        IsTimestampBetween = "is_timestamp_between",
        /// The variable is a timestamp in the past. The argument is ignored.
        IsTimestampBeforeNow = "is_timestamp_before_now",
        /// The variable is a timestamp that is not in the past. The argument is ignored.
        IsTimestampOnOrAfterNow = "is_timestamp_on_or_after_now",
        /// The variable is between the two values of the argument.
        IsBetween = "is_between",
        /// The recipient is a member of the audience that the argument names.
        IsAudienceMember = "is_audience_member",
        /// The recipient is not a member of the audience that the argument names.
        IsNotAudienceMember = "is_not_audience_member",
    }
}
