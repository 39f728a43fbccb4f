#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::*;

fn laid(stored: Value, given: Value) -> Result<Value, String> {
    let mut properties = Map::from_iter([(NAME.to_owned(), stored)]);
    lay_over(&given, &mut properties).map_err(|failure| failure.reason)?;
    Ok(properties.remove(NAME).unwrap_or(Value::Null))
}

#[test]
fn what_is_given_is_set_and_the_rest_stays() {
    let stored = json!({"Engineering": {"Project": ["Baker"], "Level": 3}, "Sales": {"Region": "West"}});
    let given = json!({"Engineering": {"@odata.type": SET_TYPE, "Project@odata.type": "#Collection(String)",
        "Project": ["Cascade", "Baker"], "Certified": true}});
    let expected = json!({"Engineering": {"Project": ["Cascade", "Baker"], "Level": 3, "Certified": true},
        "Sales": {"Region": "West"}});
    assert_eq!(laid(stored, given).unwrap(), expected);
}

#[test]
fn null_and_an_empty_list_take_away_and_an_empty_set_goes() {
    let stored = json!({"Engineering": {"Project": ["Baker"], "Level": 3}});
    assert_eq!(
        laid(stored.clone(), json!({"Engineering": {"Project": []}})).unwrap(),
        json!({"Engineering": {"Level": 3}})
    );
    assert_eq!(laid(stored, json!({"Engineering": {"Project": [], "Level": null}})).unwrap(), Value::Null);
}

#[test]
fn names_are_compared_without_case_and_keep_their_first_spelling() {
    let stored = json!({"Engineering": {"Project": "Baker"}});
    let given = json!({"ENGINEERING": {"project": "Cascade"}});
    assert_eq!(laid(stored, given).unwrap(), json!({"Engineering": {"Project": "Cascade"}}));
}

#[test]
fn what_is_wrong_is_named_and_changes_nothing() {
    let long = "x".repeat(65);
    let many: Vec<i32> = (0..51).collect();
    for (given, word) in [
        (json!(7), "object of sets"),
        (json!({"Engineering": null}), "'Engineering' must be an object"),
        (json!({"Engi neering": {}}), "'Engi neering'"),
        (json!({"a_b": {"c": "1"}}), "'a_b'"),
        (json!({"Engineering": {"Pro_ject": "1"}}), "'Pro_ject'"),
        (json!({"Engineering": {"": "1"}}), "letters and digits"),
        (json!({"Engineering": {"Level": 1.5}}), "'Level'"),
        (json!({"Engineering": {"Level": 4_294_967_296_u64}}), "'Level'"),
        (json!({"Engineering": {"Project": {"a": "b"}}}), "'Project'"),
        (json!({"Engineering": {"Project": ["Baker", 7]}}), "'Project'"),
        (json!({"Engineering": {"Project": ""}}), "'Project'"),
        (json!({"Engineering": {"Project": long}}), "'Project'"),
        (json!({"Engineering": {"Level": many}}), "at most 50 values"),
    ] {
        let said = laid(json!({"Engineering": {"Project": "Baker"}}), given.clone()).unwrap_err();
        assert!(said.contains(word), "{given}: {said}");
    }
}
