//! CSV files as people have them: nothing in them is lost or changed without a word.

mod support;

use serde_json::json;
use support::Scene;

#[test]
fn a_file_is_imported_and_its_users_deleted() {
    let text = "id,email,plan\njane,jane@ingen.net,pro\n\"joe, 2\",,free\n";
    let scene = Scene::new("users.csv", text);
    let done = scene.run(&[]);
    assert_eq!(done.status, 0, "{done:?}");
    assert_eq!(done.said, "");
    assert_eq!(
        scene.user("jane"),
        json!({"id": "jane", "email": "jane@ingen.net", "plan": "pro"})
    );
    assert_eq!(
        scene.user("joe, 2"),
        json!({"id": "joe, 2", "plan": "free"})
    );
    assert_eq!(scene.run(&["--delete"]).status, 0);
    assert!(scene.ids().is_empty());
}

#[test]
fn a_quote_that_is_not_closed_is_an_error_that_names_its_line() {
    for (text, line) in [
        ("id,n\na,1\nb,\"2\nc,3\nd,4\n", "line 3"),
        ("id,n\na,1\nb,\"2\nc,\"3\"\nd,4\n", "line 3"),
        ("id,\"n\na,1\nb,2\n", "line 1"),
        ("sep=,\r\nid,n\r\na,\"1\r\n", "line 3"),
    ] {
        let scene = Scene::new("users.csv", text);
        let done = scene.run(&[]);
        assert_eq!(done.status, 2, "{text:?}: {done:?}");
        assert!(done.said.contains(line), "{text:?}: {}", done.said);
        assert!(scene.sandbox.requests().is_empty(), "{text:?}");
    }
}

#[test]
fn cells_with_quotes_separators_and_line_ends_are_values() {
    let scene = Scene::new(
        "users.csv",
        "id,n\r\na,\"1,\r\n\"\"2\"\"\"\r\nb,5\" pipe\r\n",
    );
    assert_eq!(scene.run(&[]).status, 0);
    assert_eq!(scene.user("a")["n"], "1,\r\n\"2\"");
    assert_eq!(scene.user("b")["n"], "5\" pipe");
}

#[test]
fn a_row_of_another_length_is_a_bad_record_with_its_line() {
    for end in ["\n", "\r\n"] {
        let text = ["id,n", "a,1,2", "b,3", "c", ",4"].join(end);
        let scene = Scene::new("users.csv", text);
        let done = scene.run(&[]);
        assert_eq!(done.status, 1, "{done:?}");
        let report: Vec<_> = done.report.lines().collect();
        assert_eq!(
            report[..3],
            [
                "record 1: line 2 has 3 cells, but the header has 2",
                "record 3: line 4 has 1 cells, but the header has 2",
                "record 4: it has no id",
            ]
        );
        assert_eq!(scene.ids(), ["b"]);
    }
}

#[test]
fn a_header_that_leaves_something_open_is_one_error_with_its_columns() {
    for (text, messages) in [
        (
            "ID,name\na,b\nc,d\n",
            &["no column id", "\"ID\", \"name\"", "--map COLUMN=id"][..],
        ),
        (
            "id,name,name\na,b,c\n",
            &["two columns \"name\"", "\"id\", \"name\", \"name\""],
        ),
        ("id,name, name\na,b,c\n", &["two columns \"name\""]),
        ("", &["the header is empty"]),
        ("\n\n", &["the header is empty"]),
        ("id,na\u{e9}".split('\u{e9}').next().unwrap(), &[]),
    ] {
        let scene = Scene::new("users.csv", text);
        let done = scene.run(&[]);
        if messages.is_empty() {
            assert_eq!(
                done.status, 0,
                "a header alone is a file without users: {done:?}"
            );
            continue;
        }
        assert_eq!(done.status, 2, "{text:?}: {done:?}");
        assert_eq!(done.said.lines().count(), 1, "{}", done.said);
        for message in messages {
            assert!(done.said.contains(message), "{text:?}: {}", done.said);
        }
        assert!(scene.sandbox.requests().is_empty());
    }
}

#[test]
fn space_around_the_name_of_a_column_is_no_part_of_it() {
    let scene = Scene::new("users.csv", "id, email ,n\na,a@b.example, 1 \n");
    let done = scene.run(&[]);
    assert_eq!(done.status, 0, "{done:?}");
    assert!(
        done.said
            .contains(r#"the column " email " is read as "email""#),
        "{}",
        done.said
    );
    assert_eq!(
        scene.user("a"),
        json!({"id": "a", "email": "a@b.example", "n": " 1 "})
    );
}

#[test]
fn a_column_without_a_name_may_hold_nothing() {
    let scene = Scene::new("users.csv", "id,n,\na,1,\nb,2,3\n");
    let done = scene.run(&[]);
    assert_eq!(done.status, 1, "{done:?}");
    assert!(
        done.report
            .starts_with("record 2: line 3 has a value in column 3, which has no name\n"),
        "{}",
        done.report
    );
    assert_eq!(scene.user("a"), json!({"id": "a", "n": "1"}));
}

#[test]
fn separators_are_found_announced_or_given() {
    for (name, text, arguments) in [
        ("users.csv", "id;n\na;1,5\n", &[][..]),
        ("users.csv", "n\tid\n1,5\ta\n", &[]),
        ("users.tsv", "id\tn\na\t1,5\n", &[]),
        ("USERS.CSV", "id|n\r\na|1,5\r\n", &[]),
        ("users.csv", "sep=;\r\nid;n\r\na;1,5\r\n", &[]),
        ("users.csv", "\"sep=~\"\nid~n\na~1,5\n", &[]),
        ("users.csv", "id^n\na^1,5\n", &["--separator", "^"]),
        ("users.csv", "id\tn\na\t1,5\n", &["--separator=tab"]),
        ("users.csv", "\u{feff}id;\"n\"\na;1,5\n", &[]),
        ("users.csv", "\u{feff}sep=;\nid;n\na;1,5\n", &[]),
    ] {
        let scene = Scene::new(name, text);
        let done = scene.run(arguments);
        assert_eq!(done.status, 0, "{text:?}: {done:?}");
        assert_eq!(scene.user("a"), json!({"id": "a", "n": "1,5"}), "{text:?}");
    }
}

#[test]
fn columns_get_other_names() {
    let text = "Nr,E-mail,n=1\na,a@b.example,x\n";
    let scene = Scene::new("users.csv", text);
    let done = scene.run(&["--map", "E-mail=email", "--map=Nr=id", "--map", "n=1=one"]);
    assert_eq!(done.status, 0, "{done:?}");
    assert_eq!(
        scene.user("a"),
        json!({"id": "a", "email": "a@b.example", "one": "x"})
    );
    let missing = scene.run(&["--map", "Nr=id", "--map", "Mail=email"]);
    assert_eq!(missing.status, 2);
    assert!(
        missing
            .said
            .contains(r#"no column "Mail" to map; the columns are "Nr", "E-mail", "n=1""#),
        "{}",
        missing.said
    );
}

#[test]
fn encodings_are_named_or_marked_and_never_guessed() {
    let utf16: Vec<u8> = "\u{feff}id\tn\r\na\tZoë\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let latin = b"id,n\na,Zo\xeb\n";
    for (bytes, arguments) in [
        (&utf16[..], &[][..]),
        (latin, &["--encoding", "windows-1252"]),
    ] {
        let scene = Scene::new("users.csv", bytes);
        assert_eq!(scene.run(arguments).status, 0);
        assert_eq!(scene.user("a")["n"], "Zoë");
    }
    let scene = Scene::new("users.csv", latin);
    let done = scene.run(&[]);
    assert_eq!(done.status, 1);
    assert!(
        done.report
            .starts_with("record 1: line 2: cell 2 is not UTF-8; --encoding"),
        "{}",
        done.report
    );
    let odd = [&utf16[..], b"\x00\xd8x\0"].concat();
    let done = Scene::new("users.csv", odd).run(&[]);
    assert_eq!(done.status, 2, "{done:?}");
    assert!(done.said.contains("are not UTF-16LE"), "{}", done.said);
}
