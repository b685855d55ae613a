//! The main job, start to end: identify users, their preferences and channel data, a feed page
//! by page, a guide, a bulk call, merging, deleting, and what an error says.
//!
//! Without `KNOCK_API_KEY` it starts a sandbox on this machine and runs against that. With it
//! (and `KNOCK_BASE_URL`, if need be) it runs against the service; name a push channel, a feed
//! and a channel of guides in `KNOCK_PUSH_CHANNEL`, `KNOCK_FEED_CHANNEL` and
//! `KNOCK_GUIDE_CHANNEL` to see those parts too.

use std::env;
use std::time::Duration;

use knock::types::{
    BulkIdentifyUsersRequest, ChannelDataRequest, ChannelType, FeedStatus, Field,
    IdentifyUserRequest, InlineIdentifyUserRequest, MergeUserRequest, PreferenceSetRequest,
};
use knock::{Client, ListFeedItems, ListGuides};
use knock_sandbox::Sandbox;

/// A failed call, or a sandbox that could not start.
type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// Where to run, and what is there to look at.
struct Stage {
    client: Client,
    push_channel: Option<String>,
    feed_channel: Option<String>,
    guide_channel: Option<String>,
    /// Who has a feed and guides.
    reader: String,
    /// Stops when it is dropped.
    _sandbox: Option<Sandbox>,
}

fn main() -> Result<()> {
    let stage = if env::var_os("KNOCK_API_KEY").is_some() {
        on_the_service()?
    } else {
        on_a_sandbox()?
    };

    identify(&stage.client)?;
    preferences_and_channel_data(&stage)?;
    read_a_feed(&stage)?;
    mark_a_guide(&stage)?;
    bulk(&stage.client)?;
    merge_and_delete(&stage.client)?;
    an_error_on_purpose(&stage.client);
    Ok(())
}

fn on_the_service() -> Result<Stage> {
    let client = Client::from_env()?;
    println!("Running against the service: {client:?}");
    Ok(Stage {
        client,
        push_channel: env::var("KNOCK_PUSH_CHANNEL").ok(),
        feed_channel: env::var("KNOCK_FEED_CHANNEL").ok(),
        guide_channel: env::var("KNOCK_GUIDE_CHANNEL").ok(),
        reader: JANE.into(),
        _sandbox: None,
    })
}

fn on_a_sandbox() -> Result<Stage> {
    let sandbox = Sandbox::builder().seed("demo").start()?;
    println!(
        "KNOCK_API_KEY is not set, so this runs against a sandbox at {}",
        sandbox.url()
    );
    Ok(Stage {
        client: Client::builder()
            .api_key("sk_quickstart")
            .base_url(sandbox.url())
            .build()?,
        push_channel: Some(demo::PUSH_CHANNEL.into()),
        feed_channel: Some(demo::FEED_CHANNEL.into()),
        guide_channel: Some(demo::GUIDE_CHANNEL.into()),
        reader: demo::USER.into(),
        _sandbox: Some(sandbox),
    })
}

const JANE: &str = "quickstart-jane";

fn identify(client: &Client) -> Result<()> {
    println!("\nUsers");
    let jane = IdentifyUserRequest::new()
        .name("Jane")
        .email("jane@ingen.net")
        .set("plan", "pro")
        .set("park", serde_json::json!({"island": "nublar", "tours": 3}));
    let user = client.users().identify(JANE, &jane)?;
    println!(
        "  identified {} ({})",
        user.id,
        user.email.as_deref().unwrap_or("no email")
    );

    // What is sent is merged into what is there: null clears, what is left out stays.
    let change = IdentifyUserRequest::new()
        .email(Field::Null)
        .set("plan", "team");
    client.users().identify(JANE, &change)?;
    let user = client.users().get(JANE)?;
    println!(
        "  now her plan is {}, and her email is {}",
        user.properties["plan"],
        if user.email.is_null() {
            "cleared"
        } else {
            "still there"
        }
    );
    println!(
        "  (request {})",
        user.meta().request_id().unwrap_or("without an id")
    );
    Ok(())
}

fn preferences_and_channel_data(stage: &Stage) -> Result<()> {
    println!("\nPreferences and channel data");
    let users = stage.client.users();
    let wishes = PreferenceSetRequest::new()
        .workflow("weekly-digest", false)
        .channel_type(ChannelType::Sms, false);
    users.set_preferences(JANE, "default", &wishes)?;
    let sets = users.list_preferences(JANE)?;
    println!(
        "  {} preference set(s); no weekly digest, no SMS",
        sets.len()
    );

    let Some(channel) = &stage.push_channel else {
        println!("  (set KNOCK_PUSH_CHANNEL to store a push token)");
        return Ok(());
    };
    let data =
        users.set_channel_data(JANE, channel, &ChannelDataRequest::push_tokens(["token-1"]))?;
    println!("  stored a push token for the channel {}", data.channel_id);
    Ok(())
}

fn read_a_feed(stage: &Stage) -> Result<()> {
    println!("\nA feed, page by page");
    let Some(channel) = &stage.feed_channel else {
        println!("  (set KNOCK_FEED_CHANNEL to read one)");
        return Ok(());
    };
    let feeds = stage.client.users().feeds();
    let unread = ListFeedItems::new()
        .status(FeedStatus::Unread)
        .page_size(20);
    let mut pages = feeds.list_items_pager(&stage.reader, channel, unread)?;
    while let Some(page) = pages.next_page()? {
        println!(
            "  a page of {} items; {} unread in all",
            page.entries.as_slice().len(),
            page.unread_count().unwrap_or_default()
        );
    }
    // The same as one iterator over all items; pages are fetched as it needs them.
    let mut count = 0;
    for item in feeds.list_items_pager(&stage.reader, channel, ListFeedItems::new())? {
        item?;
        count += 1;
    }
    println!("  {count} items altogether, read or not");
    Ok(())
}

fn mark_a_guide(stage: &Stage) -> Result<()> {
    println!("\nA guide");
    let Some(channel) = &stage.guide_channel else {
        println!("  (set KNOCK_GUIDE_CHANNEL to mark one)");
        return Ok(());
    };
    let guides = stage.client.users().guides();
    let eligible = guides.get_channel(&stage.reader, channel, ListGuides::new())?;
    let first = eligible
        .entries
        .iter()
        .find_map(|guide| Some((guide, guide.steps.value()?.first()?)));
    let Some((guide, step)) = first else {
        println!("  the user is eligible for none");
        return Ok(());
    };
    let answer = guides.mark_seen(&stage.reader, &guide.action(step))?;
    println!(
        "  marked {} as seen: {}",
        guide.key.as_deref().unwrap_or("it"),
        answer.status
    );
    Ok(())
}

fn bulk(client: &Client) -> Result<()> {
    println!("\nA bulk call");
    let users = (1..=100)
        .map(|n| InlineIdentifyUserRequest::new(format!("quickstart-{n}")).set("number", n));
    let started = client
        .users()
        .bulk()
        .identify(&BulkIdentifyUsersRequest::new(users))?;
    println!("  {} is {}", started.name, started.status);
    let done = client
        .bulk_operations()
        .wait(&started.id, Duration::from_secs(60))?;
    println!(
        "  {}: {} of {} users",
        done.status, done.success_count, done.processed_rows
    );
    Ok(())
}

fn merge_and_delete(client: &Client) -> Result<()> {
    println!("\nMerging and deleting");
    let users = client.users();
    let merged = users.merge(JANE, &MergeUserRequest::new("quickstart-1"))?;
    println!(
        "  quickstart-1 went into {}, whose number is now {}",
        merged.id, merged.properties["number"]
    );
    users.delete(JANE)?;
    println!("  deleted {JANE}");
    Ok(())
}

fn an_error_on_purpose(client: &Client) {
    println!("\nAn error on purpose");
    if let Err(error) = client.users().get(JANE) {
        println!("  {error}");
        println!(
            "  kind {}, status {:?}, code {:?}, worth another try: {}",
            error.kind(),
            error.status(),
            error.code(),
            error.is_retryable()
        );
    }
}

/// What is in the sandbox's demo world.
mod demo {
    pub const USER: &str = "jane";
    pub const PUSH_CHANNEL: &str = "f1000000-0000-4000-8000-000000000003";
    pub const FEED_CHANNEL: &str = "f1000000-0000-4000-8000-000000000001";
    pub const GUIDE_CHANNEL: &str = "f1000000-0000-4000-8000-000000000005";
}
