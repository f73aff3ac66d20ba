//! Tables with a head: one event per row.
//!
//! A table is read twice. First it is looked through for what it leaves open: what separates its columns
//! (`head`), whether a point or a comma begins a fraction (`numbers`), what its times are (`times`). Each is
//! one answer for the whole file, or a refusal that says which option answers it, before anything is stored. Then
//! its rows are read (`rows`).

mod head;
mod look;
mod numbers;
mod records;
mod rows;
mod times;

use super::file::Format;

/// Values separated by commas, semicolons, tabs or bars.
pub const FORMAT: Format = Format {
    name: "csv",
    extensions: &["csv", "tsv", "tab", "psv"],
    begins_with: |byte| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"\"_#,;|".contains(&byte),
    survey: look::survey,
};

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::import::file::{FileOptions, ImportError, Survey};
    use crate::import::mapping::Mapping;
    use crate::import::notation::Decimal;
    use crate::read::bounds::Bounds;

    /// 2026-11-23T20:05:00Z.
    const NOW_MS: i64 = 1_795_464_300_000;

    fn told(map: &str, set: &str) -> FileOptions {
        let mapping = Mapping::parse(&[map.into()], &[set.into()]).unwrap();
        FileOptions { mapping, now_ms: NOW_MS, ..FileOptions::default() }
    }

    fn survey(file: &str, told: &FileOptions) -> Result<Survey, ImportError> {
        let file = file.to_owned();
        (FORMAT.survey)(&move || Ok(Box::new(Cursor::new(file.clone()))), told, &Bounds::default())
    }

    fn refused(file: &str, told: &FileOptions) -> (&'static str, String) {
        match survey(file, told) {
            Ok(survey) => panic!("{file} is read: {:?}", survey.notes),
            Err(error) => (error.code(), error.to_string()),
        }
    }

    fn items(file: &str, told: &FileOptions) -> Vec<(u64, Result<String, &'static str>)> {
        let survey = survey(file, told).unwrap_or_else(|error| panic!("{file}: {error}"));
        let items = (survey.items)(Box::new(Cursor::new(file.to_owned()))).unwrap();
        let items = items.map(|item| item.unwrap());
        items.map(|item| (item.line, item.json.map_err(|refusal| refusal.code.word()))).collect()
    }

    /// The input tokens of each row, or why there are none.
    fn tokens(file: &str, told: &FileOptions) -> Vec<Result<Option<u64>, &'static str>> {
        let number = |item: String| {
            serde_json::from_str::<serde_json::Value>(&item).unwrap()["usage"]["input_tokens"].as_u64()
        };
        items(file, told).into_iter().map(|(_, item)| item.map(number)).collect()
    }

    #[test]
    fn rows_become_items_in_the_names_of_the_api() {
        let file = "when , in,user,label.team,other\n\
            2023-11-16 18:17:03.9799600,12, u_1 ,\"a,\"\"b\"\"\",ignored\n\
            \n\
            then,1,,,\n\
            2023-11-16T18:17:04Z,many,,,\n\
            2023-11-16T18:17:04Z,2,NaN,NA,\n\
            1,2\n";
        let told =
            told("at=when,input_tokens=in", "model=m,cache_write_1h_tokens=3,label.team=x,label.env=prod");
        let first = concat!(
            r#"{"at":1700158623979,"labels":{"env":"prod","team":"x"},"model":"m","#,
            r#""usage":{"cache_creation":{"ephemeral_1h_input_tokens":3},"input_tokens":12},"user":"u_1"}"#
        );
        let fourth = concat!(
            r#"{"at":1700158624000,"labels":{"env":"prod","team":"x"},"model":"m","#,
            r#""usage":{"cache_creation":{"ephemeral_1h_input_tokens":3},"input_tokens":2}}"#
        );
        let expected = [
            (2, Ok(first.to_owned())),
            (4, Err("invalid_time")),
            (5, Err("invalid_number")),
            (6, Ok(fourth.to_owned())),
            (7, Err("invalid_row")),
        ];
        assert_eq!(items(file, &told), expected);
    }

    #[test]
    fn a_missing_column_is_named_beside_those_there_are() {
        let file = "a,b,the model,day\n1,2,m,2026-11-20\n";
        let (code, said) = refused(file, &told("at=c", "model=m"));
        assert_eq!(code, "missing_column");
        assert_eq!(said, "the file has no column `c` for `at`; it has: a, b, the model, day");
        let (code, said) = refused(file, &told("at=a", ""));
        assert_eq!(code, "no_model");
        assert!(
            said.contains("--map \"model=the model\"") && said.contains("a, b, the model, day"),
            "{said}"
        );
        let (code, said) = refused(file, &told("", "model=m"));
        assert_eq!(code, "no_times");
        assert!(said.contains("such as --map at=day,") && said.contains("--set at=now"), "{said}");
        assert!(survey(file, &told("", "model=m,at=now")).is_ok());
        assert_eq!(refused("", &told("", "model=m,at=now")).0, "empty_file");
    }

    #[test]
    fn names_of_columns_forge_no_lines_and_do_not_go_on_for_ever() {
        let forged = "\"when\nu.csv: 9 events added\",day,model\n1,2026-11-20,m\n";
        for (map, set) in [("at=x", ""), ("at=day", ""), ("", "")] {
            let said = match survey(forged, &told(map, set)) {
                Ok(survey) => survey.notes.join("|"),
                Err(error) => error.to_string(),
            };
            assert!(!said.contains('\n') && said.contains("⟨U+000A⟩"), "{said}");
        }
        let many: Vec<String> = (0..500).map(|number| format!("c{number}")).collect();
        let (code, said) = refused(&format!("{}\n", many.join(",")), &told("at=x", ""));
        assert!(code == "missing_column" && said.ends_with("c38, c39, and 460 more columns"), "{said}");
    }

    #[test]
    fn a_head_that_does_not_end_is_refused() {
        let fits = format!("at,model,{}\n2026-11-20,m,1\n", "x".repeat(200_000));
        assert!(survey(&fits, &told("", "")).is_ok());
        let long = format!("at,model,{}\n2026-11-20,m,1\n", "x".repeat(1 << 18));
        let wide = format!("at,model{}\n2026-11-20,m,1\n", ",".repeat(1 << 14));
        let wide_and_told = FileOptions { delimiter: ",".parse().ok(), ..told("", "") };
        for (file, told) in [(&long, &told("", "")), (&wide, &told("", "")), (&wide, &wide_and_told)] {
            assert_eq!(refused(file, told).0, "head_too_large");
        }
    }

    #[test]
    fn the_delimiter_is_the_one_that_gives_known_names() {
        for delimiter in [",", ";", "\t", "|"] {
            let rows = ["at,model,input_tokens,note", "\"2026-11-20 10:00:00\",m,12,\"a;b|c\td,e\""];
            let file = rows.map(|row| row.replacen(',', delimiter, 3)).join("\r\n");
            assert_eq!(tokens(&file, &told("", "")), [Ok(Some(12))], "{delimiter:?}");
        }
        let quoted = "\"at\";\"model\";\"input_tokens\"\n2026-11-20 10:00:00;m;12\n";
        assert_eq!(tokens(quoted, &told("", "")), [Ok(Some(12))]);
        let mapped = "When, in UTC;Tokens|all\n2026-11-20 10:00:00;12\n";
        assert_eq!(tokens(mapped, &told("input_tokens=Tokens|all", "model=m,at=now")), [Ok(Some(12))]);
        let said = "\"sep=;\"\r\nat;model;input_tokens\r\n2026-11-20 10:00:00;m;1,0\r\n";
        assert_eq!(items(said, &told("", ""))[0].0, 3);
        assert_eq!(tokens(said, &told("", "")), [Ok(Some(1))]);

        let either = "at,x;model\n2026-11-20,x;m\n";
        let (code, message) = refused(either, &told("", "input_tokens=1"));
        assert!(code == "ambiguous_delimiter" && message.contains("--delimiter"), "{message}");
        let given = FileOptions { delimiter: "^".parse().ok(), ..told("", "") };
        assert_eq!(tokens("at^model^input_tokens\n2026-11-20^m^7\n", &given), [Ok(Some(7))]);
    }

    #[test]
    fn the_tables_of_other_programs_are_read_as_they_are() {
        // pandas with its index; cells at the end that a spreadsheet left; rows of nothing.
        let file = ",at,model,input_tokens,,\n\
            0,2026-11-20 10:00:00+00:00,m,412.0,,\n\
            1,2026-11-20 10:00:01+00:00,m,NaN,,\n\
            2,2026-11-20 10:00:02+00:00,m,\"1,234.0\"\n\
            3,2026-11-20 10:00:03+00:00,m,412.5,,\n\
            ,,,,,\n\
            4,2026-11-20 10:00:04+00:00,m,<NA>,,,,,,\n\
            5,2026-11-20 10:00:05+00:00,m,5,,,,x\n\
            ,,,,,,,,\n";
        let expected =
            [Ok(Some(412)), Ok(None), Ok(Some(1_234)), Err("invalid_number"), Ok(None), Err("invalid_row")];
        assert_eq!(tokens(file, &told("", "")), expected);
    }

    #[test]
    fn a_mark_that_may_mean_two_things_is_asked_about() {
        let file = |cells: &[&str]| {
            let row = |cell: &&str| format!("2026-11-20 10:00:00;m;{cell}\n");
            format!("at;model;input_tokens\n{}", cells.iter().map(row).collect::<String>())
        };
        let (code, message) = refused(&file(&["7", "1.234"]), &told("", ""));
        assert_eq!(code, "ambiguous_numbers");
        assert!(message.contains("`input_tokens` (line 3)") && message.contains("--decimal"), "{message}");
        let (code, message) = refused(&file(&["1.5", "1,5"]), &told("", ""));
        assert!(code == "ambiguous_numbers" && message.contains("line 2") && message.contains("line 3"));
        let as_told = |decimal| FileOptions { decimal: Some(decimal), ..told("", "") };
        assert_eq!(tokens(&file(&["1.234"]), &as_told(Decimal::Comma)), [Ok(Some(1_234))]);
        assert_eq!(tokens(&file(&["1.234"]), &as_told(Decimal::Point)), [Err("invalid_number")]);
        assert_eq!(tokens(&file(&["1.234", "7,0"]), &told("", "")), [Ok(Some(1_234)), Ok(Some(7))]);
    }

    #[test]
    fn a_column_that_is_there_twice_is_asked_about_where_it_is_read() {
        let file = "at,model,input_tokens,input_tokens,x,x\n2026-11-20 10:00:00,m,12,99,1,2\n";
        let (code, message) = refused(file, &told("", ""));
        assert_eq!(code, "doubled_column");
        assert!(message.contains("columns 3 and 4") && message.contains("--map input_tokens="), "{message}");
        assert_eq!(refused(file, &told("input_tokens=x", "")).0, "doubled_column");
        assert_eq!(tokens(file, &told("", "input_tokens=5")), [Ok(Some(5))]);
    }

    #[test]
    fn quotes_that_swallow_rows_stop_everything() {
        let file = |user: &str| {
            format!(
                "at,model,user\n2026-11-20 10:00:00,m,a\n2026-11-20 10:00:00,m,{user}\n2026-11-20 10:00:00,m,b\n"
            )
        };
        for user in ["\"open", "\"a\" b", "\"a\\\"b\""] {
            let (code, message) = refused(&file(user), &told("", ""));
            assert!(code == "open_quote" && message.starts_with("line 3: "), "{user}: {message}");
        }
        // A cell that is read never goes over lines: who would be called so?
        let two = format!("{}2026-11-20 10:00:00,m,\"\n", file("\"open"));
        assert_eq!(items(&two, &told("", ""))[1], (3, Err("invalid_row")));
        assert_eq!(refused("at,\"model\n1,2\n", &told("", "")).0, "open_quote");
    }

    #[test]
    fn what_was_found_is_said() {
        let file = "ts;model;input_tokens;spend\n1795168800;m;1.000,0;1\n1795168860;m;;\n";
        assert_eq!(
            survey(file, &told("at=ts", "")).unwrap().notes,
            [
                "columns are separated by `;`, numbers have a decimal comma",
                "column `ts`: Unix seconds, from 2026-11-20T10:00:00Z to 2026-11-20T10:01:00Z",
                "not read: spend",
            ]
        );
        let file = "at,model\n11/20/2026 10:00,m\n01/02/2026,m\n";
        assert_eq!(
            survey(file, &told("", "")).unwrap().notes[1..],
            [
                "column `at`: month/day/year, from 2026-01-02T00:00:00Z to 2026-11-20T10:00:00Z, \
                 times without a zone taken as UTC, days without a time taken as their midnight",
                "no column holds token counts, so they are unknown; name some with --map input_tokens=COLUMN",
            ]
        );
    }
}
