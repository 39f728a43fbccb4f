//! Whether a request fits the limits: reserved before it is sent, the prompt bounded cheaply and counted only where that decides.

use access::{Failure, Reply};
use http::HeaderName;
use metering::{Claim, Cost, Exceeded, Gauge, Meter, Reservation, Standing, Subject, Which, reserve_all};
use rbac::{Caller, Permit, Reads};
use std::sync::Arc;
use store::World;
use tape::Node;
use uuid::Uuid;

use crate::counting::{self, Glance};
use crate::failure;
use crate::limits::OwnLimit;
use crate::outline::Outline;
use crate::plan::Plan;
use crate::spending::{Spending, now_ms};
use crate::surface::Surface;

/// What a model writes at most where neither the caller nor the catalog says: the cap of the common models.
const OUTPUT_TOKENS_USUAL: u64 = 4096;

/// The headers of what is counted: its limit, what is left, seconds until it is whole again.
static REQUESTS: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-requests"),
    HeaderName::from_static("x-ratelimit-remaining-requests"),
    HeaderName::from_static("x-ratelimit-reset-requests"),
];
static TOKENS: [HeaderName; 3] = [
    HeaderName::from_static("x-ratelimit-limit-tokens"),
    HeaderName::from_static("x-ratelimit-remaining-tokens"),
    HeaderName::from_static("x-ratelimit-reset-tokens"),
];

/// A request that fits.
pub(crate) struct Admitted {
    /// What it holds of the limits.
    pub(crate) spending: Spending,
    /// The most tokens that each answer may have, where the limit allows less than the model would write: to be said to the provider.
    pub(crate) lowered_cap: Option<u64>,
    /// How the deployment stands, for the headers.
    pub(crate) standing: Option<Standing>,
}

/// A request that asks to be let in.
pub(crate) struct Candidate<'a> {
    pub(crate) surface: Surface,
    pub(crate) plan: &'a Plan,
    pub(crate) outline: &'a Outline,
    pub(crate) body: Node<'a>,
    pub(crate) caller: Subject,
    /// The limits of the project it came through.
    pub(crate) of_project: Vec<OwnLimit>,
    pub(crate) world: &'a World,
}

/// Who is charged.
pub(crate) fn subject(permit: &Permit<Reads>) -> Subject {
    match permit.caller() {
        Caller::Principal(principal) => Subject::Principal(principal.object_id()),
        Caller::Key { account, slot } => Subject::Resource(format!("{}#{}", account.key(), slot.as_str()).into()),
        Caller::Protocol(_) | Caller::Task(_) => Subject::Everyone,
    }
}

impl Candidate<'_> {
    /// Reserves at every limit that is in force, or at none.
    pub(crate) fn admit(self) -> Result<Admitted, Failure> {
        let protocol = self.surface.protocol();
        let limits = self.limits();
        let Glance { bound, estimate } = Glance::of(protocol, self.body);
        let reserved = self.reserve(&limits, bound).or_else(|exceeded| match exceeded.which {
            Which::Requests => Err(exceeded),
            // The bound did not fit; what the prompt really has may.
            Which::Tokens | Which::Share => {
                self.reserve(&limits, counting::count(protocol, &self.plan.model.name, self.body))
            }
        });
        match reserved {
            Ok((reservation, lowered_cap)) => {
                let standing = self.standing();
                // What is reserved is never too little; what is written down shall be near.
                let spending = Spending::new(reservation, estimate);
                Ok(Admitted { spending, lowered_cap, standing })
            }
            Err(exceeded) => Err(self.refusal(&exceeded)),
        }
    }

    /// The limits, each with whom it charges; the deployment's own is the first.
    fn limits(&self) -> Vec<(&Arc<Meter>, Subject)> {
        let groups = || match &self.caller {
            Subject::Principal(id) => self.world.access.groups_of(*id),
            _ => Vec::<Uuid>::new(),
        };
        let own = self.plan.limits.iter().chain(&self.of_project);
        let own = own.filter_map(|limit| Some((&limit.meter, limit.subject(&self.caller, groups)?)));
        self.plan.meter.iter().map(|meter| (meter, self.caller.clone())).chain(own).collect()
    }

    fn reserve(
        &self,
        limits: &[(&Arc<Meter>, Subject)],
        prompt_tokens: u64,
    ) -> Result<(Option<Reservation>, Option<u64>), Exceeded> {
        if limits.is_empty() {
            return Ok((None, None));
        }
        let claims: Vec<Claim<'_>> = limits.iter().map(|(meter, subject)| Claim { meter, subject }).collect();
        let unknown = u64::MAX;
        let in_context =
            self.plan.model.context_tokens.map_or(unknown, |context| context.saturating_sub(prompt_tokens));
        let known = self.plan.model.max_output_tokens.unwrap_or(unknown).min(in_context);
        let asked = self.outline.output_cap.map(|asked| asked.min(known));
        let natural = known.min(self.plan.model.max_output_tokens.unwrap_or(OUTPUT_TOKENS_USUAL));
        let (mut each, mut lowered) = (asked.unwrap_or(natural), None);
        loop {
            let output_tokens_cap = each.saturating_mul(self.outline.answers);
            let exceeded = match reserve_all(&claims, now_ms(), Cost { prompt_tokens, output_tokens_cap }) {
                Ok(reserved) => return Ok((Some(reserved), lowered)),
                Err(exceeded) => exceeded,
            };
            // Who names no limit gets the one that all of the limits have room for at all.
            let room = exceeded.limit.saturating_sub(prompt_tokens) / self.outline.answers.max(1);
            if asked.is_some() || !exceeded.is_never() || room == 0 || room >= each {
                return Err(exceeded);
            }
            (each, lowered) = (room, Some(room));
        }
    }

    fn standing(&self) -> Option<Standing> {
        self.plan.meter.as_ref().map(|meter| meter.standing(now_ms(), &self.caller))
    }

    fn refusal(&self, exceeded: &Exceeded) -> Failure {
        let failure = failure::exceeded(self.surface, exceeded);
        match self.standing() {
            Some(standing) => headers(&standing)
                .fold(failure, |failure, (name, value)| failure.with_header(name.as_str(), value.to_string())),
            None => failure,
        }
    }
}

/// Puts how a deployment stands on its answer.
pub(crate) fn on(mut reply: Reply, standing: Option<&Standing>) -> Reply {
    for (name, value) in standing.into_iter().flat_map(headers) {
        reply.put_number(name, value);
    }
    reply
}

/// The `x-ratelimit-*` headers, as Azure has them.
fn headers(standing: &Standing) -> impl Iterator<Item = (&'static HeaderName, u64)> {
    let of = |names: &'static [HeaderName; 3], gauge: Option<Gauge>| {
        let numbers = gauge.map(|Gauge { limit, remaining, reset_s }| [limit, remaining, reset_s]);
        names.iter().zip(numbers.into_iter().flatten())
    };
    of(&REQUESTS, standing.requests).chain(of(&TOKENS, standing.tokens))
}
