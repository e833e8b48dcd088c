// A job of @prefect-ts/run that writes until its run's signal aborts, which SIGTERM and SIGINT do.
import { createS3Store } from '@prefect-ts/store-s3'
import { s3Keys } from '../../../test/servers/moto.ts'
import { writeUntilKilled } from '../../../test/store-crash-writer.ts'
import { runJob } from '../../run/src/index.ts'

const [, , endpoint = '', bucket = '', uploadJournal = ''] = process.argv
const place = { bucket, endpoint, region: 'us-east-1', credentials: s3Keys }
await runJob({ argv: [] }, async ({ signal }) => {
  await writeUntilKilled(createS3Store({ ...place, uploadJournal }), signal)
})
