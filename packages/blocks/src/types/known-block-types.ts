// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { AsyncSqlalchemyConnectorData } from './async-sqlalchemy-connector.ts'
import type { AwsCredentialsData } from './aws-credentials.ts'
import type { AwsSecretData } from './aws-secret.ts'
import type { AzureBlobStorageContainerData } from './azure-blob-storage-container.ts'
import type { AzureBlobStorageCredentialsData } from './azure-blob-storage-credentials.ts'
import type { AzureContainerInstanceCredentialsData } from './azure-container-instance-credentials.ts'
import type { AzureCosmosDbCredentialsData } from './azure-cosmos-db-credentials.ts'
import type { AzureDevopsRepositoryData } from './azure-devops-repository.ts'
import type { AzuredevopsCredentialsData } from './azuredevops-credentials.ts'
import type { AzuremlCredentialsData } from './azureml-credentials.ts'
import type { BigqueryWarehouseData } from './bigquery-warehouse.ts'
import type { BitbucketCredentialsData } from './bitbucket-credentials.ts'
import type { BitbucketRepositoryData } from './bitbucket-repository.ts'
import type { CustomWebhookData } from './custom-webhook.ts'
import type { DatabaseCredentialsData } from './database-credentials.ts'
import type { DatabricksCredentialsData } from './databricks-credentials.ts'
import type { DateTimeData } from './date-time.ts'
import type { DbtCliBigqueryTargetConfigsData } from './dbt-cli-bigquery-target-configs.ts'
import type { DbtCliGlobalConfigsData } from './dbt-cli-global-configs.ts'
import type { DbtCliPostgresTargetConfigsData } from './dbt-cli-postgres-target-configs.ts'
import type { DbtCliProfileData } from './dbt-cli-profile.ts'
import type { DbtCliSnowflakeTargetConfigsData } from './dbt-cli-snowflake-target-configs.ts'
import type { DbtCliTargetConfigsData } from './dbt-cli-target-configs.ts'
import type { DbtCloudCredentialsData } from './dbt-cloud-credentials.ts'
import type { DbtCoreOperationData } from './dbt-core-operation.ts'
import type { DiscordWebhookData } from './discord-webhook.ts'
import type { DockerHostData } from './docker-host.ts'
import type { DockerRegistryCredentialsData } from './docker-registry-credentials.ts'
import type { EmailServerCredentialsData } from './email-server-credentials.ts'
import type { GcpCredentialsData } from './gcp-credentials.ts'
import type { GcpsecretData } from './gcpsecret.ts'
import type { GcsBucketData } from './gcs-bucket.ts'
import type { GithubCredentialsData } from './github-credentials.ts'
import type { GithubRepositoryData } from './github-repository.ts'
import type { GitlabCredentialsData } from './gitlab-credentials.ts'
import type { GitlabRepositoryData } from './gitlab-repository.ts'
import type { JobblockListStrData } from './jobblock-list-str.ts'
import type { JsonData } from './json.ts'
import type { KubernetesClusterConfigData } from './kubernetes-cluster-config.ts'
import type { KubernetesCredentialsData } from './kubernetes-credentials.ts'
import type { LambdaFunctionData } from './lambda-function.ts'
import type { LocalFileSystemData } from './local-file-system.ts'
import type { MattermostWebhookData } from './mattermost-webhook.ts'
import type { MinioCredentialsData } from './minio-credentials.ts'
import type { MsTeamsWebhookData } from './ms-teams-webhook.ts'
import type { OpsgenieWebhookData } from './opsgenie-webhook.ts'
import type { PagerDutyWebhookData } from './pager-duty-webhook.ts'
import type { RemoteFileSystemData } from './remote-file-system.ts'
import type { S3BucketData } from './s3-bucket.ts'
import type { SecretData } from './secret.ts'
import type { SendgridEmailData } from './sendgrid-email.ts'
import type { ShellOperationData } from './shell-operation.ts'
import type { SlackCredentialsData } from './slack-credentials.ts'
import type { SlackWebhookData } from './slack-webhook.ts'
import type { SmbData } from './smb.ts'
import type { SnowflakeConnectorData } from './snowflake-connector.ts'
import type { SnowflakeCredentialsData } from './snowflake-credentials.ts'
import type { SqlalchemyConnectorData } from './sqlalchemy-connector.ts'
import type { StringData } from './string.ts'
import type { TwilioSmsData } from './twilio-sms.ts'
import type { WebhookData } from './webhook.ts'

/** The data of the block types that this package knows, by slug. */
export interface KnownBlockTypes {
  'async-sqlalchemy-connector': AsyncSqlalchemyConnectorData
  'aws-credentials': AwsCredentialsData
  'aws-secret': AwsSecretData
  'azure-blob-storage-container': AzureBlobStorageContainerData
  'azure-blob-storage-credentials': AzureBlobStorageCredentialsData
  'azure-container-instance-credentials': AzureContainerInstanceCredentialsData
  'azure-cosmos-db-credentials': AzureCosmosDbCredentialsData
  'azure-devops-repository': AzureDevopsRepositoryData
  'azuredevops-credentials': AzuredevopsCredentialsData
  'azureml-credentials': AzuremlCredentialsData
  'bigquery-warehouse': BigqueryWarehouseData
  'bitbucket-credentials': BitbucketCredentialsData
  'bitbucket-repository': BitbucketRepositoryData
  'custom-webhook': CustomWebhookData
  'database-credentials': DatabaseCredentialsData
  'databricks-credentials': DatabricksCredentialsData
  'date-time': DateTimeData
  'dbt-cli-bigquery-target-configs': DbtCliBigqueryTargetConfigsData
  'dbt-cli-global-configs': DbtCliGlobalConfigsData
  'dbt-cli-postgres-target-configs': DbtCliPostgresTargetConfigsData
  'dbt-cli-profile': DbtCliProfileData
  'dbt-cli-snowflake-target-configs': DbtCliSnowflakeTargetConfigsData
  'dbt-cli-target-configs': DbtCliTargetConfigsData
  'dbt-cloud-credentials': DbtCloudCredentialsData
  'dbt-core-operation': DbtCoreOperationData
  'discord-webhook': DiscordWebhookData
  'docker-host': DockerHostData
  'docker-registry-credentials': DockerRegistryCredentialsData
  'email-server-credentials': EmailServerCredentialsData
  'gcp-credentials': GcpCredentialsData
  gcpsecret: GcpsecretData
  'gcs-bucket': GcsBucketData
  'github-credentials': GithubCredentialsData
  'github-repository': GithubRepositoryData
  'gitlab-credentials': GitlabCredentialsData
  'gitlab-repository': GitlabRepositoryData
  'jobblock-list-str': JobblockListStrData
  json: JsonData
  'kubernetes-cluster-config': KubernetesClusterConfigData
  'kubernetes-credentials': KubernetesCredentialsData
  'lambda-function': LambdaFunctionData
  'local-file-system': LocalFileSystemData
  'mattermost-webhook': MattermostWebhookData
  'minio-credentials': MinioCredentialsData
  'ms-teams-webhook': MsTeamsWebhookData
  'opsgenie-webhook': OpsgenieWebhookData
  'pager-duty-webhook': PagerDutyWebhookData
  'remote-file-system': RemoteFileSystemData
  's3-bucket': S3BucketData
  secret: SecretData
  'sendgrid-email': SendgridEmailData
  'shell-operation': ShellOperationData
  'slack-credentials': SlackCredentialsData
  'slack-webhook': SlackWebhookData
  smb: SmbData
  'snowflake-connector': SnowflakeConnectorData
  'snowflake-credentials': SnowflakeCredentialsData
  'sqlalchemy-connector': SqlalchemyConnectorData
  string: StringData
  'twilio-sms': TwilioSmsData
  webhook: WebhookData
}
