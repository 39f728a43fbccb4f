//! Where a resource says it is. Cupola runs where it runs; the region is a label that scripts and templates carry.

use arm::{ArmError, ErrorCode, Resource};

use crate::fields::quoted;

/// A region by its two names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// The name in ids and bodies, such as `eastus2`.
    pub name: &'static str,
    /// The name for people, such as `East US 2`.
    pub display_name: &'static str,
}

/// The regions that resources may name: those where Foundry is offered, and `local` for this very machine.
pub const LOCATIONS: &[Location] = &[
    location("local", "Local"),
    location("australiaeast", "Australia East"),
    location("brazilsouth", "Brazil South"),
    location("canadacentral", "Canada Central"),
    location("canadaeast", "Canada East"),
    location("centralus", "Central US"),
    location("eastus", "East US"),
    location("eastus2", "East US 2"),
    location("francecentral", "France Central"),
    location("germanywestcentral", "Germany West Central"),
    location("italynorth", "Italy North"),
    location("japaneast", "Japan East"),
    location("koreacentral", "Korea Central"),
    location("northcentralus", "North Central US"),
    location("northeurope", "North Europe"),
    location("norwayeast", "Norway East"),
    location("polandcentral", "Poland Central"),
    location("southafricanorth", "South Africa North"),
    location("southcentralus", "South Central US"),
    location("southeastasia", "Southeast Asia"),
    location("southindia", "South India"),
    location("spaincentral", "Spain Central"),
    location("swedencentral", "Sweden Central"),
    location("switzerlandnorth", "Switzerland North"),
    location("uaenorth", "UAE North"),
    location("uksouth", "UK South"),
    location("westeurope", "West Europe"),
    location("westus", "West US"),
    location("westus2", "West US 2"),
    location("westus3", "West US 3"),
];

const fn location(name: &'static str, display_name: &'static str) -> Location {
    Location { name, display_name }
}

/// The known region that `given` names, with or without blanks and capitals (`East US 2` is `eastus2`).
pub fn normalise(given: &str) -> Result<&'static str, ArmError> {
    let squeezed: String = given.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect();
    if let Some(known) = LOCATIONS.iter().find(|known| known.name == squeezed) {
        return Ok(known.name);
    }
    let near = arm::nearest(&squeezed, LOCATIONS.iter().map(|known| known.name));
    let hint =
        near.map_or_else(|| "; `local` is always accepted".to_owned(), |near| format!("; did you mean `{near}`?"));
    Err(ArmError::new(
        ErrorCode::LocationNotAvailableForResourceType,
        format!("the location `{}` is not available{hint}", quoted(given)),
    )
    .with_target("location"))
}

/// The region to store: the one asked for, or the one there is. A resource does not move.
pub(crate) fn required(asked: Option<&str>, existing: Option<&Resource>, noun: &str) -> Result<String, ArmError> {
    let kept = existing.and_then(|resource| resource.location.as_deref());
    let Some(asked) = asked else {
        return kept.map(str::to_owned).ok_or_else(|| {
            ArmError::new(ErrorCode::LocationRequired, format!("`location` is required for {noun}"))
                .with_target("location")
        });
    };
    let asked = normalise(asked)?;
    match kept {
        Some(kept) if kept != asked => Err(ArmError::new(
            ErrorCode::InvalidResourceLocation,
            format!("{noun} of this name exists in `{kept}`; it cannot be moved to `{asked}`"),
        )
        .with_target("location")),
        _ => Ok(asked.to_owned()),
    }
}
