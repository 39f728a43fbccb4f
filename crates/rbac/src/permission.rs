//! What is asked for: a management action, a data action, or a right in the directory. The three never mix.

use std::borrow::Cow;
use std::fmt;

use uuid::{Uuid, uuid};

/// One right. The plane is part of it: an action string of one plane is never looked up in another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// A management action: `Microsoft.CognitiveServices/accounts/read`.
    Action(Cow<'static, str>),
    /// A data action: `Microsoft.CognitiveServices/accounts/OpenAI/…/action`.
    DataAction(Cow<'static, str>),
    /// A right in the directory, which no Azure role gives.
    Directory(DirectoryRight),
}

impl Permission {
    /// The action string, or the directory right's name.
    pub fn text(&self) -> &str {
        match self {
            Permission::Action(text) | Permission::DataAction(text) => text,
            Permission::Directory(right) => right.as_str(),
        }
    }

    /// [`Permission::text`], which is not copied where it is one of this build.
    pub fn to_text(&self) -> Cow<'static, str> {
        match self {
            Permission::Action(text) | Permission::DataAction(text) => text.clone(),
            Permission::Directory(right) => right.as_str().into(),
        }
    }

    /// Is this of the data plane?
    pub fn is_data(&self) -> bool {
        matches!(self, Permission::DataAction(_))
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// What one may do in the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DirectoryRight {
    /// Look objects up.
    Read,
    /// Create, change and delete users.
    ManageUsers,
    /// Create, change and delete groups and their members.
    ManageGroups,
    /// Create, change and delete applications, service principals and their secrets.
    ManageApplications,
    /// Give and take directory roles.
    ManageRoles,
    /// See the custom security attributes of users and service principals.
    ReadSecurityAttributes,
    /// Assign them, which can grant what conditions withhold.
    AssignSecurityAttributes,
}

impl DirectoryRight {
    /// Every right of this build.
    pub const ALL: [DirectoryRight; 7] = [
        DirectoryRight::Read,
        DirectoryRight::ManageUsers,
        DirectoryRight::ManageGroups,
        DirectoryRight::ManageApplications,
        DirectoryRight::ManageRoles,
        DirectoryRight::ReadSecurityAttributes,
        DirectoryRight::AssignSecurityAttributes,
    ];

    /// As it is printed, in the shape of Entra's own permission names.
    pub fn as_str(self) -> &'static str {
        match self {
            DirectoryRight::Read => "microsoft.directory/read",
            DirectoryRight::ManageUsers => "microsoft.directory/users/manage",
            DirectoryRight::ManageGroups => "microsoft.directory/groups/manage",
            DirectoryRight::ManageApplications => "microsoft.directory/applications/manage",
            DirectoryRight::ManageRoles => "microsoft.directory/roles/manage",
            DirectoryRight::ReadSecurityAttributes => "microsoft.directory/customSecurityAttributes/read",
            DirectoryRight::AssignSecurityAttributes => "microsoft.directory/customSecurityAttributes/manage",
        }
    }
}

/// A directory role, known by Entra's template id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DirectoryRole {
    /// Every directory right.
    GlobalAdministrator,
    /// [`DirectoryRight::Read`].
    DirectoryReaders,
}

impl DirectoryRole {
    /// Every directory role of this build.
    pub const ALL: [DirectoryRole; 2] = [DirectoryRole::GlobalAdministrator, DirectoryRole::DirectoryReaders];

    /// Entra's template id.
    pub fn template_id(self) -> Uuid {
        match self {
            DirectoryRole::GlobalAdministrator => uuid!("62e90394-69f5-4237-9190-012177145e10"),
            DirectoryRole::DirectoryReaders => uuid!("88d8e3e3-8f55-4a1e-953a-9b9898b8876b"),
        }
    }

    /// The role with that template id.
    pub fn from_template_id(id: Uuid) -> Option<DirectoryRole> {
        DirectoryRole::ALL.into_iter().find(|role| role.template_id() == id)
    }

    /// As Entra prints it.
    pub fn display_name(self) -> &'static str {
        match self {
            DirectoryRole::GlobalAdministrator => "Global Administrator",
            DirectoryRole::DirectoryReaders => "Directory Readers",
        }
    }

    /// Does the role give the right?
    pub fn gives(self, right: DirectoryRight) -> bool {
        match self {
            DirectoryRole::GlobalAdministrator => true,
            DirectoryRole::DirectoryReaders => right == DirectoryRight::Read,
        }
    }
}
