/**
 * Fields that Prefect's schemas do not mark, but whose content is a credential: Prefect shows them in
 * its pages and answers them without `include_secrets`; here they are `Secret`s all the same.
 *
 * - `secret`: the whole string, where the field is a connection URL.
 * - `secret-dict`: every value inside.
 * - `settings`: the values whose name says that they are secret.
 * - `url`: the whole string, when it is a URL with credentials in it.
 */
export const ownSecrets: Readonly<
  Record<
    string,
    Readonly<Record<string, 'secret' | 'secret-dict' | 'settings' | 'url'>> | undefined
  >
> = {
  'async-sqlalchemy-connector': { connection_info: 'secret' },
  'azure-devops-repository': { repository: 'url' },
  'bitbucket-repository': { repository: 'url' },
  'custom-webhook': { url: 'url' },
  'database-credentials': { url: 'secret' },
  'github-repository': { repository_url: 'url' },
  'gitlab-repository': { repository: 'url' },
  'kubernetes-cluster-config': { config: 'secret-dict' },
  'remote-file-system': { basepath: 'url', settings: 'settings' },
  'sqlalchemy-connector': { connection_info: 'secret' },
}
