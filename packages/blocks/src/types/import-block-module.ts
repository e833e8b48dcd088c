// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { AnyBlockModule } from '../block-module.ts'

/** Loads the module of a type on first use; undefined for a type that this package does not know. */
export async function importBlockModule(slug: string): Promise<AnyBlockModule | undefined> {
  switch (slug) {
    case 'async-sqlalchemy-connector':
      return (await import('./async-sqlalchemy-connector.ts')).blockModule
    case 'aws-credentials':
      return (await import('./aws-credentials.ts')).blockModule
    case 'aws-secret':
      return (await import('./aws-secret.ts')).blockModule
    case 'azure-blob-storage-container':
      return (await import('./azure-blob-storage-container.ts')).blockModule
    case 'azure-blob-storage-credentials':
      return (await import('./azure-blob-storage-credentials.ts')).blockModule
    case 'azure-container-instance-credentials':
      return (await import('./azure-container-instance-credentials.ts')).blockModule
    case 'azure-cosmos-db-credentials':
      return (await import('./azure-cosmos-db-credentials.ts')).blockModule
    case 'azure-devops-repository':
      return (await import('./azure-devops-repository.ts')).blockModule
    case 'azuredevops-credentials':
      return (await import('./azuredevops-credentials.ts')).blockModule
    case 'azureml-credentials':
      return (await import('./azureml-credentials.ts')).blockModule
    case 'bigquery-warehouse':
      return (await import('./bigquery-warehouse.ts')).blockModule
    case 'bitbucket-credentials':
      return (await import('./bitbucket-credentials.ts')).blockModule
    case 'bitbucket-repository':
      return (await import('./bitbucket-repository.ts')).blockModule
    case 'custom-webhook':
      return (await import('./custom-webhook.ts')).blockModule
    case 'database-credentials':
      return (await import('./database-credentials.ts')).blockModule
    case 'databricks-credentials':
      return (await import('./databricks-credentials.ts')).blockModule
    case 'date-time':
      return (await import('./date-time.ts')).blockModule
    case 'dbt-cli-bigquery-target-configs':
      return (await import('./dbt-cli-bigquery-target-configs.ts')).blockModule
    case 'dbt-cli-global-configs':
      return (await import('./dbt-cli-global-configs.ts')).blockModule
    case 'dbt-cli-postgres-target-configs':
      return (await import('./dbt-cli-postgres-target-configs.ts')).blockModule
    case 'dbt-cli-profile':
      return (await import('./dbt-cli-profile.ts')).blockModule
    case 'dbt-cli-snowflake-target-configs':
      return (await import('./dbt-cli-snowflake-target-configs.ts')).blockModule
    case 'dbt-cli-target-configs':
      return (await import('./dbt-cli-target-configs.ts')).blockModule
    case 'dbt-cloud-credentials':
      return (await import('./dbt-cloud-credentials.ts')).blockModule
    case 'dbt-core-operation':
      return (await import('./dbt-core-operation.ts')).blockModule
    case 'discord-webhook':
      return (await import('./discord-webhook.ts')).blockModule
    case 'docker-host':
      return (await import('./docker-host.ts')).blockModule
    case 'docker-registry-credentials':
      return (await import('./docker-registry-credentials.ts')).blockModule
    case 'email-server-credentials':
      return (await import('./email-server-credentials.ts')).blockModule
    case 'gcp-credentials':
      return (await import('./gcp-credentials.ts')).blockModule
    case 'gcpsecret':
      return (await import('./gcpsecret.ts')).blockModule
    case 'gcs-bucket':
      return (await import('./gcs-bucket.ts')).blockModule
    case 'github-credentials':
      return (await import('./github-credentials.ts')).blockModule
    case 'github-repository':
      return (await import('./github-repository.ts')).blockModule
    case 'gitlab-credentials':
      return (await import('./gitlab-credentials.ts')).blockModule
    case 'gitlab-repository':
      return (await import('./gitlab-repository.ts')).blockModule
    case 'jobblock-list-str':
      return (await import('./jobblock-list-str.ts')).blockModule
    case 'json':
      return (await import('./json.ts')).blockModule
    case 'kubernetes-cluster-config':
      return (await import('./kubernetes-cluster-config.ts')).blockModule
    case 'kubernetes-credentials':
      return (await import('./kubernetes-credentials.ts')).blockModule
    case 'lambda-function':
      return (await import('./lambda-function.ts')).blockModule
    case 'local-file-system':
      return (await import('./local-file-system.ts')).blockModule
    case 'mattermost-webhook':
      return (await import('./mattermost-webhook.ts')).blockModule
    case 'minio-credentials':
      return (await import('./minio-credentials.ts')).blockModule
    case 'ms-teams-webhook':
      return (await import('./ms-teams-webhook.ts')).blockModule
    case 'opsgenie-webhook':
      return (await import('./opsgenie-webhook.ts')).blockModule
    case 'pager-duty-webhook':
      return (await import('./pager-duty-webhook.ts')).blockModule
    case 'remote-file-system':
      return (await import('./remote-file-system.ts')).blockModule
    case 's3-bucket':
      return (await import('./s3-bucket.ts')).blockModule
    case 'secret':
      return (await import('./secret.ts')).blockModule
    case 'sendgrid-email':
      return (await import('./sendgrid-email.ts')).blockModule
    case 'shell-operation':
      return (await import('./shell-operation.ts')).blockModule
    case 'slack-credentials':
      return (await import('./slack-credentials.ts')).blockModule
    case 'slack-webhook':
      return (await import('./slack-webhook.ts')).blockModule
    case 'smb':
      return (await import('./smb.ts')).blockModule
    case 'snowflake-connector':
      return (await import('./snowflake-connector.ts')).blockModule
    case 'snowflake-credentials':
      return (await import('./snowflake-credentials.ts')).blockModule
    case 'sqlalchemy-connector':
      return (await import('./sqlalchemy-connector.ts')).blockModule
    case 'string':
      return (await import('./string.ts')).blockModule
    case 'twilio-sms':
      return (await import('./twilio-sms.ts')).blockModule
    case 'webhook':
      return (await import('./webhook.ts')).blockModule
    default:
      return undefined
  }
}
