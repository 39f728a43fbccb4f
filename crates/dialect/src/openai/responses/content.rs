//! The parts of a message's content.

use serde_json::Value;

use crate::exchange::{Fields, Image, ImageSource, NotSupported, Part, wrong_type};

/// What may be said at a place.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Speaker {
    /// The system or the developer: text.
    Instructor,
    /// The person, or a function's result: text and pictures.
    User,
    /// The model: text and refusals.
    Model,
}

impl Speaker {
    fn types(self) -> &'static [&'static str] {
        match self {
            Speaker::Instructor => &["input_text"],
            Speaker::User => &["input_text", "input_image"],
            Speaker::Model => &["output_text", "refusal"],
        }
    }
}

/// Degrees of looking that the exchange form has words for.
const DETAILS: [(&str, &str); 3] = [("auto", "auto"), ("low", "low"), ("high", "high")];

/// The content in field `name`: a string, or a list of parts; each with its path.
pub(super) fn read(
    object: &mut Fields<'_>,
    name: &'static str,
    speaker: Speaker,
) -> Result<Vec<(String, Part)>, NotSupported> {
    match object.get(name) {
        None => Err(object.missing(name, "a string or an array of parts")),
        Some(Value::String(text)) => Ok(vec![(object.at(name), Part::Text(text.clone()))]),
        Some(Value::Array(_)) => object.objects(name)?.into_iter().map(|part| read_part(part, speaker)).collect(),
        Some(other) => Err(wrong_type(object.at(name), "a string or an array of parts", other)),
    }
}

fn read_part(mut part: Fields<'_>, speaker: Speaker) -> Result<(String, Part), NotSupported> {
    let kind = part.required_text("type")?;
    let read = match kind {
        _ if !speaker.types().contains(&kind) => return part.refuse_word("type", kind, speaker.types()),
        "refusal" => Part::Refusal(part.required_text("refusal")?.to_owned()),
        "input_image" => Part::Image(image(&mut part)?),
        _ => Part::Text(part.required_text("text")?.to_owned()),
    };
    let path = part.path().to_owned();
    part.done()?;
    Ok((path, read))
}

fn image(part: &mut Fields<'_>) -> Result<Image, NotSupported> {
    if part.text("file_id")?.is_some() {
        let reason = "files are not kept here: send the picture as `image_url`";
        return Err(NotSupported::new(part.at("file_id"), reason));
    }
    let url = part.required_text("image_url")?;
    let expected = || NotSupported::new(part.at("image_url"), "expected `https://…` or `data:image/…;base64,…`");
    let is_image = |source: &ImageSource| match source {
        ImageSource::Url(_) => true,
        ImageSource::Inline { media_type, .. } => media_type.starts_with("image/"),
    };
    let source = ImageSource::of_url(url).filter(is_image).ok_or_else(expected)?;
    Ok(Image { source, detail: part.word("detail", &DETAILS)?.map(str::to_owned) })
}
