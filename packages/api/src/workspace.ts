/**
 * The parameters of deployments by `flow name/deployment name`. Open: what `generateWorkspaceTypes` of
 * `@prefect-ts/blocks/codegen` writes declares those of your workspace, and `runDeployment` checks them.
 *
 * @example
 * declare module '@prefect-ts/api' {
 *   interface DeploymentParameters {
 *     'etl/daily': { rundate: string }
 *   }
 * }
 */
export interface DeploymentParameters {}

/** The values of variables by name. Open, like {@link DeploymentParameters}; for `getVariable`. */
export interface VariableValues {}

/** Any string, with those that `Known` has for editors to offer. */
// oxlint-disable-next-line typescript/no-redundant-type-constituents -- never only until names are declared
export type NameOf<Known> = (keyof Known & string) | (string & Record<never, never>)

/** The parameters of a deployment: those declared, else any. */
export type ParametersOf<Deployment extends string> = Deployment extends keyof DeploymentParameters
  ? DeploymentParameters[Deployment]
  : Readonly<Record<string, unknown>>
