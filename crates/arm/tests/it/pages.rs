//! The parts of a list.

use arm::{PAGE_SIZE, PAGE_SIZE_LIMIT, Window};

fn keyed(keys: impl IntoIterator<Item = usize>) -> Vec<(String, usize)> {
    keys.into_iter().map(|key| (format!("/k{key:05}"), key)).collect()
}

fn page(top: Option<&str>, token: Option<&str>, list: Vec<(String, usize)>) -> (Vec<usize>, Option<String>) {
    Window::from_query(top, token).unwrap().cut(list)
}

/// Every item, page by page; `between` changes the list after each page.
fn walk(top: &str, mut list: Vec<(String, usize)>, mut between: impl FnMut(&mut Vec<(String, usize)>)) -> Vec<usize> {
    let (mut all, mut token) = (Vec::new(), None);
    loop {
        let (items, next) = page(Some(top), token.as_deref(), list.clone());
        assert!(items.len() <= top.parse().unwrap());
        all.extend(items);
        match next {
            Some(next) => token = Some(next),
            None => return all,
        }
        between(&mut list);
    }
}

#[test]
fn pages_together_are_the_list_in_the_order_of_its_keys() {
    let shuffled = keyed([7, 3, 9, 1, 5, 2, 8, 4, 6, 0]);
    for top in ["1", "2", "3", "5", "10", "11"] {
        assert_eq!(walk(top, shuffled.clone(), |_| {}), (0..10).collect::<Vec<_>>(), "{top}");
    }
}

#[test]
fn a_whole_last_page_names_no_next_one() {
    assert_eq!(page(Some("5"), None, keyed(0..5)).1, None);
    assert!(page(Some("5"), None, keyed(0..6)).1.is_some());
    assert_eq!(page(Some("5"), None, Vec::new()), (Vec::new(), None));
}

#[test]
fn what_comes_and_goes_between_two_pages_neither_repeats_nor_hides_the_rest() {
    let mut round = 0;
    let seen = walk("3", keyed((0..40).step_by(2)), |list| {
        round += 1;
        // One more in front of all, the first one gone, one more at the end.
        list.insert(0, (format!("/a{round}"), 1000 + round));
        list.retain(|(key, _)| key != &format!("/k{:05}", 2 * (round - 1)));
        list.push((format!("/z{round:05}"), 2000 + round));
        if round > 20 {
            list.retain(|(key, _)| !key.starts_with("/z"));
        }
    });
    for stays in (20..40).step_by(2) {
        assert_eq!(seen.iter().filter(|one| **one == stays).count(), 1, "{stays}: {seen:?}");
    }
    assert!(!seen.iter().any(|one| (1000..2000).contains(one)), "{seen:?}");
}

#[test]
fn the_size_is_the_clients_up_to_a_limit() {
    assert_eq!(page(None, None, keyed(0..PAGE_SIZE + 1)).0.len(), PAGE_SIZE);
    assert_eq!(page(Some("999999"), None, keyed(0..PAGE_SIZE_LIMIT + 1)).0.len(), PAGE_SIZE_LIMIT);
    assert_eq!(page(Some(" 7 "), None, keyed(0..9)).0.len(), 7);
    for wrong in ["0", "-1", "1.5", "many", "99999999999999999999"] {
        assert_eq!(Window::from_query(Some(wrong), None).unwrap_err().target.as_deref(), Some("$top"), "{wrong}");
    }
}

#[test]
fn a_token_that_is_none_is_refused() {
    let long = "A".repeat(5000);
    for wrong in ["%", "a b", "_w", long.as_str()] {
        let error = Window::from_query(None, Some(wrong)).unwrap_err();
        assert_eq!((error.status(), error.target.as_deref()), (400, Some("$skipToken")), "{wrong}");
    }
    assert!(Window::from_query(None, Some("")).is_ok());
}
