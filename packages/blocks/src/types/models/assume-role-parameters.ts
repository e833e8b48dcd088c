// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import { integer, list, nullable, object, record, text } from '../../fields.ts'
import type { Reader } from '../../fields.ts'

/**
 * Model used to manage parameters for the AWS STS assume_role call.
 * Refer to the
 * [boto3 STS assume_role docs](https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/sts/client/assume_role.html)
 * for more information about the possible assume role configurations.
 *
 * Attributes:
 *     RoleSessionName: An identifier for the assumed role session.
 *         This value is used to uniquely identify a session when the same role
 *         is assumed by different principals or for different reasons.
 *         If not provided, a default will be generated.
 *     DurationSeconds: The duration, in seconds, of the role session.
 *         The value can range from 900 seconds (15 minutes) to 43,200 seconds (12 hours).
 *     Policy: An IAM policy in JSON format that you want to use as an inline session policy.
 *     PolicyArns: The ARNs of the IAM managed policies to use as managed session policies.
 *         Each item should be a dict with an 'arn' key.
 *     Tags: A list of session tags. Each tag should be a dict with 'Key' and 'Value' keys.
 *     TransitiveTagKeys: A list of keys for session tags that you want to set as transitive.
 *         Transitive tags persist during role chaining.
 *     ExternalId: A unique identifier that is used by third parties to assume a role
 *         in their customers' accounts.
 *     SerialNumber: The identification number of the MFA device that is associated
 *         with the user who is making the AssumeRole call.
 *     TokenCode: The value provided by the MFA device, if MFA authentication is required.
 *     SourceIdentity: The source identity specified by the principal that is calling
 *         the AssumeRole operation.
 *     ProvidedContexts: A list of context information. Each context should be a dict
 *         with 'ProviderArn' and 'ContextAssertion' keys.
 */
export interface AssumeRoleParameters {
  /** An identifier for the assumed role session. If not provided, a default will be generated. */
  RoleSessionName: string | null
  /** The duration, in seconds, of the role session. The value can range from 900 seconds (15 minutes) to 43,200 seconds (12 hours). */
  DurationSeconds: number | null
  /** An IAM policy in JSON format that you want to use as an inline session policy. */
  Policy: string | null
  /** The ARNs of the IAM managed policies to use as managed session policies. Each item should be a dict with an 'arn' key. */
  PolicyArns: Record<string, string>[] | null
  /** A list of session tags. Each tag should be a dict with 'Key' and 'Value' keys. */
  Tags: Record<string, string>[] | null
  /** A list of keys for session tags that you want to set as transitive. Transitive tags persist during role chaining. */
  TransitiveTagKeys: string[] | null
  /** A unique identifier that is used by third parties to assume a role in their customers' accounts. */
  ExternalId: string | null
  /** The identification number of the MFA device that is associated with the user who is making the AssumeRole call. */
  SerialNumber: string | null
  /** The value provided by the MFA device, if MFA authentication is required. */
  TokenCode: string | null
  /** The source identity specified by the principal that is calling the AssumeRole operation. */
  SourceIdentity: string | null
  /** A list of context information. Each context should be a dict with 'ProviderArn' and 'ContextAssertion' keys. */
  ProvidedContexts: Record<string, string>[] | null
}

export const assumeRoleParameters: Reader<AssumeRoleParameters> = object<AssumeRoleParameters>({
  RoleSessionName: nullable(text),
  DurationSeconds: nullable(integer),
  Policy: nullable(text),
  PolicyArns: nullable(list(record(text))),
  Tags: nullable(list(record(text))),
  TransitiveTagKeys: nullable(list(text)),
  ExternalId: nullable(text),
  SerialNumber: nullable(text),
  TokenCode: nullable(text),
  SourceIdentity: nullable(text),
  ProvidedContexts: nullable(list(record(text))),
})
