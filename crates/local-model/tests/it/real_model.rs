//! What the real file answers.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use local_model::{
    ChatMessage, EmbeddedModel, Finish, GenerateRequest, LocalModel, ModelError, Outcome, default_model_dir,
};

pub(crate) const MODEL_FILE: &str = "SmolLM2-135M-Instruct-Q4_1.gguf";

pub(crate) fn model_path() -> PathBuf {
    let path = default_model_dir().join(MODEL_FILE);
    assert!(path.is_file(), "these tests need `{}`: fetch it with `cargo xtask model`", path.display());
    path
}

fn embedded() -> &'static EmbeddedModel {
    static MODEL: OnceLock<EmbeddedModel> = OnceLock::new();
    MODEL.get_or_init(|| EmbeddedModel::new(model_path()))
}

fn model() -> Arc<LocalModel> {
    embedded().get().unwrap()
}

fn ask(question: &str) -> GenerateRequest {
    GenerateRequest {
        messages: vec![ChatMessage { role: "user".to_owned(), content: question.to_owned() }],
        max_tokens: 16,
        temperature: 0.0,
        top_p: 1.0,
        seed: 7,
        presence_penalty: 0.0,
        frequency_penalty: 0.0,
        stop: Vec::new(),
    }
}

fn answer(request: &GenerateRequest) -> (Vec<String>, Outcome) {
    let mut pieces = Vec::new();
    let outcome = model()
        .generate(request, &AtomicBool::new(false), &mut |piece| {
            pieces.push(piece.text.to_owned());
            ControlFlow::Continue(())
        })
        .unwrap();
    (pieces, outcome)
}

#[test]
fn a_question_gets_an_answer_with_one_piece_for_each_token() {
    let (pieces, outcome) = answer(&ask("What is the capital of Germany?"));
    assert!(pieces.concat().contains("Berlin"), "{pieces:?}");
    assert_eq!(outcome.finish, Finish::Stop);
    assert_eq!(pieces.len(), outcome.completion_tokens);
    // The template adds its own system turn: the count is that of the file's tokenizer.
    assert_eq!(outcome.prompt_tokens, 37);
}

#[test]
fn at_temperature_zero_the_answer_is_always_the_same() {
    let request = ask("Tell me about rivers.");
    assert_eq!(answer(&request), answer(&request));
}

#[test]
fn a_seed_makes_sampling_repeatable_and_another_seed_differs() {
    let warm = |seed| GenerateRequest { temperature: 1.0, seed, ..ask("Tell me about rivers.") };
    assert_eq!(answer(&warm(1)), answer(&warm(1)));
    assert_ne!(answer(&warm(1)).0, answer(&warm(2)).0);
}

#[test]
fn max_tokens_ends_the_answer() {
    let (pieces, outcome) = answer(&GenerateRequest { max_tokens: 5, ..ask("Tell me a long story.") });
    assert_eq!((pieces.len(), outcome.completion_tokens, outcome.finish), (5, 5, Finish::Length));
}

#[test]
fn a_stop_sequence_ends_the_answer_and_is_not_shown() {
    let whole = answer(&ask("What is the capital of Germany?")).0.concat();
    let (pieces, outcome) =
        answer(&GenerateRequest { stop: vec!["Berlin".to_owned()], ..ask("What is the capital of Germany?") });
    assert_eq!(outcome.finish, Finish::Stop);
    assert_eq!(pieces.concat(), whole.split("Berlin").next().unwrap());
}

#[test]
fn characters_of_several_tokens_arrive_whole() {
    let (pieces, _) = answer(&GenerateRequest {
        max_tokens: 24,
        temperature: 0.7,
        seed: 1,
        ..ask("Write a list of 3 colours, with emoji 😀.")
    });
    let text = pieces.concat();
    assert!(!text.contains(char::REPLACEMENT_CHARACTER), "{text}");
    assert!(!text.is_ascii(), "{text}");
    assert!(pieces.iter().any(String::is_empty), "an emoji takes several tokens: {pieces:?}");
}

#[test]
fn a_long_greedy_answer_does_not_loop() {
    let text = answer(&GenerateRequest { max_tokens: 120, ..ask("Tell me a long story about a dragon.") }).0.concat();
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut phrases: Vec<&[&str]> = words.windows(8).collect();
    let all = phrases.len();
    phrases.sort_unstable();
    phrases.dedup();
    assert!(phrases.len() * 10 >= all * 9, "the same eight words again and again: {text}");
}

#[test]
fn breaking_off_ends_the_answer_at_that_token() {
    let mut seen = 0;
    let outcome = model()
        .generate(&ask("Tell me a long story."), &AtomicBool::new(false), &mut |_| {
            seen += 1;
            if seen == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
        .unwrap();
    assert_eq!((seen, outcome.completion_tokens, outcome.finish), (3, 3, Finish::Cancelled));
}

#[test]
fn cancelling_stops_it_even_while_the_prompt_is_read() {
    let cancel = AtomicBool::new(true);
    let outcome = model().generate(&ask("Hello"), &cancel, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!((outcome.prompt_tokens, outcome.completion_tokens, outcome.finish), (0, 0, Finish::Cancelled));
    cancel.store(false, Ordering::Relaxed);
    let outcome = model()
        .generate(&ask("Hello"), &cancel, &mut |_| {
            cancel.store(true, Ordering::Relaxed);
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!((outcome.completion_tokens, outcome.finish), (1, Finish::Cancelled));
}

#[test]
fn a_prompt_longer_than_the_context_is_refused_with_both_numbers() {
    let error = model()
        .generate(&ask(&"word ".repeat(5_000)), &AtomicBool::new(false), &mut |_| ControlFlow::Continue(()))
        .unwrap_err();
    let limit = embedded().context_length().unwrap() - 1;
    match error {
        ModelError::PromptTooLong { prompt, limit: said } => assert!(prompt > 5_000 && said == limit),
        other => panic!("{other}"),
    }
}

#[test]
fn a_prompt_is_counted_as_it_is_read_and_without_the_weights() {
    // The head of the file, where the tokenizer is; the weights begin after it.
    let path = std::env::temp_dir().join(format!("cupola-{}-head.gguf", std::process::id()));
    let whole = std::fs::read(model_path()).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 20]).unwrap();
    let head = EmbeddedModel::new(path.clone());
    let question = ask("What is the capital of Germany?");
    assert_eq!(head.count(&question.messages).unwrap(), answer(&question).1.prompt_tokens);
    assert!(head.get().is_err());
    std::fs::remove_file(path).unwrap();
    let endless = embedded().count(&ask(&"word ".repeat(5_000)).messages).unwrap_err();
    assert!(matches!(endless, ModelError::PromptTooLong { .. }), "{endless}");
}

#[test]
fn answers_at_the_same_time_do_not_touch_each_other() {
    let request = ask("What is the capital of Germany?");
    let alone = answer(&request);
    let both = std::thread::scope(|scope| {
        let other = scope.spawn(|| answer(&ask("Tell me about rivers.")));
        let mine = answer(&request);
        other.join().unwrap();
        mine
    });
    assert_eq!(alone, both);
}

#[test]
fn a_prompt_beyond_all_measure_is_refused_without_counting_it() {
    let endless = "x".repeat(16 * 1024 * 1024);
    let error =
        model().generate(&ask(&endless), &AtomicBool::new(false), &mut |_| ControlFlow::Continue(())).unwrap_err();
    match error {
        // At most sixteen million tokens, and certainly more than fit.
        ModelError::PromptTooLong { prompt, limit } => assert!(prompt > limit && prompt < endless.len() / 2),
        other => panic!("{other}"),
    }
}
