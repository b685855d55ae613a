//! Feeds: filters, counts, modes, exclusions, pages.

mod support;

use knock_sandbox::Sandbox;
use serde_json::{Value, json};
use support::Client;
use support::demo::FEED;

fn feed(client: &Client, query: &str) -> Value {
    client
        .get(&format!("/v1/users/jane/feeds/{FEED}?{query}"))
        .expect(200)
}

fn numbers(feed: &Value) -> Vec<i64> {
    let entries = feed["entries"].as_array().unwrap();
    entries
        .iter()
        .map(|item| item["data"]["number"].as_i64().unwrap())
        .collect()
}

#[test]
fn items_come_newest_first_with_their_people_in_full() {
    let (_sandbox, client) = Client::demo();
    let feed = feed(&client, "page_size=3");
    assert_eq!(numbers(&feed), [0, 1, 2]);
    assert_eq!(feed["entries"][0]["actors"][0]["name"], "Ian Malcolm");
    let activity = &feed["entries"][0]["activities"][0];
    assert_eq!(activity["recipient"]["email"], "jane@ingen.net");
    assert_eq!(feed["vars"]["app_name"], "Paddock");
    assert_eq!(
        feed["meta"],
        json!({"__typename": "FeedMetadata",
        "total_count": 55, "unread_count": 20, "unseen_count": 10})
    );
}

#[test]
fn every_filter_filters() {
    let (_sandbox, client) = Client::demo();
    let count = |query: &str| {
        let feed = feed(&client, &format!("page_size=200&{query}"));
        (
            feed["entries"].as_array().unwrap().len(),
            feed["meta"]["total_count"].as_u64().unwrap(),
        )
    };
    assert_eq!(count(""), (55, 55));
    assert_eq!(
        count("status=unread"),
        (20, 55),
        "counts pass over the status"
    );
    assert_eq!(count("status=read"), (35, 55));
    assert_eq!(count("status=unseen"), (10, 55));
    assert_eq!(count("status=seen"), (45, 55));
    assert_eq!(count("archived=include"), (60, 60));
    assert_eq!(count("archived=only"), (5, 5));
    assert_eq!(count("source=comment-created"), (28, 28));
    assert_eq!(count("workflow_categories[]=billing"), (27, 27));
    assert_eq!(
        count("workflow_categories[]=billing&workflow_categories[]=collaboration"),
        (55, 55)
    );
    assert_eq!(
        count("tenant=globex"),
        (27, 27),
        "those without a tenant pass"
    );
    assert_eq!(count("tenant=globex&has_tenant=true"), (14, 14));
    assert_eq!(count("has_tenant=false"), (13, 13));
    assert_eq!(count("trigger_data=%7B%22number%22%3A7%7D"), (1, 1));
    assert_eq!(count("trigger_data=%7B%22number%22%3A%227%22%7D"), (0, 0));
    assert_eq!(count("locale=de-DE"), (55, 55));
    assert_eq!(
        client
            .get("/v1/users/nobody/feeds/f1000000-0000-4000-8000-000000000001")
            .expect(200)["entries"],
        json!([])
    );
    assert_eq!(
        client
            .get("/v1/users/jane/feeds/f1000000-0000-4000-8000-00000000ffff")
            .expect(200)["entries"],
        json!([])
    );
}

#[test]
fn times_can_be_spelled_both_ways() {
    let (_sandbox, client) = Client::demo();
    let pivot = feed(&client, "page_size=10")["entries"][9]["inserted_at"]
        .as_str()
        .unwrap()
        .to_owned();
    for (gt, gte, lt, lte) in [
        (
            "inserted_at.gt",
            "inserted_at.gte",
            "inserted_at.lt",
            "inserted_at.lte",
        ),
        (
            "inserted_at[gt]",
            "inserted_at[gte]",
            "inserted_at[lt]",
            "inserted_at%5Blte%5D",
        ),
    ] {
        let count =
            |bound: &str| feed(&client, &format!("{bound}={pivot}"))["meta"]["total_count"].clone();
        assert_eq!(
            [count(gt), count(gte), count(lt), count(lte)],
            [9, 10, 45, 46]
        );
    }
    let both = feed(
        &client,
        &format!("inserted_at.gte={pivot}&inserted_at.lte={pivot}"),
    );
    assert_eq!(numbers(&both), [9]);
}

#[test]
fn pages_lead_through_the_whole_feed_and_back() {
    let (_sandbox, client) = Client::demo();
    let mut seen = Vec::new();
    let mut query = "page_size=20".to_owned();
    let last = loop {
        let page = feed(&client, &query);
        seen.extend(numbers(&page));
        let Some(after) = page["page_info"]["after"].as_str() else {
            break page;
        };
        assert_eq!(page["entries"][19]["__cursor"], after);
        query = format!("page_size=20&after={after}");
    };
    assert_eq!(seen, (0..55).collect::<Vec<_>>());
    let before = last["page_info"]["before"].as_str().unwrap();
    assert_eq!(
        numbers(&feed(&client, &format!("page_size=20&before={before}"))),
        (20..40).collect::<Vec<_>>()
    );
    assert_eq!(
        feed(&client, "page_size=500")["page_info"]["page_size"],
        200
    );
}

#[test]
fn compact_and_excluded_parts_are_left_out() {
    let (_sandbox, client) = Client::demo();
    let compact = feed(&client, "mode=compact&page_size=1");
    let item = &compact["entries"][0];
    assert_eq!(
        (item.get("activities"), item.get("total_activities")),
        (None, None)
    );
    assert_eq!(
        item["data"],
        json!({"number": 0, "kind": "comment-created"})
    );

    let without = feed(
        &client,
        "exclude=entries.archived_at,entries.source.key,meta,%20vars&page_size=1",
    );
    let item = &without["entries"][0];
    assert_eq!(
        (item.get("archived_at"), item["source"].get("key")),
        (None, None)
    );
    assert!(item["source"].get("categories").is_some());
    assert_eq!((without.get("meta"), without.get("vars")), (None, None));
}

#[test]
fn wrong_parameters_are_all_named() {
    let (_sandbox, client) = Client::demo();
    let answer = client.get(&format!(
        "/v1/users/jane/feeds/{FEED}?status=new&archived=maybe&has_tenant=perhaps&workflow_categories=a&\
         trigger_data=%7B%22a%22%3A%7B%7D%7D&inserted_at.gt=today&mode=tiny&page_size=x&after=y"
    ));
    let mut fields = answer.invalid_fields();
    fields.sort();
    assert_eq!(
        fields,
        [
            "after",
            "archived",
            "has_tenant",
            "inserted_at.gt",
            "mode",
            "page_size",
            "status",
            "trigger_data.a",
            "workflow_categories"
        ]
    );
    let deep = client.get(&format!("/v1/users/jane/feeds/{FEED}?exclude=a.b.c.d"));
    assert_eq!(deep.invalid_fields(), ["exclude"]);
    assert_eq!(
        client.get("/v1/users/jane/feeds/inbox").invalid_fields(),
        ["id"]
    );
}

#[test]
fn settings_say_whether_branding_is_required() {
    let (_sandbox, client) = Client::demo();
    let settings = client
        .get(&format!("/v1/users/jane/feeds/{FEED}/settings"))
        .expect(200);
    assert_eq!(settings, json!({"features": {"branding_required": true}}));
}

#[test]
fn seeded_items_are_filled_in_and_go_with_their_user() {
    let sandbox = Sandbox::start();
    let client = Client::new(&sandbox);
    let seeded = sandbox
        .seed(json!({"feed_items": [{"user_id": "new", "channel_id": FEED, "source": "hello"}]}));
    let feed = client
        .get(&format!("/v1/users/new/feeds/{FEED}"))
        .expect(200);
    let item = &feed["entries"][0];
    assert_eq!(item["id"], seeded["feed_items"][0]);
    assert_eq!(
        (&item["source"]["key"], &item["tenant"]),
        (&json!("hello"), &json!(null))
    );
    assert_eq!(
        client.get("/v1/users/new").status,
        200,
        "the user came to be"
    );
    client.delete("/v1/users/new").expect(204);
    let feed = client
        .get(&format!("/v1/users/new/feeds/{FEED}"))
        .expect(200);
    assert_eq!(feed["entries"], json!([]));
}
