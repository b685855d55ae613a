//! The main job, start to end: identify users, their preferences and channel data, a feed page
//! by page, a guide, a bulk call, merging, deleting, and the parts of an error.
//!
//! It starts a sandbox on this machine and runs against that. With `--service` it runs against the
//! service, and deletes the users that it made there.

use std::env;
use std::process::ExitCode;
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use knock::Client;
use knock::params::{UserFeedListItemsParams, UserGuideGetChannelParams};
use knock::types::{
    BulkDeleteUsersRequest, BulkIdentifyUsersRequest, BulkOperationStatus, ChannelDataRequest,
    ChannelType, FeedStatus, Field, IdentifyUserRequest, InlineIdentifyUserRequest,
    MergeUserRequest, PreferenceSetRequest,
};
use knock_sandbox::Sandbox;

const HELP: &str = "\
Shows the main job of the client, start to end.

Usage: quickstart [--service]

Options:
  --service  Run against the service instead of a sandbox, with the key in KNOCK_API_KEY
             (and KNOCK_BASE_URL, if need be). The users that this makes there are deleted
             at the end. KNOCK_PUSH_CHANNEL, KNOCK_FEED_CHANNEL and KNOCK_GUIDE_CHANNEL name
             channels, to see those parts, too.
  -h, --help Show this
";

/// A failed call, or a sandbox that could not start.
pub type Result<T, E = Box<dyn std::error::Error>> = std::result::Result<T, E>;

/// The service or a sandbox, and what is there to look at.
pub struct Stage {
    pub client: Client,
    pub push_channel: Option<String>,
    pub feed_channel: Option<String>,
    pub guide_channel: Option<String>,
    /// The user who has a feed and guides.
    pub reader: String,
    /// Stops when it is dropped.
    pub sandbox: Option<Sandbox>,
}

/// The command line.
#[derive(Debug, PartialEq)]
pub enum Command {
    Sandbox,
    Service,
    Help,
}

#[allow(
    dead_code,
    reason = "the tests include this file for its other functions"
)]
fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let stage = match command(&arguments) {
        Ok(Command::Sandbox) => on_a_sandbox(),
        Ok(Command::Service) => on_the_service(),
        Ok(Command::Help) => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            eprintln!("quickstart: {error}; see --help");
            return ExitCode::from(2);
        }
    };
    match stage.and_then(|stage| show(&stage)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("quickstart: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Reads the command line.
pub fn command(arguments: &[String]) -> Result<Command> {
    let mut command = Command::Sandbox;
    for argument in arguments {
        match argument.as_str() {
            "--service" => command = Command::Service,
            "-h" | "--help" => return Ok(Command::Help),
            unknown => return Err(format!("unknown argument {unknown:?}").into()),
        }
    }
    Ok(command)
}

/// Goes through everything, and deletes the users that it made, even where something fails.
pub fn show(stage: &Stage) -> Result<()> {
    let shown = parts(stage);
    let cleaned = clean_up(&stage.client);
    if shown.is_err()
        && let Err(error) = &cleaned
    {
        eprintln!("quickstart: not all users were deleted again: {error}");
    }
    shown.and(cleaned)
}

fn parts(stage: &Stage) -> Result<()> {
    identify(&stage.client)?;
    preferences_and_channel_data(stage)?;
    read_a_feed(stage)?;
    mark_a_guide(stage)?;
    bulk(&stage.client)?;
    merge_and_delete(&stage.client)?;
    an_error_on_purpose(&stage.client);
    Ok(())
}

pub fn on_the_service() -> Result<Stage> {
    let client = Client::from_env()?;
    println!("Running against the service: {client:?}");
    Ok(Stage {
        client,
        push_channel: env::var("KNOCK_PUSH_CHANNEL").ok(),
        feed_channel: env::var("KNOCK_FEED_CHANNEL").ok(),
        guide_channel: env::var("KNOCK_GUIDE_CHANNEL").ok(),
        reader: jane(),
        sandbox: None,
    })
}

pub fn on_a_sandbox() -> Result<Stage> {
    let sandbox = Sandbox::builder().seed("demo").start()?;
    println!(
        "Running against a sandbox at {} (--service runs against the service)",
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
        sandbox: Some(sandbox),
    })
}

/// A user id of this process alone, so that nobody else's user is changed or deleted.
fn user_id(name: impl std::fmt::Display) -> String {
    static RUN: OnceLock<String> = OnceLock::new();
    let run = RUN.get_or_init(|| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let seconds = now.unwrap_or_default().as_secs();
        format!("{seconds}-{}", std::process::id())
    });
    format!("quickstart-{run}-{name}")
}

fn jane() -> String {
    user_id("jane")
}

/// Number of users the bulk call makes.
const USERS: usize = 100;

fn identify(client: &Client) -> Result<()> {
    println!("\nUsers");
    let id = jane();
    let jane = IdentifyUserRequest::new()
        .name("Jane")
        .email("jane@ingen.net")
        .set("plan", "pro")
        .set("park", serde_json::json!({"island": "nublar", "tours": 3}));
    let user = client.users().identify(&id, &jane)?;
    println!(
        "  identified {} ({})",
        user.id,
        user.email.as_deref().unwrap_or("no email")
    );

    // What is sent is merged into what is there: null clears, what is left out stays.
    let change = IdentifyUserRequest::new()
        .email(Field::Null)
        .set("plan", "team");
    client.users().identify(&id, &change)?;
    let user = client.users().get(&id)?;
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
    let id = jane();
    let wishes = PreferenceSetRequest::new()
        .workflow("weekly-digest", false)
        .channel_type(ChannelType::Sms, false);
    users.set_preferences(&id, "default", &wishes)?;
    let sets = users.list_preferences(&id)?;
    println!(
        "  {} preference set(s); no weekly digest, no SMS",
        sets.len()
    );

    let Some(channel) = &stage.push_channel else {
        println!("  (set KNOCK_PUSH_CHANNEL to store a push token)");
        return Ok(());
    };
    let data =
        users.set_channel_data(&id, channel, &ChannelDataRequest::push_tokens(["token-1"]))?;
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
    let unread = UserFeedListItemsParams::new()
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
    for item in feeds.list_items_pager(&stage.reader, channel, UserFeedListItemsParams::new())? {
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
    let eligible = guides.get_channel(&stage.reader, channel, UserGuideGetChannelParams::new())?;
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
    let users = (1..=USERS).map(|n| InlineIdentifyUserRequest::new(user_id(n)).set("number", n));
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
    let (jane, other) = (jane(), user_id(1));
    let merged = users.merge(&jane, &MergeUserRequest::new(&*other))?;
    println!(
        "  {other} went into {}, whose number is now {}",
        merged.id, merged.properties["number"]
    );
    users.delete(&jane)?;
    println!("  deleted {jane}");
    Ok(())
}

fn clean_up(client: &Client) -> Result<()> {
    println!("\nCleaning up");
    let mut ids: Vec<String> = (1..=USERS).map(user_id).collect();
    ids.push(jane());
    let started = client
        .users()
        .bulk()
        .delete(&BulkDeleteUsersRequest::new(ids))?;
    let done = client
        .bulk_operations()
        .wait(&started.id, Duration::from_secs(60))?;
    if done.status != BulkOperationStatus::Completed {
        return Err(format!("deleting the users ended as {}", done.status).into());
    }
    println!("  deleted the users of this run");
    Ok(())
}

fn an_error_on_purpose(client: &Client) {
    println!("\nAn error on purpose");
    if let Err(error) = client.users().get(&jane()) {
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

/// Contents of the sandbox's demo world.
mod demo {
    pub const USER: &str = "jane";
    pub const PUSH_CHANNEL: &str = "f1000000-0000-4000-8000-000000000003";
    pub const FEED_CHANNEL: &str = "f1000000-0000-4000-8000-000000000001";
    pub const GUIDE_CHANNEL: &str = "f1000000-0000-4000-8000-000000000005";
}
