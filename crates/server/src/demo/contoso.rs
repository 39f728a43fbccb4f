//! Contoso, as data: a bank with five business groups that central IT serves.

use resources::model_catalog::Capability;

/// The domain of its sign-in names.
pub(super) const DOMAIN: &str = "contoso.com";
/// The tenant's name.
pub(super) const NAME: &str = "Contoso";
/// The user of `demo.env`: a newcomer of the group below, without any role yet.
pub(super) const USER: &str = "user@contoso.com";
/// The slug of the business group whose account and first project `demo.env` names.
pub(super) const SHOWN: &str = "customer-service";
/// Every account's deployments: name, model, and what another model must do that stands in where the catalog lacks this one.
pub(super) const DEPLOYMENTS: [(&str, &str, Capability); 2] = [
    ("chat", "SmolLM2-135M-Instruct", Capability::ChatCompletion),
    ("embed", "all-MiniLM-L6-v2", Capability::Embeddings),
];
/// The capacity of each, thousands of tokens per minute.
pub(super) const CAPACITY: u32 = 1000;

/// A business group: a subscription with one resource group, one Foundry account, and a project per use case.
pub(super) struct BusinessGroup {
    pub(super) name: &'static str,
    /// What its resources are named after.
    pub(super) slug: &'static str,
    pub(super) location: &'static str,
    /// Whether the account's keys work; without them only tokens do.
    pub(super) local_auth: bool,
    /// Name and display name of each project.
    pub(super) projects: &'static [(&'static str, &'static str)],
    /// Who answers for the account.
    pub(super) admin: &'static str,
    /// Who makes projects and lets people in.
    pub(super) manager: &'static str,
    /// Who works in the projects.
    pub(super) users: &'static [&'static str],
}

pub(super) const BUSINESS_GROUPS: [BusinessGroup; 5] = [
    BusinessGroup {
        name: "Finance & Risk",
        slug: "finance-risk",
        location: "westeurope",
        local_auth: false,
        projects: &[
            ("report-summaries", "Report summaries"),
            ("risk-research", "Risk research"),
            ("policy-answers", "Policy answers"),
        ],
        admin: "Ingrid Halvorsen",
        manager: "Mateo Ferrara",
        users: &["Aiko Tanabe", "Samuel Okoye"],
    },
    BusinessGroup {
        name: "Commercial Banking",
        slug: "commercial-banking",
        location: "westeurope",
        local_auth: true,
        projects: &[("credit-memos", "Credit memos"), ("client-briefings", "Client briefings")],
        admin: "Yusuf Demirci",
        manager: "Clara Lindqvist",
        users: &["Noah Brandt", "Leila Haddad"],
    },
    BusinessGroup {
        name: "Customer Service",
        slug: "customer-service",
        location: "swedencentral",
        local_auth: true,
        projects: &[("support-assistant", "Support assistant"), ("ticket-triage", "Ticket triage")],
        admin: "Priya Raman",
        manager: "Tomas Novak",
        users: &["Grace Mbeki", "Oliver Hartmann"],
    },
    BusinessGroup {
        name: "Operations",
        slug: "operations",
        location: "northeurope",
        local_auth: true,
        projects: &[("payment-repair", "Payment repair"), ("runbook-search", "Runbook search")],
        admin: "Helena Kowalczyk",
        manager: "Daniel Osei",
        users: &["Mina Park", "Lucas Moreau"],
    },
    BusinessGroup {
        name: "Legal & Compliance",
        slug: "legal-compliance",
        location: "germanywestcentral",
        local_auth: true,
        projects: &[("contract-review", "Contract review"), ("regulation-watch", "Regulation watch")],
        admin: "Beatriz Salgado",
        manager: "Erik Johansson",
        users: &["Amina Diallo", "Peter Novotny"],
    },
];

impl BusinessGroup {
    pub(super) fn subscription_name(&self) -> String {
        format!("{NAME} {}", self.name)
    }

    pub(super) fn resource_group(&self) -> String {
        format!("rg-{}", self.slug)
    }

    /// The account's name, which is its custom subdomain name as well.
    pub(super) fn account(&self) -> String {
        format!("{}-{}", NAME.to_lowercase(), self.slug)
    }

    pub(super) fn admins(&self) -> String {
        format!("{} Foundry Admins", self.name)
    }

    pub(super) fn managers(&self) -> String {
        format!("{} Project Managers", self.name)
    }

    pub(super) fn project_users(&self) -> String {
        format!("{} Project Users", self.name)
    }
}

/// The sign-in name of a person.
pub(super) fn sign_in_name(person: &str) -> String {
    format!("{}@{DOMAIN}", person.to_lowercase().replace(' ', "."))
}
