//! The grant of a device whose person entered its code on a page.

use access::Reply;
use uuid::Uuid;

use super::error::OAuthError;
use super::person::{self, Granted};
use super::{Asked, persons_client};
use crate::sign_in::device_codes::Poll;

/// Tells the device to go on waiting, or gives it its tokens.
pub(super) async fn redeem(asked: &Asked<'_>) -> Result<Reply, OAuthError> {
    let client = persons_client(asked, |client| !client.is_public())?;
    // Some clients send the code under both names.
    let code = asked.form.get("device_code").or_else(|| asked.form.get("code"));
    let code = code.ok_or(OAuthError::MissingParameter { name: "device_code" })?;
    match asked.directory.device_codes.poll(code, client.app_id, asked.request.now) {
        Poll::Pending => Err(OAuthError::Pending),
        Poll::TooOften => Err(OAuthError::SlowDown),
        Poll::Declined => Err(OAuthError::Declined),
        Poll::Expired => Err(OAuthError::DeviceCodeExpired),
        Poll::Unknown => Err(OAuthError::UnknownDeviceCode),
        Poll::Approved(user, scope) => {
            let person = person::find(user, &asked.request.world)?;
            let granted = Granted { person, client: client.app_id, scope, nonce: None, refresh_token: None };
            person::begin(asked, Uuid::now_v7(), granted).await
        }
    }
}
