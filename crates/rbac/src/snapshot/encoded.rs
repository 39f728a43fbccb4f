//! A snapshot as bytes: so that a start does not number a million assignments again.
//!
//! ```text
//! "CUPOLAAC"  format u32  version u64
//! scopes      texts, by number; a scope stands behind the one above it
//! parents     (scope u32, management group u32)
//! roles       GUIDs, by number; custom definitions
//! conditions  texts, by number less one
//! people      (object id, kind u8, directory roles, members u32), by number
//! rows        (name GUID, scope u32, principal u32, role u16, condition u16, kind u8)
//! odd         assignments of another form, whole
//! denies      deny assignments, whole
//! crc32 of all that
//! ```
//! Numbers are little-endian. The numbers of roles are those of the writer, since the built-in ones change between builds.

use std::sync::Arc;

use arm::Scope;
use uuid::Uuid;

use super::Snapshot;
use super::compile::empty;
use super::encoded_facts::{
    read_assignment, read_deny, read_kind, read_role, read_scope, write_assignment, write_deny, write_kind, write_role,
};
use super::guards::NO_CONDITION;
use super::people::Person;
use super::reader::Reader;
use super::rows::{Form, Row};
use super::writer::Writer;
use crate::deny_assignment::DenyAssignment;
use crate::permission::DirectoryRole;
use crate::principal::PrincipalType;
use crate::role_definition::RoleDefinition;

const MAGIC: &[u8; 8] = b"CUPOLAAC";
/// Another number for every change of the layout.
const FORMAT: u32 = 1;
/// About as many bytes as a row has.
const ROW_BYTES: usize = 29;

/// Why bytes are no snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// They start in another way.
    #[error("this is no access snapshot")]
    NotASnapshot,
    /// Another build wrote them.
    #[error("the access snapshot has format `{found}`, and this build reads format `{FORMAT}`")]
    OtherFormat {
        /// Their format.
        found: u32,
    },
    /// They are not what was written.
    #[error("the access snapshot is damaged: its checksum differs")]
    Damaged,
    /// They are what was written, and say what cannot be.
    #[error("the access snapshot cannot be read: its part `{part}` says what cannot be")]
    Malformed {
        /// Where.
        part: &'static str,
    },
}

impl Snapshot {
    /// All facts as bytes, with a checksum.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(self.rows.len() * ROW_BYTES);
        writer.raw(MAGIC);
        writer.u32(FORMAT);
        writer.u64(self.version);
        let scopes: Vec<&Scope> = self.scopes.iter().collect();
        writer.list(scopes.into_iter(), |writer, scope| writer.text(scope.as_str()));
        writer.list(self.parents.iter(), |writer, (scope, parent)| {
            for scope in [scope, parent] {
                writer.u32(self.scopes.nearest(scope).0);
            }
        });
        writer.list(self.roles.ids().iter(), |writer, id| writer.uuid(*id));
        let custom: Vec<&RoleDefinition> = self.roles.iter().filter(|role| !role.built_in).collect();
        writer.list(custom.into_iter(), write_role);
        let conditions: Vec<&str> = self.guards.texts().collect();
        writer.list(conditions.into_iter(), Writer::text);
        let people: Vec<(u32, &Person)> = self.people.iter().collect();
        writer.list(people.into_iter(), |writer, (number, person)| {
            write_person(writer, person, self.people.members(number));
        });
        let (odd, plain): (Vec<_>, Vec<_>) = self.rows.iter().partition(|(_, row)| row.form == Form::Odd);
        writer.list(plain.into_iter(), |writer, (_, row)| write_row(writer, row));
        let odd: Vec<_> = odd.into_iter().filter_map(|(number, _)| self.rows.odd(number)).collect();
        writer.list(odd.into_iter(), |writer, assignment| write_assignment(writer, assignment));
        let denies: Vec<&DenyAssignment> = self.deny_assignments().collect();
        writer.list(denies.into_iter(), write_deny);
        writer.sealed()
    }

    /// The snapshot that was encoded, of the same version. Any damage is an error.
    pub fn decode(bytes: &[u8]) -> Result<Snapshot, DecodeError> {
        if !bytes.starts_with(MAGIC) {
            return Err(DecodeError::NotASnapshot);
        }
        let mut reader = Reader::checked(bytes)?;
        reader.array::<{ MAGIC.len() }>()?;
        match reader.u32()? {
            FORMAT => {}
            found => return Err(DecodeError::OtherFormat { found }),
        }
        let mut snapshot = empty();
        let version = reader.u64()?;
        snapshot.read_scopes(&mut reader)?;
        let roles = snapshot.read_roles(&mut reader)?;
        let conditions = snapshot.read_conditions(&mut reader)?;
        snapshot.read_people(&mut reader)?;
        let numbers = Numbers { scopes: snapshot.scopes.len(), people: snapshot.people.len(), roles, conditions };
        reader.part("rows");
        let rows = reader.list(|reader| numbers.row(reader))?;
        reader.part("odd");
        let odd = reader.list(read_assignment)?;
        reader.part("denies");
        let denies = reader.list(read_deny)?;
        reader.end()?;
        snapshot.finish(rows, odd, denies);
        snapshot.version = version;
        Ok(snapshot)
    }

    fn read_scopes(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        reader.part("scopes");
        let scopes = reader.list(read_scope)?;
        for (scope, number) in scopes.iter().zip(0..) {
            if self.scopes.number(scope) != number {
                return Err(reader.wrong());
            }
        }
        reader.part("parents");
        for (scope, parent) in reader.list(|reader| Ok((reader.u32()?, reader.u32()?)))? {
            let place = |number: u32| scopes.get(number as usize).cloned().ok_or_else(|| reader.wrong());
            self.set_parent(place(scope)?, place(parent)?);
        }
        Ok(())
    }

    /// The numbers that the writer's numbers of roles have here.
    fn read_roles(&mut self, reader: &mut Reader<'_>) -> Result<Vec<u16>, DecodeError> {
        reader.part("roles");
        let roles = Arc::make_mut(&mut self.roles);
        let numbers = reader.list(|reader| Ok(roles.number(reader.uuid()?)))?;
        for role in reader.list(read_role)? {
            self.put_role(role);
        }
        Ok(numbers)
    }

    /// As `read_roles`.
    fn read_conditions(&mut self, reader: &mut Reader<'_>) -> Result<Vec<u16>, DecodeError> {
        reader.part("conditions");
        let guards = Arc::make_mut(&mut self.guards);
        let mut numbers = vec![NO_CONDITION];
        numbers.extend(reader.list(|reader| Ok(guards.number(Some(reader.text()?))))?);
        Ok(numbers)
    }

    fn read_people(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        reader.part("people");
        let people = reader.list(ReadPerson::read)?;
        let mut pairs = Vec::new();
        for (person, number) in people.iter().zip(0_u32..) {
            if self.people.number(person.id) != number {
                return Err(reader.wrong());
            }
            if let Some(kind) = person.kind {
                self.people.set_kind(number, kind);
            }
            self.people.change(number, |known| known.directory_roles.clone_from(&person.directory_roles));
            if person.members.iter().any(|member| *member as usize >= people.len()) {
                return Err(reader.wrong());
            }
            pairs.extend(person.members.iter().map(|member| (number, *member)));
        }
        self.people.join_all(pairs);
        Ok(())
    }
}

/// What the numbers in a row may be.
struct Numbers {
    scopes: usize,
    people: usize,
    roles: Vec<u16>,
    conditions: Vec<u16>,
}

impl Numbers {
    fn row(&self, reader: &mut Reader<'_>) -> Result<Row, DecodeError> {
        let (name, scope, principal) = (reader.uuid()?, reader.u32()?, reader.u32()?);
        let role = self.roles.get(usize::from(reader.u16()?)).copied();
        let condition = self.conditions.get(usize::from(reader.u16()?)).copied();
        let (Some(role), Some(condition)) = (role, condition) else {
            return Err(reader.wrong());
        };
        let kind = read_kind(reader)?.ok_or_else(|| reader.wrong())?;
        if scope as usize >= self.scopes || principal as usize >= self.people {
            return Err(reader.wrong());
        }
        Ok(Row { name, scope, principal, role, condition, kind, form: Form::Plain })
    }
}

/// A principal as it was written.
struct ReadPerson {
    id: Uuid,
    kind: Option<PrincipalType>,
    directory_roles: Vec<DirectoryRole>,
    members: Vec<u32>,
}

impl ReadPerson {
    fn read(reader: &mut Reader<'_>) -> Result<ReadPerson, DecodeError> {
        let (id, kind) = (reader.uuid()?, read_kind(reader)?);
        let directory_roles = reader.list(|reader| {
            let role = DirectoryRole::from_template_id(reader.uuid()?);
            role.ok_or_else(|| reader.wrong())
        })?;
        Ok(ReadPerson { id, kind, directory_roles, members: reader.list(Reader::u32)? })
    }
}

fn write_person(writer: &mut Writer, person: &Person, members: &[u32]) {
    writer.uuid(person.id);
    write_kind(writer, person.kind);
    writer.list(person.directory_roles.iter(), |writer, role| writer.uuid(role.template_id()));
    writer.list(members.iter(), |writer, member| writer.u32(*member));
}

fn write_row(writer: &mut Writer, row: &Row) {
    writer.uuid(row.name);
    writer.u32(row.scope);
    writer.u32(row.principal);
    writer.u16(row.role);
    writer.u16(row.condition);
    write_kind(writer, Some(row.kind));
}
