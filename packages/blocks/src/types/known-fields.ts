// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { KnownFields } from '../field-words.ts'

/** By slug: the version of the schema that the type was generated from, and its fields in words. */
export const knownFields: Readonly<Record<string, KnownFields>> = {
  'async-sqlalchemy-connector': {
    version: '0.6.1',
    fields: {
      connection_info: 'object or secret, required',
      'connection_info.driver':
        '"postgresql+asyncpg" or "sqlite+aiosqlite" or "mysql+asyncmy" or "mysql+aiomysql" or "oracle+oracledb_async" or "postgresql+psycopg2" or "postgresql+pg8000" or "postgresql+psycopg2cffi" or "postgresql+pypostgresql" or "postgresql+pygresql" or "mysql+mysqldb" or "mysql+pymysql" or "mysql+mysqlconnector" or "mysql+cymysql" or "mysql+oursql" or "mysql+pyodbc" or "sqlite+pysqlite" or "sqlite+pysqlcipher" or "oracle+cx_oracle" or "oracle+oracledb" or "mssql+pyodbc" or "mssql+mxodbc" or "mssql+pymssql" or string, required',
      'connection_info.database': 'string or null',
      'connection_info.username': 'string or null',
      'connection_info.password': 'secret or null',
      'connection_info.host': 'string or null',
      'connection_info.port': 'whole number or null',
      'connection_info.query': 'object of string or null',
      connect_args: 'object or null',
      fetch_size: 'whole number, default 1',
    },
  },
  'aws-credentials': {
    version: '0.7.12',
    fields: {
      aws_access_key_id: 'string or null',
      aws_secret_access_key: 'secret or null',
      aws_session_token: 'string or null',
      profile_name: 'string or null',
      region_name: 'string or null',
      aws_client_parameters: 'object',
      'aws_client_parameters.api_version': 'string or null',
      'aws_client_parameters.use_ssl': 'boolean, default true',
      'aws_client_parameters.verify': 'boolean or string or null',
      'aws_client_parameters.verify_cert_path': 'string or null',
      'aws_client_parameters.endpoint_url': 'string or null',
      'aws_client_parameters.config': 'object or null',
      assume_role_arn: 'string or null',
      assume_role_kwargs: 'object',
      'assume_role_kwargs.RoleSessionName': 'string or null',
      'assume_role_kwargs.DurationSeconds': 'whole number or null',
      'assume_role_kwargs.Policy': 'string or null',
      'assume_role_kwargs.PolicyArns': 'list of object of string or null',
      'assume_role_kwargs.Tags': 'list of object of string or null',
      'assume_role_kwargs.TransitiveTagKeys': 'list of string or null',
      'assume_role_kwargs.ExternalId': 'string or null',
      'assume_role_kwargs.SerialNumber': 'string or null',
      'assume_role_kwargs.TokenCode': 'string or null',
      'assume_role_kwargs.SourceIdentity': 'string or null',
      'assume_role_kwargs.ProvidedContexts': 'list of object of string or null',
    },
  },
  'aws-secret': {
    version: '0.7.12',
    fields: {
      aws_credentials: 'block aws-credentials, required',
      secret_name: 'string, required',
    },
  },
  'azure-blob-storage-container': {
    version: '0.4.13',
    fields: {
      container_name: 'string, required',
      credentials: 'block azure-blob-storage-credentials',
      base_folder: 'string or null',
    },
  },
  'azure-blob-storage-credentials': {
    version: '0.4.13',
    fields: {
      connection_string: 'secret or null',
      account_url: 'string or null',
      client_id: 'string or null',
      tenant_id: 'string or null',
      client_secret: 'secret or null',
    },
  },
  'azure-container-instance-credentials': {
    version: '0.4.13',
    fields: {
      client_id: 'string or null',
      tenant_id: 'string or null',
      client_secret: 'secret or null',
      credential_kwargs: 'object',
    },
  },
  'azure-cosmos-db-credentials': {
    version: '0.4.13',
    fields: {
      connection_string: 'secret, required',
    },
  },
  'azure-devops-repository': {
    version: '0.4.13',
    fields: {
      repository: 'string, required',
      reference: 'string or null',
      git_depth: 'whole number or null, default 1',
      credentials: 'block azuredevops-credentials or null',
    },
  },
  'azuredevops-credentials': {
    version: '0.4.13',
    fields: {
      token: 'secret or null',
    },
  },
  'azureml-credentials': {
    version: '0.4.13',
    fields: {
      tenant_id: 'string, required',
      service_principal_id: 'string, required',
      service_principal_password: 'secret, required',
      subscription_id: 'string, required',
      resource_group: 'string, required',
      workspace_name: 'string, required',
    },
  },
  'bigquery-warehouse': {
    version: '0.6.22',
    fields: {
      gcp_credentials: 'block gcp-credentials, required',
      fetch_size: 'whole number, default 1',
    },
  },
  'bitbucket-credentials': {
    version: '0.2.2',
    fields: {
      token: 'secret or null',
      username: 'string or null',
      password: 'secret or null',
      url: 'string, default "https://api.bitbucket.org/"',
    },
  },
  'bitbucket-repository': {
    version: '0.2.2',
    fields: {
      repository: 'string, required',
      reference: 'string or null',
      bitbucket_credentials: 'block bitbucket-credentials or null',
    },
  },
  'custom-webhook': {
    version: '3.8.8',
    fields: {
      name: 'string, required',
      url: 'string, required',
      method: '"GET" or "POST" or "PUT" or "PATCH" or "DELETE", default "POST"',
      params: 'object of string or null',
      json_data: 'object or null',
      form_data: 'object of string or string or null',
      headers: 'object of string or null',
      cookies: 'object of string or null',
      timeout: 'number, default 10',
      allow_private_urls: 'boolean, default true',
      secrets: 'object of secrets',
    },
  },
  'database-credentials': {
    version: '0.4.0',
    fields: {
      driver:
        '"postgresql+asyncpg" or "sqlite+aiosqlite" or "mysql+asyncmy" or "mysql+aiomysql" or "postgresql+psycopg2" or "postgresql+pg8000" or "postgresql+psycopg2cffi" or "postgresql+pypostgresql" or "postgresql+pygresql" or "mysql+mysqldb" or "mysql+pymysql" or "mysql+mysqlconnector" or "mysql+cymysql" or "mysql+oursql" or "mysql+pyodbc" or "sqlite+pysqlite" or "sqlite+pysqlcipher" or "oracle+cx_oracle" or "mssql+pyodbc" or "mssql+mxodbc" or "mssql+pymssql" or string or null',
      username: 'string or null',
      password: 'secret or null',
      database: 'string or null',
      host: 'string or null',
      port: 'string or null',
      query: 'object of string or null',
      url: 'secret or null',
      connect_args: 'object or null',
    },
  },
  'databricks-credentials': {
    version: '0.2.3',
    fields: {
      databricks_instance: 'string, required',
      token: 'secret, required',
      client_kwargs: 'object or null',
    },
  },
  'date-time': {
    version: 'legacy',
    fields: {
      value: 'string, required',
    },
  },
  'dbt-cli-bigquery-target-configs': {
    version: '0.4.1',
    fields: {
      extras: 'object or null',
      allow_field_overrides: 'boolean, default false',
      type: '"bigquery", default "bigquery"',
      schema: 'string, required',
      threads: 'whole number, default 4',
      project: 'string or null',
      credentials: 'block gcp-credentials or null',
    },
  },
  'dbt-cli-global-configs': {
    version: '0.4.1',
    fields: {
      extras: 'object or null',
      allow_field_overrides: 'boolean, default false',
      send_anonymous_usage_stats: 'boolean or null',
      use_colors: 'boolean or null',
      partial_parse: 'boolean or null',
      printer_width: 'whole number or null',
      write_json: 'boolean or null',
      warn_error: 'boolean or null',
      log_format: 'string or null',
      debug: 'boolean or null',
      version_check: 'boolean or null',
      fail_fast: 'boolean or null',
      use_experimental_parser: 'boolean or null',
      static_parser: 'boolean or null',
    },
  },
  'dbt-cli-postgres-target-configs': {
    version: '0.4.1',
    fields: {
      extras: 'object or null',
      allow_field_overrides: 'boolean, default false',
      type: '"postgres", default "postgres"',
      schema: 'string, required',
      threads: 'whole number, default 4',
      credentials: 'block database-credentials or sqlalchemy-connector, required',
    },
  },
  'dbt-cli-profile': {
    version: '0.4.1',
    fields: {
      name: 'string, required',
      target: 'string, required',
      target_configs:
        'block dbt-cli-bigquery-target-configs or dbt-cli-postgres-target-configs or dbt-cli-snowflake-target-configs or dbt-cli-target-configs, required',
      global_configs: 'block dbt-cli-global-configs or null',
    },
  },
  'dbt-cli-snowflake-target-configs': {
    version: '0.4.1',
    fields: {
      extras: 'object or null',
      allow_field_overrides: 'boolean, default false',
      type: '"snowflake", default "snowflake"',
      schema: 'string or null',
      threads: 'whole number, default 4',
      connector: 'block snowflake-connector, required',
    },
  },
  'dbt-cli-target-configs': {
    version: '0.4.1',
    fields: {
      extras: 'object or null',
      allow_field_overrides: 'boolean, default false',
      type: 'string, required',
      schema: 'string, required',
      threads: 'whole number, default 4',
    },
  },
  'dbt-cloud-credentials': {
    version: '0.4.1',
    fields: {
      api_key: 'secret, required',
      account_id: 'whole number, required',
      domain: 'string, default "cloud.getdbt.com"',
    },
  },
  'dbt-core-operation': {
    version: '0.4.1',
    fields: {
      commands: 'list of string, required',
      stream_output: 'boolean, default true',
      env: 'object of string or null',
      working_dir: 'string or null',
      shell: 'string or null',
      extension: 'string or null',
      profiles_dir: 'string or null',
      project_dir: 'string or null',
      overwrite_profiles: 'boolean, default false',
      dbt_cli_profile: 'block dbt-cli-profile or null',
    },
  },
  'discord-webhook': {
    version: '3.8.8',
    fields: {
      notify_type: '"info" or "success" or "warning" or "failure", default "info"',
      webhook_id: 'secret, required',
      webhook_token: 'secret, required',
      botname: 'string or null',
      tts: 'boolean, default false',
      include_image: 'boolean, default false',
      avatar: 'boolean, default false',
      avatar_url: 'string or null',
    },
  },
  'docker-host': {
    version: '0.7.4',
    fields: {
      base_url: 'string or null',
      version: 'string, default "auto"',
      timeout: 'whole number or null',
      max_pool_size: 'whole number or null',
      client_kwargs: 'object',
    },
  },
  'docker-registry-credentials': {
    version: '0.7.4',
    fields: {
      username: 'string, required',
      password: 'secret, required',
      registry_url: 'string, required',
      reauth: 'boolean, default true',
    },
  },
  'email-server-credentials': {
    version: '0.3.2',
    fields: {
      username: 'string or null',
      password: 'secret or null',
      smtp_server:
        '"smtp.aol.com" or "smtp.mail.att.net" or "smtp.comcast.net" or "smtp.mail.me.com" or "smtp.gmail.com" or "smtp-mail.outlook.com" or "smtp.mail.yahoo.com" or string, default "smtp.gmail.com"',
      smtp_type: '465 or 587 or 25 or string, default 465',
      smtp_port: 'whole number or null',
    },
  },
  'gcp-credentials': {
    version: '0.6.22',
    fields: {
      service_account_file: 'string or null',
      service_account_info: 'object of secrets or null',
      project: 'string or null',
    },
  },
  gcpsecret: {
    version: '0.6.22',
    fields: {
      gcp_credentials: 'block gcp-credentials, required',
      secret_name: 'string, required',
      secret_version: 'string, default "latest"',
    },
  },
  'gcs-bucket': {
    version: '0.6.22',
    fields: {
      bucket: 'string, required',
      gcp_credentials: 'block gcp-credentials',
      bucket_folder: 'string, default ""',
    },
  },
  'github-credentials': {
    version: '0.2.2',
    fields: {
      token: 'secret or null',
    },
  },
  'github-repository': {
    version: '0.2.2',
    fields: {
      repository_url: 'string, required',
      reference: 'string or null',
      credentials: 'block github-credentials or null',
    },
  },
  'gitlab-credentials': {
    version: '0.2.2',
    fields: {
      token: 'secret or null',
      url: 'string or null',
    },
  },
  'gitlab-repository': {
    version: '0.2.2',
    fields: {
      repository: 'string, required',
      reference: 'string or null',
      credentials: 'block gitlab-credentials or null',
    },
  },
  'jobblock-list-str': { version: '0.3.7', fields: {} },
  json: {
    version: 'legacy',
    fields: {
      value: 'any JSON value, required',
    },
  },
  'kubernetes-cluster-config': {
    version: '0.4.0',
    fields: {
      config: 'object of secrets, required',
      context_name: 'string, required',
    },
  },
  'kubernetes-credentials': {
    version: '0.3.7',
    fields: {
      cluster_config: 'block kubernetes-cluster-config or null',
    },
  },
  'lambda-function': {
    version: '0.7.12',
    fields: {
      function_name: 'string, required',
      qualifier: 'string or null',
      aws_credentials: 'block aws-credentials',
    },
  },
  'local-file-system': {
    version: '3.8.8',
    fields: {
      basepath: 'string or null',
    },
  },
  'mattermost-webhook': {
    version: '3.8.8',
    fields: {
      notify_type: '"info" or "success" or "warning" or "failure", default "info"',
      hostname: 'string, required',
      secure: 'boolean, default false',
      token: 'secret, required',
      botname: 'string or null',
      channels: 'list of string or null',
      include_image: 'boolean, default false',
      path: 'string or null',
      port: 'whole number, default 8065',
    },
  },
  'minio-credentials': {
    version: '0.7.12',
    fields: {
      minio_root_user: 'string, required',
      minio_root_password: 'secret, required',
      region_name: 'string or null',
      aws_client_parameters: 'object',
      'aws_client_parameters.api_version': 'string or null',
      'aws_client_parameters.use_ssl': 'boolean, default true',
      'aws_client_parameters.verify': 'boolean or string or null',
      'aws_client_parameters.verify_cert_path': 'string or null',
      'aws_client_parameters.endpoint_url': 'string or null',
      'aws_client_parameters.config': 'object or null',
    },
  },
  'ms-teams-webhook': {
    version: '3.8.8',
    fields: {
      notify_type: '"info" or "success" or "warning" or "failure", default "info"',
      url: 'secret, required',
      allow_private_urls: 'boolean, default true',
      include_image: 'boolean, default true',
      wrap: 'boolean, default true',
    },
  },
  'opsgenie-webhook': {
    version: '3.8.8',
    fields: {
      notify_type: '"info" or "success" or "warning" or "failure", default "info"',
      apikey: 'secret, required',
      target_user: 'list of string or null',
      target_team: 'list of string or null',
      target_schedule: 'list of string or null',
      target_escalation: 'list of string or null',
      region_name: '"us" or "eu", default "us"',
      batch: 'boolean, default false',
      tags: 'list of string or null',
      priority: 'whole number or null, default 3',
      alias: 'string or null',
      entity: 'string or null',
      details: 'object of string or null',
    },
  },
  'pager-duty-webhook': {
    version: '3.8.8',
    fields: {
      notify_type: '"info" or "success" or "warning" or "failure", default "info"',
      integration_key: 'secret, required',
      api_key: 'secret, required',
      source: 'string or null, default "Prefect"',
      component: 'string, default "Notification"',
      group: 'string or null',
      class_id: 'string or null',
      region_name: '"us" or "eu", default "us"',
      clickable_url: 'string or null',
      include_image: 'boolean, default true',
      custom_details: 'object of string or null',
    },
  },
  'remote-file-system': {
    version: '3.8.8',
    fields: {
      basepath: 'string, required',
      settings: 'object',
    },
  },
  's3-bucket': {
    version: '0.7.12',
    fields: {
      bucket_name: 'string, required',
      credentials: 'block aws-credentials or minio-credentials',
      bucket_folder: 'string, default ""',
    },
  },
  secret: {
    version: '3.8.8',
    fields: {
      value: 'secret JSON value, required',
    },
  },
  'sendgrid-email': {
    version: '3.8.8',
    fields: {
      notify_type: '"info" or "success" or "warning" or "failure", default "info"',
      api_key: 'secret, required',
      sender_email: 'string, required',
      to_emails: 'list of string, required',
    },
  },
  'shell-operation': {
    version: '0.3.7',
    fields: {
      commands: 'list of string, required',
      stream_output: 'boolean, default true',
      log_prefix: 'string or null, default "PID {pid} {label}:\\n"',
      env: 'object',
      working_dir: 'string or null',
      shell: 'string or null',
      extension: 'string or null',
    },
  },
  'slack-credentials': {
    version: '0.2.2',
    fields: {
      token: 'secret, required',
    },
  },
  'slack-webhook': {
    version: '3.8.8',
    fields: {
      notify_type: '"info" or "success" or "warning" or "failure", default "info"',
      url: 'secret, required',
      allow_private_urls: 'boolean, default true',
    },
  },
  smb: {
    version: '3.8.8',
    fields: {
      share_path: 'string, required',
      smb_username: 'secret or null',
      smb_password: 'secret or null',
      smb_host: 'string, required',
      smb_port: 'whole number or null',
    },
  },
  'snowflake-connector': {
    version: '0.27.3',
    fields: {
      credentials: 'block snowflake-credentials, required',
      database: 'string, required',
      warehouse: 'string, required',
      schema: 'string, required',
      fetch_size: 'whole number, default 1',
      poll_frequency_s: 'whole number, default 1',
    },
  },
  'snowflake-credentials': {
    version: '0.27.3',
    fields: {
      account: 'string, required',
      user: 'string, required',
      password: 'secret or null',
      private_key: 'secret or null',
      private_key_path: 'string or null',
      private_key_passphrase: 'secret or null',
      authenticator:
        '"snowflake" or "snowflake_jwt" or "externalbrowser" or "okta_endpoint" or "oauth" or "username_password_mfa", default "snowflake"',
      token: 'secret or null',
      endpoint: 'string or null',
      role: 'string or null',
      autocommit: 'boolean or null',
    },
  },
  'sqlalchemy-connector': {
    version: '0.6.1',
    fields: {
      connection_info: 'object or secret, required',
      'connection_info.driver':
        '"postgresql+asyncpg" or "sqlite+aiosqlite" or "mysql+asyncmy" or "mysql+aiomysql" or "oracle+oracledb_async" or "postgresql+psycopg2" or "postgresql+pg8000" or "postgresql+psycopg2cffi" or "postgresql+pypostgresql" or "postgresql+pygresql" or "mysql+mysqldb" or "mysql+pymysql" or "mysql+mysqlconnector" or "mysql+cymysql" or "mysql+oursql" or "mysql+pyodbc" or "sqlite+pysqlite" or "sqlite+pysqlcipher" or "oracle+cx_oracle" or "oracle+oracledb" or "mssql+pyodbc" or "mssql+mxodbc" or "mssql+pymssql" or string, required',
      'connection_info.database': 'string or null',
      'connection_info.username': 'string or null',
      'connection_info.password': 'secret or null',
      'connection_info.host': 'string or null',
      'connection_info.port': 'whole number or null',
      'connection_info.query': 'object of string or null',
      connect_args: 'object or null',
      fetch_size: 'whole number, default 1',
    },
  },
  string: {
    version: 'legacy',
    fields: {
      value: 'string, required',
    },
  },
  'twilio-sms': {
    version: '3.8.8',
    fields: {
      notify_type: '"info" or "success" or "warning" or "failure", default "info"',
      account_sid: 'string, required',
      auth_token: 'secret, required',
      from_phone_number: 'string, required',
      to_phone_numbers: 'list of string, required',
    },
  },
  webhook: {
    version: '3.8.8',
    fields: {
      method: '"GET" or "POST" or "PUT" or "PATCH" or "DELETE", default "POST"',
      url: 'secret, required',
      headers: 'object of secrets',
      allow_private_urls: 'boolean, default true',
      verify: 'boolean, default true',
    },
  },
}
