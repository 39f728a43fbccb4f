//! Foundry Models, `/models/*`: one endpoint for all deployments, its own rule for unknown fields.

use std::sync::Arc;

use access::{Authorized, Failure, HandlerResult, InferenceJson, NoBody, Operation, Reply, data_action, operations};
use dialect::openai::foundry_models::{
    CHAT_FIELDS, EMBEDDINGS_FIELDS, EXTRA_PARAMETERS, ExtraParameters, ModelType, info,
};
use http::{HeaderMap, StatusCode};
use rbac::{Permission, Reads};
use resources::model_catalog::Capability;

use super::{Pending, call, dated, inferred};
use crate::catalog::{Place, deployments};
use crate::protocol::Protocol;
use crate::surface::Surface;
use crate::{Serving, failure};

const CHAT: &[Permission] = data_action!("MaaS/chat/completions/action");
const EMBEDDINGS: &[Permission] = data_action!("MaaS/embeddings/action");
/// The header that names the deployment where the body does not.
const MODEL_NAME: &str = "x-ms-model-mesh-model-name";

operations! {
    /// Chat.
    ModelsChat: Post "/accounts/{account}/models/chat/completions", Inference, CHAT, InferenceJson;
    /// Vectors of texts.
    ModelsEmbeddings: Post "/accounts/{account}/models/embeddings", Inference, EMBEDDINGS, InferenceJson;
    /// Which model is behind a deployment.
    ModelsInfo: Get "/accounts/{account}/models/info", Inference, CHAT, NoBody;
}

/// Chat or embeddings.
pub(super) fn answer<O>(protocol: Protocol) -> impl Fn(Arc<Serving>, Authorized<O>) -> Pending + Copy
where
    O: Operation<Mode = Reads, Body = InferenceJson>,
{
    move |serving, mut request: Authorized<O>| {
        let is_fine = dated(&request.query).and_then(|()| by_the_rule(protocol, &request.headers, &mut request.body));
        let named = header(&request.headers, MODEL_NAME);
        inferred(serving, is_fine.map(|()| call(request, Surface::Models(protocol), named)))
    }
}

/// Fields that the API does not know: refused, left out or handed on, as the header says.
fn by_the_rule(protocol: Protocol, headers: &HeaderMap, body: &mut InferenceJson) -> Result<(), Failure> {
    let known: &[&str] = if protocol == Protocol::Embeddings { &EMBEDDINGS_FIELDS } else { &CHAT_FIELDS };
    let given = header(headers, EXTRA_PARAMETERS);
    let rule = ExtraParameters::of(given.as_deref()).map_err(|error| failure::dialect(&error))?;
    if let Some(left) = rule.apply(body.root(), known).map_err(|error| failure::dialect(&error))? {
        *body = InferenceJson::from(left);
    }
    Ok(())
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// `GET /models/info`: of the deployment that the header names, else of the only one there is.
pub(super) async fn models_info(serving: Arc<Serving>, request: Authorized<ModelsInfo>) -> HandlerResult {
    dated(&request.query)?;
    let place = Place::of(&request.target, &request.world)?;
    let all = deployments(&serving.gateway.models, &request.world, &place.account.id);
    let name = match (header(&request.headers, MODEL_NAME), all.as_slice()) {
        (Some(name), _) => name,
        (None, [only]) => only.id.clone(),
        (None, _) => return Err(failure::no_model(Surface::Models(Protocol::Chat))),
    };
    let surface = Surface::Models(Protocol::Chat);
    let plan = serving.plan(&request.world, &place.account.id, &name);
    let plan = plan.map_err(|failure| failure::unknown_model(surface, &name, failure))?;
    let kind = match plan.model.capability {
        Capability::ChatCompletion => ModelType::ChatCompletion,
        Capability::Embeddings => ModelType::Embeddings,
    };
    let provider = plan.model.publisher.as_deref().unwrap_or(&plan.model.format);
    Ok(Reply::json(StatusCode::OK, &info(&plan.model.name, kind, provider)))
}
