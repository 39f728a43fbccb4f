//! The facts that are written whole.

use arm::Scope;

use super::encoded::DecodeError;
use super::reader::Reader;
use super::writer::Writer;
use crate::deny_assignment::DenyAssignment;
use crate::principal::PrincipalType;
use crate::role_assignment::RoleAssignment;
use crate::role_definition::{RoleDefinition, RolePermission};

/// The numbers of the kinds of principals; 0 is none.
const KINDS: [(PrincipalType, u8); 3] =
    [(PrincipalType::User, 1), (PrincipalType::Group, 2), (PrincipalType::ServicePrincipal, 3)];

pub(super) fn write_kind(writer: &mut Writer, kind: Option<PrincipalType>) {
    let number = KINDS.into_iter().find(|(other, _)| Some(*other) == kind).map_or(0, |(_, number)| number);
    writer.u8(number);
}

pub(super) fn read_kind(reader: &mut Reader<'_>) -> Result<Option<PrincipalType>, DecodeError> {
    let number = reader.u8()?;
    let kind = KINDS.into_iter().find(|(_, other)| *other == number).map(|(kind, _)| kind);
    if kind.is_none() && number != 0 { Err(reader.wrong()) } else { Ok(kind) }
}

pub(super) fn read_scope(reader: &mut Reader<'_>) -> Result<Scope, DecodeError> {
    let text = reader.text()?;
    Scope::parse(text).map_err(|_| reader.wrong())
}

pub(super) fn write_assignment(writer: &mut Writer, assignment: &RoleAssignment) {
    writer.text(assignment.id.as_str());
    writer.text(assignment.scope.as_str());
    writer.uuid(assignment.role);
    writer.uuid(assignment.principal);
    write_kind(writer, Some(assignment.principal_type));
    writer.maybe_text(assignment.condition.as_deref());
}

pub(super) fn read_assignment(reader: &mut Reader<'_>) -> Result<RoleAssignment, DecodeError> {
    Ok(RoleAssignment {
        id: read_scope(reader)?,
        scope: read_scope(reader)?,
        role: reader.uuid()?,
        principal: reader.uuid()?,
        principal_type: read_kind(reader)?.ok_or_else(|| reader.wrong())?,
        condition: reader.maybe_text()?,
    })
}

pub(super) fn write_role(writer: &mut Writer, role: &RoleDefinition) {
    writer.uuid(role.id);
    writer.text(&role.name);
    writer.texts(&role.aliases);
    writer.text(&role.description);
    writer.list(role.permissions.iter(), write_permission);
    writer.texts(&role.assignable_scopes);
}

pub(super) fn read_role(reader: &mut Reader<'_>) -> Result<RoleDefinition, DecodeError> {
    Ok(RoleDefinition {
        id: reader.uuid()?,
        name: reader.text()?.to_owned(),
        aliases: reader.texts()?,
        description: reader.text()?.to_owned(),
        built_in: false,
        permissions: reader.list(read_permission)?,
        assignable_scopes: reader.texts()?,
    })
}

pub(super) fn write_deny(writer: &mut Writer, deny: &DenyAssignment) {
    writer.text(deny.id.as_str());
    writer.text(deny.scope.as_str());
    writer.text(&deny.name);
    writer.list(deny.permissions.iter(), write_permission);
    writer.list(deny.principals.iter(), |writer, id| writer.uuid(*id));
    writer.list(deny.exclude_principals.iter(), |writer, id| writer.uuid(*id));
    writer.flag(deny.do_not_apply_to_child_scopes);
    writer.maybe_text(deny.condition.as_deref());
    writer.flag(deny.is_system_protected);
}

pub(super) fn read_deny(reader: &mut Reader<'_>) -> Result<DenyAssignment, DecodeError> {
    Ok(DenyAssignment {
        id: read_scope(reader)?,
        scope: read_scope(reader)?,
        name: reader.text()?.to_owned(),
        permissions: reader.list(read_permission)?,
        principals: reader.list(Reader::uuid)?,
        exclude_principals: reader.list(Reader::uuid)?,
        do_not_apply_to_child_scopes: reader.flag()?,
        condition: reader.maybe_text()?,
        is_system_protected: reader.flag()?,
    })
}

fn write_permission(writer: &mut Writer, permission: &RolePermission) {
    writer.texts(&permission.actions);
    writer.texts(&permission.not_actions);
    writer.texts(&permission.data_actions);
    writer.texts(&permission.not_data_actions);
    writer.maybe_text(permission.condition.as_deref());
    writer.maybe_text(permission.condition_version.as_deref());
}

fn read_permission(reader: &mut Reader<'_>) -> Result<RolePermission, DecodeError> {
    Ok(RolePermission {
        actions: reader.texts()?,
        not_actions: reader.texts()?,
        data_actions: reader.texts()?,
        not_data_actions: reader.texts()?,
        condition: reader.maybe_text()?,
        condition_version: reader.maybe_text()?,
    })
}
