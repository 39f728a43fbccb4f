#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use super::*;

#[test]
fn models_have_the_published_tokenizer_or_none() {
    let cases = [
        ("gpt-4o", Some(Tokenizer::O200k)),
        ("GPT-4o-mini", Some(Tokenizer::O200k)),
        ("gpt-5-nano", Some(Tokenizer::O200k)),
        ("o3-mini", Some(Tokenizer::O200k)),
        ("gpt-oss-20b", Some(Tokenizer::O200k)),
        ("gpt-35-turbo", Some(Tokenizer::Cl100k)),
        ("text-embedding-3-large", Some(Tokenizer::Cl100k)),
        ("text-davinci-003", None),
        ("claude-sonnet-4-5", None),
        ("SmolLM2-135M-Instruct", None),
    ];
    for (model, tokenizer) in cases {
        assert_eq!(Tokenizer::of_model(model), tokenizer, "{model}");
    }
}

#[test]
fn texts_have_the_tokens_of_the_published_tokenizers() {
    let cases = [
        ("", 0, 0),
        ("hello world", 2, 2),
        ("The quick brown fox jumps over the lazy dog.", 10, 10),
        ("お誕生日おめでとう", 8, 9),
        ("antidisestablishmentarianism", 6, 6),
        ("2 + 2 = 4", 7, 7),
    ];
    for (text, o200k, cl100k) in cases {
        assert_eq!((Tokenizer::O200k.count(text), Tokenizer::Cl100k.count(text)), (o200k, cl100k), "{text}");
    }
}

#[test]
fn a_control_token_in_a_text_is_text() {
    assert!(Tokenizer::O200k.count("<|endoftext|>") > 1);
}

#[test]
fn a_long_text_is_counted_in_pieces_as_it_is_whole() {
    let text = "A word, a number: 1234; then (\"quotes\")…\n\n  and\tблоки текста — 漢字 too.  ".repeat(300);
    assert!(text.len() > 4 * PIECE_BYTES);
    for tokenizer in [Tokenizer::O200k, Tokenizer::Cl100k] {
        assert_eq!(tokenizer.count(&text), tokenizer.bpe().count_ordinary(&text) as u64);
    }
}

#[test]
fn runs_that_the_tokenizer_gives_up_on_are_counted() {
    let million = 1_000_000;
    let blanks = Tokenizer::O200k.count(&" ".repeat(million));
    assert!(blanks > 0 && blanks < million as u64 / 10, "{blanks}");
    let mixed = Tokenizer::O200k.count(&format!("{}x", " ".repeat(million)));
    assert!(mixed > blanks, "{mixed}");
}

#[test]
fn no_text_has_more_tokens_than_its_upper_bound() {
    for text in ["a", "\u{10fffe}\u{2fa1d}", "🫠🫠🫠", "\0\0\0", "가힣", "^&*("] {
        let count = Tokenizer::O200k.count(text).max(Tokenizer::Cl100k.count(text));
        assert!(count <= upper_bound(text.len() as u64), "{text:?}: {count}");
    }
    let rare = "\u{10fffe}\u{2fa1d}";
    assert_eq!(Tokenizer::O200k.count(rare), upper_bound(rare.len() as u64), "and the bound is reached");
}

#[test]
fn an_estimate_is_a_quarter_of_the_bytes_and_one_for_each_rare_character() {
    assert_eq!([estimate(""), estimate("abcd"), estimate("abcde"), estimate("漢字 a")], [0, 1, 2, 3]);
}
