//! What the real embedding model answers.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use local_model::{
    EmbedRequest, EmbeddingInput, EmbeddingInputError, EmbeddingModel, Embeddings, LocalEmbedder, ModelError,
    default_model_dir,
};
use serde::Deserialize;

const FOLDER: &str = "all-MiniLM-L6-v2";
const WEIGHTS: &str = "model.safetensors";
/// What the model's makers trained it on.
const MOST_TOKENS: usize = 256;

/// What another implementation makes of the same files.
#[derive(Deserialize)]
struct Reference {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    input: String,
    tokens: usize,
    embedding: Vec<f32>,
}

fn reference() -> Vec<Case> {
    let text = include_str!("../../../../conformance/embeddings/all-minilm-l6-v2.json");
    serde_json::from_str::<Reference>(text).unwrap().cases
}

fn weights() -> PathBuf {
    let path = default_model_dir().join(FOLDER).join(WEIGHTS);
    assert!(path.is_file(), "these tests need `{}`: fetch it with `cargo xtask model`", path.display());
    path
}

fn embedded() -> &'static EmbeddingModel {
    static MODEL: OnceLock<EmbeddingModel> = OnceLock::new();
    MODEL.get_or_init(|| EmbeddingModel::new(weights()))
}

fn model() -> Arc<LocalEmbedder> {
    embedded().get().unwrap()
}

fn text(text: &str) -> EmbeddingInput {
    EmbeddingInput::Text(text.to_owned())
}

fn request<'a>(texts: impl IntoIterator<Item = &'a str>) -> EmbedRequest {
    EmbedRequest { inputs: texts.into_iter().map(text).collect(), dimensions: None }
}

fn embed(request: &EmbedRequest) -> Result<Embeddings, ModelError> {
    model().embed(request, &AtomicBool::new(false))
}

fn refusal(request: &EmbedRequest) -> EmbeddingInputError {
    match embed(request).unwrap_err() {
        ModelError::Input(error) => error,
        other => panic!("{other}"),
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn assert_same(ours: &[f32], theirs: &[f32], about: &str) {
    assert_eq!(ours.len(), theirs.len(), "{about}");
    let apart = ours.iter().zip(theirs).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(apart < 1e-4, "`{about}` differs by {apart}");
    let cosine = dot(ours, theirs) / (dot(ours, ours) * dot(theirs, theirs)).sqrt();
    assert!(cosine > 0.9999, "`{about}` has the cosine {cosine}");
}

#[test]
fn vectors_and_token_counts_are_those_of_another_implementation() {
    for case in reference() {
        let made = embed(&request([case.input.as_str()])).unwrap();
        assert_same(&made.vectors[0], &case.embedding, &case.input);
        assert_eq!(made.prompt_tokens, case.tokens, "{}", case.input);
        assert!((dot(&made.vectors[0], &made.vectors[0]) - 1.0).abs() < 1e-5, "{}", case.input);
    }
}

#[test]
fn a_batch_of_mixed_lengths_gives_each_text_its_own_vector() {
    let cases = reference();
    let made = embed(&request(cases.iter().map(|case| case.input.as_str()))).unwrap();
    assert_eq!(made.vectors.len(), cases.len());
    for (vector, case) in made.vectors.iter().zip(&cases) {
        assert_same(vector, &case.embedding, &case.input);
    }
    assert_eq!(made.prompt_tokens, cases.iter().map(|case| case.tokens).sum::<usize>());
}

#[test]
fn what_means_alike_lies_near() {
    let made = embed(&request(["king", "queen", "banana"])).unwrap().vectors;
    assert!(dot(&made[0], &made[1]) > dot(&made[0], &made[2]) + 0.2);
    assert_eq!(made[0].len(), model().dimensions());
}

#[test]
fn tokens_are_counted_without_the_weights() {
    let folder = scratch("counted");
    for name in ["config.json", "tokenizer.json"] {
        fs::copy(weights().with_file_name(name), folder.join(name)).unwrap();
    }
    // The file must be there, and nothing of it is needed.
    fs::write(folder.join(WEIGHTS), b"").unwrap();
    let lone = EmbeddingModel::new(folder.join(WEIGHTS));
    let cases = reference();
    let inputs: Vec<EmbeddingInput> = cases.iter().map(|case| text(&case.input)).collect();
    assert_eq!(lone.count(&inputs).unwrap(), cases.iter().map(|case| case.tokens).sum::<usize>());
    assert!(lone.get().is_err());
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn the_longest_text_is_read_whole_and_a_longer_one_is_refused_with_both_numbers() {
    // Two marks stand around each text.
    let longest = "word ".repeat(MOST_TOKENS - 2);
    assert_eq!(embed(&request([longest.as_str()])).unwrap().prompt_tokens, MOST_TOKENS);
    let longer = "word ".repeat(MOST_TOKENS - 1);
    let error = refusal(&request(["fine", longer.as_str()]));
    assert_eq!(error, EmbeddingInputError::TooLong { index: 1, tokens: MOST_TOKENS + 1, limit: MOST_TOKENS });
    assert!(error.to_string().contains("`input[1]` has 257 tokens, and this model reads at most 256"), "{error}");
}

#[test]
fn a_text_beyond_all_measure_is_refused_without_counting_it() {
    let endless = "x".repeat(16 * 1024 * 1024);
    assert!(matches!(refusal(&request([endless.as_str()])), EmbeddingInputError::TooLarge { index: 0, .. }));
}

#[test]
fn token_arrays_empty_texts_and_other_dimensions_are_refused() {
    let tokens = EmbedRequest { inputs: vec![EmbeddingInput::Tokens(vec![101, 102])], dimensions: None };
    assert_eq!(refusal(&tokens), EmbeddingInputError::Tokens { index: 0 });
    assert_eq!(refusal(&request(["a", ""])), EmbeddingInputError::Empty { index: 1 });
    let wish = |dimensions| EmbedRequest { dimensions: Some(dimensions), ..request(["a"]) };
    assert_eq!(refusal(&wish(256)), EmbeddingInputError::Dimensions { asked: 256, has: 384 });
    assert!(embed(&wish(384)).is_ok());
}

#[test]
fn a_cancelled_request_gives_no_vectors_and_counts_what_was_read() {
    let made = model().embed(&request(["a", "b"]), &AtomicBool::new(true)).unwrap();
    assert_eq!((made.vectors.len(), made.prompt_tokens, made.is_cancelled), (0, 0, true));
}

#[test]
fn a_missing_neighbour_is_named_before_anything_is_read() {
    assert!(embedded().check().is_ok());
    let folder = scratch("alone");
    fs::write(folder.join(WEIGHTS), b"\x10\0\0\0\0\0\0\0{}").unwrap();
    let error = EmbeddingModel::new(folder.join(WEIGHTS)).check().unwrap_err();
    assert!(matches!(&error, ModelError::Missing { path } if path.ends_with("config.json")), "{error}");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn files_that_cannot_be_used_are_said_so_in_one_line() {
    let folder = scratch("damaged");
    for name in ["config.json", "tokenizer.json"] {
        fs::copy(weights().with_file_name(name), folder.join(name)).unwrap();
    }
    let whole = fs::read(weights()).unwrap();
    for length in [0, 8, 9, 5_000, whole.len() / 2] {
        fs::write(folder.join(WEIGHTS), &whole[..length]).unwrap();
        let error = EmbeddingModel::new(folder.join(WEIGHTS)).get().map(drop).unwrap_err();
        assert!(matches!(error, ModelError::Unreadable { .. }), "{error}");
        assert_eq!(error.to_string().lines().count(), 1, "{error}");
    }
    fs::write(folder.join(WEIGHTS), b"this is a letter").unwrap();
    let error = EmbeddingModel::new(folder.join(WEIGHTS)).check().unwrap_err().to_string();
    assert!(error.contains("not a safetensors file"), "{error}");
    fs::write(folder.join("config.json"), "{\"max_position_embeddings\": 512}").unwrap();
    let error = EmbeddingModel::new(folder.join(WEIGHTS)).get().map(drop).unwrap_err().to_string();
    assert!(error.contains("`config.json`"), "{error}");
    fs::remove_dir_all(folder).unwrap();
}

fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("cupola-{}-embedding-{name}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}
