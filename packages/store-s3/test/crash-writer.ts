import { createS3Store } from '@prefect-ts/store-s3'
import { s3Keys } from '../../../test/servers/moto.ts'
import { writeUntilKilled } from '../../../test/store-crash-writer.ts'

const [, , endpoint = '', bucket = '', uploadJournal = ''] = process.argv
const place = { bucket, endpoint, region: 'us-east-1', credentials: s3Keys }
await writeUntilKilled(createS3Store({ ...place, uploadJournal }))
