//! The grammar of resource ids: which segment of a path is a word of the grammar, which a type, which a name.
//!
//! ```text
//! id    := [ "/subscriptions/" id [ "/resourceGroups/" name ] ] ( "/providers/" namespace ( "/" type "/" name )+ )*
//!        | "/subscriptions/" id "/operationresults/" name
//! ```
//! It is read from left to right, so a resource named `providers` is a name where a name stands.

/// The word in front of the name of a long-running operation.
const OPERATION_RESULTS: &str = "operationresults";

/// What stands behind a place in a path. `end` is a byte offset: the place is the text up to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) end: usize,
    /// The resource type without its first letters' case changed: `ns/type/type`, or the built-in ones of the grammar.
    pub(crate) kind: Kind,
}

/// What a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Subscription,
    ResourceGroup,
    /// A resource, or an extension of the place before it.
    Resource,
}

/// What follows the last whole place of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tail<'a> {
    /// Nothing: the path is an id.
    Nothing,
    /// `/providers`
    Providers,
    /// `/providers/{namespace}`
    Namespace(&'a str),
    /// One type (or action, or list) segment without a name.
    Type(&'a str),
    /// More than the grammar knows.
    Unknown,
}

/// A path taken apart.
pub(crate) struct Layout<'a> {
    pub(crate) places: Vec<Place>,
    /// `namespace/type/type` of the last provider chain, as written; empty without one.
    pub(crate) chain: Vec<&'a str>,
    pub(crate) tail: Tail<'a>,
}

/// A segment with the byte offset behind it.
type Segment<'a> = (&'a str, usize);

/// Takes a clean path (leading `/`, no empty segment) apart.
pub(crate) fn read(path: &str) -> Layout<'_> {
    let mut offset = 0;
    let segments: Vec<Segment<'_>> = path
        .split('/')
        .skip(1)
        .filter(|segment| !segment.is_empty())
        .map(|segment| {
            offset += 1 + segment.len();
            (segment, offset)
        })
        .collect();
    let mut layout = Layout { places: Vec::new(), chain: Vec::new(), tail: Tail::Nothing };
    let rest = read_front(&segments, &mut layout);
    read_chains(rest, &mut layout);
    layout
}

/// `/subscriptions/{id}` and `/resourceGroups/{name}`.
fn read_front<'s, 'a>(segments: &'s [Segment<'a>], layout: &mut Layout<'a>) -> &'s [Segment<'a>] {
    let [(word, _), (_, end), rest @ ..] = segments else {
        return segments;
    };
    if !word.eq_ignore_ascii_case("subscriptions") {
        return segments;
    }
    layout.places.push(Place { end: *end, kind: Kind::Subscription });
    match rest {
        [(word, _), (_, end), rest @ ..] if word.eq_ignore_ascii_case("resourceGroups") => {
            layout.places.push(Place { end: *end, kind: Kind::ResourceGroup });
            rest
        }
        // The one thing of a subscription that has a name and no provider; nothing hangs on it.
        [(word, _), (_, end)] if word.eq_ignore_ascii_case(OPERATION_RESULTS) => {
            layout.chain = vec!["Microsoft.Resources", "subscriptions", OPERATION_RESULTS];
            layout.places.push(Place { end: *end, kind: Kind::Resource });
            &[]
        }
        _ => rest,
    }
}

fn read_chains<'a>(mut rest: &[Segment<'a>], layout: &mut Layout<'a>) {
    loop {
        match rest {
            [] => return,
            [(word, _), after @ ..] if word.eq_ignore_ascii_case("providers") => match after {
                [] => return layout.tail = Tail::Providers,
                // No type is called so: reading on would lose the namespace, and name another thing than the path does.
                [_, (kind, _), ..] if kind.eq_ignore_ascii_case("providers") => return layout.tail = Tail::Unknown,
                [(namespace, _)] => return layout.tail = Tail::Namespace(namespace),
                [(namespace, _), (kind, _)] => {
                    layout.chain = vec![namespace];
                    return layout.tail = Tail::Type(kind);
                }
                [(namespace, _), pairs @ ..] => {
                    layout.chain = vec![namespace];
                    rest = read_pairs(pairs, layout);
                }
            },
            [(word, _)] => return layout.tail = Tail::Type(word),
            _ => return layout.tail = Tail::Unknown,
        }
    }
}

/// `/{type}/{name}` as often as it comes, up to the next `/providers/` or a lonely segment.
fn read_pairs<'s, 'a>(mut rest: &'s [Segment<'a>], layout: &mut Layout<'a>) -> &'s [Segment<'a>] {
    while let [(kind, _), (_, end), after @ ..] = rest {
        if kind.eq_ignore_ascii_case("providers") {
            break;
        }
        layout.chain.push(kind);
        layout.places.push(Place { end: *end, kind: Kind::Resource });
        rest = after;
    }
    rest
}
