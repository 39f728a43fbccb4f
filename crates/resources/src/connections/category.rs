//! What a connection leads to.

use arm::ArmError;

use crate::fields::{Fields, invalid, quoted};

/// The categories that lead to models behind a gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GatewayCategory {
    /// Azure API Management, or what answers like it: deployments in the path, and the ways of Azure OpenAI.
    ApiManagement,
    /// Any other gateway with the OpenAI API.
    ModelGateway,
}

impl GatewayCategory {
    /// The gateway that a category names; `None` for all others.
    pub fn of(category: &str) -> Option<GatewayCategory> {
        match category {
            API_MANAGEMENT => Some(GatewayCategory::ApiManagement),
            MODEL_GATEWAY => Some(GatewayCategory::ModelGateway),
            _ => None,
        }
    }

    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            GatewayCategory::ApiManagement => API_MANAGEMENT,
            GatewayCategory::ModelGateway => MODEL_GATEWAY,
        }
    }
}

const API_MANAGEMENT: &str = "ApiManagement";
const MODEL_GATEWAY: &str = "ModelGateway";

/// The category of a connection, in its known writing.
pub(super) fn read(properties: &Fields<'_>) -> Result<&'static str, ArmError> {
    let given = properties.required_string("category")?;
    CATEGORIES.iter().find(|known| known.eq_ignore_ascii_case(given)).copied().ok_or_else(|| {
        let path = properties.path_of("category");
        let near = match arm::nearest(given, CATEGORIES.iter().copied()) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => format!("; for a gateway to models it is `{API_MANAGEMENT}` or `{MODEL_GATEWAY}`"),
        };
        invalid(&path, format!("`{path}`: `{}` is no category of connections{near}", quoted(given)))
    })
}

/// Every category there is.
pub const CATEGORIES: &[&str] = &[
    API_MANAGEMENT,
    MODEL_GATEWAY,
    "PythonFeed",
    "ContainerRegistry",
    "Git",
    "S3",
    "Snowflake",
    "AzureKeyVault",
    "AzureSqlDb",
    "AzureSynapseAnalytics",
    "AzureMySqlDb",
    "AzurePostgresDb",
    "ADLSGen2",
    "AzureContainerAppEnvironment",
    "Redis",
    "ApiKey",
    "AzureOpenAI",
    "AIServices",
    "CognitiveSearch",
    "CognitiveService",
    "CustomKeys",
    "AzureBlob",
    "AzureStorageAccount",
    "AzureOneLake",
    "CosmosDb",
    "CosmosDbMongoDbApi",
    "AzureDataExplorer",
    "AzureMariaDb",
    "AzureDatabricksDeltaLake",
    "AzureSqlMi",
    "AzureTableStorage",
    "AmazonRdsForOracle",
    "AmazonRdsForSqlServer",
    "AmazonRedshift",
    "Db2",
    "Drill",
    "GoogleBigQuery",
    "Greenplum",
    "Hbase",
    "Hive",
    "Impala",
    "Informix",
    "MariaDb",
    "MicrosoftAccess",
    "MySql",
    "Netezza",
    "Oracle",
    "Phoenix",
    "PostgreSql",
    "Presto",
    "SapOpenHub",
    "SapBw",
    "SapHana",
    "SapTable",
    "Spark",
    "SqlServer",
    "Sybase",
    "Teradata",
    "Vertica",
    "Pinecone",
    "Databricks",
    "Cassandra",
    "Couchbase",
    "MongoDbV2",
    "MongoDbAtlas",
    "AmazonS3Compatible",
    "FileServer",
    "FtpServer",
    "GoogleCloudStorage",
    "Hdfs",
    "OracleCloudStorage",
    "Sftp",
    "GenericHttp",
    "ODataRest",
    "Odbc",
    "GenericRest",
    "RemoteTool",
    "AmazonMws",
    "Concur",
    "Dynamics",
    "DynamicsAx",
    "DynamicsCrm",
    "GoogleAdWords",
    "Hubspot",
    "Jira",
    "Magento",
    "Marketo",
    "Office365",
    "Eloqua",
    "Responsys",
    "OracleServiceCloud",
    "PayPal",
    "QuickBooks",
    "Salesforce",
    "SalesforceServiceCloud",
    "SalesforceMarketingCloud",
    "SapCloudForCustomer",
    "SapEcc",
    "ServiceNow",
    "SharePointOnlineList",
    "Shopify",
    "Square",
    "WebTable",
    "Xero",
    "Zoho",
    "GenericContainerRegistry",
    "Elasticsearch",
    "AppInsights",
    "AppConfig",
    "OpenAI",
    "Serp",
    "BingLLMSearch",
    "Serverless",
    "ManagedOnlineEndpoint",
    "GroundingWithBingSearch",
    "GroundingWithCustomSearch",
    "Sharepoint",
    "MicrosoftFabric",
    "PowerPlatformEnvironment",
    "RemoteA2A",
];
