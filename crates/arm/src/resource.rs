//! The envelope of every ARM resource.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::scope::Scope;
use crate::time::{self, wire_time};

/// A JSON object; keeps the order of what a client wrote.
pub type Map = serde_json::Map<String, Value>;

/// A resource of any type: what all have in common, and `properties`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// Where it is; names as its first writer spelled them.
    pub id: Scope,
    /// The type, canonical, as it is printed.
    #[serde(rename = "type")]
    pub resource_type: String,
    /// The name as it is printed (a project prints `account/project`).
    pub name: String,
    /// The region, if the type has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// The kind, if the type has kinds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Tags: text by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Map>,
    /// Name and capacity, if the type has a SKU.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<Value>,
    /// The managed identities it acts as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<ResourceIdentity>,
    /// What the type defines.
    #[serde(default)]
    pub properties: Map,
    /// The revision in double quotes; set where it is stored.
    #[serde(default)]
    pub etag: String,
    /// Who made and changed it, and when.
    pub system_data: SystemData,
}

/// The managed identities of a resource.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceIdentity {
    /// `None`, `SystemAssigned`, `UserAssigned` or both, as clients write it.
    #[serde(rename = "type")]
    pub kind: String,
    /// The object id of the system-assigned identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal_id: Option<Uuid>,
    /// The tenant of that identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant_id: Option<Uuid>,
    /// User-assigned identities by their id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_assigned_identities: Option<Map>,
}

/// Who made and last changed a resource.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SystemData {
    /// User principal name or application id.
    pub created_by: String,
    /// `User`, `Application`, `ManagedIdentity` or `Key`.
    pub created_by_type: String,
    /// When it was made.
    #[serde(with = "time")]
    pub created_at: Timestamp,
    /// User principal name or application id.
    pub last_modified_by: String,
    /// As `created_by_type`.
    pub last_modified_by_type: String,
    /// When it was last written.
    #[serde(with = "time")]
    pub last_modified_at: Timestamp,
}

impl Resource {
    /// A resource that is only an id and what its type defines, as those of extension types are. It is named by its id.
    pub fn plain(id: Scope, resource_type: &str, properties: Map, system_data: SystemData) -> Resource {
        let name = id.name().to_owned();
        Resource {
            id,
            resource_type: resource_type.to_owned(),
            name,
            location: None,
            kind: None,
            tags: None,
            sku: None,
            identity: None,
            properties,
            etag: String::new(),
            system_data,
        }
    }

    /// The wire form: absent fields are omitted.
    pub fn to_json(&self) -> Value {
        let mut body = Map::new();
        body.insert("id".to_owned(), self.id.as_str().into());
        body.insert("name".to_owned(), self.name.as_str().into());
        body.insert("type".to_owned(), self.resource_type.as_str().into());
        let optional = [
            ("location", self.location.as_deref().map(Value::from)),
            ("kind", self.kind.as_deref().map(Value::from)),
            ("tags", self.tags.clone().map(Value::from)),
            ("sku", self.sku.clone()),
            ("identity", self.identity.as_ref().map(ResourceIdentity::to_json)),
            ("etag", (!self.etag.is_empty()).then(|| self.etag.as_str().into())),
        ];
        for (field, value) in optional {
            if let Some(value) = value {
                body.insert(field.to_owned(), value);
            }
        }
        body.insert("properties".to_owned(), Value::Object(self.properties.clone()));
        body.insert("systemData".to_owned(), self.system_data.to_json());
        Value::Object(body)
    }
}

impl ResourceIdentity {
    fn to_json(&self) -> Value {
        let mut body = Map::new();
        body.insert("type".to_owned(), self.kind.as_str().into());
        if let Some(id) = self.principal_id {
            body.insert("principalId".to_owned(), id.to_string().into());
        }
        if let Some(id) = self.tenant_id {
            body.insert("tenantId".to_owned(), id.to_string().into());
        }
        if let Some(identities) = &self.user_assigned_identities {
            body.insert("userAssignedIdentities".to_owned(), Value::Object(identities.clone()));
        }
        Value::Object(body)
    }
}

impl SystemData {
    fn to_json(&self) -> Value {
        json!({
            "createdBy": self.created_by,
            "createdByType": self.created_by_type,
            "createdAt": wire_time(self.created_at),
            "lastModifiedBy": self.last_modified_by,
            "lastModifiedByType": self.last_modified_by_type,
            "lastModifiedAt": wire_time(self.last_modified_at),
        })
    }
}
