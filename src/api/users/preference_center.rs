//! The preference center that Knock hosts.

use crate::api::resource::resource;
use crate::types::{PreferenceCenterConfig, PreferenceCenterSignedUrlResponse};

resource! {
    /// The preference center that Knock hosts for a user.
    pub struct PreferenceCenter = "users.preference_center";

    /// Reads how the preference center looks for a user: its rows, branding and account.
    fn get_config(user_id: USER_ID) -> PreferenceCenterConfig
        = GET "/v1/users/{user_id}/preference_center/config", "getPreferenceCenterConfig", tier 4, public_key;

    /// Makes a link that opens the preference center for a user without signing in. It does not
    /// expire, and whoever has it can change the user's preferences.
    fn generate_signed_url(user_id: USER_ID) -> PreferenceCenterSignedUrlResponse
        = POST "/v1/users/{user_id}/preference_center/signed_url", "generatePreferenceCenterSignedUrl",
        tier 3, safe_to_repeat;
}
