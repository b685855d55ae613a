//! The channel data of push providers.

use super::Field;
use crate::model::object::request;

request! {
    /// A device that receives push notifications.
    #[derive(Default)]
    pub struct PushDevice => {
        /// The token that the provider knows the device by.
        pub token (secret): String,
        /// The language of the device, such as `en-US`.
        pub locale: Field<String>,
        /// The time zone of the device, a name of the tz database, such as `America/Costa_Rica`.
        pub timezone: Field<String>,
    }
}

impl PushDevice {
    /// The device of this token.
    pub fn new(token: impl Into<String>) -> Self {
        Self {
            token: token.into(),
            ..Self::default()
        }
    }
}

request! {
    /// Devices for push by APNs, FCM or Expo.
    ///
    /// A request has either `tokens` or `devices`, a response has both.
    #[derive(Default)]
    pub struct PushChannelData => {
        /// The tokens of the user's devices.
        pub tokens (secret): Field<Vec<String>>,
        /// The user's devices.
        pub devices: Field<Vec<PushDevice>>,
    }
}

impl PushChannelData {
    /// Devices that only their tokens are known of.
    pub fn tokens_only(tokens: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::default().tokens(tokens.into_iter().map(Into::into).collect::<Vec<String>>())
    }

    /// Devices with their locale and time zone.
    pub fn devices_only(devices: impl IntoIterator<Item = PushDevice>) -> Self {
        Self::default().devices(devices.into_iter().collect::<Vec<PushDevice>>())
    }
}

request! {
    /// A device that receives push notifications through Amazon SNS.
    #[derive(Default)]
    pub struct AwsSnsPushDevice => {
        /// The ARN of the device's platform endpoint.
        pub target_arn: String,
        /// The language of the device, such as `en-US`.
        pub locale: Field<String>,
        /// The time zone of the device, a name of the tz database, such as `America/Costa_Rica`.
        pub timezone: Field<String>,
    }
}

impl AwsSnsPushDevice {
    /// The device with this platform endpoint.
    pub fn new(target_arn: impl Into<String>) -> Self {
        Self {
            target_arn: target_arn.into(),
            ..Self::default()
        }
    }
}

request! {
    /// Devices for push by Amazon SNS.
    ///
    /// A request has either `target_arns` or `devices`, a response has both.
    #[derive(Default)]
    pub struct AwsSnsPushChannelData => {
        /// The ARNs of the platform endpoints of the user's devices.
        pub target_arns: Field<Vec<String>>,
        /// The user's devices.
        pub devices: Field<Vec<AwsSnsPushDevice>>,
    }
}

impl AwsSnsPushChannelData {
    /// Devices that only their endpoints are known of.
    pub fn target_arns_only(target_arns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::default().target_arns(
            target_arns
                .into_iter()
                .map(Into::into)
                .collect::<Vec<String>>(),
        )
    }

    /// Devices with their locale and time zone.
    pub fn devices_only(devices: impl IntoIterator<Item = AwsSnsPushDevice>) -> Self {
        Self::default().devices(devices.into_iter().collect::<Vec<AwsSnsPushDevice>>())
    }
}

request! {
    /// Devices for push by OneSignal.
    #[derive(Default)]
    pub struct OneSignalChannelData => {
        /// The ids of the user's players, UUIDs.
        pub player_ids: Vec<String>,
    }
}

impl OneSignalChannelData {
    /// The players of these ids.
    pub fn new(player_ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            player_ids: player_ids.into_iter().map(Into::into).collect(),
            ..Self::default()
        }
    }
}
