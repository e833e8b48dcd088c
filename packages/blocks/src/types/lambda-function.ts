// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import type { BlockModule } from '../block-module.ts'
import type { Block } from '../block.ts'
import { nullable, text } from '../fields.ts'

/**
 * Invoke a Lambda function. This block is part of the prefect-aws
 * collection. Install prefect-aws with `pip install prefect-aws` to use this
 * block.
 */
export interface LambdaFunctionData {
  /** The name, ARN, or partial ARN of the Lambda function to run. This must be the name of a function that is already deployed to AWS Lambda. */
  function_name: string
  /** The version or alias of the Lambda function to use when invoked. If not specified, the latest (unqualified) version of the Lambda function will be used. */
  qualifier: string | null
  /** The AWS credentials to invoke the Lambda with. */
  aws_credentials: Block<'aws-credentials'>
}

export const blockModule: BlockModule<LambdaFunctionData, 'aws_credentials'> = {
  nested: {
    aws_credentials: { types: ['aws-credentials'], whenMissing: 'aws-credentials' },
  },
  readers: {
    function_name: text,
    qualifier: nullable(text),
  },
}
