// Written by `just generate` from the block schemas of a Prefect server. Do not edit.

import * as z from 'zod'
import type { SlackCredentialsData } from '../types/slack-credentials.ts'
import { secretText } from './helpers.ts'

/** The data of a `slack-credentials` block. */
export const slackCredentialsSchema: z.ZodType<SlackCredentialsData> = z.looseObject({
  token: secretText,
})
